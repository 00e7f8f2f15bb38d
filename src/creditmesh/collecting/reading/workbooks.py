"""Excel workbooks: the first visible sheet, cells as text, nothing unpacked that was not weighed first."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from creditmesh.collecting.reading.rows import Rows, TextRow, UnreadableFile, lay_down

LARGEST_UNPACKED = 2 << 30  # bytes in all parts together
LARGEST_RATIO = 200  # honest sheets stay below 50; checked for parts above RATIO_FROM only
RATIO_FROM = 10 << 20
MOST_PARTS = 2_000
EXACT_DIGITS = 10**15  # Excel keeps 15 digits of a number; longer codes are already spoilt


def read(file: Path, *, folder: Path, progress: Callable[[int], None]) -> Rows:
    """Return the rows of the first visible sheet with data; raise `UnreadableFile` when there is none.

    Formula cells count with the value last computed; a number of more than 15 digits is passed on in
    scientific notation, so that no check takes the rounded digits for a code.
    """
    if zipfile.is_zipfile(file):
        _weigh(file)
    try:
        book = python_calamine.load_workbook(file)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            "无法打开该Excel文件，可能已损坏或加了密码；请另存为xlsx或CSV后重新报送。",
            "This Excel file cannot be opened; it may be damaged or protected by a password. "
            "Save it as xlsx or CSV and send it again.",
            code="workbook",
        ) from error
    with book:
        rows = _sheet(book)
        headings = next(rows)
        names = tuple(_text(cell) or "" for cell in headings)
        while names and not names[-1]:
            names = names[:-1]
        return lay_down(names, _rows(rows, len(names)), file=folder / "rows.parquet", progress=progress)


def _weigh(file: Path) -> None:
    """Refuse an archive that would unpack to far more than it should, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(
            "该Excel文件已损坏，请重新导出。",
            "This Excel file is damaged; export it again.",
            code="workbook",
        ) from error
    unpacked = sum(part.file_size for part in parts)
    swollen = any(
        part.file_size > RATIO_FROM and part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if unpacked > LARGEST_UNPACKED or swollen or len(parts) > MOST_PARTS:
        raise UnreadableFile(
            "该Excel文件解压后异常庞大，为安全起见未打开；请改用CSV报送，或删去空白行列后重新保存。",
            "This Excel file would unpack to an abnormal size and was not opened; send CSV instead, "
            "or delete blank rows and columns and save it again.",
            code="zip-bomb",
        )


def _sheet(book: python_calamine.CalamineWorkbook) -> Iterator[Sequence[object]]:
    visible = [
        one.name
        for one in book.sheets_metadata
        if one.visible == python_calamine.SheetVisibleEnum.Visible
        and one.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet.iter_rows()
    raise UnreadableFile(
        "工作簿中没有数据；第一行须为栏目名称，其后为数据。",
        "The workbook holds no data; the first row must hold the headings, data follow.",
        code="empty-file",
    )


def _rows(rows: Iterator[Sequence[object]], width: int) -> Iterator[TextRow]:
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        beyond = [cell for cell in cells[width:] if cell]
        yield TextRow(number, cells[:width], f"row-long:{width + len(beyond)}" if beyond else None)


def _text(cell: object) -> str | None:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time | timedelta | int):
        return str(cell)
    return str(cell).strip() or None if cell is not None else None


def _number(cell: float) -> str:
    if abs(cell) >= EXACT_DIGITS:
        return f"{cell:.6E}"
    return str(int(cell)) if cell.is_integer() else repr(cell)
