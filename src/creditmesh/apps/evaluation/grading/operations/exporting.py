"""Hand out lists as CSV or Excel files: streamed, safe to open in a spreadsheet program, written to the ledger."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from openpyxl import Workbook

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.queries import distribution, standings
from creditmesh.apps.evaluation.grading.queries.standings import Filters, StandingRow
from creditmesh.apps.evaluation.grading.rules import plain_cell
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.errors import CreditmeshError

MOST_SHEET_ROWS = 200_000
PIECE = 64 * 1024

HEADERS = {
    "zh": (
        "名次", "主体代码", "名称", "等级", "上次等级", "结果", "分值", "信息覆盖率（%）",
        "地区代码", "地区", "行业代码", "行业门类", "直接判定与上限", "主要原因1", "主要原因2", "主要原因3",
    ),
    "en": (
        "Place", "Subject", "Name", "Grade", "Grade before", "Outcome", "Score", "Coverage (%)",
        "Region code", "Region", "Industry code", "Section", "Triggers and caps", "Reason 1", "Reason 2", "Reason 3",
    ),
}  # fmt: skip


class Format(StrEnum):
    """As what kind of file a list is handed out."""

    CSV = "csv"
    EXCEL = "xlsx"


class TooLong(CreditmeshError):
    """A list is too long for a sheet."""

    code = "list-too-long"


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file on its way out: its name, its type, and its bytes in pieces, which can be taken once."""

    file_name: str
    content_type: str
    rows: int
    pieces: Iterator[bytes]


def export_list(  # noqa: PLR0913 - who asks for which list, why, when and as what
    *,
    viewer: Actor,
    system: str | None = None,
    run: UUID | None = None,
    filters: Filters,
    form: Format,
    why: str,
    at: datetime,
    language: str = "zh",
) -> Export:
    """Write to the ledger who takes which list and why, then hand it out, worst first.

    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`, and `TooLong` for an Excel file of over 200 000 rows.
    """
    found = distribution.result_run(viewer=viewer, system=system, uuid=run)
    rows = standings.count(run=found, filters=filters)
    if form is Format.EXCEL and rows > MOST_SHEET_ROWS:
        raise TooLong(
            f"The list has {rows} rows, an Excel file takes {MOST_SHEET_ROWS}. Narrow the list, or take it as CSV."
        )
    narrowed = ", ".join(f"{name}={value}" for name, value in vars(filters).items() if value) or "all"
    audit.append(
        who=viewer.who(),
        act="standing.export",
        thing=Thing("run", str(found.uuid)),
        at=at,
        why=f"{why or 'not stated'} [{form}, {rows} rows, {narrowed}]",
    )
    lines = _lines(found, filters, "zh" if language.startswith("zh") else "en")
    name = f"{found.system}-{found.as_of}.{form}"
    if form is Format.CSV:
        return Export(file_name=name, content_type="text/csv; charset=utf-8", rows=rows, pieces=_csv(lines))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Export(file_name=name, content_type=kind, rows=rows, pieces=_excel(lines))


def _lines(run: Run, filters: Filters, language: str) -> Iterator[tuple[object, ...]]:
    yield HEADERS[language]
    for one in standings.every(run=run, filters=filters, language=language):
        yield tuple(plain_cell(cell) for cell in _cells(one))


def _cells(one: StandingRow) -> tuple[object, ...]:
    reasons = (*one.reasons, "", "", "")[:3]
    return (
        one.place,
        one.subject,
        one.name,
        one.grade,
        one.previous_grade,
        str(one.outcome),
        _thousandths(one.score),
        None if one.coverage_bp is None else f"{one.coverage_bp // 100}.{one.coverage_bp % 100:02d}",
        one.region,
        one.region_label,
        one.industry,
        one.section_label,
        " ".join(one.triggers),
        *reasons,
    )


def _thousandths(score: int | None) -> str | None:
    # Text, so that no spreadsheet program rounds what was computed exactly.
    return (
        None if score is None else f"{'-' if score < 0 else ''}{abs(score) // 1000}.{abs(score) % 1000:03d}"
    )


def _csv(lines: Iterator[tuple[object, ...]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    buffer.write("\ufeff")  # or Excel takes UTF-8 for the local encoding
    writer = csv.writer(buffer)
    for line in lines:
        writer.writerow(line)
        if buffer.tell() >= PIECE:
            yield buffer.getvalue().encode("utf-8")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8")


def _excel(lines: Iterator[tuple[object, ...]]) -> Iterator[bytes]:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    for line in lines:
        sheet.append(line)
    with TemporaryFile() as file:
        book.save(file)
        yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
