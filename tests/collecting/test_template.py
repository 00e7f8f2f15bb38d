"""Templates that departments fill in."""

import io
from datetime import date

import openpyxl
from tests.collecting.conftest import CODES, Desk, accepted, an_item

from creditmesh.collecting import template


def opened() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(template.workbook(an_item())))


def sent(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class TestATemplate:
    def test_filled_in_and_sent_back_is_accepted(self, desk: Desk) -> None:
        book = opened()
        sheet = book[template.DATA_SHEET]
        filled = {"名称*": "青禾县麦香食品有限公司", "代码": CODES[0], "文书号*": "1", "类别": "罚款", "罚款金额（万元）": 1.5,
                  "决定日期*": date(2026, 1, 5), "是否公示": "是"}  # fmt: skip
        for column, cell in enumerate(sheet[1], start=1):
            sheet.cell(row=2, column=column, value=filled.get(cell.value))

        outcome = desk.deliver(sent(book))

        (row,) = accepted(outcome)
        assert (row["fine"], row["kind"], row["decided"]) == (1_500_000, "fine", date(2026, 1, 5))
        assert outcome.received == 1

    def test_has_an_example_that_would_be_accepted_itself(self, desk: Desk) -> None:
        book = opened()
        del book[template.DATA_SHEET]
        del book[template.CHOICES_SHEET]

        assert desk.deliver(sent(book)).accepted == 1

    def test_marks_what_is_required_and_explains_every_column_in_both_languages(self) -> None:
        book = opened()

        headings = [cell.value for cell in book[template.DATA_SHEET][1]]
        assert headings[0] == "名称*"
        assert "必填" in book[template.DATA_SHEET]["A1"].comment.text
        explained = [row[:2] for row in book[template.EXPLANATION_SHEET].iter_rows(values_only=True)]
        assert ("罚款金额", "fine") in explained

    def test_offers_choices_from_a_list(self) -> None:
        book = opened()

        rules = book[template.DATA_SHEET].data_validations.dataValidation
        columns = {str(rule.sqref).split("2")[0]: rule.formula1 for rule in rules}
        letter = book[template.DATA_SHEET].cell(row=1, column=5).column_letter
        assert [cell.value for cell in book[template.CHOICES_SHEET][letter][:2]] == ["罚款", "警告"]
        assert columns[letter].endswith(f"${letter}$1:${letter}$2")
