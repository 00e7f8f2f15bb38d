"""Which rows are learnt from and which are tested on: by time where there is time, else at random by kind."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Split = tuple[NDArray[Any], NDArray[Any]]
FOLDS = 5
FEW_FOLDS = 3  # are precise enough where there are many rows
MANY_ROWS = 15_000


def by_kind(bad: NDArray[np.bool_], *, seed: int, folds: int = FOLDS) -> list[Split]:
    """Return folds that each hold about the same share of bad rows."""
    place = np.zeros(len(bad), dtype=np.int64)
    random = np.random.default_rng([seed, 77])
    for kind in (False, True):
        rows = random.permutation(np.flatnonzero(bad == kind))
        place[rows] = np.arange(len(rows)) % folds
    everyone = np.arange(len(bad))
    return [(everyone[place != n], everyone[place == n]) for n in range(folds)]


def by_time(moment: NDArray[np.int64], bad: NDArray[np.bool_], *, folds: int = FOLDS) -> list[Split]:
    """Return splits in which every tested row is later than every learnt one; rows of one moment stay together."""
    ends = np.unique(np.quantile(moment, np.linspace(0, 1, folds + 1)[1:-1], method="lower"))
    splits = []
    for n, end in enumerate(ends):
        after = ends[n + 1] if n + 1 < len(ends) else moment.max()
        learn, test = np.flatnonzero(moment <= end), np.flatnonzero((moment > end) & (moment <= after))
        kinds = [int(bad[one].sum()) for one in (learn, test)]
        if all(10 <= found <= len(rows) - 10 for found, rows in zip(kinds, (learn, test), strict=True)):
            splits.append((learn, test))
    return splits
