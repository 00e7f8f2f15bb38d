"""What a run may become, who may see its results, and what a replay must find equal."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel import industries, regions
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose

# A worker says it is alive at every stage; the longest stage of ten million subjects takes minutes.
LEASE = timedelta(minutes=20)
UNKNOWN = "unknown"
# A cell that opens with one of these is run as a formula by spreadsheet programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class WrongState(CreditmeshError):
    """A run cannot make this step from where it stands."""

    code = "wrong-state"


class State(StrEnum):
    """Where a run stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ABANDONED = "abandoned"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.RUNNING, State.ABANDONED}),
    # Running to running is a worker that takes over from a dead one.
    State.RUNNING: frozenset({State.RUNNING, State.DONE, State.FAILED, State.ABANDONED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.ABANDONED: frozenset(),
}
UNFINISHED = frozenset(state for state, following in TRANSITIONS.items() if following)


class Stage(StrEnum):
    """What a running run is doing; the steps of its progress bar, in order."""

    WAITING = "waiting"
    OPENING = "opening"
    EVALUATING = "evaluating"
    KEEPING = "keeping"
    WRITING = "writing"
    FINISHED = "finished"


# Shares of the whole by measurement on a million subjects; only for the eye.
PROGRESS: dict[Stage, int] = {
    Stage.WAITING: 0,
    Stage.OPENING: 5,
    Stage.EVALUATING: 10,
    Stage.KEEPING: 55,
    Stage.WRITING: 65,
    Stage.FINISHED: 100,
}


class AdjustmentState(StrEnum):
    """Where an adjustment stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What a run says of one subject."""

    GRADED = "graded"
    INSUFFICIENT = "insufficient"
    EXCLUDED = "excluded"


# Each result has its own permission; where none is written yet, only the strictest one opens it.
SIGHT: dict[Purpose, Permission] = {
    **dict.fromkeys(Purpose, Permission.SEE_RISK_CLASSES),
    Purpose.PUBLIC_CREDIT_EVALUATION: Permission.SEE_EVALUATIONS,
}


def due_day(on: date, day: int) -> date:
    """Return the latest such day of a month up to a day; in shorter months the last day stands for it.

    >>> due_day(date(2026, 3, 31), 31), due_day(date(2026, 3, 30), 31), due_day(date(2026, 1, 1), 2)
    (datetime.date(2026, 3, 31), datetime.date(2026, 2, 28), datetime.date(2025, 12, 2))
    """
    this = on.replace(day=min(day, monthrange(on.year, on.month)[1]))
    if this <= on:
        return this
    last = on.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day, last.day))


def require_step(*, state: State, to: State) -> None:
    """Let a run step from one state to another, or raise `WrongState`."""
    if to not in TRANSITIONS[state]:
        raise WrongState(f"A run that is {state} cannot become {to}; ask for a new run instead.")


def may_take(*, state: State, lease_until: datetime | None, holder_is_dead: bool, at: datetime) -> bool:
    """Tell whether a worker may take up this run now.

    A requested run is free. A running one is free when its worker is known to be dead or its lease is over.
    """
    if state is State.REQUESTED:
        return True
    if state is not State.RUNNING:
        return False
    return holder_is_dead or lease_until is None or lease_until <= at


def require_sight(*, viewer: Actor, purpose: Purpose) -> None:
    """Let those see the results of this purpose who may, or raise `NotPermitted`."""
    viewer.demand(SIGHT[purpose])


def require_any_sight(*, viewer: Actor) -> None:
    """Let those go on who may see at least one kind of result, or raise `NotPermitted`."""
    if not any(viewer.may(permission) for permission in SIGHT.values()):
        viewer.demand(Permission.SEE_RISK_CLASSES)


def require_conduct(*, by: Actor) -> None:
    """Let those ask for runs and see their states who may, or raise `NotPermitted`."""
    by.demand(Permission.REQUEST_RUNS)


def plain_cell(value: object) -> object:
    """Return a cell no spreadsheet program will run: text that looks like a formula gets a quote before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def region_group(region: str | None) -> str:
    """Return the code a region is counted under: its county (6 digits), or in the invented county its town (9).

    Anything that is no region code counts as `unknown`.
    """
    code = region or ""
    if len(code) < 2 or not (code.isascii() and code.isdigit()):
        return UNKNOWN
    return code[:9] if regions.is_fictitious(code) else code[:6]


def section(industry: str | None) -> str:
    """Return the section of GB/T 4754 an industry code is counted under, or `unknown`."""
    return (industries.section_of(industry) if industry else None) or UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value a replay found other than recorded."""

    subject: str
    column: str
    recorded: str | None
    recomputed: str | None


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What computing a run again gave: equal bit for bit, or where it differs."""

    run: str
    same: bool
    digest_recorded: str
    digest_kept: str
    digest_recomputed: str
    subjects_recorded: int
    subjects_recomputed: int
    rows_differing: int
    differences: tuple[Difference, ...]
    seconds: float


def differences(
    *, subject: str, recorded: Mapping[str, object] | None, recomputed: Mapping[str, object] | None
) -> tuple[Difference, ...]:
    """Return every column in which two rows of one subject differ; a row only one side has is one difference."""
    if recorded is None or recomputed is None:
        present, absent = "present", None
        return (
            Difference(
                subject=subject,
                column="*",
                recorded=absent if recorded is None else present,
                recomputed=absent if recomputed is None else present,
            ),
        )
    columns = [*recorded, *(column for column in recomputed if column not in recorded)]
    return tuple(
        Difference(
            subject=subject, column=one, recorded=_text(recorded, one), recomputed=_text(recomputed, one)
        )
        for one in columns
        if recorded.get(one) != recomputed.get(one) or (one in recorded) != (one in recomputed)
    )


def _text(row: Mapping[str, object], column: str) -> str | None:
    value = row.get(column)
    return None if value is None else str(value)
