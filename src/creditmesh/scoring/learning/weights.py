"""Weights of indicators: by judgement (AHP), by spread (entropy), by contrast and conflict (CRITIC), or mixed.

They are computed once, by people who look at them, and frozen as basis points: a grade must not change because other
enterprises changed. Sources: Saaty 1980 (AHP and its random indices), Shannon entropy as in Hwang and Yoon 1981,
Diakoulaki, Mavrotas and Papayannakis 1995 (CRITIC). CRITIC
comes from pymcdm.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pymcdm import weights as published  # type: ignore[import-untyped]

from creditmesh.scoring.definition.checks.judging import BadJudgement, Judged, ahp, shares
from creditmesh.scoring.definition.checks.weighing import mixture

__all__ = ["BadJudgement", "Judged", "ahp", "critic", "entropy", "mixture", "shares", "shifted"]

Numbers = NDArray[np.float64]
LIKE = 1e-6


def entropy(table: Numbers) -> tuple[float, ...]:
    """Return weights by how unevenly each column spreads over the rows; numbers must not be negative.

    Raises `BadJudgement` when no column varies or one has no positive number.
    """
    data = _data(table)
    if bool(np.any(data < 0)) or bool(np.any(data.sum(0) <= 0)):
        raise BadJudgement("Entropy weighs amounts: no number may be negative, and no column all 0.")
    alike = np.ptp(data, axis=0) < LIKE
    parts = data[:, ~alike] / data[:, ~alike].sum(0)
    # pymcdm gives a column with a single 0 the greatest weight there is; 0 times log 0 is 0
    spread = -np.where(parts > 0, parts * np.log(np.where(parts > 0, parts, 1.0)), 0.0).sum(0)
    return _without(alike, np.asarray(1 - spread / np.log(len(data)), dtype=np.float64))


def critic(table: Numbers) -> tuple[float, ...]:
    """Return weights by how much each column varies and how little it repeats the others.

    Raises `BadJudgement` when no column varies.
    """
    data = _data(table)
    alike = np.ptp(data, axis=0) < LIKE
    if int((~alike).sum()) == 1:
        return _without(alike, np.ones(1))
    low, high = data.min(0), data.max(0)
    scaled = (data[:, ~alike] - low[~alike]) / (high - low)[~alike]
    return _without(alike, np.asarray(published.critic_weights(scaled), dtype=np.float64))


def _data(table: Numbers) -> Numbers:
    data = np.asarray(table, dtype=np.float64)
    if data.ndim != 2 or len(data) < 2 or not bool(np.all(np.isfinite(data))):
        raise BadJudgement("Weights need a table of at least two rows of numbers without gaps.")
    if not bool(np.any(np.ptp(data, axis=0) >= LIKE)):
        raise BadJudgement("No column varies, so the data say nothing about weights.")
    return data


def _without(alike: NDArray[np.bool_], found: Numbers) -> tuple[float, ...]:
    """Return weights with 0 for columns in which all rows are alike."""
    made = np.zeros(len(alike))
    made[~alike] = found / found.sum()
    return tuple(float(one) for one in made)


def shifted(weights: Sequence[int], place: int, *, by: float) -> tuple[int, ...]:
    """Return basis points with one made greater or smaller by a part of itself, the others taking up the difference."""
    new = weights[place] * (1 + by)
    others = sum(weights) - weights[place]
    rest = sum(weights) - new
    wanted = [new if n == place else one * rest / others if others else 0.0 for n, one in enumerate(weights)]
    return shares(wanted, total=sum(weights))
