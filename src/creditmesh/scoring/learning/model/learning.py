"""From coded columns to a readable model: evidence first, then step functions, then tables, then few bands."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.learning.model import boosting, evidence, logistic
from creditmesh.scoring.learning.model.binning import MISSING
from creditmesh.scoring.learning.model.boosting import Codes, Data, Numbers, Parts
from creditmesh.scoring.learning.model.measures import log_odds
from creditmesh.scoring.learning.model.merging import levelled, merged, rising

PENALTY = 10.0  # L2 on the coefficients of evidence, in rows
SAYS_NOTHING = 0.004  # part of all points below which an indicator is not worth a reader's time


@dataclass(frozen=True)
class Shape:
    """How readable the result must be."""

    most_bands: int = 12
    most_tables: int = 16
    table_rows: int = 5
    table_bands: int = 6
    most_columns: int = 40
    signed: bool = True
    refined: bool = True  # step functions and tables beyond the evidence of each column alone


@dataclass(frozen=True)
class Strip:
    """One row of a table: codes from first to last of its first column, log-odds by code of its second."""

    first: int
    last: int
    heights: Numbers


@dataclass(frozen=True)
class Model:
    """Log-odds by code: of single columns, and of tables row by row."""

    intercept: float
    singles: dict[int, Numbers]
    tables: dict[tuple[int, int], tuple[Strip, ...]]

    def odds(self, codes: Codes) -> Numbers:
        """Return the log-odds of each row."""
        found = np.full(len(codes), self.intercept)
        for column, function in self.singles.items():
            found += function[codes[:, column]]
        for (row, column), strips in self.tables.items():
            for strip in strips:
                inside = (codes[:, row] >= strip.first) & (codes[:, row] <= strip.last)
                found += np.where(inside, strip.heights[codes[:, column]], 0.0)
        return found


def learn(
    data: Data, *, shape: Shape, trends: Mapping[int, evidence.Trend], rows_of: frozenset[int]
) -> Model:
    """Return the model of coded rows; columns with a trend keep it, and only `rows_of` head the rows of tables."""
    finder = Evidence(data, trends, signed=shape.signed)
    every = np.arange(len(data.bad))
    base, alone = finder.over(every)
    parts = Parts(alone, {})
    if shape.refined:
        parts = _blended(data, finder, parts, shape, trends, rows_of)
    singles, tables = _simplified(data, parts, shape, trends, rows_of)
    return _scaled(data, Model(base, singles, tables))


class Evidence:
    """Weight of evidence in optimal bins and a regression over it, for any of the rows; the bins are those of all."""

    def __init__(self, data: Data, trends: Mapping[int, evidence.Trend], *, signed: bool) -> None:
        self.data, self.signed = data, signed
        self.groups = [
            evidence.groups(data.codes[:, n], data.bad, size=size, trend=trends.get(n))
            if n not in data.unordered
            else np.arange(size)
            for n, size in enumerate(data.sizes)
        ]

    def over(self, rows: NDArray[np.int64]) -> tuple[float, dict[int, Numbers]]:
        """Return the intercept, and the log-odds of every code of every column that says something."""
        part = self.data.rows(rows)
        steps = [
            evidence.weights_of_evidence(
                group[part.codes[:, n]], part.bad, part.weight, number=int(group.max()) + 1
            )[group]
            for n, group in enumerate(self.groups)
        ]
        columns = np.column_stack([step[part.codes[:, n]] for n, step in enumerate(steps)])
        base, slopes = logistic.fitted(columns, part.bad, part.weight, penalty=PENALTY, signed=self.signed)
        return base, {n: slope * steps[n] for n, slope in enumerate(slopes) if abs(slope) > 1e-6}


def _blended(
    data: Data,
    finder: Evidence,
    alone: Parts,
    shape: Shape,
    trends: Mapping[int, evidence.Trend],
    rows_of: frozenset[int],
) -> Parts:
    """Return evidence and boosted functions added up, each by as much as it is worth on rows it has not seen."""
    start = log_odds(float(np.average(data.bad, weights=data.weight)))
    free = [n for n in range(data.codes.shape[1]) if n not in trends]
    pairs = boosting.best_pairs(data, start, most=4 * shape.most_tables, free=free)
    pairs = [pair for pair in pairs if rows_of & set(pair)][: shape.most_tables]
    more, unseen = boosting.boosted(data, start, pairs)
    odds = [
        np.column_stack([Parts(finder.over(learn)[1], {}).total(data.codes[stop]), added])
        for learn, stop, added in unseen
    ]
    stops = np.concatenate([stop for _, stop, _ in unseen])
    _, (own, added) = logistic.fitted(np.concatenate(odds), data.bad[stops], data.weight[stops], penalty=1.0)
    return Parts(
        {n: own * alone.singles.get(n, 0.0) + added * heights for n, heights in more.singles.items()},
        {pair: added * heights for pair, heights in more.pairs.items()},
    )


def _strongest(data: Data, singles: dict[int, Numbers], *, most: int) -> dict[int, Numbers]:
    spread = {n: float(np.std(heights[data.codes[:, n]])) for n, heights in singles.items()}
    kept = sorted(spread, key=lambda n: (-spread[n], n))[:most]
    return {n: singles[n] for n in sorted(kept) if spread[n] > 0}


def _simplified(
    data: Data, parts: Parts, shape: Shape, trends: Mapping[int, evidence.Trend], rows_of: frozenset[int]
) -> tuple[dict[int, Numbers], dict[tuple[int, int], tuple[Strip, ...]]]:
    """Return few bands for every column and few rows of few bands for every table."""
    singles = dict(parts.singles)
    tables: dict[tuple[int, int], tuple[Strip, ...]] = {}
    for (one, other), heights in parts.pairs.items():
        cells = data.codes[:, one] * data.sizes[other] + data.codes[:, other]
        rows = _counted(cells, data.weight, heights.size).reshape(heights.shape)
        pure, by_row, by_column = _centred(heights, rows)
        singles[one] = singles[one] + by_row
        singles[other] = singles[other] + by_column
        key, pure, rows = ((one, other), pure, rows) if one in rows_of else ((other, one), pure.T, rows.T)
        strips = _strips(pure, rows, shape, ordered=key[1] not in data.unordered)
        if strips:
            tables[key] = strips
    singles = _strongest(data, singles, most=shape.most_columns)
    few = {n: _few(data, n, heights, shape, trends.get(n)) for n, heights in singles.items()}
    return _worth(few), tables


def _centred(heights: Numbers, rows: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Take out of a table what its rows and its columns say alone, weighed by how many rows lie in each cell."""
    mass = rows + 1e-3
    pure = heights.copy()
    by_row, by_column = np.zeros(heights.shape[0]), np.zeros(heights.shape[1])
    for _ in range(20):
        mean = (pure * mass).sum(1) / mass.sum(1)
        pure, by_row = pure - mean[:, None], by_row + mean
        mean = (pure * mass).sum(0) / mass.sum(0)
        pure, by_column = pure - mean[None, :], by_column + mean
    return pure, by_row, by_column


def _strips(pure: Numbers, rows: Numbers, shape: Shape, *, ordered: bool) -> tuple[Strip, ...]:
    runs = [(a + 1, b + 1) for a, b in merged(pure[1:], rows[1:] + 1e-3, most=shape.table_rows, loss=0.5)]
    strips = []
    for first, last in [(MISSING, MISSING), *runs]:
        mass = rows[first : last + 1] + 1e-3
        heights = (pure[first : last + 1] * mass).sum(0) / mass.sum(0)
        inside = rows[first : last + 1].sum(0)
        if inside.sum() < 1:
            continue
        heights = _stepped(heights, inside, most=shape.table_bands, loss=0.5) if ordered else heights
        if np.abs(heights).max() > 0.01:
            strips.append(Strip(first, last, heights))
    return tuple(strips)


def _stepped(heights: Numbers, rows: Numbers, *, most: int, loss: float) -> Numbers:
    """Return heights with few steps; that of missing stays alone."""
    found = heights.copy()
    runs = merged(heights[1:], rows[1:] + 1e-3, most=most, loss=loss)
    for (a, b), level in zip(runs, levelled(heights[1:], rows[1:], runs), strict=True):
        found[a + 1 : b + 2] = level
    if rows[MISSING] < 1:
        found[MISSING] = 0.0
    return found


def _few(data: Data, n: int, heights: Numbers, shape: Shape, trend: evidence.Trend | None) -> Numbers:
    """Return the function of one column with few bands, along its trend if it has one."""
    rows = _counted(data.codes[:, n], data.weight, data.sizes[n])
    heights = heights - float(np.average(heights, weights=np.maximum(rows, 1e-9)))
    if n in data.unordered:
        return np.where(rows > 0, heights, 0.0)
    if trend is not None:
        heights = np.concatenate([heights[:1], rising(heights[1:], rows[1:], up=trend == "up")])
    return _stepped(heights, rows, most=shape.most_bands, loss=0.25)


def _counted(codes: NDArray[np.int64], weight: Numbers, size: int) -> Numbers:
    return np.bincount(codes, weight, size).astype(np.float64)


def _worth(singles: dict[int, Numbers]) -> dict[int, Numbers]:
    spans = {n: float(np.ptp(heights)) for n, heights in singles.items()}
    least = SAYS_NOTHING * sum(spans.values())
    return {n: heights for n, heights in singles.items() if spans[n] > max(least, 1e-9)}


def _scaled(data: Data, model: Model) -> Model:
    """Return the model with the intercept and the common slope that fit best after everything was simplified."""
    odds = model.odds(data.codes) - model.intercept
    base, slopes = logistic.fitted(odds[:, None], data.bad, data.weight, penalty=1e-6)
    slope = float(slopes[0]) or 1.0
    return Model(
        base,
        {n: slope * heights for n, heights in model.singles.items()},
        {
            pair: tuple(Strip(one.first, one.last, slope * one.heights) for one in strips)
            for pair, strips in model.tables.items()
        },
    )
