"""A learnt system on rows it has not seen: learnt anew in every fold, in the same integer points that are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.definition.checks.judging import ALL
from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.model import binning, folds, measures
from creditmesh.scoring.learning.model.binning import Bins
from creditmesh.scoring.learning.model.boosting import Codes, Data, Numbers
from creditmesh.scoring.learning.model.evidence import Trend
from creditmesh.scoring.learning.model.folds import Split
from creditmesh.scoring.learning.model.learning import Shape, learn
from creditmesh.scoring.learning.model.screening import screened
from creditmesh.scoring.learning.points import SCALE, Points, in_points
from creditmesh.scoring.learning.table.reading import Column
from creditmesh.scoring.learning.table.target import CannotLearn
from creditmesh.scoring.plan import MILLI

SMALLEST_SHARE = 200  # one part in so many of the rows makes a band
SMALLEST = 10
SMALLEST_SHARE_OF_WORDS, SMALLEST_OF_WORDS = (
    300,
    5,
)  # a customer or a branch often has few rows, and says much
UNUSED = Bins(ColumnType.INTEGER)


@dataclass(frozen=True)
class Task:
    """What is to be learnt: columns, outcomes, and how."""

    columns: tuple[Column, ...]
    bad: NDArray[np.bool_]
    weight: Numbers
    trends: Mapping[int, Trend]
    shape: Shape
    seed: int

    def rows(self, chosen: NDArray[np.int64]) -> tuple[Column, ...]:
        """Return the columns with only some rows."""
        return tuple(_taken(one, chosen) for one in self.columns)


def _taken(column: Column, chosen: NDArray[np.int64]) -> Column:
    return replace(column, values=column.values.taken(chosen))


def learnt(task: Task, rows: NDArray[np.int64]) -> tuple[Points, tuple[Bins, ...]]:
    """Return the system in points that some rows teach, with the bands its codes stand for."""
    smallest = max(SMALLEST, len(rows) // SMALLEST_SHARE)
    used = screened(task.columns, task.bad, rows, seed=task.seed, kept=task.trends)
    columns = [_taken(task.columns[n], rows) for n in used]
    words = max(SMALLEST_OF_WORDS, len(rows) // SMALLEST_SHARE_OF_WORDS)
    bins = tuple(
        binning.fine(one.values, smallest=words if one.type is ColumnType.TEXT else smallest)
        for one in columns
    )
    unordered = tuple(n for n, one in enumerate(bins) if not one.ordered)
    data = Data(
        coded(columns, bins), task.bad[rows], task.weight[rows], tuple(one.size for one in bins),
        unordered, max(SMALLEST, min(20, smallest)), task.seed,
    )  # fmt: skip
    heads = frozenset(
        n for n, one in enumerate(bins) if one.ordered and one.edges and columns[n].type == "integer"
    )
    trends = {used.index(n): way for n, way in task.trends.items()}
    model = learn(data, shape=task.shape, trends=trends, rows_of=heads)
    if not model.singles:
        raise CannotLearn(
            "No column says anything about the target; there is nothing to write into a system."
        )
    every = [UNUSED] * len(task.columns)
    for n, one in zip(used, bins, strict=True):
        every[n] = one
    return in_points(model).placed(used), tuple(every)


def coded(columns: Sequence[Column], bins: Sequence[Bins]) -> Codes:
    """Return the codes of every row."""
    rows = len(columns[0].values)
    found = np.zeros((rows, len(columns)), dtype=np.int64)
    for n, (column, one) in enumerate(zip(columns, bins, strict=True)):
        if one is not UNUSED:
            found[:, n] = one.codes(column.values)
    return found


def scored(points: Points, codes: Codes) -> NDArray[np.int64]:
    """Return the score of every row in milli-points, by the arithmetic of the plan."""
    total = np.zeros(len(codes), dtype=np.int64)
    for one in points.singles:
        total += one.weight * MILLI * np.array(one.points, dtype=np.int64)[codes[:, one.column]]
    for strip in points.strips:
        inside = (codes[:, strip.row] >= strip.first) & (codes[:, strip.row] <= strip.last)
        add = strip.weight * MILLI * np.array(strip.points, dtype=np.int64)[codes[:, strip.column]]
        total += np.where(inside, add, 0)
    weight = sum(one.weight for one in points.singles)
    held = np.clip(total, 0, SCALE * MILLI * weight)
    group = (2 * held + weight) // (2 * weight)
    return (2 * group * ALL + ALL) // (2 * ALL)


@dataclass(frozen=True)
class Tested:
    """Log-odds of rows by systems that had not seen them; NaN for rows never tested; AUC and KS by split.

    Each system has points of its own; what they stand for is the same scale for all.
    """

    odds: Numbers
    aucs: tuple[float, ...]
    kss: tuple[float, ...]


def tested(task: Task, splits: Sequence[Split]) -> Tested:
    """Return how the way of learning does on rows it has not seen."""
    found = np.full(len(task.bad), np.nan)
    for rows, test in splits:
        points, bins = learnt(task, rows)
        found[test] = points.line.odds(scored(points, coded(task.rows(test), bins)) / MILLI)
    return Tested(found, *by_split(task.bad, found, splits))


def by_split(
    bad: NDArray[np.bool_], found: Numbers, splits: Sequence[Split]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return AUC and KS of each split."""
    return (
        tuple(measures.auc(bad[test], found[test]) for _, test in splits),
        tuple(measures.ks(bad[test], found[test]) for _, test in splits),
    )


def splits_of(task: Task, moment: NDArray[np.int64] | None) -> list[Split]:
    """Return the splits of a task: by time if there is a time, else by kind."""
    number = folds.FOLDS if len(task.bad) < folds.MANY_ROWS else folds.FEW_FOLDS
    if moment is not None:
        found = folds.by_time(moment, task.bad, folds=number)
        if found:
            return found
    return folds.by_kind(task.bad, seed=task.seed, folds=number)
