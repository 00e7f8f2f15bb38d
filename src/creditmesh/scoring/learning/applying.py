"""A system over the columns of a table: the same plan, as SQL over everyone or as Python over one row."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.table.columns import Arrow, NoSuchColumn, Values, column_of, unread, values
from creditmesh.scoring.learning.table.reading import type_of
from creditmesh.scoring.plan import MILLI, Plan, compile_plan
from creditmesh.scoring.targets import to_sql

ROW = "subject"
ROWS = 200_000  # at a time
REST = "points_rest"
ROUNDINGS = 4  # thousandths of a point that rounding level by level can make


class NotOfATable(CreditmeshError):
    """A system reads the records of a node, not the columns of a table."""

    code = "not-of-a-table"


def inputs(system: System, table: pa.Table, *, on: date) -> pa.Table:
    """Return the inputs of every row as the plan reads them; `subject` numbers the rows from 1.

    Raises `NotOfATable`, and `NoSuchColumn` for a column that the table does not have.
    """
    if not system.definition.of_a_table:
        raise NotOfATable(
            f"{system.id} reads records of a node, not columns of a table; run `creditmesh classify {system.id}`."
        )
    rows = table.num_rows
    made: dict[str, Arrow] = {
        ROW: pa.array(range(1, rows + 1), pa.int64()),
        "name": pa.nulls(rows, pa.string()),
        "region": pa.nulls(rows, pa.string()),
        "industry": pa.nulls(rows, pa.string()),
        "as_of": pa.repeat(pa.scalar(on, pa.date32()), rows),
    }
    made |= {name: one.arrow() for name, one in read(system, table).items()}
    return pa.table(made)


def read(system: System, table: pa.Table) -> dict[str, Values]:
    """Return the values of every feature; raise `NoSuchColumn` with all columns that lack."""
    known = {name.strip() for name in table.column_names}
    wanted = dict.fromkeys(str(one.column) for one in system.definition.features.values())
    lacking = [name for name in wanted if name.strip() not in known]
    if len(lacking) > 1:
        raise NoSuchColumn(
            f"The table lacks {len(lacking)} columns that {system.id} reads: {', '.join(lacking[:40])}."
        )
    return {
        name: values(column_of(table, str(one.column)), type_=one.type, scale=one.scale)
        for name, one in system.definition.features.items()
        if one.type is not None
    }


def unreadable(system: System, table: pa.Table) -> dict[str, int]:
    """Return how many values of each column are there, but cannot be read as its type; such a value counts as missing."""
    found: dict[str, int] = {}
    for one in system.definition.features.values():
        array = column_of(table, str(one.column))
        if one.type is None or (not pa.types.is_string(array.type) and type_of(array) is one.type):
            continue
        number = unread(array, values(array, type_=one.type, scale=one.scale))
        found |= {str(one.column): number} if number else {}
    return found


def run(system: System, table: pa.Table, *, on: date) -> pa.Table:
    """Return the whole result of every row, inputs and points included, in the order of the table."""
    connection: Any = duckdb.connect(config={"threads": "2"})
    try:
        connection.execute("SET preserve_insertion_order = true")
        connection.register("_table", inputs(system, table, on=on))
        found = connection.sql(
            f"FROM ({to_sql.statement(compile_plan(system), inputs='_table')}) ORDER BY {ROW}"
        )
        result: pa.Table = found.to_arrow_table()
    finally:
        connection.close()
    return result


def score(system: System, table: pa.Table, *, on: date, id_column: str | None = None) -> pa.Table:
    """Return id (if named), score, grade, and what each indicator adds to the score, in thousandths of a point.

    The columns `points_...` add up to the score; `points_rest`, if it is there, is what limits add or take.
    """
    full = run(system, table, on=on)
    parts = adding(compile_plan(system), full)
    kept: dict[str, Any] = {"score": full["score"].cast(pa.int64()), "grade": full["grade"]}
    kept |= dict(zip(parts.column_names, parts.columns, strict=True))
    if id_column is not None:
        name = f"id_{id_column}" if id_column in kept else id_column
        kept = {name: column_of(table, id_column), **kept}
    return pa.table(kept).replace_schema_metadata({"creditmesh": json.dumps(_meaning(system))})


def _meaning(system: System) -> dict[str, str]:
    definition = system.definition
    worse = definition.direction is Direction.HIGHER_IS_WORSE
    return {
        "system": f"{definition.id} {definition.version}",
        "score": f"thousandths of a point, 0 to {definition.scale * MILLI}; higher is {'worse' if worse else 'better'}",
        "grade": f"best first: {', '.join(definition.symbols)}",
        "points": "what each indicator adds to the score: weight times points; they sum to the score",
    }


def adding(plan: Plan, full: pa.Table) -> pa.Table:
    """Return what each indicator adds to the score of every row of a whole result, in thousandths of a point.

    An indicator that does not count for a row is missing there. The parts are whole numbers and add up to the score;
    where limits of a scale, or parts of other systems, lead away from the sum, the difference is `points_rest`.
    """
    parts = [_added(plan, full.slice(start, ROWS)) for start in range(0, max(full.num_rows, 1), ROWS)]
    found = pa.concat_tables(parts)
    return found if any(found[REST].to_numpy()) else found.drop_columns([REST])


def _added(plan: Plan, full: pa.Table) -> pa.Table:
    found = {one.id: _floats(full[f"points_{one.id}"]) for one in plan.measures}
    share = _shares(plan, found, full.num_rows)
    parts = {
        name: np.floor(np.where(np.isnan(points), 0.0, share[name] * points) + 0.5)
        for name, points in found.items()
    }
    score = _floats(full["score"])
    rest = np.where(np.isnan(score), 0.0, score - sum(parts.values()))
    # what rounding takes, at most one thousandth each and one for every level, stands with the heaviest
    strongest = max(plan.measures, key=lambda one: one.importance).id
    rounding = (np.abs(rest) <= len(parts) + ROUNDINGS) & ~np.isnan(found[strongest])
    parts[strongest] = parts[strongest] + np.where(rounding, rest, 0.0)
    made = {
        f"points_{name}": pa.array(part.astype(np.int64), mask=np.isnan(found[name]))
        for name, part in parts.items()
    }
    return pa.table(made | {REST: pa.array(np.where(rounding, 0.0, rest).astype(np.int64))})


def _shares(plan: Plan, found: dict[str, NDArray[np.float64]], rows: int) -> dict[str, NDArray[np.float64]]:
    """Return the part of the whole weight that each indicator has in every row, of the weights of what is there."""
    there = {name: (~np.isnan(points)).astype(np.float64) for name, points in found.items()}
    for level in (*plan.sub_groups, *plan.groups):
        there[level.id] = np.max([there[name] for name, _ in level.members], axis=0)
    share = {plan.total.id: np.ones(rows)}
    for level in (plan.total, *plan.groups, *plan.sub_groups):
        whole = np.maximum(sum(weight * there[name] for name, weight in level.members), 1.0)
        for name, weight in (*level.members, *level.adjustments):
            share[name] = share[level.id] * weight / whole
    return share


def _floats(array: Arrow) -> NDArray[np.float64]:
    return np.asarray(array.cast(pa.float64()).to_numpy(), dtype=np.float64)


def probability(found: pa.Table, line: Line) -> Arrow:
    """Return the probability of bad for every row of scores, by the line of a model card; missing without a score."""
    points = _floats(found["score"]) / MILLI
    return pa.array(line.probability(points), mask=np.isnan(points))


def rows(system: System, table: pa.Table, *, on: date) -> Iterator[dict[str, Any]]:
    """Yield every row as the generated function takes it."""
    yield from inputs(system, table, on=on).to_pylist()
