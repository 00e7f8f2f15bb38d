"""What a trial is, what it may become, and which of its numbers are too small to show."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.apps.evaluation.grading.rules import SIGHT
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose

UNKNOWN = "unknown"
MOST_MONTHS = 60


class Kind(StrEnum):
    """What is tried."""

    SIMULATION = "simulation"  # what the file would do today
    BACKTEST = "backtest"  # whether it would have foreseen what followed a past day
    SHADOW = "shadow"  # what it does beside the live one, after each of its runs


class Stage(StrEnum):
    """What a trial at work is doing, in order."""

    WAITING = "waiting"
    OPENING = "opening"
    EVALUATING = "evaluating"
    COMPARING = "comparing"
    WEIGHING = "weighing"
    FINISHED = "finished"


# Shares of the whole by measurement on the sample county; only for the eye.
PROGRESS: dict[Stage, int] = {
    Stage.WAITING: 0,
    Stage.OPENING: 5,
    Stage.EVALUATING: 10,
    Stage.COMPARING: 50,
    Stage.WEIGHING: 60,
    Stage.FINISHED: 100,
}


class Known(StrEnum):
    """How a back-test sees the past."""

    AS_KNOWN = "as_known"  # the tables as they were on that day
    AS_VALID = "as_valid"  # today's tables, without what is dated later


class TrialRefused(CreditmeshError):
    """What was asked for cannot be tried."""

    code = "trial-refused"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From which sizes on the numbers of a cell are shown, and shown without a warning."""

    smallest: int
    unmarked: int


class Cell(StrEnum):
    """How far the numbers of a cell can be relied on."""

    HIDDEN = "hidden"
    FEW = "few"
    ENOUGH = "enough"


def require_looker(viewer: Actor) -> None:
    """Let those see what trials found in numbers who may, or raise `NotPermitted`."""
    viewer.demand(Permission.SEE_TRIALS)


def may_see_names(*, viewer: Actor, purpose: Purpose) -> bool:
    """Return whether somebody may see which enterprises a trial moved: those who may see their grades."""
    return viewer.may(SIGHT[purpose])


def cell(*, size: int, limits: Limits) -> Cell:
    """Return whether the numbers of so many subjects are hidden, marked, or shown as they are."""
    if size < limits.smallest:
        return Cell.HIDDEN
    return Cell.FEW if size < limits.unmarked else Cell.ENOUGH


def require_past(*, on: date, months: int, today: date) -> None:
    """Refuse a back-test of a day so near that nothing can have followed yet: `TrialRefused`."""
    if not 1 <= months <= MOST_MONTHS:
        raise TrialRefused(f"Look at what followed for 1 to {MOST_MONTHS} months, not for {months}.")
    if months_after(on, months) > today:
        raise TrialRefused(
            f"The {months} months after {on} are not over on {today}: choose an earlier day or fewer months."
        )


def months_after(on: date, months: int) -> date:
    """Return the day so many months later, the last of the month where it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    for day in range(on.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, on.day)


def age_band(years: int | None) -> str:
    """Return the band of age an enterprise belongs to."""
    if years is None:
        return UNKNOWN
    for limit, band in ((1, "0-1"), (3, "1-3"), (5, "3-5"), (10, "5-10")):
        if years < limit:
            return band
    return "10+"
