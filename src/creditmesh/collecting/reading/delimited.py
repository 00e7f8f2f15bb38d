"""CSV as departments send it: UTF-8, with BOM, or GB18030; commas, tabs or semicolons.

The fast lane hands the file to DuckDB, which refuses anything that is not strictly well formed. Only then
the careful lane reads it row by row and marks the rows that are not.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from creditmesh.collecting.reading.rows import Rows, TextRow, UnreadableFile, lay_down, quoted

CHUNK = 1 << 20
SAMPLE = 1 << 16
LARGEST_CELL = 64 << 20
DELIMITERS = ",\t;|"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(file: Path, *, folder: Path, has_control: bool) -> Rows:
    """Return the rows of a CSV file for the fast lane; raise `UnreadableFile` for unknown encodings."""
    with file.open("rb") as stream:
        start = stream.read(SAMPLE)
    if start.startswith(UTF16):
        raise UnreadableFile(
            "文件是UTF-16编码，请另存为UTF-8的CSV后重新报送。",
            "The file is in UTF-16; save it as CSV in UTF-8 and send it again.",
            code="encoding",
        )
    text = file if _is_utf8(start) else _in_utf8(file, folder=folder)
    headings, delimiter = _first_line(text)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(headings)))
    relation = (
        f"read_csv({quoted(text)}, auto_detect=false, header=true, delim={quoted(delimiter)}, "
        f"quote='\"', escape='\"', columns={{{columns}}})"
    )
    return Rows(headings, relation, numbered=False, has_control=has_control)


def read_carefully(file: Path, *, folder: Path, progress: Callable[[int], None]) -> Rows:
    """Return the rows of a CSV file that DuckDB would not read, malformed rows marked with their fault.

    Raises `UnreadableFile` when the encoding changes on the way or a quotation mark is never closed.
    """
    text = _in_utf8(file, folder=folder)
    headings, delimiter = _first_line(text)
    with text.open(encoding="utf-8-sig", newline="") as stream:
        return lay_down(
            headings,
            _rows(stream, width=len(headings), delimiter=delimiter),
            file=folder / "rows.parquet",
            progress=progress,
        )


def refuses(error: duckdb.Error) -> bool:
    """Return whether DuckDB turned down the CSV text itself, so that the careful lane may try."""
    return isinstance(error, duckdb.InvalidInputException | duckdb.ConversionException)


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _in_utf8(file: Path, *, folder: Path) -> Path:
    """Return the file itself when all of it is UTF-8, otherwise a copy changed over from GB18030."""
    broken_at = _first_undecodable(file, "utf-8")
    if broken_at is None:
        return file
    if _first_undecodable(file, "gb18030") is not None:
        raise UnreadableFile(
            f"文件既不是UTF-8也不是GB18030编码（第{broken_at}行起无法识别），请另存为UTF-8的CSV后重新报送。",
            f"The file is neither UTF-8 nor GB18030 (line {broken_at} cannot be decoded); "
            "save it as CSV in UTF-8 and send it again.",
            code="encoding",
        )
    copy = folder / "utf8.csv"
    with (
        file.open(encoding="gb18030", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as to,
    ):
        while chunk := source.read(CHUNK):
            to.write(chunk)
    return copy


def _first_undecodable(file: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with file.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK):
                lines += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return lines + bytes(error.object[: error.start]).count(b"\n")
    return None


def _first_line(file: Path) -> tuple[tuple[str, ...], str]:
    """Return the headings and the delimiter, the one that splits the first line into most parts."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        start = stream.read(SAMPLE)
    if not start.strip():
        raise UnreadableFile(
            "文件是空的；第一行须为栏目名称，其后为数据。",
            "The file is empty; the first line must hold the headings, data follow.",
            code="empty-file",
        )
    line = re.split(r"\r\n|\r|\n", start, maxsplit=1)[0]
    delimiter = max(DELIMITERS, key=line.count)
    headings = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter))
    return tuple(one.strip() for one in headings), delimiter


def _rows(stream: io.TextIOWrapper, *, width: int, delimiter: str) -> Iterator[TextRow]:
    lines = _Remembering(stream)
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    next(reader)
    number = 0
    while True:
        opened_at = reader.line_num + 1
        lines.forget()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if lines.ended or "limit" in str(error):
                raise _never_closed(opened_at) from error
            number += 1
            yield TextRow(number, lines.text().split(delimiter)[:width], "row-quotes")
            continue
        if not any(cells):
            continue
        number += 1
        yield TextRow(number, cells, _fault(cells, width))


def _fault(cells: list[str], width: int) -> str | None:
    if len(cells) < width:
        return f"row-short:{len(cells)}"
    if len(cells) > width:
        return f"row-long:{len(cells)}"
    return None


def _never_closed(line: int) -> UnreadableFile:
    return UnreadableFile(
        f"第{line}行的双引号没有闭合，其后的内容无法分行；请补上引号后重新报送。",
        f"A quotation mark opened in line {line} is never closed, so the rest cannot be split into rows; "
        "close it and send the file again.",
        code="quotes",
    )


class _Remembering:
    """Keep the lines of the row being read, for the copy of a row that cannot be split."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self._lines.append(line)
            yield line
        self.ended = True

    def forget(self) -> None:
        self._lines.clear()

    def text(self) -> str:
        return "".join(self._lines).rstrip("\r\n")
