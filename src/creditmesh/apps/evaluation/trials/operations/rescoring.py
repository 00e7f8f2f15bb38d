"""Score stored inputs again by another file: no record is read, so a change of points is seen in a moment."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.targets import to_sql

Connection = Any  # a DuckDB connection, whose package has no types
GATHERED = ("population", "unit", "records", "relations", "applies_when", "combination", "adjustments")


class InputsDiffer(CreditmeshError):
    """A file needs inputs that were not gathered: only a full simulation can tell."""

    code = "inputs-differ"


def same_inputs(one: System, other: System) -> bool:
    """Return whether two files gather the same inputs from the same enterprises.

    The later one may leave features out, not add any or count them in another way.
    """
    first, second = one.definition, other.definition
    if any(getattr(first, name, None) != getattr(second, name, None) for name in GATHERED):
        return False
    return all(first.features.get(name) == feature for name, feature in second.features.items())


def needed(plan: Plan) -> tuple[str, ...]:
    """Return the columns of stored inputs that a plan reads."""
    return tuple(
        dict.fromkeys([*to_sql.ABOUT, *plan.ties, *(one.name.name for one in plan.inputs), *plan.collected])
    )


def held(connection: Connection, *, relation: str) -> set[str]:
    """Return the columns of a relation."""
    return {name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}  # noqa: S608


def score(connection: Connection, *, system: System, relation: str, into: str) -> None:
    """Make a table of what a system gives on the inputs a relation holds; raise `InputsDiffer`."""
    plan = compile_plan(system)
    columns = needed(plan)
    missing = set(columns) - held(connection, relation=relation)
    if missing:
        raise InputsDiffer(
            f"The stored inputs lack {', '.join(sorted(missing)[:3])}: simulate the draft to gather them."
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {into}_inputs AS SELECT {listed(columns)} FROM {relation}"  # noqa: S608
    )
    statement = to_sql.statement(plan, inputs=f"{into}_inputs")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS {statement}")


def files(paths: Iterable[Path]) -> str:
    """Return Parquet files as a relation."""
    return f"read_parquet([{', '.join(quoted(str(one)) for one in paths)}])"


def listed(columns: Iterable[str]) -> str:
    """Return columns as SQL."""
    return ", ".join('"' + one.replace('"', '""') + '"' for one in columns)


def quoted(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
