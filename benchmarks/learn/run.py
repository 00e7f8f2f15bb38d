"""The learnt readable system against logistic regression and LightGBM, on the same five folds of the same columns.

    .venv/bin/python -m benchmarks.learn.run [SET ...] [--data FOLDER]

Prints one line per set. Columns that are known only afterwards are left out, as in the README of the sets.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning import validating
from creditmesh.scoring.learning.model import binning, challenger, folds, measures
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.table import comparing, reading
from creditmesh.scoring.learning.table.target import outcome

DATA = Path(__file__).parents[3] / "shared/data/loans_default"
AFTER = [
    "chg_off_date",
    "balance_gross",
    "mis_status",
    "chg_off_prin_gr",
    "disbursement_date",
    "approval_date",
]
AFTER_CASE = ["ChgOffDate", "BalanceGross", "MIS_Status", "ChgOffPrinGr", "ApprovalDate", "DisbursementDate"]
SETS: dict[str, tuple[str, list[str]]] = {
    "german": ("y", []),
    "sba_case_ca": ("Default", [*AFTER_CASE, "Selected", "xx", "daysterm", "City", "Bank"]),
    "credit_data_4454": ("y", []),
    "lending_club_9857": ("y", []),
    "heloc": ("y", []),
    "polish_1year": ("y", []),
    "polish_5year": ("y", []),
    "sba_30k_balanced": ("y", [*AFTER, "city", "bank"]),
}


def compared(name: str, data: Path) -> tuple[float, float, float, str]:
    """Return the AUC of ours, of logistic regression and of LightGBM, and a line that says more."""
    began = time.monotonic()
    target, drop = SETS[name]
    table = pq.read_table(data / f"{name}.parquet")
    came = outcome(table, target=target, positive="1", weights=None)
    columns = comparing.with_comparisons(reading.inputs_of(table, leave={target, *drop}), table).columns
    task = validating.Task(columns, came.bad, came.weight, {}, Shape(), 0)
    splits = folds.by_kind(task.bad, seed=0)
    ours = validating.tested(task, splits)
    plain = [one for one in columns if not one.reads]
    other = challenger.out_of_fold(plain, task.bad, task.weight, splits, seed=0)
    aucs, kss = validating.by_split(task.bad, other, splits)
    logistic = [_logistic(plain, task.bad, *split) for split in splits]
    own, plainly, best = (float(np.mean(one)) for one in (ours.aucs, logistic, aucs))
    line = (
        f"{name:18} {len(task.bad):6} rows {task.bad.mean():6.1%} bad | AUC ours {own:.4f} (sd {np.std(ours.aucs):.4f}) "
        f"LR {plainly:.4f} LightGBM {best:.4f} | LightGBM - ours {best - own:+.4f}, ours - LR {own - plainly:+.4f} | "
        f"KS ours {np.mean(ours.kss):.3f} LightGBM {np.mean(kss):.3f} | {time.monotonic() - began:.0f} s"
    )
    return own, plainly, best, line


def _logistic(columns: list[reading.Column], bad: np.ndarray, learn: np.ndarray, test: np.ndarray) -> float:
    numbers = [n for n, one in enumerate(columns) if one.type is not ColumnType.TEXT]
    texts = [n for n, one in enumerate(columns) if one.type is ColumnType.TEXT]
    made = []
    for one in columns:
        if one.type is ColumnType.TEXT:
            made.append(binning.fine(one.values.taken(learn), smallest=20).codes(one.values).astype(float))
        else:
            made.append(np.where(one.values.present, one.values.known.astype(float), np.nan))
    matrix = np.column_stack(made)
    known = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        QuantileTransformer(output_distribution="normal", n_quantiles=200, random_state=0),
    )
    model = make_pipeline(
        make_column_transformer((known, numbers), (OneHotEncoder(handle_unknown="ignore"), texts)),
        LogisticRegression(max_iter=2_000, C=0.3),
    )
    model.fit(matrix[learn], bad[learn])
    return measures.auc(bad[test], model.predict_proba(matrix[test])[:, 1])


def main(arguments: list[str]) -> None:
    """Compare the sets named, or all."""
    data = DATA
    if "--data" in arguments:
        place = arguments.index("--data")
        data = Path(arguments[place + 1])
        arguments = arguments[:place] + arguments[place + 2 :]
    costs, gains = [], []
    for name in arguments or list(SETS):
        own, plainly, best, line = compared(name, data)
        costs.append(best - own)
        gains.append(own - plainly)
        print(line, flush=True)
    print(
        f"mean of LightGBM - ours {np.mean(costs):+.4f}; least of ours - LR {min(gains):+.4f}; pyarrow {pa.__version__}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
