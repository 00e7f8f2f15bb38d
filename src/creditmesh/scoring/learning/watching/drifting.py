"""Whether later rows still look like those a system was learnt from: shift of score and indicators, missing values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.model.measures import psi
from creditmesh.scoring.plan import MILLI, compile_plan

WATCH, ACT = 0.1, 0.25  # the usual readings of a PSI: look at it from 0.1, learn anew from 0.25


class NoReference(CreditmeshError):
    """A model card does not say how the rows lay that a system was learnt from."""

    code = "no-reference"


@dataclass(frozen=True)
class Drift:
    """How far one indicator, or the score, has moved; shares of missing rows are in basis points."""

    id: str
    psi: float
    ks: float
    missing_before: int | None
    missing_now: int | None

    @property
    def missing(self) -> str:
        """Return the shares of missing rows before and now, '' for the score."""
        if self.missing_before is None or self.missing_now is None:
            return ""
        return f"{self.missing_before / 100:.2f} % / {self.missing_now / 100:.2f} %"

    @property
    def verdict(self) -> str:
        """Return `steady`, `watch` or `act`."""
        return "act" if self.psi >= ACT else "watch" if self.psi >= WATCH else "steady"


def drift(system: System, *, card: Mapping[str, Any], result: pa.Table) -> tuple[Drift, ...]:
    """Return how the rows of a result lie against those in the card of the system, the score first.

    Raises `NoReference` when the card is of another system or indicators were added by hand since.
    """
    try:
        reference = card["reference"]
        score, rows = reference["score"], int(reference["rows"])
        before = dict(reference["indicators"])
    except (KeyError, TypeError):
        raise NoReference(
            "The model card holds no reference; use the card that `creditmesh fit` wrote."
        ) from None
    known = {one.id for one in system.definition.indicators}
    if not before.keys() <= known:
        raise NoReference(
            f"The card is not of {system.id}: {', '.join(sorted(before.keys() - known))} is not in it."
        )
    points = np.asarray(result["score"].to_numpy(), dtype=np.float64) / MILLI
    place = np.searchsorted(np.array(score["ends"]), points, side="left")
    now = np.bincount(place, minlength=len(score["ends"]) + 1)
    found = [Drift("score", *_moved(np.array(score["rows"]), now), None, None)]
    for id_, one in before.items():
        found.append(_indicator(system, id_, one, rows, result))
    return tuple(found)


def line_of(card: Mapping[str, Any]) -> Line:
    """Return the line from score to probability that stands on a model card; raise `NoReference`."""
    try:
        found = card["calibration"]
        return Line(float(found["log_odds_at_zero"]), float(found["log_odds_per_point"]))
    except (KeyError, TypeError):
        raise NoReference(
            "The model card says nothing of probability; use the card that `creditmesh fit` wrote."
        ) from None


def _indicator(system: System, id_: str, one: Mapping[str, Any], rows: int, result: pa.Table) -> Drift:
    got = np.asarray(np.nan_to_num(result[f"points_{id_}"].to_numpy()), dtype=np.int64) // MILLI
    steps = sorted({*(int(step) for step in one["points"]), *(int(step) for step in np.unique(got))})
    first = np.array([one["points"].get(str(step), 0) for step in steps])
    second = np.array([int((got == step).sum()) for step in steps])
    measure = next(measure for measure in compile_plan(system).measures if measure.id == id_)
    gone = np.zeros(result.num_rows, dtype=bool)
    for name in measure.reads:
        gone |= np.asarray(result[name].is_null().to_numpy(zero_copy_only=False), dtype=bool)
    missing = round(10_000 * float(gone.mean())) if result.num_rows else 0
    return Drift(id_, *_moved(first, second), round(10_000 * one["missing"] / rows), missing)


def _moved(before: Any, now: Any) -> tuple[float, float]:
    first, second = before / max(before.sum(), 1), now / max(now.sum(), 1)
    return round(psi(before, now), 4), round(float(np.abs(np.cumsum(first) - np.cumsum(second)).max()), 4)
