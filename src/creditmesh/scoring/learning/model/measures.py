"""How well a score ranks and a probability fits: AUC with its error, KS, Brier, reliability, PSI."""

from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def auc(bad: NDArray[Any], score: NDArray[Any]) -> float:
    """Return the chance that a bad one scores above a good one, ties halved; `nan` when one kind is lacking."""
    bad = np.asarray(bad, dtype=bool)
    goods, bads = int((~bad).sum()), int(bad.sum())
    if not goods or not bads:
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[bad].sum() - bads * (bads + 1) / 2) / (bads * goods))


def auc_error(found: float, bads: int, goods: int) -> float:
    """Return the standard error of an AUC (Hanley and McNeil 1982)."""
    one, two = found / (2 - found), 2 * found * found / (1 + found)
    spread = found * (1 - found) + (bads - 1) * (one - found**2) + (goods - 1) * (two - found**2)
    return sqrt(max(spread, 0.0) / max(bads * goods, 1))


def ks(bad: NDArray[Any], score: NDArray[Any]) -> float:
    """Return the greatest distance between the shares of bad and of good up to a score."""
    bad = np.asarray(bad, dtype=bool)
    if bad.all() or not bad.any():
        return float("nan")
    different, place = np.unique(score, return_inverse=True)
    bads = np.bincount(place, bad, len(different)).cumsum() / bad.sum()
    goods = np.bincount(place, ~bad, len(different)).cumsum() / (~bad).sum()
    return float(np.abs(goods - bads).max())


def brier(bad: NDArray[Any], probability: Numbers) -> float:
    """Return the mean squared distance between a probability and what came."""
    return float(np.mean((np.asarray(probability) - np.asarray(bad, dtype=float)) ** 2))


def psi(before: NDArray[Any], after: NDArray[Any]) -> float:
    """Return the population stability index of two counts over the same bands; an empty band counts as half a row."""
    first = np.maximum(np.asarray(before, dtype=float), 0.5)
    second = np.maximum(np.asarray(after, dtype=float), 0.5)
    first, second = first / first.sum(), second / second.sum()
    return float(np.sum((second - first) * np.log(second / first)))


@dataclass(frozen=True)
class Point:
    """One step of a reliability diagram: so many rows, expected and observed share of bad."""

    rows: int
    expected: float
    observed: float


def reliability(bad: NDArray[Any], probability: Numbers, *, steps: int = 10) -> tuple[Point, ...]:
    """Return expected and observed shares of bad over equal parts of the rows, lowest risk first."""
    order = np.argsort(probability, kind="stable")
    parts = [one for one in np.array_split(order, steps) if len(one)]
    return tuple(
        Point(len(one), float(np.mean(probability[one])), float(np.mean(np.asarray(bad, dtype=float)[one])))
        for one in parts
    )


def log_odds(share: float) -> float:
    """Return the logarithm of the odds of a share, held off 0 and 1."""
    held = min(max(share, 1e-6), 1 - 1e-6)
    return log(held / (1 - held))
