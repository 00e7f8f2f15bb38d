"""What a delivered batch says against what is held: new, the same, or other than a correction before it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb
from deltalake import DeltaTable

from creditmesh.catalogue.model import Item, Update
from creditmesh.lake import columns, tables, views

# What DuckDB's hash makes of a few values: tables written with another hash hold digests of another kind.
SPECIMEN = "SELECT hash('creditmesh', 1::BIGINT, DATE '2026-01-05', TRUE, NULL::VARCHAR)"


@dataclass(frozen=True)
class Load:
    """A batch on its way: who delivered it, its wish for a place in the order, and its rows."""

    item: Item
    batch: str
    seq: int
    source: str
    accepted: Path
    corrects: bool = False

    @property
    def is_list(self) -> bool:
        """Return whether the batch stands for all that its source says."""
        return self.item.update is Update.REPLACE and not self.corrects

    @property
    def mine(self) -> str:
        """Return SQL for the rows a batch is compared with: those of its source where each has a list of its own."""
        return f"WHERE _source = {columns.quoted(self.source)}" if self.item.update is Update.REPLACE else ""


class Answer(StrEnum):
    """What a delivery says of a record that was corrected before."""

    REPEATED = "repeated"  # what was corrected, unchanged: the correction stands
    REPLACED = "replaced"  # something new, which counts from now on
    DROPPED = "dropped"  # nothing: the record left the list of its source
    AGREED = "agreed"  # what the correction says: the source has put its own record right


@dataclass(frozen=True)
class Answered:
    """What a delivery says of one corrected record."""

    subject: str
    key: str
    answer: Answer


def compare(
    place: tables.Place, table: DeltaTable, load: Load, *, connection: duckdb.DuckDBPyConnection
) -> dict[str, int]:
    """Make the table `known` (`_row`, `same`) of delivered rows whose key is held, and count.

    Where rows were corrected, make `carried` too: corrections that hold against a new list.
    """
    rows = tables.relation(connection, table, place=place, name="held_files")
    batch = f"read_parquet({columns.quoted(str(load.accepted))})"
    connection.execute("DROP TABLE IF EXISTS known; DROP TABLE IF EXISTS carried")
    held = ""
    if rows is None:
        connection.execute("CREATE TABLE known (_row BIGINT, same BOOLEAN)")
    else:
        found = views.selected(load.item, held=tables.columns_of(connection, rows), source=rows)
        held = _known(table, load, connection, rows=f"({found})", batch=batch)
    total, known, same = connection.execute(
        f"SELECT (SELECT count(*) FROM {batch}), count(*), count(*) FILTER (same) FROM known"
    ).fetchall()[0]
    if load.corrects:
        return {"added": 0, "updated": known - same, "unchanged": same}
    if load.item.update is Update.APPEND:
        same = known
    gone = 0
    if load.is_list and held:
        gone = connection.execute(f"SELECT count(*) FROM ({held}) {load.mine}").fetchall()[0][0] - known
    return {"added": total - known, "updated": known - same, "unchanged": same, "gone": gone}


def _known(
    table: DeltaTable, load: Load, connection: duckdb.DuckDBPyConnection, *, rows: str, batch: str
) -> str:
    """Make `known`, and `carried` where rows were corrected; return SQL for the rows the batch was compared with.

    A list is compared with the list before it, as delivered. A row of an `upsert` item that says once more what was
    corrected is the same as what is held: the correction stands.
    """
    corrected = tables.is_corrected(table)
    counting = views.current(load.item, rows=rows, corrected=corrected)
    same = _same(table, load.item, connection)
    if not corrected or load.corrects or load.item.update is Update.APPEND:
        connection.execute(
            f"CREATE TABLE known AS SELECT b._row, {same} AS same "
            f"FROM (SELECT * FROM ({counting}) {load.mine}) h JOIN {batch} b USING (_key)"
        )
        return counting
    said = views.delivered(load.item, rows=rows)
    connection.execute(
        f"CREATE TEMP TABLE known_said AS SELECT b._row, {same} AS same "
        f"FROM (SELECT * FROM ({said}) {load.mine}) h JOIN {batch} b USING (_key)"
    )
    # Of what counts only the corrections are looked at, however many rows the batch has.
    fixed = f"SELECT * FROM (SELECT * FROM ({counting}) {load.mine}) WHERE _change = '{views.CORRECTED}'"
    connection.execute(
        f"CREATE TEMP TABLE known_fixed AS SELECT b._row, {same} AS same, h.* EXCLUDE (_row) "
        f"FROM ({fixed}) h JOIN {batch} b USING (_key)"
    )
    if load.is_list:
        connection.execute("CREATE TABLE known AS FROM known_said")
        connection.execute(
            "CREATE TABLE carried AS SELECT c.* EXCLUDE (same) FROM known_fixed c JOIN known_said s "
            "USING (_row) WHERE s.same AND NOT c.same"
        )
    else:
        connection.execute(
            "CREATE TABLE known AS SELECT s._row, s.same OR coalesce(c.same, FALSE) AS same "
            "FROM known_said s LEFT JOIN known_fixed c USING (_row)"
        )
    connection.execute("DROP TABLE known_said; DROP TABLE known_fixed")
    return said


def answered(
    place: tables.Place, table: DeltaTable, load: Load, *, connection: duckdb.DuckDBPyConnection
) -> list[Answered]:
    """Return what the rows of a delivery that has landed say of records that were corrected before it.

    Told of each record by its last correction; those on which delivery and correction agree come last.
    """
    rows = tables.relation(connection, table, place=place, name="held_files")
    if rows is None:
        return []
    held = f"({views.selected(load.item, held=tables.columns_of(connection, rows), source=rows)})"
    batch = f"read_parquet({columns.quoted(str(load.accepted))})"
    counting = views.current(load.item, rows=held, corrected=True)
    last = (
        f"SELECT * FROM (SELECT * FROM {held} {load.mine}) WHERE _change = '{views.CORRECTED}' "
        "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _seq DESC) = 1"
    )
    found = connection.execute(
        f"SELECT h._subject, h._key, b._key IS NULL, b._key IS NOT NULL AND ({_same(table, load.item, connection)}), "
        f"coalesce(c._change = '{views.CORRECTED}', FALSE) "
        f"FROM ({last}) h LEFT JOIN {batch} b ON b._key = h._key "
        f"LEFT JOIN (SELECT * FROM ({counting}) {load.mine}) c ON c._key = h._key "
        f"WHERE b._key IS NOT NULL OR {load.is_list} ORDER BY 4, 1, 2"
    ).fetchall()
    return [Answered(subject, key, _answer(*told)) for subject, key, *told in found]


def _answer(missing: bool, same: bool, stands: bool) -> Answer:
    if missing:
        return Answer.DROPPED
    if same:
        return Answer.AGREED
    return Answer.REPEATED if stands else Answer.REPLACED


def digest_kind(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the application id under which a table keeps that its digests are made as this DuckDB makes them."""
    return f"digest/{connection.execute(SPECIMEN).fetchall()[0][0]}"


def _same(table: DeltaTable, item: Item, connection: duckdb.DuckDBPyConnection) -> str:
    """Return SQL for: the held row h says what the delivered row b says."""
    subject = "h._subject IS NOT DISTINCT FROM b._subject"
    if table.transaction_version(digest_kind(connection)) is not None:
        return f"h._digest = b._digest AND {subject}"
    values = [f'h."{one.name}" IS NOT DISTINCT FROM b."{one.name}"' for one in item.fields]
    return " AND ".join([*values, subject])
