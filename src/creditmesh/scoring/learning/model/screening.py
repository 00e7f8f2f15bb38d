"""Which comparisons of columns are worth learning from: those that small trees lean on beside all plain columns."""

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.table.reading import Column

MOST = 24
MOST_ROWS = 10_000
ROUNDS = 100
LEAST = 0.01  # part of all gain; below it, comparisons of noise come in


def screened(
    columns: Sequence[Column], bad: NDArray[np.bool_], rows: NDArray[Any], *, seed: int
) -> list[int]:
    """Return the places of the columns to learn from: all plain ones, and the comparisons that add most."""
    plain = [n for n, one in enumerate(columns) if not one.optional]
    if len(plain) == len(columns):
        return plain
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng([seed, 3]).permutation(rows)[:MOST_ROWS])
    numbers = [n for n, one in enumerate(columns) if one.type is not ColumnType.TEXT]
    matrix = np.column_stack(
        [
            np.where(
                columns[n].values.present[rows], columns[n].values.known[rows].astype(np.float64), np.nan
            )
            for n in numbers
        ]
    )
    booster = lightgbm.train(
        {
            "objective": "binary", "num_leaves": 3, "learning_rate": 0.15, "min_data_in_leaf": 20, "max_bin": 63,
            "feature_fraction": 0.5, "lambda_l2": 5.0, "seed": seed, "deterministic": True,
            "force_col_wise": True, "num_threads": 1, "verbose": -1,
        },
        lightgbm.Dataset(matrix, label=bad[rows].astype(np.float64), params={"verbose": -1, "max_bin": 63}),
        ROUNDS,
    )  # fmt: skip
    gains = dict(zip(numbers, booster.feature_importance("gain").tolist(), strict=True))
    least = LEAST * sum(gains.values())
    worth = [n for n in numbers if columns[n].optional and gains[n] > least]
    return sorted([*plain, *sorted(worth, key=lambda n: (-gains[n], n))[:MOST]])
