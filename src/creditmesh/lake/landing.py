"""One batch into one table: all of it or nothing, once, whatever else is landing."""

import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

import duckdb
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from creditmesh.catalogue.model import Item, Update
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import columns, tables, views

ATTEMPTS = 40
LONGEST_WAIT = 2.0  # seconds
ORDER = "_seq"  # the application id under which a table keeps the number of its last landing
NEW = "'new'"
# What DuckDB's hash makes of a few values: tables written with another hash hold digests of another kind.
SPECIMEN = "SELECT hash('creditmesh', 1::BIGINT, DATE '2026-01-05', TRUE, NULL::VARCHAR)"
COUNTS = ("added", "updated", "unchanged")


@dataclass(frozen=True)
class Landed:
    """What a batch changed: rows with new keys, rows that replace older ones, rows held already.

    `version` is a version of the table that includes the batch; `seq` is its place in the order of landing.
    """

    added: int
    updated: int
    unchanged: int
    version: int
    seq: int


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


class TooBusy(CreditmeshError):
    """Other landings kept coming first; the batch is untouched and can be landed again."""

    code = "lake-busy"


def land(place: tables.Place, load: Load, *, connection: duckdb.DuckDBPyConnection, scratch: Path) -> Landed:
    """Land the batch unless it is there already, and return what it changed.

    Optimistic: the rows are compared with the newest version and the commit succeeds only if that is
    still the newest; otherwise all is done again. Raises `TooBusy` after many attempts.
    """
    for attempt in range(ATTEMPTS):
        table = place.made(load.item)
        before = landed(table, load.batch)
        if before is not None:
            return before
        try:
            return _attempt(place, table, load, connection=connection, scratch=scratch)
        except CommitFailedError:
            time.sleep(random.uniform(0, min(LONGEST_WAIT, 0.02 * 2**attempt)))  # noqa: S311
    raise TooBusy(
        f"批次{load.batch}未能入库：其他批次持续写入同一信息项，请稍后重试。 "
        f"Batch {load.batch} could not be landed because other batches kept writing to {load.item.code}; "
        "land it again."
    )


def landed(table: DeltaTable, batch: str) -> Landed | None:
    """Return what the batch changed when it landed, or None when it never did."""
    seq = table.transaction_version(batch)
    if seq is None:
        return None
    counts = {one: table.transaction_version(f"{batch}/{one}") or 0 for one in COUNTS}
    return Landed(**counts, version=table.version(), seq=seq)


def _attempt(
    place: tables.Place,
    table: DeltaTable,
    load: Load,
    *,
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
) -> Landed:
    # The order of landing is the order of commits, so a batch that comes late counts as late.
    seq = max(load.seq, (table.transaction_version(ORDER) or 0) + 1)
    folder = Path(place.table(load.item.code)) if place.is_local else scratch
    file = folder / f"{uuid4().hex}.parquet"
    try:
        counts = _compare(place, table, load, connection=connection)
        written = counts["added"] + counts["updated"]
        if load.is_list and (written or counts.pop("gone")):
            written += counts["unchanged"]
        counts.pop("gone", None)
        if written:
            written = _write(connection, load, file=file, seq=seq)
        marks = [*_marks(load, seq, counts), *_digest_mark(table, connection)]
        _commit(place, table, file if written else None, marks=marks, rows=written)
    except BaseException:
        _discard(place, load.item, file)
        raise
    finally:
        if not place.is_local:
            file.unlink(missing_ok=True)
    version = (place.opened(load.item.code) or table).version()
    return Landed(**counts, version=version, seq=seq)


def _compare(
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


def _write(connection: duckdb.DuckDBPyConnection, load: Load, *, file: Path, seq: int) -> int:
    """Write the rows that are new to the table, and return how many."""
    batch = f"read_parquet({columns.quoted(str(load.accepted))})"
    wanted = {
        Update.APPEND: "WHERE k._row IS NULL",
        Update.UPSERT: "WHERE k._row IS NULL OR NOT k.same",
        Update.REPLACE: "",
    }[load.item.update]
    change = "CASE WHEN k._row IS NULL THEN 'new' WHEN k.same THEN 'unchanged' ELSE 'updated' END"
    if load.corrects:
        wanted, change = "WHERE NOT k.same", f"'{views.CORRECTED}'"
    anything = connection.execute("SELECT count(*) FROM known").fetchall()[0][0]
    rows = f"{batch} b LEFT JOIN known k ON b._row = k._row {wanted}" if anything else f"{batch} b"
    landed = f"{columns.quoted(load.source)} AS _source, {columns.quoted(load.batch)} AS _batch, {seq}::BIGINT AS _seq"
    query = f"SELECT b.*, {landed}, {change if anything else NEW} AS _change FROM {rows}"
    if connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'carried'").fetchall():
        kept = "* EXCLUDE (_source, _batch, _seq, _change)"
        query += f" UNION ALL BY NAME SELECT {kept}, {landed}, '{views.CORRECTED}' AS _change FROM carried"
    written = connection.execute(
        f"COPY ({query}) TO {columns.quoted(str(file))} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    ).fetchall()
    return int(written[0][0])


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


def _discard(place: tables.Place, item: Item, file: Path) -> None:
    """Delete a file that no version holds; a commit may succeed and report an error of what comes after it.

    Where that cannot be found out the file stays: one too many does no harm, one too few does.
    """
    with suppress(OSError, DeltaError):
        table = place.opened(item.code)
        held = set() if table is None else {Path(one).name for one in table.file_uris()}
        if file.name not in held:
            file.unlink(missing_ok=True)


def _marks(load: Load, seq: int, counts: dict[str, int]) -> list[Transaction]:
    marks = [Transaction(load.batch, seq), Transaction(ORDER, seq)]
    if load.corrects:
        marks.append(Transaction(tables.CORRECTIONS, 1))
    return marks + [Transaction(f"{load.batch}/{one}", counts[one]) for one in COUNTS]


def _digest_mark(table: DeltaTable, connection: duckdb.DuckDBPyConnection) -> list[Transaction]:
    """Note at the first landing of a table how its digests are made."""
    first = table.transaction_version(ORDER) is None
    return [Transaction(_digest_kind(connection), 1)] if first else []


def _digest_kind(connection: duckdb.DuckDBPyConnection) -> str:
    return f"digest/{connection.execute(SPECIMEN).fetchall()[0][0]}"


def _same(table: DeltaTable, item: Item, connection: duckdb.DuckDBPyConnection) -> str:
    """Return SQL for: the held row h says what the delivered row b says."""
    subject = "h._subject IS NOT DISTINCT FROM b._subject"
    if table.transaction_version(_digest_kind(connection)) is not None:
        return f"h._digest = b._digest AND {subject}"
    values = [f'h."{one.name}" IS NOT DISTINCT FROM b."{one.name}"' for one in item.fields]
    return " AND ".join([*values, subject])


def _commit(
    place: tables.Place, table: DeltaTable, file: Path | None, *, marks: list[Transaction], rows: int
) -> None:
    # Without retries, so that a commit succeeds only on the version the rows were compared with.
    properties = CommitProperties(max_commit_retries=0, app_transactions=marks)
    schema = Schema.from_arrow(table.schema().to_arrow())
    if file is None or place.is_local:
        table.create_write_transaction(
            [] if file is None else [_added(file, rows)], "append", schema, commit_properties=properties
        )
        return
    with duckdb.connect() as reader:
        found = reader.sql(f"SELECT * FROM read_parquet({columns.quoted(str(file))})")
        write_deltalake(table, found.to_arrow_reader(), mode="append", commit_properties=properties)


def _added(file: Path, rows: int) -> AddAction:
    stat = file.stat()
    return AddAction(
        path=file.name,
        size=stat.st_size,
        partition_values={},
        modification_time=int(stat.st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )
