"""From a score to a probability: a straight line in log-odds, checked against a free rising curve out of fold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.learning.model import logistic
from creditmesh.scoring.learning.model.measures import brier
from creditmesh.scoring.learning.model.merging import rising

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Log-odds of bad as a line over the score in points."""

    at_zero: float
    per_point: float

    def odds(self, points: Numbers) -> Numbers:
        """Return the log-odds of bad at scores in points."""
        return np.asarray(self.at_zero + self.per_point * points, dtype=np.float64)

    def points(self, odds: Numbers) -> Numbers:
        """Return the scores in points that stand for log-odds."""
        return np.asarray((odds - self.at_zero) / self.per_point, dtype=np.float64)

    def probability(self, points: Numbers) -> Numbers:
        """Return the probability of bad at scores in points."""
        return logistic.probability(self.odds(points))

    def points_at(self, odds: float) -> float:
        """Return the score in points at which the odds of bad are so many."""
        return (float(np.log(odds)) - self.at_zero) / self.per_point


def line(points: Numbers, bad: NDArray[Any], weight: Numbers) -> Line:
    """Return the line that fits best; it never falls."""
    centre, width = float(np.mean(points)), float(np.std(points)) or 1.0
    at, slopes = logistic.fitted(((points - centre) / width)[:, None], bad, weight, penalty=1e-6)
    per_point = max(float(slopes[0]), 1e-9) / width
    return Line(at - per_point * centre, per_point)


@dataclass(frozen=True)
class Checked:
    """Brier scores of the two ways to a probability, each fitted on one half of the rows and measured on the other."""

    line: float
    isotonic: float


def checked(points: Numbers, bad: NDArray[Any], *, seed: int) -> Checked:
    """Return how well both ways do on rows they were not fitted on."""
    random = np.random.default_rng([seed, 5])
    half = np.zeros(len(bad), dtype=np.int64)
    for kind in (False, True):
        rows = random.permutation(np.flatnonzero(np.asarray(bad, dtype=bool) == kind))
        half[rows] = np.arange(len(rows)) % 2
    straight, free = np.zeros(len(bad)), np.zeros(len(bad))
    for side in (0, 1):
        learn, test = half != side, half == side
        found = line(points[learn], bad[learn], np.ones(int(learn.sum())))
        straight[test] = found.probability(points[test])
        order = np.argsort(points[learn], kind="stable")
        curve = rising(np.asarray(bad[learn], dtype=float)[order], np.ones(len(order)), up=True)
        free[test] = np.interp(points[test], points[learn][order], curve)
    return Checked(brier(bad, straight), brier(bad, free))
