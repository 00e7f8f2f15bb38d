"""Which columns are worth learning from: comparisons, and plain ones where they are very many, that small trees lean on."""

from collections.abc import Collection, Sequence
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.model.binning import fine
from creditmesh.scoring.learning.table.reading import Column

MOST = 24  # comparisons
MOST_PLAIN = 120  # plain columns: more are looked through first, as hundreds would take long and let noise in
MOST_ROWS = 10_000
ROUNDS = 100
LEAST = 0.01  # part of all gain; below it, comparisons of noise come in
FEWEST = 20  # rows of a text that gets a code of its own


def screened(
    columns: Sequence[Column],
    bad: NDArray[np.bool_],
    rows: NDArray[Any],
    *,
    seed: int,
    kept: Collection[int] = (),
) -> list[int]:
    """Return the places of the columns to learn from: the plain ones, and the comparisons that add most.

    Of very many plain ones only those that add most, and those that are to be `kept` whatever they add.
    """
    plain = [n for n, one in enumerate(columns) if not one.optional]
    many = len(plain) > MOST_PLAIN
    if len(plain) == len(columns) and not many:
        return plain
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng([seed, 3]).permutation(rows)[:MOST_ROWS])
    looked_at = [n for n, one in enumerate(columns) if many or one.type is not ColumnType.TEXT]
    gains = _gains([columns[n] for n in looked_at], bad, rows, seed=seed)
    gain = dict(zip(looked_at, gains, strict=True))
    if many:
        best = sorted((n for n in plain if gain[n] > 0), key=lambda n: (-gain[n], n))[:MOST_PLAIN]
        plain = sorted({*best, *kept}) or plain
    least = LEAST * sum(gains)
    worth = [n for n in looked_at if columns[n].optional and gain[n] > least]
    return sorted([*plain, *sorted(worth, key=lambda n: (-gain[n], n))[:MOST]])


def _gains(
    columns: Sequence[Column], bad: NDArray[np.bool_], rows: NDArray[Any], *, seed: int
) -> list[float]:
    texts = [n for n, one in enumerate(columns) if one.type is ColumnType.TEXT]
    booster = lightgbm.train(
        {
            "objective": "binary", "num_leaves": 3, "learning_rate": 0.15, "min_data_in_leaf": 20, "max_bin": 63,
            "feature_fraction": 0.5, "lambda_l2": 5.0, "seed": seed, "deterministic": True,
            "force_col_wise": True, "num_threads": 1, "verbose": -1,
        },
        lightgbm.Dataset(
            np.column_stack([_numbers(one, rows) for one in columns]), label=bad[rows].astype(np.float64),
            categorical_feature=texts, params={"verbose": -1, "max_bin": 63},
        ),
        ROUNDS,
    )  # fmt: skip
    found: list[float] = booster.feature_importance("gain").tolist()
    return found


def _numbers(column: Column, rows: NDArray[Any]) -> NDArray[np.float64]:
    read = column.values.taken(rows)
    if column.type is ColumnType.TEXT:
        return fine(read, smallest=FEWEST).codes(read).astype(np.float64)
    return np.where(read.present, read.known.astype(np.float64), np.nan)
