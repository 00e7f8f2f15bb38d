"""Which step may follow which, who may take it, and four eyes."""

from collections.abc import Mapping
from datetime import date

from creditmesh.apps.evaluation.supervision.rules.codes import PlanState, TaskState, VisitState
from creditmesh.kernel.errors import CreditmeshError


class WrongStep(CreditmeshError):
    """A plan, task or visit cannot take this step from where it stands."""

    code = "wrong-supervision-step"


class SameEyes(CreditmeshError):
    """Whoever proposed something cannot approve it."""

    code = "four-eyes"


class BadWindow(CreditmeshError):
    """Days of visits that end before they begin, or have passed."""

    code = "bad-visit-window"


class ReasonMissing(CreditmeshError):
    """Something that may only be done for a stated reason."""

    code = "reason-missing"


PLANS: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.PROPOSED}),
    PlanState.PROPOSED: frozenset({PlanState.APPROVED, PlanState.DRAFT}),
    PlanState.APPROVED: frozenset(),
}
TASKS: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.DRAFT: frozenset({TaskState.COMMITTED, TaskState.ABANDONED}),
    TaskState.COMMITTED: frozenset({TaskState.DRAWN, TaskState.ABANDONED}),
    # Once drawn, a task can no longer be given up: who does not like the draw could draw until he does.
    TaskState.DRAWN: frozenset({TaskState.ASSIGNED}),
    TaskState.ASSIGNED: frozenset({TaskState.DONE}),
    TaskState.DONE: frozenset(),
    TaskState.ABANDONED: frozenset(),
}
VISITS: Mapping[VisitState, frozenset[VisitState]] = {
    VisitState.PLANNED: frozenset({VisitState.DONE, VisitState.REPLACED, VisitState.UNSTAFFED}),
    VisitState.UNSTAFFED: frozenset({VisitState.PLANNED, VisitState.REPLACED}),
    VisitState.DONE: frozenset(),
    VisitState.REPLACED: frozenset(),
}
DRAWN_STATES = (TaskState.DRAWN, TaskState.ASSIGNED, TaskState.DONE)
"""States in which the draw is public."""


def require_plan_step(*, state: PlanState, to: PlanState) -> None:
    """Let a plan step from one state to another, or raise `WrongStep`."""
    if to not in PLANS[state]:
        raise WrongStep(f"A plan that is {state} cannot become {to}; look at where it stands.")


def require_task_step(*, state: TaskState, to: TaskState) -> None:
    """Let a task step from one state to another, or raise `WrongStep`."""
    if to not in TASKS[state]:
        raise WrongStep(f"A task that is {state} cannot become {to}; look at where it stands.")


def require_visit_step(*, state: VisitState, to: VisitState) -> None:
    """Let a visit step from one state to another, or raise `WrongStep`."""
    if to not in VISITS[state]:
        raise WrongStep(f"A visit that is {state} cannot become {to}; look at where it stands.")


def require_other_eyes(*, first: str, second: str) -> None:
    """Refuse with `SameEyes` when one person would do both."""
    if first == second:
        raise SameEyes("Whoever proposed this cannot decide on it: ask a colleague who may approve.")


def require_window(*, first: date, last: date, on: date) -> None:
    """Refuse with `BadWindow` days that end before they begin or before today."""
    if last < first or last < on:
        raise BadWindow("The last day of the visits must not lie before the first, nor before today.")


def require_reason(text: str) -> str:
    """Return the reason without blanks around it, or raise `ReasonMissing`."""
    stated = text.strip()
    if not stated:
        raise ReasonMissing("State the reason: it is kept with the step and shown to auditors.")
    return stated[:1000]
