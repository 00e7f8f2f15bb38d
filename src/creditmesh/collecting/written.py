"""The files a batch leaves behind: accepted and unresolved rows for the lake, refused rows for the sender."""

import csv
import shutil
from pathlib import Path

import duckdb

from creditmesh.collecting.checking.layout import Layout
from creditmesh.collecting.checking.row_rules import KEY_CONFLICT
from creditmesh.collecting.checking.second_look import NOTE
from creditmesh.collecting.outcome import Reason
from creditmesh.collecting.reading.rows import Rows, quoted

LONGEST_CELL = 32_000  # a spreadsheet holds 32,767 letters in a cell
NOTHING_DROPPED = "NOT EXISTS (FROM dropped)"


def accepted(connection: duckdb.DuckDBPyConnection, *, layout: Layout, file: Path) -> None:
    """Write the accepted rows, in no particular order."""
    anything = connection.execute("SELECT count(*) FROM dropped").fetchall()[0][0]
    kept = "AND _row NOT IN (SELECT _row FROM dropped)" if anything else ""
    parts = ", ".join(f"v{number}" for number in range(len(layout.item.fields)))
    rows = (
        f"SELECT _row, {layout.subject()} AS _subject, NULL::VARCHAR AS _warnings, {parts} FROM walked "
        f"WHERE _raw IS NULL {kept} UNION ALL "
        f"SELECT _row, _subject, {_warnings()}, {parts} FROM judged "
        f"WHERE len(_refusals) = 0 AND _subject IS NOT NULL {kept}"
    )
    _copy(connection, layout=layout, rows=rows, file=file)


def unresolved(connection: duckdb.DuckDBPyConnection, *, layout: Layout, file: Path) -> None:
    """Write the rows that nobody can attribute yet, shaped like accepted ones with an empty subject."""
    parts = ", ".join(f"v{number}" for number in range(len(layout.item.fields)))
    rows = (
        f"SELECT _row, _subject, {_warnings()} AS _warnings, {parts} FROM judged "
        "WHERE len(_refusals) = 0 AND _subject IS NULL"
    )
    _copy(connection, layout=layout, rows=rows, file=file)


def refused(connection: duckdb.DuckDBPyConnection, *, rows: Rows, layout: Layout, file: Path) -> None:
    """Write the refused rows as CSV with BOM: the original columns, then `_row` and `_reason`.

    A text that a spreadsheet would compute (one that starts with =, +, -, @, a tab or a line break and
    is no plain number), or that starts with an apostrophe before one of these, gets an apostrophe in front; when
    the file comes back, told by its `_reason` column, that apostrophe is taken away again.
    """
    headings = [one for one in rows.headings if one not in {"_row", "_reason"}]
    cells = [
        f"{_safe(f'_raw[{place + 1}]')} AS c{place}"
        for place, one in enumerate(rows.headings)
        if one not in {"_row", "_reason"}
    ]
    body = file.with_suffix(".body")
    connection.execute(
        f"COPY (SELECT {', '.join(cells)}, _row, {_reasons()} AS _reason FROM refusals ORDER BY _row) "
        f"TO {quoted(body)} (FORMAT csv, HEADER false)"
    )
    with file.open("w", encoding="utf-8-sig", newline="") as to:
        csv.writer(to, lineterminator="\n").writerow([*headings, "_row", "_reason"])
    with file.open("ab") as to, body.open("rb") as source:
        shutil.copyfileobj(source, to)
    body.unlink()


def gather_refusals(connection: duckdb.DuckDBPyConnection, *, rows: Rows, layout: Layout) -> None:
    """Make the table `refusals` (`_row`, `_raw`, `_refusals`) of all rows that go back to the sender."""
    connection.execute(
        "CREATE TABLE refusals AS SELECT _row, _raw, _refusals FROM judged WHERE len(_refusals) > 0"
    )
    conflicts = connection.execute("SELECT count(*) FROM dropped WHERE conflict").fetchall()[0][0]
    if not conflicts:
        return
    # Clean rows were not kept as text; the few in conflict are looked up in the file again.
    number = "_row" if rows.numbered else "row_number() OVER () AS _row"
    words = [KEY_CONFLICT.rule, KEY_CONFLICT.zh, KEY_CONFLICT.en]
    connection.execute(
        f"INSERT INTO refusals SELECT _row, [{', '.join(layout.cells())}], "
        f"[{{'field': NULL, 'rule': ?, 'zh': ?, 'en': ?, 'example': NULL}}]::{NOTE}[] "
        f"FROM (SELECT {number}, {', '.join(layout.cells())} FROM {rows.relation}) "
        "WHERE _row IN (SELECT _row FROM dropped WHERE conflict)",
        words,
    )


def reasons(connection: duckdb.DuckDBPyConnection) -> tuple[Reason, ...]:
    """Return why rows were refused and warned about, most frequent first, with the words of the first row."""
    accepted = "len(_refusals) = 0 AND _subject IS NOT NULL AND _row NOT IN (SELECT _row FROM dropped)"
    refused = _counted(connection, "SELECT _row, unnest(_refusals) AS one FROM refusals")
    warned = _counted(connection, f"SELECT _row, unnest(_cautions) AS one FROM judged WHERE {accepted}")
    return (
        *(Reason(*row, refused=True) for row in refused),
        *(Reason(*row, refused=False) for row in warned),
    )


def _counted(
    connection: duckdb.DuckDBPyConnection, notes: str
) -> list[tuple[str | None, str, str, str, int, str | None, int]]:
    return connection.execute(
        "SELECT one.field, one.rule, arg_min(one.zh, _row), arg_min(one.en, _row), count(*), "
        f"arg_min(one.example, _row), min(_row) FROM ({notes}) "
        "GROUP BY one.field, one.rule ORDER BY count(*) DESC, one.field, one.rule"
    ).fetchall()


def _copy(connection: duckdb.DuckDBPyConnection, *, layout: Layout, rows: str, file: Path) -> None:
    connection.execute(
        f"COPY (SELECT {layout.key()} AS _key, _subject, _row, {layout.digest()} AS _digest, "
        f"{layout.event_date()} AS _event_date, _warnings, {layout.named_values()} FROM ({rows})) "
        f"TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )


def _warnings() -> str:
    return "nullif(array_to_string([one.field || ':' || one.rule FOR one IN _cautions], ';'), '')"


def _reasons() -> str:
    return "array_to_string([one.zh || ' / ' || one.en FOR one IN _refusals], ' | ')"


def _safe(cell: str) -> str:
    cut = f"left({cell}, {LONGEST_CELL})"
    risky = (
        rf"regexp_matches({cell}, '^''?[=+\-@\t\r\n]|^''''') "
        rf"AND NOT regexp_full_match({cell}, '[+-]?[0-9.,]+%?')"
    )
    return f"CASE WHEN {risky} THEN '''' || {cut} ELSE {cut} END"
