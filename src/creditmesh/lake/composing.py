"""Result files put together: what a run of changes keeps, and everyone's rows out of that and the full run at its base."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from creditmesh.lake.columns import quoted

WRITTEN = "(FORMAT parquet, COMPRESSION zstd)"


def compose(
    *, base: Path, kept: Path, changed: Iterable[str], out: Path, columns: Sequence[str] = ()
) -> None:
    """Write everyone's rows: those of the base, but for the changed subjects those the run of changes keeps.

    `columns` are those to write, by default all.
    """
    taken = ", ".join(columns) or "*"
    with _connected(out.parent) as engine:
        show_changed(engine, changed)
        engine.execute(
            f"COPY (SELECT * FROM (SELECT {taken} FROM read_parquet({quoted(str(base))}) ANTI JOIN _changes USING (subject)"
            f" UNION ALL BY NAME SELECT {taken} FROM read_parquet({quoted(str(kept))})) ORDER BY subject)"
            f" TO {quoted(str(out))} {WRITTEN}"
        )


def carry(*, fresh: Path, earlier: Path, carried: Iterable[str], out: Path) -> None:
    """Write what a run of changes keeps: its own rows, and those it carries over from the run it amends."""
    with _connected(out.parent) as engine:
        show_changed(engine, carried)
        engine.execute(
            f"COPY (SELECT * FROM (SELECT * FROM read_parquet({quoted(str(fresh))}) UNION ALL BY NAME"
            f" SELECT * FROM read_parquet({quoted(str(earlier))}) SEMI JOIN _changes USING (subject))"
            f" ORDER BY subject) TO {quoted(str(out))} {WRITTEN}"
        )


def show_changed(engine: duckdb.DuckDBPyConnection, subjects: Iterable[str]) -> None:
    """Show the changed subjects as `_changes`."""
    engine.register("_given", pa.table({"subject": pa.array(sorted(subjects), pa.string())}))
    engine.execute("CREATE OR REPLACE TEMP TABLE _changes AS FROM _given")
    engine.unregister("_given")


def _connected(folder: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder)})
