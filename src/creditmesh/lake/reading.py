"""What an engine outside this process needs to read the lake as a run saw it: files, columns, and the rows that count.

The files are those of a version, out of Delta's log; whoever has the list reads plain Parquet and needs no Delta
library. That is right only as long as no file is to be read in part, so tables of that kind are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from creditmesh.catalogue.model import Catalogue, Item
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import columns, marks, tables, views
from creditmesh.lake.tables import Place

FILES = "_files"
"""What follows an item's view in the name of the relation of all its files' rows."""

PARTIAL = frozenset({"deletionVectors", "columnMapping"})


class NotPlainFiles(CreditmeshError):
    """A table of the lake was written by another program in a way that its files alone do not tell."""

    code = "not-plain-files"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One view: `sql` (DuckDB's) over the relation `source`, which is the rows of `files` by the names of `columns`."""

    name: str
    sql: str
    source: str
    files: tuple[str, ...]
    columns: Mapping[str, str]  # Delta's type by name


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The lake at the versions of a run; `stopped` are the records (item, key, subject) that must not be used."""

    items: tuple[Rows, ...]
    stopped: pa.Table


def read(place: Place, *, catalogue: Catalogue, as_known: Mapping[str, int] | None = None) -> Reading:
    """Return how to read every item of the catalogue; `as_known` as for `Lake.connection`.

    The views expect a relation `_stopped` of the stopped records. Raises `NotPlainFiles`.
    """
    with duckdb.connect() as connection:
        items = marks.stopped_items(connection, place, as_known)
        query = "SELECT item, key, subject FROM _stopped" if items else NOTHING
        stopped = connection.sql(query).to_arrow_table()
    rows = tuple(
        _rows(place, item, as_known, stopped=item.code in items) for item in catalogue.items.values()
    )
    return Reading(items=rows, stopped=stopped)


NOTHING = "SELECT ''::VARCHAR AS item, ''::VARCHAR AS key, ''::VARCHAR AS subject LIMIT 0"


def _rows(place: Place, item: Item, as_known: Mapping[str, int] | None, *, stopped: bool) -> Rows:
    table = None
    if as_known is None or item.code in as_known:
        table = place.opened(item.code, version=(as_known or {}).get(item.code))
    name = columns.folder_name(item.code)
    files = () if table is None else tuple(_plain(table, item).file_uris())
    held = {} if table is None else {one.name: _type(one.type) for one in table.schema().fields}
    source = f"{name}{FILES}"
    landed = f"({views.selected(item, held=set(held), source=source if files else None)})"
    counted = views.current(item, rows=landed, corrected=tables.is_corrected(table))
    usable = marks.without_stopped(item.code, rows=counted) if stopped else counted
    return Rows(name=name, sql=usable, source=source, files=files, columns=held)


def _plain(table: DeltaTable, item: Item) -> DeltaTable:
    features = set(table.protocol().reader_features or ())
    if table.metadata().partition_columns or features & PARTIAL:
        raise NotPlainFiles(
            f"The table of {item.code} has partitions, deletion vectors or mapped columns, which this node never writes; "
            "only DuckDB can read it. Rewrite it without them, or classify with the engine duckdb."
        )
    return table


def _type(of: object) -> str:
    """Return Delta's word for a type of one value: long, string, date, boolean, timestamp."""
    return str(getattr(of, "type", of))
