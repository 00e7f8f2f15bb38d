"""One batch into one table: all of it or nothing, once, whatever else is landing."""

import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from creditmesh.catalogue.model import Item, Update
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import columns, comparing, tables, views
from creditmesh.lake.comparing import Load

ATTEMPTS = 40
LONGEST_WAIT = 2.0  # seconds
ORDER = "_seq"  # the application id under which a table keeps the number of its last landing
NEW = "'new'"
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
        counts = comparing.compare(place, table, load, connection=connection)
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
    return [Transaction(comparing.digest_kind(connection), 1)] if first else []


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
