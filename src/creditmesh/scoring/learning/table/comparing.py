"""One amount against another like it: differences of ratios over one whole, and of columns that rise together.

Which pairs are compared is decided without a look at the target; which of them are worth a reader's time is learnt.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import rankdata  # type: ignore[import-untyped]

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.table.columns import Values, column_of, values
from creditmesh.scoring.learning.table.reading import Column, Inputs, identifier, reserved

MANY_DIFFERENT = 24
TOGETHER = 0.9  # rank correlation from which two columns measure nearly the same
MOST = 400
LOOKED_AT = 3_000  # rows
PART = 10_000  # of a ratio


def with_comparisons(inputs: Inputs, table: pa.Table) -> Inputs:
    """Return the inputs with comparisons of their columns of numbers, which learning may take or leave."""
    found = [one for one in inputs.columns if _measures(one)]
    taken = reserved() | {one.id for one in inputs.columns}
    made: list[Column] = []
    for one, other, alike in _pairs(found):
        scale = max(one.scale, other.scale)
        first, second = (_at(each, scale, table, taken) for each in (one, other))
        made.append(_difference(first, second, taken))
        if alike:
            made.append(_ratio(first, second, taken))
        if len(made) >= MOST:
            break
    return Inputs((*inputs.columns, *made), inputs.notes)


def _measures(column: Column) -> bool:
    if column.reads or column.type is not ColumnType.INTEGER:
        return False
    return len(np.unique(column.values.known[column.values.present])) >= MANY_DIFFERENT


def _pairs(columns: Sequence[Column]) -> list[tuple[Column, Column, bool]]:
    """Return pairs over one whole by their names, and pairs that rise together (true), the closest first."""
    if len(columns) < 2:
        return []
    rows = np.unique(np.linspace(0, len(columns[0].values) - 1, LOOKED_AT).astype(np.int64))
    ranks = np.column_stack([_ranks(one.values.taken(rows)) for one in columns])
    with np.errstate(invalid="ignore"):
        closeness = np.asarray(np.nan_to_num(np.corrcoef(ranks.T)), dtype=np.float64).reshape(
            len(columns), len(columns)
        )
    found = []
    for n, m in combinations(range(len(columns)), 2):
        whole = _whole(columns[n].name)
        same = bool(whole) and whole == _whole(columns[m].name)
        if same or closeness[n, m] >= TOGETHER:
            found.append((not same, -closeness[n, m], n, m))
    return [(columns[n], columns[m], not_same) for not_same, _, n, m in sorted(found)]


def _whole(name: str) -> str:
    """Return what a ratio is a ratio of, by its name; '' when the name is of none."""
    return name.rpartition("/")[2].strip().casefold() if "/" in name else ""


def _ranks(read: Values) -> NDArray[np.float64]:
    known = np.where(
        read.present, read.known, np.median(read.known[read.present]) if read.present.any() else 0
    )
    return np.asarray(rankdata(known), dtype=np.float64)


def _at(column: Column, scale: int, table: pa.Table, taken: set[str]) -> Column:
    """Return a column at a finer scale, so that two can be compared."""
    if column.scale == scale:
        return column
    read = values(column_of(table, column.name), type_=ColumnType.INTEGER, scale=scale)
    name = f"{column.id[:32]}_x{scale}"
    taken.discard(name)  # every comparison at this scale reads the same feature
    id_ = identifier(name, taken)
    return replace(column, id=id_, expression=id_, scale=scale, values=read)


def _difference(one: Column, other: Column, taken: set[str]) -> Column:
    present = one.values.present & other.values.present
    known = np.where(present, one.values.known - other.values.known, 0)
    return Column(
        one.name, identifier(f"{one.id[:18]}_less_{other.id[:18]}", taken), ColumnType.INTEGER, one.scale,
        Values(ColumnType.INTEGER, known, present), f"{one.id} - {other.id}",
        f"{one.name} 减 {other.name}", f"{one.name} minus {other.name}", (one, other), optional=True,
    )  # fmt: skip


def _ratio(one: Column, other: Column, taken: set[str]) -> Column:
    present = one.values.present & other.values.present & (other.values.known > 0)
    whole = np.where(present, other.values.known, 1)
    part = np.where(present, one.values.known, 0)
    known = np.sign(part) * (np.abs(part) * PART // whole)  # towards zero, as ratio() is
    return Column(
        one.name, identifier(f"{one.id[:18]}_per_{other.id[:18]}", taken), ColumnType.INTEGER, PART,
        Values(ColumnType.INTEGER, known, present), f"ratio({one.id}, {other.id}, {PART})",
        f"{one.name} 与 {other.name} 之比（万分之）", f"{one.name} per 10,000 of {other.name}", (one, other),
        optional=True,
    )  # fmt: skip
