"""Marks on records: rows of the lake like any other, so that an evaluation of long ago reads those of its time.

A record is contested, or must not be used any more; the record itself is never touched. Each row says that a case
put a mark on a record, or took it off again (`kind` empty). The last row of a case on a record counts.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import tables
from creditmesh.lake.columns import quoted

TABLE = "_marks"
"""The name under which runs note the version of the marks they read, among those of the items' tables."""

STOPPED = "stopped"
ATTEMPTS = 40
_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("seq", pa.int64()),
    ("uuid", pa.string()),
    ("subject", pa.string()),
    ("item", pa.string()),
    ("key", pa.string()),
    ("case", pa.string()),
    ("kind", pa.string()),
    ("why", pa.string()),
    ("by", pa.string()),
    ("at", pa.timestamp("us", tz="UTC")),
)
SCHEMA = pa.schema(_COLUMNS)
_ORDER = "_seq"


class MarksBusy(CreditmeshError):
    """Others kept writing marks; nothing is lost, they are written with the next attempt."""

    code = "lake-busy"


@dataclass(frozen=True, kw_only=True)
class MarkRow:
    """One mark put on a record, or taken off (`kind` empty), at its place `seq` in the order of all marks."""

    seq: int
    uuid: str
    subject: str
    item: str
    key: str
    case: str
    kind: str
    why: str
    by: str
    at: datetime


def write(place: tables.Place, rows: Sequence[MarkRow]) -> int:
    """Append the rows whose `seq` comes after all that are there, and return how many that were.

    Rows must come with every `seq` there is between the first and the last. Safe to call again after a crash,
    and at the same time as others do. Raises `MarksBusy` after many attempts.
    """
    ordered = sorted(rows, key=lambda row: row.seq)
    for attempt in range(ATTEMPTS):
        table = _made(place)
        new = [row for row in ordered if row.seq > last(table)]
        if not new:
            return 0
        properties = CommitProperties(
            max_commit_retries=0, app_transactions=[Transaction(_ORDER, new[-1].seq)]
        )
        try:
            write_deltalake(table, _arrow(new), mode="append", commit_properties=properties)
        except CommitFailedError:
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2**attempt)))  # noqa: S311
            continue
        return len(new)
    raise MarksBusy("Marks could not be written because others kept writing them; try again in a minute.")


def opened(place: tables.Place, *, version: int | None = None) -> DeltaTable | None:
    """Return the table of marks, at a version if asked, or None when nothing was ever marked."""
    try:
        return DeltaTable(_address(place), version=version, storage_options=dict(place.options))
    except TableNotFoundError:
        return None


def last(table: DeltaTable) -> int:
    """Return the highest `seq` written so far, 0 when there is none."""
    return table.transaction_version(_ORDER) or 0


def rows(place: tables.Place) -> Iterator[MarkRow]:
    """Yield every mark of the lake in the order they were made."""
    table = opened(place)
    if table is None:
        return
    with duckdb.connect() as connection:
        source = tables.relation(connection, table, place=place, name="mark_files")
        if source is None:
            return
        names = ", ".join(f'"{name}"' for name in SCHEMA.names)
        for row in connection.sql(f"SELECT {names} FROM {source} ORDER BY seq").to_arrow_table().to_pylist():
            yield MarkRow(**row)


def stopped_items(
    connection: duckdb.DuckDBPyConnection, place: tables.Place, as_known: Mapping[str, int] | None
) -> frozenset[str]:
    """Make the table `_stopped` of records that must not be used, if there are any; return their items.

    `as_known` gives the version by `TABLE`; without it nothing was marked yet. None means the newest.
    """
    if as_known is not None and TABLE not in as_known:
        return frozenset()
    table = opened(place, version=(as_known or {}).get(TABLE))
    source = table and tables.relation(connection, table, place=place, name="mark_files")
    if not source:
        return frozenset()
    connection.execute(
        "CREATE TABLE _stopped AS SELECT DISTINCT item, key, subject FROM ("
        f"SELECT item, key, subject, kind FROM {source} QUALIFY row_number() OVER "
        f'(PARTITION BY item, key, subject, "case" ORDER BY seq DESC) = 1) WHERE kind = {quoted(STOPPED)}'
    )
    found = connection.execute("SELECT DISTINCT item FROM _stopped").fetchall()
    return frozenset(item for (item,) in found)


def without_stopped(item_code: str, *, rows: str) -> str:
    """Return SQL for the rows of an item that may be used: all but those of `_stopped`."""
    return (
        f"SELECT * FROM ({rows}) AS held WHERE NOT EXISTS (SELECT 1 FROM _stopped AS s "
        f"WHERE s.item = {quoted(item_code)} AND s.key = held._key AND s.subject = held._subject)"
    )


def _made(place: tables.Place) -> DeltaTable:
    table = opened(place)
    if table is not None:
        return table
    if place.is_local:
        Path(_address(place)).mkdir(parents=True, exist_ok=True)
    return DeltaTable.create(
        _address(place),
        Schema.from_arrow(SCHEMA),
        mode="ignore",
        name=TABLE,
        configuration=tables.KEEP_EVERYTHING,
        storage_options=dict(place.options),
    )


def _address(place: tables.Place) -> str:
    return f"{place.root.rstrip('/')}/marks"


def _arrow(found: Sequence[MarkRow]) -> pa.Table:
    columns = {name: [getattr(row, name) for row in found] for name in SCHEMA.names}
    return pa.table(columns, schema=SCHEMA)
