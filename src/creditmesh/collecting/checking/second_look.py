"""The second look: each distinct text that was not clean is judged once, and its rows come out
accepted, refused with reasons, or without a known subject."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from creditmesh.catalogue.model import Kind
from creditmesh.collecting.checking import clean
from creditmesh.collecting.checking.judge import judge
from creditmesh.collecting.checking.layout import Layout
from creditmesh.collecting.checking.row_rules import NO_KEY, NO_SUBJECT, fault_words
from creditmesh.collecting.checking.verdict import Verdict, Words
from creditmesh.collecting.reading.headings import Column
from creditmesh.kernel import names, registration_number

Resolver = Callable[[Sequence[tuple[str | None, str | None]]], list[str | None]]

BATCH = 50_000
ARROW: dict[Kind, pa.DataType] = {
    Kind.INTEGER: pa.int64(),
    Kind.MONEY: pa.int64(),
    Kind.PERCENT: pa.int64(),
    Kind.DATE: pa.date32(),
}
ARROW |= {Kind.BOOLEAN: pa.bool_()}
NOTE = "STRUCT(field VARCHAR, rule VARCHAR, zh VARCHAR, en VARCHAR, example VARCHAR)"


def look(connection: duckdb.DuckDBPyConnection, *, layout: Layout, resolve: Resolver) -> None:
    """Make the table `judged` of all rows that were not clean.

    It has `_row`, `_raw`, typed values, `_refusals` and `_cautions` (lists of notes), and `_subject`,
    which stays NULL for rows that nobody can attribute.
    """
    if not connection.execute("SELECT 1 FROM walked WHERE _raw IS NOT NULL LIMIT 1").fetchall():
        _make_none_judged(connection, layout)
        return
    checks = layout.checks()
    _make_doubtful(connection, layout, checks)
    doubted = {
        number: column
        for column, number, _ in checks
        if connection.execute(f"SELECT 1 FROM doubtful WHERE NOT ok{number} LIMIT 1").fetchall()
    }
    for number, column in doubted.items():
        _judge_column(connection, column=column, number=number, on=layout.on)
    _judge_faults(connection)
    _make_judged(connection, layout, doubted)
    _attribute(connection, layout, resolve)


def _make_none_judged(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Make the table `judged` of a file without a fault: planning the second look takes longer than reading a small one."""
    values = [f"v{number} {clean.sql_type(one.kind)}" for number, one in enumerate(layout.item.fields)]
    connection.execute(
        f"CREATE TABLE judged (_row BIGINT, _raw VARCHAR[], {', '.join(values)}, "
        f"_refusals {NOTE}[], _cautions {NOTE}[], _subject VARCHAR)"
    )


def _make_doubtful(
    connection: duckdb.DuckDBPyConnection, layout: Layout, checks: list[tuple[Column, int, str]]
) -> None:
    cells = ", ".join(f"_raw[{i + 1}] AS c{i}" for i in range(layout.width))
    oks = "".join(f", {condition} AS ok{number}" for _, number, condition in checks)
    # Rows of nothing but blanks, as spreadsheets leave them behind, are no rows.
    connection.execute(
        f"CREATE TABLE doubtful AS SELECT *{oks} FROM (SELECT *, {', '.join(layout.values())} FROM "
        f"(SELECT _row, _fault, _raw, {cells} FROM walked WHERE _raw IS NOT NULL "
        "AND (_fault IS NOT NULL OR list_bool_or([trim(one) <> '' FOR one IN _raw]))))"
    )


def _judge_column(connection: duckdb.DuckDBPyConnection, *, column: Column, number: int, on: date) -> None:
    kind = ARROW.get(column.field.kind, pa.string())
    _make_verdicts(connection, f"verdict{number}", kind)
    connection.execute(
        f"CREATE OR REPLACE TABLE texts AS SELECT DISTINCT c{column.place} AS text FROM doubtful "
        f"WHERE NOT ok{number}"
    )
    for texts in _portions(connection):
        verdicts = [(text, judge(column.field, text, on=on)) for text in texts]
        _keep_verdicts(connection, f"verdict{number}", verdicts, kind)


def _judge_faults(connection: duckdb.DuckDBPyConnection) -> None:
    _make_verdicts(connection, "verdict_fault", pa.string())
    connection.execute(
        "CREATE OR REPLACE TABLE texts AS SELECT DISTINCT _fault AS text FROM doubtful WHERE _fault IS NOT NULL"
    )
    for faults in _portions(connection):
        verdicts = [(fault, Verdict(refused=fault_words(fault))) for fault in faults]
        _keep_verdicts(connection, "verdict_fault", verdicts, pa.string())


def _portions(connection: duckdb.DuckDBPyConnection) -> Iterator[list[str | None]]:
    """Yield the table `texts` bit by bit: a column may hold as many spellings as rows."""
    start = 0
    while found := connection.execute(
        f"SELECT text FROM texts WHERE rowid >= {start} AND rowid < {start + BATCH}"
    ).fetchall():
        yield [text for (text,) in found]
        start += BATCH


def _verdict_schema(kind: pa.DataType) -> pa.Schema:
    words = [f"{part}_{one}" for part in ("refused", "warning") for one in ("rule", "zh", "en")]
    return pa.schema(
        [
            pa.field("text", pa.string()),
            pa.field("value", kind),
            *(pa.field(one, pa.string()) for one in words),
        ]
    )


def _make_verdicts(connection: duckdb.DuckDBPyConnection, table: str, kind: pa.DataType) -> None:
    connection.register("made", _verdict_schema(kind).empty_table())
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM made")
    connection.unregister("made")


def _keep_verdicts(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    verdicts: list[tuple[str | None, Verdict]],
    kind: pa.DataType,
) -> None:
    schema = _verdict_schema(kind)
    rows = [
        (text, verdict.value, *_parts(verdict.refused), *_parts(verdict.warning))
        for text, verdict in verdicts
    ]
    made = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
    connection.register("made", made)
    connection.execute(f"INSERT INTO {table} SELECT * FROM made")
    connection.unregister("made")


def _parts(words: Words | None) -> tuple[str | None, str | None, str | None]:
    return (words.rule, words.zh, words.en) if words else (None, None, None)


def _make_judged(connection: duckdb.DuckDBPyConnection, layout: Layout, doubted: dict[int, Column]) -> None:
    values = [
        f"CASE WHEN ok{number} THEN v{number} ELSE verdict{number}.value END AS v{number}"
        if number in doubted
        else f"v{number}"
        for number in range(len(layout.item.fields))
    ]
    joins = "".join(
        f" LEFT JOIN verdict{number} ON NOT ok{number} AND c{column.place} IS NOT DISTINCT FROM verdict{number}.text"
        for number, column in doubted.items()
    )
    refusals, cautions = (
        [_note(f"verdict{number}", column, part) for number, column in doubted.items()]
        for part in ("refused", "warning")
    )
    fault = "{'field': NULL, 'rule': f.refused_rule, 'zh': f.refused_zh, 'en': f.refused_en, 'example': NULL}"
    connection.execute(
        f"CREATE TABLE judged AS SELECT d._row, d._raw, {', '.join(values)}, "
        f"CASE WHEN d._fault IS NOT NULL THEN [{fault}]::{NOTE}[] ELSE {_list(refusals)} END AS _refusals, "
        f"{_list(cautions)} AS _cautions, NULL::VARCHAR AS _subject "
        f"FROM doubtful d LEFT JOIN verdict_fault f ON d._fault = f.text{joins}"
    )


def _note(table: str, column: Column, part: str) -> str:
    return (
        f"CASE WHEN {table}.{part}_rule IS NOT NULL THEN {{'field': '{column.field.name}', "
        f"'rule': {table}.{part}_rule, 'zh': {table}.{part}_zh, 'en': {table}.{part}_en, "
        f"'example': left(c{column.place}, 40)}} END"
    )


def _list(notes: list[str]) -> str:
    if not notes:
        return f"[]::{NOTE}[]"
    return f"list_filter([{', '.join(notes)}]::{NOTE}[], lambda one: one IS NOT NULL)"


def _attribute(connection: duckdb.DuckDBPyConnection, layout: Layout, resolve: Resolver) -> None:
    """Say whom each row is about: its own code, else name and registration number as the register knows them."""
    fine = "len(_refusals) = 0"
    connection.execute(f"UPDATE judged SET _subject = {layout.subject()} WHERE {fine}")
    _refuse(connection, NO_KEY, f"{fine} AND NOT {layout.has_key()}")
    unknown = f"{fine} AND _subject IS NULL"
    stated = f"coalesce({layout.name()}, {layout.registration_number()}) IS NOT NULL"
    _refuse(connection, NO_SUBJECT, f"{unknown} AND NOT ({stated})")
    asked = connection.execute(
        f"SELECT DISTINCT {layout.name()}, {layout.registration_number()} FROM judged WHERE {unknown}"
    ).fetchall()
    if not asked:
        return
    answers = resolve([(names.normalise_name(name) if name else None, number) for name, number in asked])
    found = [
        (name, number, answer or _by_number(number))
        for (name, number), answer in zip(asked, answers, strict=True)
    ]
    table = pa.table(
        {
            part: pa.array([row[place] for row in found], pa.string())
            for place, part in enumerate(("name", "number", "subject"))
        }
    )
    connection.register("answers", table)
    connection.execute(
        f"UPDATE judged SET _subject = answers.subject FROM answers WHERE {fine} AND judged._subject IS NULL "
        f"AND answers.name IS NOT DISTINCT FROM {layout.name()} "
        f"AND answers.number IS NOT DISTINCT FROM {layout.registration_number()}"
    )
    connection.unregister("answers")


def _by_number(number: str | None) -> str | None:
    """A right registration number names a subject by itself, known or not, as a code does."""
    return f"R:{number}" if number and registration_number.is_valid(number) else None


def _refuse(connection: duckdb.DuckDBPyConnection, words: Words, where: str) -> None:
    connection.execute(
        "UPDATE judged SET _refusals = list_append(_refusals, "
        f"{{'field': NULL, 'rule': ?, 'zh': ?, 'en': ?, 'example': NULL}}::{NOTE}) WHERE {where}",
        [words.rule, words.zh, words.en],
    )
