"""Weight of evidence over optimal bins: optbinning finds where the bands end, the numbers are computed here.

Only its edges are used: it scores with truncated weights (its issue 412) and forgets what missing was at fit (100).
"""

import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
    warnings.simplefilter("ignore")  # it tells of a solver that it looks for and does not need
    from optbinning import OptimalBinning  # type: ignore[import-untyped]

from creditmesh.scoring.learning.model.binning import MISSING
from creditmesh.scoring.learning.model.boosting import Numbers

Trend = Literal["up", "down"]
PREBINS = 10
MOST_BINS = 8
TRENDS = {"up": "ascending", "down": "descending", None: "auto_heuristic"}
SMOOTH = 20.0  # rows of the average that every band is given, so that small bands say little


def groups(
    codes: NDArray[np.int64], bad: NDArray[Any], *, size: int, trend: Trend | None
) -> NDArray[np.int64]:
    """Return the group of every code of an ordered column: 0 is missing, then optimal bins in order."""
    there = codes != MISSING
    if not there.any() or len(np.unique(codes[there])) < 2 or len(np.unique(bad[there])) < 2:
        return np.minimum(np.arange(size), 1).astype(np.int64)
    binning = OptimalBinning(
        dtype="numerical",
        solver="cp",
        monotonic_trend=TRENDS[trend],
        max_n_prebins=PREBINS,
        max_n_bins=MOST_BINS,
        min_bin_size=0.03,
        time_limit=2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        binning.fit(codes[there].astype(np.float64), bad[there].astype(np.int64))
    found = np.searchsorted(np.asarray(binning.splits, dtype=np.float64), np.arange(size), side="right") + 1
    found[MISSING] = MISSING
    return found.astype(np.int64)


def weights_of_evidence(
    grouped: NDArray[np.int64], bad: NDArray[Any], weight: Numbers, *, number: int
) -> Numbers:
    """Return log-odds of bad in each group over those of all, drawn towards 0 where rows are few."""
    share = float(np.average(bad, weights=weight))
    rows = np.bincount(grouped, weight, number) + SMOOTH
    bads = np.bincount(grouped, weight * bad, number) + SMOOTH * share
    return np.asarray(np.log(bads / (rows - bads)) - np.log(share / (1 - share)), dtype=np.float64)
