"""An Excel template for an item: what departments fill in and send back."""

import io
from collections.abc import Iterable
from datetime import date

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from creditmesh.catalogue.model import FieldDefinition, Item, Kind, Text

DATA_SHEET = "填报 Data"
EXAMPLE_SHEET = "示例 Example"
EXPLANATION_SHEET = "说明 Notes"
CHOICES_SHEET = "选项 Choices"
LAST_ROW = 20_000
MONEY_UNITS = ("元", "万元", "亿元")
REQUIRED = PatternFill("solid", fgColor="FFF4CC")
OPTIONAL = PatternFill("solid", fgColor="EEF2F7")

KINDS = {
    Kind.TEXT: Text(zh="文本", en="text"),
    Kind.INTEGER: Text(zh="整数", en="whole number"),
    Kind.MONEY: Text(zh="金额", en="amount"),
    Kind.PERCENT: Text(zh="百分比", en="percentage"),
    Kind.DATE: Text(zh="日期，如2026-01-05", en="day, such as 2026-01-05"),
    Kind.BOOLEAN: Text(zh="是 或 否", en="yes (是) or no (否)"),
    Kind.CHOICE: Text(zh="下拉选择", en="pick from the list"),
    Kind.USCC: Text(zh="18位统一社会信用代码", en="credit code of 18 characters"),
    Kind.REGISTRATION_NUMBER: Text(zh="15位注册号", en="registration number of 15 digits"),
    Kind.REGION: Text(zh="6位行政区划代码", en="region code of 6 digits"),
    Kind.INDUSTRY: Text(zh="国民经济行业代码，如C1391", en="industry code, such as C1391"),
}
_EXAMPLES = {
    Kind.INTEGER: "12",
    Kind.MONEY: "1234.50",
    Kind.PERCENT: "12.5%",
    Kind.BOOLEAN: "是",
    Kind.USCC: "91350100M000100Y43",
    Kind.REGISTRATION_NUMBER: "110108000000016",
    Kind.REGION: "990121",
    Kind.INDUSTRY: "C1391",
}


def workbook(item: Item) -> bytes:
    """Return an xlsx file with a sheet to fill in, an example, and an explanation in both languages.

    Every cell is formatted as text, so that a spreadsheet does not turn codes into numbers.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    data = book.create_sheet(DATA_SHEET)
    _head(data, item)
    _format_as_text(data, len(item.fields))
    example = book.create_sheet(EXAMPLE_SHEET)
    _head(example, item)
    example.append([_example(field) for field in item.fields])
    _explain(book.create_sheet(EXPLANATION_SHEET), item)
    _offer_choices(book, data, item.fields)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def heading(field: FieldDefinition) -> str:
    """Return the heading of a field's column, with the unit of amounts; required ones end in an asterisk."""
    unit = f"（{field.unit}）" if field.kind is Kind.MONEY and field.unit in MONEY_UNITS else ""
    return f"{field.label.zh}{unit}{'*' if field.required else ''}"


def _head(sheet: Worksheet, item: Item) -> None:
    sheet.append([heading(field) for field in item.fields])
    for number, field in enumerate(item.fields, start=1):
        cell = sheet.cell(row=1, column=number)
        cell.font = Font(bold=True)
        cell.fill = REQUIRED if field.required else OPTIONAL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.comment = Comment(_note(field), "creditmesh", width=320, height=140)
        sheet.column_dimensions[get_column_letter(number)].width = 14 if field.kind is not Kind.TEXT else 24
    sheet.freeze_panes = "A2"


def _format_as_text(sheet: Worksheet, width: int) -> None:
    for number in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(number)].number_format = "@"


def _note(field: FieldDefinition) -> str:
    needed = Text(zh="必填", en="required") if field.required else Text(zh="选填", en="optional")
    unit = f" ({field.unit})" if field.unit else ""
    lines = [
        f"{needed.zh}，{KINDS[field.kind].zh}{unit}",
        f"{field.label.en}: {needed.en}, {KINDS[field.kind].en}{unit}",
    ]
    if field.help:
        lines += [field.help.zh, field.help.en]
    return "\n".join(lines)


def _example(field: FieldDefinition) -> str:
    if field.kind is Kind.DATE:
        return str(max(field.earliest or date(2025, 6, 30), date(2025, 6, 30)))
    if field.kind is Kind.CHOICE and field.choices:
        return next(iter(field.choices.values())).zh
    return _EXAMPLES.get(field.kind, f"（{field.label.zh}）")


def _explain(sheet: Worksheet, item: Item) -> None:
    sheet.append([f"{item.code} {item.label.zh}", item.label.en])
    sheet.append([f"报送单位：{item.authority.zh}", f"Delivered by: {item.authority.en}"])
    keys = [item.field(name).label for name in item.record_key]
    sheet.append(
        [
            f"记录主键：{'、'.join(one.zh for one in keys)}（相同即视为同一条记录）",
            f"Record key: {', '.join(one.en for one in keys)} (the same key means the same record)",
        ]
    )
    sheet.append([])
    sheet.append(
        ["栏目", "Column", "必填 Required", "类型", "Type", "单位 Unit", "说明", "Notes", "选项 Choices"]
    )
    for field in item.fields:
        choices = "、".join(f"{one.zh} ({one.en})" for one in field.choices.values())
        notes = field.help or Text(zh="", en="")
        kind = KINDS[field.kind]
        needed = "是 yes" if field.required else "否 no"
        sheet.append(
            [
                field.label.zh,
                field.label.en,
                needed,
                kind.zh,
                kind.en,
                field.unit or "",
                notes.zh,
                notes.en,
                choices,
            ]
        )
    for number in range(1, 10):
        sheet.column_dimensions[get_column_letter(number)].width = 26


def _offer_choices(book: Workbook, data: Worksheet, fields: Iterable[FieldDefinition]) -> None:
    """Give choice columns a drop-down; the lists stand on a sheet of their own, as long ones do not fit a rule."""
    lists = book.create_sheet(CHOICES_SHEET)
    lists.sheet_state = "hidden"
    for number, field in enumerate(fields, start=1):
        words = ["是", "否"] if field.kind is Kind.BOOLEAN else [one.zh for one in field.choices.values()]
        if not words:
            continue
        letter = get_column_letter(number)
        for row, word in enumerate(words, start=1):
            lists.cell(row=row, column=number, value=word)
        source = f"{quote_sheetname(CHOICES_SHEET)}!${letter}$1:${letter}${len(words)}"
        rule = DataValidation(
            type="list", formula1=source, allow_blank=not field.required, showErrorMessage=True
        )
        rule.error, rule.errorTitle = "请从列表中选择 / Pick from the list", field.label.zh
        data.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
