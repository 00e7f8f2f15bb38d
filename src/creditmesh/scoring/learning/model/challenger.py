"""LightGBM on the same rows and folds, free to do what no file of bands can: what readability costs."""

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.model.binning import fine
from creditmesh.scoring.learning.model.folds import Split
from creditmesh.scoring.learning.table.reading import Column

ROUNDS = 100
FEWEST = 5  # rows of a text that gets a code of its own


def out_of_fold(
    columns: Sequence[Column],
    bad: NDArray[np.bool_],
    weight: NDArray[Any],
    splits: Sequence[Split],
    *,
    seed: int,
) -> NDArray[np.float64]:
    """Return the probability of bad for every row that is tested in some split, NaN for the others."""
    found = np.full(len(bad), np.nan)
    for learn, test in splits:
        numbers, unordered = _matrix(columns, learn)
        booster = lightgbm.train(
            {
                "objective": "binary",
                "learning_rate": 0.1,
                "num_leaves": 31,
                "seed": seed,
                "deterministic": True,
                "force_col_wise": True,
                "num_threads": 1,
                "verbose": -1,
            },
            lightgbm.Dataset(
                numbers[learn], label=bad[learn].astype(float), weight=weight[learn],
                categorical_feature=unordered, params={"verbose": -1},
            ),
            ROUNDS,
        )  # fmt: skip
        found[test] = booster.predict(numbers[test])
    return found


def _matrix(columns: Sequence[Column], learn: NDArray[Any]) -> tuple[NDArray[np.float64], list[int]]:
    made, unordered = [], []
    for n, one in enumerate(columns):
        if one.type is ColumnType.TEXT:
            unordered.append(n)
            made.append(fine(one.values.taken(learn), smallest=FEWEST).codes(one.values).astype(np.float64))
        else:
            made.append(np.where(one.values.present, one.values.known.astype(np.float64), np.nan))
    return np.column_stack(made), unordered
