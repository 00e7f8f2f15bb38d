"""A run: records to inputs to scores, one sorted file with everything that is needed to explain and replay it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from creditmesh.scoring import features, to_sql
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.to_python import Scored, function

Connection = Any  # a DuckDB connection, whose package has no types
NOTHING = (
    "CREATE OR REPLACE TEMP VIEW _previous AS SELECT NULL::VARCHAR AS subject, NULL::VARCHAR AS grade LIMIT 0"
)
WRITTEN = "(FORMAT parquet, COMPRESSION zstd)"


@dataclass(frozen=True)
class Summary:
    """How many subjects a run evaluated, and with what outcome; `grades` best first, none left out."""

    subjects: int
    grades: dict[str, int]
    insufficient: int
    excluded: int


def run(
    connection: Connection, *, system: System, as_of: date, out: Path, previous: str | None = None
) -> Summary:
    """Write the result of every subject to a Parquet file sorted by subject, and return how they came out.

    `connection` shows the lake as the item views and `_collected`; `previous` is the result file of the last
    completed run of the system. Memory stays inside the connection's limit: what does not fit is spilled.
    """
    plan = compile_plan(system)
    if previous is None:
        connection.execute(NOTHING)
    else:
        graded = "CREATE OR REPLACE TEMP VIEW _previous AS SELECT subject, grade FROM"
        connection.execute(f"{graded} read_parquet({_quoted(previous)})")
    gathered = out.with_name(f"{out.name}.inputs")
    try:
        query = features.statement(system, as_of=as_of)
        connection.execute(f"COPY (FROM ({query}) ORDER BY subject) TO {_quoted(str(gathered))} {WRITTEN}")
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW _inputs AS FROM read_parquet({_quoted(str(gathered))})"
        )
        # the order of the rows is the order of the inputs: nothing in the statement changes it
        connection.execute(
            f"COPY ({to_sql.statement(plan, inputs='_inputs')}) TO {_quoted(str(out))} {WRITTEN}"
        )
    finally:
        gathered.unlink(missing_ok=True)
    return summary(connection, symbols=plan.symbols, result=out)


def summary(connection: Connection, *, symbols: tuple[str, ...], result: Path) -> Summary:
    """Return how many subjects of a result file got which grade and outcome."""
    counted = connection.execute(
        "SELECT outcome, grade, count(*) FROM read_parquet(?) GROUP BY ALL", [str(result)]
    ).fetchall()
    grades = dict.fromkeys(symbols, 0)
    outcomes = dict.fromkeys(("graded", "insufficient", "excluded"), 0)
    for outcome, grade, number in counted:
        outcomes[outcome] += number
        if grade is not None:
            grades[grade] += number
    return Summary(sum(outcomes.values()), grades, outcomes["insufficient"], outcomes["excluded"])


def replay(plan: Plan, *, row: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Return the columns in which a stored row differs from what its own inputs give: stored, computed."""
    again = rescore(plan, row=row).columns(reasons=plan.reasons)
    return {name: (row.get(name), value) for name, value in again.items() if row.get(name) != value}


def rescore(plan: Plan, *, row: Mapping[str, object]) -> Scored:
    """Return the whole trace of a stored row."""
    return function(plan)(row)


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
