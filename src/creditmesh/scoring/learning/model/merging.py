"""Many fine bands to few: neighbours whose points differ least are joined first."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def merged(heights: Numbers, weights: Numbers, *, most: int, loss: float = 0.0) -> list[tuple[int, int]]:
    """Return runs (first, last) of neighbouring rows, at most so many, and fewer while joining costs below `loss`.

    `heights` and `weights` have one row per band (and one column per band of a second axis, if there is one).
    The cost of joining is the weighted sum of squares it adds.
    """
    means = np.atleast_2d(heights.T).T.astype(np.float64).copy()
    mass = np.atleast_2d(weights.T).T.astype(np.float64).copy()
    runs = [(n, n) for n in range(len(means))]
    rows = [means[n] for n in range(len(means))]
    masses = [mass[n] for n in range(len(mass))]
    costs = [_cost(rows[n], masses[n], rows[n + 1], masses[n + 1]) for n in range(len(runs) - 1)]
    while len(runs) > 1:
        best = int(np.argmin(costs))
        if len(runs) <= most and costs[best] > loss:
            break
        both = masses[best] + masses[best + 1]
        rows[best] = (rows[best] * masses[best] + rows[best + 1] * masses[best + 1]) / np.maximum(both, 1e-12)
        masses[best] = both
        runs[best] = (runs[best][0], runs[best + 1][1])
        del runs[best + 1], rows[best + 1], masses[best + 1], costs[best]
        for n in range(max(best - 1, 0), min(best + 1, len(costs))):
            costs[n] = _cost(rows[n], masses[n], rows[n + 1], masses[n + 1])
    return runs


def _cost(one: Numbers, its: Numbers, other: Numbers, others: Numbers) -> float:
    return float(np.sum(its * others / np.maximum(its + others, 1e-12) * (one - other) ** 2))


def levelled(heights: Numbers, weights: Numbers, runs: list[tuple[int, int]]) -> Numbers:
    """Return the weighted mean height of each run."""
    return np.array(
        [np.average(heights[a : b + 1], weights=np.maximum(weights[a : b + 1], 1e-9)) for a, b in runs]
    )


def rising(heights: Numbers, weights: Numbers, *, up: bool) -> Numbers:
    """Return the nearest heights that never fall (or never rise): pooled adjacent violators."""
    sign = 1.0 if up else -1.0
    pools: list[list[float]] = []
    for height, weight in zip(sign * heights, np.maximum(weights, 1e-9), strict=True):
        pools.append([float(height), float(weight), 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            high = pools.pop()
            low = pools[-1]
            whole = low[1] + high[1]
            pools[-1] = [(low[0] * low[1] + high[0] * high[1]) / whole, whole, low[2] + high[2]]
    return sign * np.concatenate([np.full(int(pool[2]), pool[0]) for pool in pools])
