"""Write rows to a file in one of the formats departments deliver; the same rows make the same bytes."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from creditmesh.sample.spelling import Cell

Rows = Sequence[Sequence[Cell]]
EXTENSIONS = {
    "csv-gb18030": "csv",
    "csv-utf8-bom": "csv",
    "xlsx": "xlsx",
    "jsonl": "jsonl",
    "parquet": "parquet",
}
# A zip entry must have some time, and a workbook some author's clock.
_FIXED = datetime(2026, 1, 1)  # noqa: DTZ001  # a workbook knows no time zone


def write(path: Path, *, format: str, headings: Sequence[str], rows: Rows) -> None:
    """Write the rows under their headings; `format` is one of `EXTENSIONS`."""
    _WRITERS[format](path, headings, rows)


def _csv(encoding: str) -> Callable[[Path, Sequence[str], Rows], None]:
    def to(path: Path, headings: Sequence[str], rows: Rows) -> None:
        with path.open("w", encoding=encoding, newline="") as file:
            out = csv.writer(file, lineterminator="\r\n")
            out.writerow(headings)
            out.writerows(rows)

    return to


def _jsonl(path: Path, headings: Sequence[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            values = dict(zip(headings, row, strict=True))
            file.write(json.dumps(values, ensure_ascii=False, default=str) + "\n")


def _parquet(path: Path, headings: Sequence[str], rows: Rows) -> None:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in headings]
    arrays = [_array(column) for column in columns]
    pq.write_table(pa.Table.from_arrays(arrays, names=list(headings)), path, compression="zstd")


def _array(column: Sequence[Cell]) -> "pa.Array[pa.Scalar[pa.DataType]]":
    kinds = {type(cell) for cell in column if cell is not None}
    if kinds == {date}:
        return pa.array(column, pa.date32())
    if kinds == {int}:
        return pa.array(column, pa.int64())
    if kinds == {bool}:
        return pa.array(column, pa.bool_())
    return pa.array([None if cell is None else str(cell) for cell in column], pa.string())


def _xlsx(path: Path, headings: Sequence[str], rows: Rows) -> None:
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = _FIXED
    sheet = book.create_sheet("数据")
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    _repack(packed, path)


def _repack(packed: io.BytesIO, path: Path) -> None:
    """Write the archive again with fixed times, or two runs would differ by their clocks."""
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _without_clock(content)
            new.writestr(zipfile.ZipInfo(name, _FIXED.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def _without_clock(core: bytes) -> bytes:
    head, tag, rest = core.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    _, closing, tail = rest.partition(b"</dcterms:modified>")
    return head + tag + _FIXED.isoformat().encode() + b"Z" + closing + tail


_WRITERS: dict[str, Callable[[Path, Sequence[str], Rows], None]] = {
    "csv-gb18030": _csv("gb18030"),
    "csv-utf8-bom": _csv("utf-8-sig"),
    "jsonl": _jsonl,
    "parquet": _parquet,
    "xlsx": _xlsx,
}
