"""How good an order is: days earlier, share found in the first half, AUC; lift by grade; plain tables."""

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np
import pandas as pd

from creditmesh.scoring.learning.model import measures


def found_on(dates: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the day each row would have had: highest score first (stable), the same days in rising order."""
    order = np.argsort(-np.asarray(score, dtype=float), kind="stable")
    days = np.empty(len(dates), dtype="datetime64[D]")
    days[order] = np.sort(np.asarray(dates, dtype="datetime64[D]"))
    return days


def days_earlier(dates: np.ndarray, bad: np.ndarray, score: np.ndarray) -> float:
    """Return how many days earlier on average the bad ones are found than they were."""
    gained = np.asarray(dates, dtype="datetime64[D]") - found_on(dates, score)
    return float(gained.astype(int)[np.asarray(bad, dtype=bool)].mean())


def first_half(bad: np.ndarray, score: np.ndarray) -> float:
    """Return the share of the bad ones that stand in the first half of the order."""
    order = np.argsort(-np.asarray(score, dtype=float), kind="stable")
    return float(np.asarray(bad, dtype=bool)[order][: len(order) // 2].sum() / np.sum(bad))


def random_days(dates: np.ndarray, bad: np.ndarray, *, times: int = 200) -> tuple[float, float]:
    """Return mean and spread of the days earlier of random orders."""
    random = np.random.default_rng(0)
    found = [days_earlier(dates, bad, random.permutation(len(bad))) for _ in range(times)]
    return float(np.mean(found)), float(np.std(found))


def ordered(dates: np.ndarray, bad: np.ndarray, score: np.ndarray) -> dict[str, float]:
    """Return the three figures of an order."""
    return {
        "days": days_earlier(dates, bad, score),
        "half": first_half(bad, score),
        "auc": measures.auc(bad, score),
    }


def auc_within(bad: np.ndarray, score: np.ndarray, groups: Sequence[str]) -> float:
    """Return the mean AUC inside groups, weighed by the bad ones of each."""
    groups = np.asarray(groups)
    found, weights = [], []
    for one in np.unique(groups):
        inside = groups == one
        if 0 < bad[inside].sum() < inside.sum():
            found.append(measures.auc(bad[inside], score[inside]))
            weights.append(bad[inside].sum())
    return float(np.average(found, weights=weights))


def lift(bad: np.ndarray, grade: Sequence[str]) -> list[dict[str, object]]:
    """Return rows, share of bad and lift of every grade."""
    table = pd.DataFrame({"grade": list(grade), "bad": np.asarray(bad, dtype=int)})
    share = table["bad"].mean()
    return [
        {
            "grade": str(name),
            "rows": len(part),
            "bad": int(part["bad"].sum()),
            "share": float(part["bad"].mean()),
            "lift": float(part["bad"].mean() / share),
        }
        for name, part in table.groupby("grade")
    ]


def markdown(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as a Markdown table; numbers with as many digits as they are worth."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(written(row.get(head, "")) for head in heads) + " |" for row in rows]
    return "\n".join(lines)


def written(value: object) -> str:
    """Return a cell."""
    if isinstance(value, float):
        if isnan(value):
            return "–"
        return f"{value:.2f}" if abs(value) >= 1 else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
