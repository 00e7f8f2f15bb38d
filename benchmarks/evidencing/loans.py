"""Default and bankruptcy: the learnt readable system against logistic regression and LightGBM, same folds."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.evidencing import measuring, models

from creditmesh.scoring.learning.model import folds, measures

SBA = ("city", "bank", "chg_off_date", "balance_gross", "mis_status", "chg_off_prin_gr", "disbursement_date",
       "approval_date")  # fmt: skip
CASE = ("Selected", "City", "Bank", "State", "ChgOffDate", "BalanceGross", "MIS_Status", "ChgOffPrinGr", "xx",
        "ApprovalDate", "DisbursementDate", "daysterm")  # fmt: skip


@dataclass(frozen=True)
class Set:
    """A set: its file, its outcome, the columns that are outcomes or ids, and the README's two AUCs."""

    name: str
    file: str
    target: str = "y"
    drop: tuple[str, ...] = ()
    published: tuple[float, float] = (float("nan"), float("nan"))
    counts: bool = True  # towards the mean: one of the sets of the README's table


SETS = (
    Set("polish_1year", "polish_1year", published=(0.9147, 0.9569)),
    Set("polish_5year", "polish_5year", published=(0.9286, 0.9592)),
    Set("sba_30k", "sba_30k_balanced", drop=SBA, published=(0.8473, 0.9728)),
    Set("sba_30k without term", "sba_30k_balanced", drop=(*SBA, "term"), published=(0.698, 0.806), counts=False),
    Set("sba_case_ca", "sba_case_ca", "Default", CASE, (0.9177, 0.9837)),
    Set("heloc", "heloc", published=(0.7873, 0.7904)),
    Set("german", "german", published=(0.7828, 0.7723)),
    Set("lending_club", "lending_club_9857", published=(0.7448, 0.6901)),
    Set("credit_data", "credit_data_4454", published=(0.8381, 0.8266)),
)  # fmt: skip


def run(data: Path, *, only: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the rows of the table: three ways on the same five folds of every set."""
    rows = []
    for one in SETS:
        if only and one.name not in only:
            continue
        rows += measured(one, data / "loans_default")
        print(measuring.markdown(rows[-3:]), flush=True)
    return {"rows": rows, "means": means(rows)}


def read(one: Set, folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the inputs and the outcome of a set."""
    table = pd.read_parquet(folder / f"{one.file}.parquet")
    bad = table[one.target].to_numpy(dtype=int).astype(bool)
    return models.plain(table, drop=(one.target, *one.drop)), bad


def measured(one: Set, folder: Path) -> list[dict[str, object]]:
    """Return three rows of a set."""
    table, bad = read(one, folder)
    splits = folds.by_kind(bad, seed=0)
    own = models.ours(models.task_of(table, bad, compared=True), splits)
    chances = {
        "ours": models.calibrated(own.points, bad, splits),
        "logistic": models.logistic(table, bad, splits),
        "LightGBM": models.boosted(table, bad, splits),
    }
    published = {"ours": float("nan"), "logistic": one.published[0], "LightGBM": one.published[1]}
    found = []
    for name, chance in chances.items():
        ranked = own.points if name == "ours" else chance
        aucs = [measures.auc(bad[test], ranked[test]) for _, test in splits]
        kss = [measures.ks(bad[test], ranked[test]) for _, test in splits]
        apart = [abs(p.expected - p.observed) for p in measures.reliability(bad, chance)]
        found.append(
            {
                "set": one.name,
                "by": name,
                "AUC": round(float(np.mean(aucs)), 4),
                "sd": float(np.std(aucs)),
                "KS": float(np.mean(kss)),
                "Brier": round(measures.brier(bad, chance), 4),
                "calibration gap": float(np.mean(apart)),
                "PSI": float(np.mean(own.psis)) if name == "ours" else float("nan"),
                "parts": round(own.indicators) if name == "ours" else "",
                "README (all rows)": published[name],
                "counts": one.counts,
            }
        )
    return found


def means(rows: list[dict[str, object]]) -> dict[str, float]:
    """Return ours minus each other way, over the sets of the README's table."""
    table = pd.DataFrame([row for row in rows if row["counts"]])
    if table.empty:
        return {}
    wide = table.pivot(index="set", columns="by", values=["AUC", "KS", "Brier"])
    return {
        f"{figure} ours - {other}": float((wide[figure]["ours"] - wide[figure][other]).astype(float).mean())
        for figure in ("AUC", "KS", "Brier")
        for other in ("LightGBM", "logistic")
    }


def told(found: dict[str, object]) -> str:
    """Return the tables as Markdown."""
    rows = [{k: v for k, v in row.items() if k != "counts"} for row in found["rows"]]
    mean = "\n".join(f"- mean {name}: {value:+.4f}" for name, value in found["means"].items())
    return f"{measuring.markdown(rows)}\n\n{mean}"
