"""The rows of every table: the product's own learnt system, and logistic regression and LightGBM beside it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from creditmesh.scoring.learning import validating
from creditmesh.scoring.learning.model import calibrating, measures
from creditmesh.scoring.learning.model.folds import Split
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.table import comparing, reading
from creditmesh.scoring.learning.table.target import CannotLearn

FEWEST = 20  # rows of a text that gets a place of its own


def task_of(
    table: pd.DataFrame, bad: np.ndarray, shape: Shape | None = None, *, compared: bool = False
) -> validating.Task:
    """Return what `creditmesh fit` would learn from a table without its target.

    `compared` adds the comparisons of two columns that it offers to learning.
    """
    assert len(table) == len(bad), "a row per outcome"
    given = pa.Table.from_pandas(table, preserve_index=False)
    inputs = reading.inputs_of(given, leave=())
    if compared:
        inputs = comparing.with_comparisons(inputs, given)
    return validating.Task(
        inputs.columns, np.asarray(bad, dtype=bool), np.ones(len(bad)), {}, shape or Shape(), 0
    )


@dataclass(frozen=True)
class Ours:
    """Scores of the tested rows, and per split the PSI of the score between learnt and tested rows.

    Every split has points of its own, so scores are given as the log-odds they stand for.
    """

    points: np.ndarray
    psis: tuple[float, ...]
    indicators: float


def ours(task: validating.Task, splits: Sequence[Split]) -> Ours:
    """Learn the product's readable system anew in every split, in the integer points of the file it writes."""
    found, psis, sizes = np.full(len(task.bad), np.nan), [], []
    for rows, test in splits:
        try:
            points, bins = validating.learnt(task, rows)
        except CannotLearn:  # no column says anything: everyone is alike
            found[test] = measures.log_odds(float(task.bad[rows].mean()))
            continue
        seen = validating.scored(points, validating.coded(task.rows(rows), bins)) / 1_000
        found[test] = validating.scored(points, validating.coded(task.rows(test), bins)) / 1_000
        found[test], seen = points.line.odds(found[test]), points.line.odds(seen)
        edges = np.unique(np.quantile(seen, np.linspace(0, 1, 11)[1:-1]))
        psis.append(
            measures.psi(
                *(
                    np.bincount(np.searchsorted(edges, one), minlength=len(edges) + 1)
                    for one in (seen, found[test])
                )
            )
        )
        sizes.append(len(points.singles) + len(points.strips))
    return Ours(found, tuple(psis), float(np.mean(sizes)) if sizes else 0.0)


def strongest(task: validating.Task, *, most: int = 8) -> list[str]:
    """Return the columns that can matter most in the system all rows teach."""
    try:
        points, _ = validating.learnt(task, np.arange(len(task.bad)))
    except CannotLearn:
        return ["(no column says anything)"]
    return [task.columns[one.column].name for one in points.singles[:most]]


def calibrated(points: np.ndarray, bad: np.ndarray, splits: Sequence[Split]) -> np.ndarray:
    """Return probabilities by the product's line, for every fold fitted on the other folds' unseen scores."""
    found = np.full(len(bad), np.nan)
    known = ~np.isnan(points)
    for _, test in splits:
        others = known.copy()
        others[test] = False
        rows = np.flatnonzero(others) if others.any() else np.flatnonzero(known)
        line = calibrating.line(points[rows], np.asarray(bad)[rows], np.ones(len(rows)))
        found[test] = line.probability(points[test])
    return found


def logistic(table: pd.DataFrame, bad: np.ndarray, splits: Sequence[Split]) -> np.ndarray:
    """Return probabilities of a plain regression: ranks as normal scores, flags for missing, texts as dummies."""
    found = np.full(len(bad), np.nan)
    for rows, test in splits:
        wide = _wide(table, rows)
        plain = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
        plain.fit(wide[rows], np.asarray(bad)[rows].astype(int))
        found[test] = plain.predict_proba(wide[test])[:, 1]
    return found


def _wide(table: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    parts = []
    for name in table:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            numbers = column.astype(float).to_numpy()
            gone = np.isnan(numbers)
            middle = float(np.nanmedian(numbers[rows])) if not gone[rows].all() else 0.0
            filled = np.where(gone, middle, numbers)[:, None]
            if len(np.unique(filled)) > 10:
                ranks = QuantileTransformer(
                    n_quantiles=min(200, len(rows)), output_distribution="normal", random_state=0
                )
                ranks.fit(filled[rows])
                parts.append(ranks.transform(filled))
            else:
                parts.append(filled)
            if gone[rows].mean() > 0.005:
                parts.append(gone[:, None].astype(float))
        else:
            texts = column.astype("string").fillna("-")
            counts = texts.iloc[rows].value_counts()
            frequent = sorted(counts[counts >= FEWEST].index)
            parts += [(texts == value).to_numpy(dtype=float)[:, None] for value in frequent]
    return np.hstack(parts)


def boosted(
    table: pd.DataFrame, bad: np.ndarray, splits: Sequence[Split], *, rounds: int = 300, rate: float = 0.05
) -> np.ndarray:
    """Return probabilities of LightGBM with 31 leaves; rare texts are one."""
    found = np.full(len(bad), np.nan)
    for rows, test in splits:
        numbers, unordered = _columns(table, rows)
        asked = {
            "objective": "binary", "learning_rate": rate, "num_leaves": 31, "seed": 0, "deterministic": True,
            "force_col_wise": True, "num_threads": 1, "verbose": -1,
        }  # fmt: skip
        held = lightgbm.Dataset(
            numbers[rows], label=np.asarray(bad)[rows].astype(float), categorical_feature=unordered,
            params={"verbose": -1},
        )  # fmt: skip
        found[test] = lightgbm.train(asked, held, rounds).predict(numbers[test])
    return found


def _columns(table: pd.DataFrame, rows: np.ndarray) -> tuple[np.ndarray, list[int]]:
    made, unordered = [], []
    for n, name in enumerate(table):
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            made.append(column.astype(float).to_numpy())
            continue
        texts = column.astype("string").fillna("-")
        counts = texts.iloc[rows].value_counts()
        codes = {text: code for code, text in enumerate(sorted(counts[counts >= FEWEST].index), start=1)}
        made.append(texts.map(codes).fillna(0).to_numpy(dtype=float))
        unordered.append(n)
    return np.column_stack(made), unordered


def plain(table: pd.DataFrame, *, drop: Collection[str]) -> pd.DataFrame:
    """Return a table without some columns, which must all be there."""
    return table.drop(columns=list(drop))
