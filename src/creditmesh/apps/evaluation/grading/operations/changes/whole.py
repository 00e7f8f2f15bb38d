"""Put the rows of a run of changes into those of the full run at its base: files, standings, places."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

WRITTEN = "(FORMAT parquet, COMPRESSION zstd)"
CHUNK = 20_000

PLACED = """
CREATE OR REPLACE TEMP TABLE _placed AS
WITH base AS (
    SELECT subject, row_number() OVER (
        ORDER BY _grades.rank DESC NULLS LAST,
                 CASE WHEN $higher_is_worse THEN score ELSE -score END DESC NULLS LAST, subject
    ) AS place
    FROM read_parquet($base) AS result LEFT JOIN _grades ON _grades.symbol = result.grade
),
told AS (
    SELECT standing.*, change.subject IS NOT NULL AS changed,
           coalesce(last_value(CASE WHEN change.subject IS NULL THEN base.place END IGNORE NULLS)
                    OVER (ORDER BY standing.place ROWS UNBOUNDED PRECEDING), 0) AS after
    FROM _standings AS standing
    LEFT JOIN _changes AS change USING (subject) LEFT JOIN base USING (subject)
)
SELECT * REPLACE (after AS place, row_number() OVER (PARTITION BY after ORDER BY place) AS within)
FROM told WHERE changed
"""
"""A changed subject stands behind the subject of the full run that is the next worse one."""


def compose(*, base: Path, kept: Path, changed: Iterable[str], out: Path) -> None:
    """Write everyone's rows: those of the base, but for the changed subjects those the run of changes keeps."""
    with duckdb.connect() as engine:
        show_changed(engine, changed)
        engine.execute(
            f"COPY (SELECT * FROM (SELECT * FROM read_parquet({_quoted(base)}) ANTI JOIN _changes USING (subject)"  # noqa: S608
            f" UNION ALL BY NAME SELECT * FROM read_parquet({_quoted(kept)})) ORDER BY subject)"
            f" TO {_quoted(out)} {WRITTEN}"
        )


def carry(*, fresh: Path, earlier: Path, carried: Iterable[str], out: Path) -> None:
    """Write what a run of changes keeps: its own rows, and those it carries over from the run it amends."""
    with duckdb.connect() as engine:
        show_changed(engine, carried)
        engine.execute(
            f"COPY (SELECT * FROM (SELECT * FROM read_parquet({_quoted(fresh)}) UNION ALL BY NAME"  # noqa: S608
            f" SELECT * FROM read_parquet({_quoted(earlier)}) SEMI JOIN _changes USING (subject))"
            f" ORDER BY subject) TO {_quoted(out)} {WRITTEN}"
        )


def place(engine: duckdb.DuckDBPyConnection, *, base: Path, higher_is_worse: bool) -> int:
    """Make the table `_placed` of the changed subjects among `_standings`, placed in the base; return how many."""
    engine.execute(PLACED, {"base": str(base), "higher_is_worse": higher_is_worse})
    return int(engine.execute("SELECT count(*) FROM _placed").fetchall()[0][0])


def placed(engine: duckdb.DuckDBPyConnection, *, columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of `_placed` in chunks."""
    rows = engine.sql(f"SELECT {', '.join(columns)} FROM _placed ORDER BY place, within")  # noqa: S608 - fixed names
    for batch in rows.to_arrow_reader(CHUNK):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def show_changed(engine: duckdb.DuckDBPyConnection, subjects: Iterable[str]) -> None:
    """Show the changed subjects as `_changes`."""
    engine.register("_given", pa.table({"subject": pa.array(sorted(subjects), pa.string())}))
    engine.execute("CREATE OR REPLACE TEMP TABLE _changes AS FROM _given")
    engine.unregister("_given")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
