"""Functions of one column and of two columns, learnt by boosting small trees that may look at nothing else.

A tree over one column is a step function of it, so that the sum of all of them is one function per column: the
bands of a system. Trees over two columns sum to a table. Both are read off the booster exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]

HELD_OUT = 0.2  # of the rows of a bag, to stop on
PATIENCE = 40
LEAVES = 4
ROUNDS = 500
MANY_ROWS = 12_000  # from here on one bag is enough to be steady


@dataclass(frozen=True)
class Data:
    """Coded columns, what came, and which columns have no order; `sizes` counts the codes of each."""

    codes: Codes
    bad: NDArray[np.bool_]
    weight: Numbers
    sizes: tuple[int, ...]
    unordered: tuple[int, ...]
    smallest: int
    seed: int

    def rows(self, chosen: NDArray[Any]) -> "Data":
        """Return the same of some rows."""
        return Data(
            self.codes[chosen], self.bad[chosen], self.weight[chosen], self.sizes, self.unordered,
            self.smallest, self.seed,
        )  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """Log-odds that columns and pairs of columns add."""

    singles: dict[int, Numbers]
    pairs: dict[tuple[int, int], Numbers]

    def total(self, codes: Codes) -> Numbers:
        """Return the sum over all columns and pairs for each row."""
        found = np.zeros(len(codes))
        for column, function in self.singles.items():
            found += function[codes[:, column]]
        for (row, column), table in self.pairs.items():
            found += table[codes[:, row], codes[:, column]]
        return found


def bags(data: Data) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return splits of the rows to learn on and to stop on, the same for the same seed."""
    number = 1 if len(data.bad) > MANY_ROWS else 3
    made = []
    for n in range(number):
        random = np.random.default_rng([data.seed, n])
        out = np.zeros(len(data.bad), dtype=bool)
        for kind in (True, False):
            rows = np.flatnonzero(data.bad == kind)
            out[random.permutation(rows)[: max(1, int(HELD_OUT * len(rows)))]] = True
        made.append((np.flatnonzero(~out), np.flatnonzero(out)))
    return made


def best_pairs(data: Data, start: float, *, most: int, free: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of columns that small trees over any columns lean on most, best first."""
    if most == 0 or len(free) < 2:
        return []
    learn, stop = (rows[:: 1 + len(rows) // (MANY_ROWS + 1)] for rows in bags(data)[0])
    booster = _boosted(data, np.full(len(data.bad), start), learn, stop, [list(free)], rounds=200)
    gains: dict[tuple[int, int], float] = {}
    for tree in booster.dump_model()["tree_info"]:
        _walk(tree["tree_structure"], frozenset(), gains)
    return sorted(gains, key=lambda pair: (-gains[pair], pair))[:most]


def _walk(node: dict[str, Any], above: frozenset[int], gains: dict[tuple[int, int], float]) -> None:
    if "split_feature" not in node:
        return
    here = int(node["split_feature"])
    for one in above - {here}:
        pair = (min(one, here), max(one, here))
        gains[pair] = gains.get(pair, 0.0) + float(node["split_gain"])
    for child in ("left_child", "right_child"):
        _walk(node[child], above | {here}, gains)


def boosted(
    data: Data, start: float, pairs: Sequence[tuple[int, int]]
) -> tuple[Parts, list[tuple[NDArray[Any], NDArray[Any], Numbers]]]:
    """Return what columns and pairs of columns add to the log-odds `start`; and, bag by bag, how that was on rows
    it had not seen: the rows learnt on, the rows not seen, and the log-odds added to these.
    """
    columns = range(data.codes.shape[1])
    found = Parts(
        {n: np.zeros(data.sizes[n]) for n in columns},
        {(n, m): np.zeros((data.sizes[n], data.sizes[m])) for n, m in pairs},
    )
    unseen = []
    splits = bags(data)
    together = [[n] for n in columns] + [list(pair) for pair in pairs]
    start_of_all = np.full(len(data.bad), start)
    stopped = []
    for learn, stop in splits:
        booster = _boosted(data, start_of_all, learn, stop, together)
        stopped.append(int(booster.best_iteration))
        unseen.append(
            (learn, stop, np.asarray(booster.predict(data.codes[stop].astype(np.float64), raw_score=True)))
        )
    # as many rounds as were right on average, now on every row, twice over to be steady
    rounds = max(1, round(sum(stopped) / len(stopped)))
    everyone = np.arange(len(data.bad))
    again = 1 if len(data.bad) > MANY_ROWS else 2
    for n_again in range(again):
        other = replace(data, seed=data.seed + n_again)
        booster = _boosted(other, start_of_all, everyone, None, together, rounds=rounds)
        alone = {n: _read(booster, data, (n,)) for n in columns}
        for n in columns:
            found.singles[n] += alone[n] / again
        # a tree may hold one pair on its left and another on its right: what is left beyond both columns is the pair's
        for n, m in pairs:
            both = _read(booster, data, (n, m)).reshape(data.sizes[n], data.sizes[m])
            found.pairs[n, m] += (both - alone[n][:, None] - alone[m][None, :]) / again
    return found, unseen


def _boosted(
    data: Data,
    start: Numbers,
    learn: NDArray[Any],
    stop: NDArray[Any] | None,
    together: list[list[int]],
    *,
    rounds: int = ROUNDS,
) -> Any:
    used = sorted({one for group in together for one in group})
    settings = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "max_depth": 3,
        "learning_rate": 0.06 if len(learn) < MANY_ROWS else 0.12,
        "min_data_in_leaf": data.smallest,
        "lambda_l2": 2.0,
        "cat_smooth": 20.0,
        "cat_l2": 10.0,
        "min_data_per_group": data.smallest,
        "max_cat_to_onehot": 4,
        "feature_fraction": 0.5 if len(used) > 4 else 1.0,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "boost_from_average": False,
        "interaction_constraints": together if len(together) > 1 or len(together[0]) < data.codes.shape[1] else "",
        "seed": data.seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }  # fmt: skip
    binned = {"min_data_in_bin": 1, "max_bin": 1_000, "verbose": -1, "feature_pre_filter": False}

    def dataset(rows: NDArray[Any], reference: Any = None) -> Any:
        return lightgbm.Dataset(
            data.codes[rows].astype(np.float64), label=data.bad[rows].astype(np.float64),
            weight=data.weight[rows], init_score=start[rows], reference=reference, params=binned,
            categorical_feature=list(data.unordered), free_raw_data=False,
        )  # fmt: skip

    first = dataset(learn)
    if stop is None:
        return lightgbm.train(settings, first, rounds)
    return lightgbm.train(
        settings,
        first,
        rounds,
        valid_sets=[dataset(stop, first)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )


def _read(booster: Any, data: Data, columns: tuple[int, ...]) -> Numbers:
    """Return what the booster adds for every combination of codes of some columns, the others held still."""
    grid = np.array(np.meshgrid(*(np.arange(data.sizes[n]) for n in columns), indexing="ij"))
    rows = np.zeros((grid[0].size, data.codes.shape[1]))
    still = booster.predict(rows[:1], raw_score=True)[0]
    for place, column in enumerate(columns):
        rows[:, column] = grid[place].ravel()
    return np.asarray(booster.predict(rows, raw_score=True) - still, dtype=np.float64)
