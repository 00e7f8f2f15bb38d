"""Delta tables: made, widened, opened at a version, and read by DuckDB.

A local table is read and written by DuckDB itself, file by file; on an object store everything goes through the
Delta library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError
from deltalake.schema import Field as DeltaField

from creditmesh.catalogue.model import Item
from creditmesh.lake import columns

# Runs name the versions they read and must be able to read them again, years later.
KEEP_EVERYTHING = {
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}


CORRECTIONS = "corrections"
"""The application id under which a table keeps that rows of it were corrected."""


@dataclass(frozen=True)
class Place:
    """Where the lake is: a folder, or the address of an object store with the options to reach it."""

    root: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Return whether the lake is a folder of this machine."""
        return "://" not in self.root

    def table(self, item_code: str) -> str:
        """Return the address of an item's table."""
        return f"{self.root.rstrip('/')}/items/{columns.folder_name(item_code)}"

    def folders(self) -> list[str]:
        """Return the names of the folders that hold tables."""
        items = f"{self.root.rstrip('/')}/items"
        address = str(Path(items).resolve()) if self.is_local else items
        store, path = pafs.FileSystem.from_uri(address)
        found = store.get_file_info(pafs.FileSelector(path, allow_not_found=True))
        return sorted(one.base_name for one in found if one.type is pafs.FileType.Directory)

    def opened(self, item_code: str, *, version: int | None = None) -> DeltaTable | None:
        """Return the item's table, at a version if asked, or None when nothing was ever landed."""
        try:
            return DeltaTable(self.table(item_code), version=version, storage_options=dict(self.options))
        except TableNotFoundError:
            return None

    def made(self, item: Item) -> DeltaTable:
        """Return the item's table, made if need be and widened by fields the catalogue has gained."""
        wanted = columns.schema(item)
        table = self.opened(item.code)
        if table is None:
            if self.is_local:
                Path(self.table(item.code)).mkdir(parents=True, exist_ok=True)
            table = DeltaTable.create(
                self.table(item.code),
                Schema.from_arrow(wanted),
                mode="ignore",
                name=item.code,
                configuration=KEEP_EVERYTHING,
                storage_options=dict(self.options),
            )
        return self._widened(table, item, wanted)

    def _widened(self, table: DeltaTable, item: Item, wanted: pa.Schema) -> DeltaTable:
        held = {one.name for one in table.schema().fields}
        missing = [one for one in Schema.from_arrow(wanted).fields if one.name not in held]
        if missing:
            table.alter.add_columns([DeltaField(one.name, one.type, nullable=True) for one in missing])
            table = self.opened(item.code) or table
        return table


def is_corrected(table: DeltaTable | None) -> bool:
    """Return whether any row of the table, at its version, was ever corrected; see `views.current`."""
    return table is not None and table.transaction_version(CORRECTIONS) is not None


def relation(
    connection: duckdb.DuckDBPyConnection, table: DeltaTable, *, place: Place, name: str
) -> str | None:
    """Return SQL for all rows of the table, or None when it has no files yet.

    `name` is what an object-store table is registered as on the connection.
    """
    if not place.is_local:
        connection.register(name, table.to_pyarrow_dataset())
        return name
    files = table.file_uris()
    if not files:
        return None
    listed = ", ".join(columns.quoted(one) for one in files)
    return f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"


def columns_of(connection: duckdb.DuckDBPyConnection, rows: str) -> set[str]:
    """Return the columns the files themselves have; a table just widened may promise more."""
    return {name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()}
