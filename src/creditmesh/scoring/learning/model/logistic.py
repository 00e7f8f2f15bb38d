"""Logistic regression whose coefficients may not be negative, so that no column counts against its own evidence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

Numbers = NDArray[np.float64]


def fitted(
    columns: Numbers, bad: NDArray[Any], weight: Numbers, *, penalty: float, signed: bool = True
) -> tuple[float, Numbers]:
    """Return the intercept and the coefficients; with `signed` none is below zero.

    `penalty` is L2 on the coefficients, in rows: the greater, the closer they all lie to zero.
    """
    wide = columns.shape[1]
    target = np.asarray(bad, dtype=np.float64)
    share = float(np.average(target, weights=weight))
    start = np.concatenate([[np.log(share / (1 - share))], np.full(wide, 0.5 if signed else 0.0)])

    def loss(at: Numbers) -> tuple[float, Numbers]:
        odds = at[0] + columns @ at[1:]
        expected = _sigmoid(odds)
        value = float(weight @ (np.logaddexp(0.0, odds) - target * odds)) + penalty / 2 * float(
            at[1:] @ at[1:]
        )
        miss = weight * (expected - target)
        return value, np.concatenate([[miss.sum()], columns.T @ miss + penalty * at[1:]])

    bounds = [(None, None), *[(0.0 if signed else None, None)] * wide]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64)


def _sigmoid(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))), dtype=np.float64)


def probability(odds: Numbers) -> Numbers:
    """Return the probabilities of log-odds."""
    return _sigmoid(odds)
