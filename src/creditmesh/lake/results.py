"""Evaluation results: one row per subject and run, sorted by subject so that one is found at once."""

from pathlib import Path
from uuid import uuid4

import duckdb
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from creditmesh.lake import columns
from creditmesh.lake.tables import Place

ROW_GROUP = 20_480  # small enough to read one for one subject, large enough for whole scans


def keep(place: Place, *, system: str, run: str, file: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Keep the results of a run, once; a second call with the same run changes nothing."""
    ordered = f"SELECT * FROM read_parquet({columns.quoted(str(file))}) ORDER BY subject"
    if not place.is_local:
        connection.execute("SET preserve_insertion_order = true")
        rows = connection.sql(ordered).to_arrow_reader()
        write_deltalake(
            _address(place, system, run), rows, mode="ignore", storage_options=dict(place.options)
        )
        return
    target = _file(place, system, run)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{uuid4().hex}.unfinished")
    try:
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(
            f"COPY ({ordered}) TO {columns.quoted(str(unfinished))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        # A rename is all or nothing: readers see the whole run or none of it.
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def relation(place: Place, *, system: str, run: str, connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return SQL for the results of a run, or None when there are none."""
    found = files(place, system=system, run=run)
    if not found:
        return None
    if place.is_local:
        return f"read_parquet([{', '.join(map(columns.quoted, found))}])"
    table = DeltaTable(_address(place, system, run), storage_options=dict(place.options))
    connection.register("result_files", table.to_pyarrow_dataset())
    return "result_files"


def files(place: Place, *, system: str, run: str) -> list[str]:
    """Return the files that hold the results of a run; none when there are none."""
    if place.is_local:
        target = _file(place, system, run)
        return [str(target)] if target.exists() else []
    try:
        table = DeltaTable(_address(place, system, run), storage_options=dict(place.options))
    except TableNotFoundError:
        return []
    return list(table.file_uris())


def _address(place: Place, system: str, run: str) -> str:
    return f"{place.root.rstrip('/')}/results/{system}/{run}"


def _file(place: Place, system: str, run: str) -> Path:
    return Path(_address(place, system, run)) / "subjects.parquet"
