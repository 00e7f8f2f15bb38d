"""The model card of a system: what it was learnt from, how well it does, where it must not be trusted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.learning import validating
from creditmesh.scoring.learning.model import calibrating, measures
from creditmesh.scoring.learning.model.binning import Bins
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.model.folds import Split
from creditmesh.scoring.learning.model.suspicion import suspicious
from creditmesh.scoring.learning.options import Options
from creditmesh.scoring.learning.points import Points
from creditmesh.scoring.learning.table.columns import EPOCH
from creditmesh.scoring.learning.table.reading import Inputs
from creditmesh.scoring.learning.table.target import Outcome
from creditmesh.scoring.learning.validating import Task, Tested

LIBRARIES = ("creditmesh", "lightgbm", "optbinning", "numpy", "scipy", "duckdb", "pyarrow")
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """Everything that is known once a system is learnt."""

    target: str
    outcome: Outcome
    options: Options
    inputs: Inputs
    task: Task
    splits: tuple[Split, ...]
    tested: Tested
    unseen: Numbers  # the points of rows that a system had not seen, on the scale of the one that is written
    challenger: Numbers | None
    points: Points
    bins: tuple[Bins, ...]
    line: Line
    own: Numbers
    ends: tuple[int, ...]
    times: NDArray[np.int64] | None
    dated: bool  # whether the times are days since 1970
    held: tuple[NDArray[np.bool_], Numbers] | None


@dataclass(frozen=True)
class ModelCard:
    """A card as plain data, written as JSON for programs and as Markdown for people."""

    data: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Return one line on where the numbers of the system come from."""
        found = self.data
        return (
            f"learnt from {found['data']['rows']} rows ({found['data']['bad']} bad), target {found['data']['target']}, "
            f"seed {found['seed']}"
        )

    @property
    def comment(self) -> tuple[str, ...]:
        """Return what stands above the system in its file."""
        tested = self.data["performance"]["tested"]
        return (
            f"Learnt by `creditmesh fit`: {self.source}.",
            (
                f"On rows it had not seen: AUC {tested['auc']:.4f} (standard error {tested['auc_error']:.4f}), "
                f"KS {tested['ks']:.4f}."
            ),
            "More points are more risk. Weight times points adds up; edit, then run `creditmesh system check`.",
            f"由历史数据学习所得；未见数据上AUC {tested['auc']:.4f}，KS {tested['ks']:.4f}。分数越高风险越大。",
        )

    def as_json(self) -> str:
        """Return the card as JSON."""
        return json.dumps(self.data, ensure_ascii=False, indent=1) + "\n"


def card(facts: Facts) -> ModelCard:
    """Return the card of a learnt system."""
    return ModelCard(
        {
            "card": 1,
            "system": facts.options.system,
            "version": facts.options.version,
            "data": _data(facts),
            "seed": facts.options.seed,
            "validation": _validation(facts),
            "performance": _performance(facts),
            "calibration": _calibration(facts),
            "grades": _grades(facts),
            "stability": _stability(facts),
            "reference": reference(facts),
            "indicators": _indicators(facts),
            "notes": [
                {"column": one.column, "en": one.said, "zh": one.zh}
                for one in (*facts.inputs.notes, *suspicious(facts.task.columns, facts.task.bad))
            ],
            "versions": {name: version(name) for name in LIBRARIES},
        }
    )


def _data(facts: Facts) -> dict[str, Any]:
    task, period = facts.task, None
    if facts.times is not None:
        ends = [int(facts.times.min()), int(facts.times.max())]
        period = [
            str(EPOCH + np.timedelta64(one, "D").astype(object)) if facts.dated else str(one) for one in ends
        ]
    return {
        "target": facts.target,
        "bad_is": facts.outcome.positive,
        "rows": len(task.bad),
        "bad": int(task.bad.sum()),
        "share_bad": _short(float(np.average(task.bad, weights=task.weight))),
        "without_outcome": int((~facts.outcome.known).sum()),
        "columns_seen": len({one.name for one in task.columns}),
        "time_column": facts.options.time_column,
        "period": period,
        "weights": facts.options.weight_column,
    }


def _validation(facts: Facts) -> dict[str, Any]:
    by_time = facts.times is not None
    return {
        "kind": "forward in time" if by_time else "stratified folds",
        "splits": [[len(learn), len(test)] for learn, test in facts.splits],
        "note": "Everything is learnt anew in each split: bands, points, weights, tables.",
    }


def _measured(
    bad: NDArray[np.bool_], found: Numbers, probability: Numbers, *, aucs: Sequence[float] = ()
) -> dict[str, Any]:
    """Return the figures of scores; the AUC is the mean of those of the splits, where there are some."""
    area = float(np.mean(aucs)) if aucs else measures.auc(bad, found)
    bads = int(bad.sum())
    error = measures.auc_error(area, bads, len(bad) - bads)
    return {
        "rows": len(bad),
        "auc": _short(area),
        "auc_error": _short(error),
        "auc_interval": [_short(max(area - 1.96 * error, 0.0)), _short(min(area + 1.96 * error, 1.0))],
        "ks": _short(measures.ks(bad, found)),
        "brier": _short(measures.brier(bad, probability)),
    }


def _performance(facts: Facts) -> dict[str, Any]:
    seen = ~np.isnan(facts.unseen)
    bad, found = facts.task.bad[seen], facts.unseen[seen]
    aucs = facts.tested.aucs
    # each split has a system of its own, so the mean over splits is the figure to compare
    made: dict[str, Any] = {
        "tested": _measured(bad, found, facts.line.probability(found), aucs=aucs)
        | {"auc_by_split": [_short(one) for one in aucs], "ks": _short(float(np.mean(facts.tested.kss)))},
        "learnt_on": {"auc": _short(measures.auc(facts.task.bad, facts.own))},
    }
    if facts.challenger is not None:
        other = facts.challenger[seen]
        by_split, kss = validating.by_split(facts.task.bad, facts.challenger, facts.splits)
        made["challenger"] = {
            "name": "LightGBM",
            "auc": _short(float(np.mean(by_split))),
            "auc_by_split": [_short(one) for one in by_split],
            "ks": _short(float(np.mean(kss))),
            "brier": _short(measures.brier(bad, other)),
            "readability_costs_auc": _short(float(np.mean(by_split)) - float(np.mean(aucs))),
        }
    if facts.held is not None and facts.held[0].any() and not facts.held[0].all():
        made["held_out"] = _measured(*facts.held, facts.line.probability(facts.held[1]))
    return made


def _calibration(facts: Facts) -> dict[str, Any]:
    seen = ~np.isnan(facts.unseen)
    bad, found = facts.task.bad[seen], facts.unseen[seen]
    checked = calibrating.checked(found, bad, seed=facts.options.seed)
    ends = np.unique(np.round(np.quantile(facts.own, np.linspace(0, 1, 11))))
    return {
        "log_odds_at_zero": _short(facts.line.at_zero, 6),
        "log_odds_per_point": _short(facts.line.per_point, 8),
        "brier_out_of_fold": {"line": _short(checked.line, 5), "isotonic": _short(checked.isotonic, 5)},
        "table": [
            {"points": int(one), "probability": _short(float(facts.line.probability(np.array([one]))[0]))}
            for one in ends
        ],
        "reliability": [
            {"rows": one.rows, "expected": _short(one.expected), "observed": _short(one.observed)}
            for one in measures.reliability(bad, facts.line.probability(found))
        ],
    }


def _grades(facts: Facts) -> list[dict[str, Any]]:
    place = np.searchsorted(np.array(facts.ends), facts.own, side="left")
    made = []
    for n, symbol in enumerate(facts.options.grades):
        inside = place == n
        rows = int(inside.sum())
        made.append(
            {
                "grade": symbol,
                "up_to": facts.ends[n] if n < len(facts.ends) else None,
                "rows": rows,
                "share_bad": _short(float(facts.task.bad[inside].mean())) if rows else None,
            }
        )
    return made


def _stability(facts: Facts) -> dict[str, Any] | None:
    """Return how far the later fifth of the rows differs from the rest, if there is a time."""
    if facts.times is None:
        return None
    border = np.quantile(facts.times, 0.8, method="lower")
    before, after = facts.times <= border, facts.times > border
    if not after.any():
        return None
    codes = validating.coded(facts.task.columns, facts.bins)
    ends = np.unique(np.quantile(facts.own[before], np.linspace(0, 1, 11)[1:-1]))
    score = np.searchsorted(ends, facts.own, side="left")
    return {
        "rows": [int(before.sum()), int(after.sum())],
        "score": _shift(score, before, after, len(ends) + 1),
        "indicators": {
            facts.task.columns[one.column].id: _shift(
                _coarse(codes[:, one.column], one.points), before, after, len(one.points)
            )
            for one in facts.points.singles
        },
    }


def _coarse(codes: NDArray[np.int64], points: Sequence[int]) -> NDArray[np.int64]:
    """Return the band of every row: codes with the same points are one band."""
    _, place = np.unique(np.array(points), return_inverse=True)
    return np.asarray(place[codes], dtype=np.int64)


def _shift(place: NDArray[np.int64], before: NDArray[Any], after: NDArray[Any], size: int) -> float:
    return _short(
        measures.psi(np.bincount(place[before], minlength=size), np.bincount(place[after], minlength=size))
    )


def reference(facts: Facts) -> dict[str, Any]:
    """Return how the rows learnt from lie over points, and how many lacked a value, to compare later rows with."""
    codes = validating.coded(facts.task.columns, facts.bins)
    found: dict[str, Any] = {}
    for one in facts.points.singles:
        got = np.array(one.points)[codes[:, one.column]]
        points, rows = np.unique(got, return_counts=True)
        found[facts.task.columns[one.column].id] = {
            "points": {str(int(point)): int(row) for point, row in zip(points, rows, strict=True)},
            "missing": int((codes[:, one.column] == 0).sum()),
        }
    ends = np.unique(np.round(np.quantile(facts.own, np.linspace(0, 1, 11)[1:-1])))
    rows = np.bincount(np.searchsorted(ends, facts.own, side="left"), minlength=len(ends) + 1)
    return {
        "rows": len(facts.own),
        "score": {"ends": [int(one) for one in ends], "rows": [int(one) for one in rows]},
        "indicators": found,
    }


def _indicators(facts: Facts) -> list[dict[str, Any]]:
    made = []
    for one in facts.points.singles:
        column = facts.task.columns[one.column]
        points = one.points[1:]
        rising, falling = list(points) == sorted(points), list(points) == sorted(points, reverse=True)
        ordered = facts.bins[one.column].ordered
        way = "by table" if not ordered else "up" if rising else "down" if falling else "both ways"
        made.append({"id": column.id, "label": column.label_en, "weight": one.weight, "more_is_worse": way})
    return made


def _short(number: float, digits: int = 4) -> float:
    return round(float(number), digits)
