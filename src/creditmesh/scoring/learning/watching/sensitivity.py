"""How many grades change when one weight is shifted: which weights a result really hangs on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from creditmesh.scoring.learning.weights import shifted
from creditmesh.scoring.plan import Level, Plan
from creditmesh.scoring.targets import to_sql

BY = (-0.1, 0.1)


@dataclass(frozen=True)
class Shift:
    """One weight made greater or smaller by a part of itself, and how many grades are then others."""

    level: str
    id: str
    weight: int
    to: int
    changed: int
    rows: int


def sensitivity(plan: Plan, inputs: pa.Table) -> tuple[Shift, ...]:
    """Return the effect of shifting each weight by a tenth, the others of its list taking up the difference.

    `inputs` are what the plan reads, as a run keeps them.
    """
    connection = duckdb.connect()
    try:
        connection.register("_table", inputs)
        before = _grades(connection, plan)
        found = []
        for level, place, weights in _shifts(plan):
            after = _grades(connection, _with(plan, level, weights))
            changed = sum(one != other for one, other in zip(before, after, strict=True))
            id_, weight = level.members[place]
            found.append(Shift(level.id, id_, weight, weights[place], changed, len(before)))
    finally:
        connection.close()
    return tuple(sorted(found, key=lambda one: (-one.changed, one.level, one.id, one.to)))


def _shifts(plan: Plan) -> Iterator[tuple[Level, int, tuple[int, ...]]]:
    for level in (*plan.sub_groups, *plan.groups, plan.total):
        weights = [weight for _, weight in level.members]
        for place in range(len(weights)) if len(weights) > 1 else ():
            for by in BY:
                yield level, place, shifted(weights, place, by=by)


def _with(plan: Plan, level: Level, weights: Sequence[int]) -> Plan:
    members = tuple((id_, new) for (id_, _), new in zip(level.members, weights, strict=True))
    new = replace(level, members=members)
    return replace(
        plan,
        sub_groups=tuple(new if one is level else one for one in plan.sub_groups),
        groups=tuple(new if one is level else one for one in plan.groups),
        total=new if plan.total is level else plan.total,
    )


def _grades(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[object]:
    query = to_sql.statement(replace(plan, reasons=0), inputs="_table")
    ordered = f"SELECT grade FROM ({query}) ORDER BY subject"  # noqa: S608 - written by the plan
    return [row[0] for row in connection.sql(ordered).fetchall()]
