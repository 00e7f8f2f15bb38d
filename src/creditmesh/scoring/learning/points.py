"""Log-odds as integer points and weights, such that weight times points is the same multiple of every log-odds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from creditmesh.scoring.definition.checks.judging import ALL, shares
from creditmesh.scoring.learning.model.boosting import Numbers
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.model.learning import Model

SCALE = 1_000
STEP = (
    10  # basis points between weights: weight times points is then whole thousandths of a point of the score
)


@dataclass(frozen=True)
class Single:
    """One column: its weight in basis points, and points by code."""

    column: int
    weight: int
    points: tuple[int, ...]


@dataclass(frozen=True)
class Strip:
    """One row of a table of two columns: weight, the codes of the row, points by code of the other column."""

    row: int
    first: int
    last: int
    column: int
    weight: int
    points: tuple[int, ...]


@dataclass(frozen=True)
class Points:
    """The whole system in points, strongest indicator first, and the log-odds that a score stands for."""

    singles: tuple[Single, ...]
    strips: tuple[Strip, ...]
    line: Line

    def placed(self, places: Sequence[int]) -> "Points":
        """Return the same with columns numbered by their places among all."""
        return Points(
            tuple(replace(one, column=places[one.column]) for one in self.singles),
            tuple(replace(one, row=places[one.row], column=places[one.column]) for one in self.strips),
            self.line,
        )


def in_points(model: Model) -> Points:
    """Return a model in points; more points are more risk. The model needs at least one column."""
    spans = {n: float(np.ptp(heights)) for n, heights in model.singles.items()}
    order = sorted(spans, key=lambda n: (-spans[n], n))
    parts = shares([spans[n] for n in order], total=ALL // STEP)
    weights = {n: STEP * part for n, part in zip(order, parts, strict=True)}
    order = [n for n in order if weights[n] > 0]
    # weight x points = unit x log-odds, with the greatest unit that keeps every indicator inside the scale
    unit = min(weights[n] * SCALE / spans[n] for n in order)
    singles = tuple(
        Single(n, weights[n], _rounded((model.singles[n] - model.singles[n].min()) * unit / weights[n]))
        for n in order
    )
    strips = [
        _strip(row, column, one.first, one.last, one.heights * unit)
        for (row, column), table in model.tables.items()
        for one in table
    ]
    lowest = model.intercept + sum(float(model.singles[n].min()) for n in order)
    return Points(singles, tuple(one for one in strips if any(one.points)), Line(lowest, ALL / unit))


def _strip(row: int, column: int, first: int, last: int, heights: Numbers) -> Strip:
    weight = min(ALL, STEP * max(1, int(np.ceil(np.abs(heights).max() / SCALE / STEP))))
    points = np.clip(heights / weight, -SCALE, SCALE)
    return Strip(row, first, last, column, weight, _rounded(points))


def _rounded(heights: Numbers) -> tuple[int, ...]:
    return tuple(int(one) for one in np.floor(heights + 0.5))
