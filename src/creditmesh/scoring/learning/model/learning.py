"""From coded columns to a readable model: evidence first, then step functions, then tables, then few bands."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from creditmesh.scoring.learning.model import boosting, evidence, logistic
from creditmesh.scoring.learning.model.binning import MISSING
from creditmesh.scoring.learning.model.boosting import Codes, Data, Numbers, Parts
from creditmesh.scoring.learning.model.merging import levelled, merged, rising

SAYS_NOTHING = 0.004  # part of all points below which an indicator is not worth a reader's time


@dataclass(frozen=True)
class Shape:
    """How readable the result must be."""

    most_bands: int = 12
    most_tables: int = 12
    table_rows: int = 4
    table_bands: int = 5
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


def learn(data: Data, *, shape: Shape, trends: Mapping[int, evidence.Trend], rows_of: frozenset[int]) -> Model:
    """Return the model of coded rows; columns with a trend keep it, and only `rows_of` head the rows of tables."""
    base, singles = _evidence(data, shape, trends)
    if shape.refined:
        start = base + Parts(singles, {}).total(data.codes)
        more = boosting.singles(data, start)
        singles = {n: singles.get(n, 0.0) + more[n] for n in more}
        singles = _strongest(data, singles, most=shape.most_columns)
        singles, tables = _with_tables(data, base, singles, shape, trends, rows_of)
    else:
        singles, tables = _strongest(data, singles, most=shape.most_columns), {}
    few = {n: _few(data, n, heights, shape, trends.get(n)) for n, heights in singles.items()}
    model = _scaled(data, Model(base, _worth(data, few), tables))
    return model


def _evidence(data: Data, shape: Shape, trends: Mapping[int, evidence.Trend]) -> tuple[float, dict[int, Numbers]]:
    steps = [
        evidence.step(
            data.codes[:, n], data.bad, data.weight, size=size, ordered=n not in data.unordered, trend=trends.get(n)
        )
        for n, size in enumerate(data.sizes)
    ]
    columns = np.column_stack([steps[n][data.codes[:, n]] for n in range(len(steps))])
    base, slopes = logistic.fitted(
        columns, data.bad, data.weight, penalty=0.01 * len(data.bad) ** 0.5 + 10.0, signed=shape.signed
    )
    return base, {n: slope * steps[n] for n, slope in enumerate(slopes) if abs(slope) > 1e-6}


def _strongest(data: Data, singles: dict[int, Numbers], *, most: int) -> dict[int, Numbers]:
    spread = {n: float(np.std(heights[data.codes[:, n]])) for n, heights in singles.items()}
    kept = sorted(spread, key=lambda n: (-spread[n], n))[:most]
    return {n: singles[n] for n in sorted(kept) if spread[n] > 0}


def _with_tables(
    data: Data,
    base: float,
    singles: dict[int, Numbers],
    shape: Shape,
    trends: Mapping[int, evidence.Trend],
    rows_of: frozenset[int],
) -> tuple[dict[int, Numbers], dict[tuple[int, int], tuple[Strip, ...]]]:
    start = base + Parts(singles, {}).total(data.codes)
    free = [n for n in range(data.codes.shape[1]) if n not in trends]
    pairs = boosting.best_pairs(data, start, most=shape.most_tables, free=free)
    pairs = [pair for pair in pairs if rows_of & set(pair)]
    more = boosting.tables(data, start, pairs)
    singles = {
        n: singles.get(n, np.zeros(size)) + more.singles.get(n, 0.0)
        for n, size in enumerate(data.sizes)
        if n in singles or n in more.singles
    }
    tables: dict[tuple[int, int], tuple[Strip, ...]] = {}
    for (one, other), heights in more.pairs.items():
        rows = np.bincount(
            data.codes[:, one] * data.sizes[other] + data.codes[:, other], data.weight, heights.size
        ).reshape(heights.shape)
        pure, by_row, by_column = _centred(heights, rows)
        singles[one] = singles[one] + by_row
        singles[other] = singles[other] + by_column
        key, pure, rows = ((one, other), pure, rows) if one in rows_of else ((other, one), pure.T, rows.T)
        strips = _strips(pure, rows, shape, ordered=key[1] not in data.unordered)
        if strips:
            tables[key] = strips
    return singles, tables


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
    rows = np.bincount(data.codes[:, n], data.weight, data.sizes[n])
    heights = heights - float(np.average(heights, weights=np.maximum(rows, 1e-9)))
    if n in data.unordered:
        return np.where(rows > 0, heights, 0.0)
    if trend is not None:
        heights = np.concatenate([heights[:1], rising(heights[1:], rows[1:], up=trend == "up")])
    return _stepped(heights, rows, most=shape.most_bands, loss=0.25)


def _worth(data: Data, singles: dict[int, Numbers]) -> dict[int, Numbers]:
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
