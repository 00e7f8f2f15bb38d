"""What is late: visits, publications, follow-ups, filings, recusals; and findings nothing follows from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from creditmesh.apps.evaluation.supervision.models import FollowUp, Plan, Result
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.codes import (
    FINDINGS,
    FollowUpState,
    PlanState,
    TaskState,
    VisitState,
)
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.workdays import Calendar

MOST = 200


class Late(StrEnum):
    """What is late."""

    VISIT = "visit"
    DISCLOSURE = "disclosure"
    FOLLOW_UP = "follow_up"
    FILING = "filing"
    UNATTENDED = "unattended"  # a finding without any follow-up


@dataclass(frozen=True, kw_only=True)
class LateLine:
    """One thing that is late, by how many working days; `key` is the id of the visit, result, follow-up or plan."""

    kind: Late
    key: UUID
    task: UUID | None
    what: str
    due: date
    days: int


def overdue(*, viewer: Actor, on: date) -> list[LateLine]:
    """Return everything late in one's sight, the latest first; at most 200 of each kind. Raises `NotPermitted`."""
    found = [
        *_visits(viewer, on),
        *_disclosures(viewer, on),
        *_follow_ups(viewer, on),
        *_filings(viewer, on),
        *_unattended(viewer),
    ]
    calendar = Calendar.shipped()
    lines = [
        LateLine(kind=kind, key=key, task=task, what=what, due=due, days=calendar.between(due, on))
        for kind, key, task, what, due in found
    ]
    return sorted(lines, key=lambda one: (one.due, one.kind, str(one.key)))


_Found = tuple[Late, UUID, UUID | None, str, date]


def _visits(viewer: Actor, on: date) -> list[_Found]:
    sent = sight.visits(viewer).filter(
        state__in=[VisitState.PLANNED.value, VisitState.UNSTAFFED.value],
        task__state__in=[TaskState.DRAWN.value, TaskState.ASSIGNED.value],
        last__lt=on,
    )
    return [
        (Late.VISIT, one.uuid, one.task.uuid, one.name or one.object, one.last)
        for one in sent.order_by("last")[:MOST]
    ]


def _disclosures(viewer: Actor, on: date) -> list[_Found]:
    found = Result.objects.filter(
        visit__task__in=sight.tasks(viewer), disclosed_at=None, withheld_for="", disclose_by__lt=on
    )
    return [
        (Late.DISCLOSURE, one.uuid, one.visit.task.uuid, one.visit.name or one.visit.object, one.disclose_by)
        for one in found.select_related("visit__task").order_by("disclose_by")[:MOST]
    ]


def _follow_ups(viewer: Actor, on: date) -> list[_Found]:
    found = FollowUp.objects.filter(
        result__visit__task__in=sight.tasks(viewer), state=FollowUpState.OPEN.value, due__lt=on
    )
    return [
        (
            Late.FOLLOW_UP,
            one.uuid,
            one.result.visit.task.uuid,
            one.result.visit.name or one.result.visit.object,
            one.due or on,
        )
        for one in found.select_related("result__visit__task").order_by("due")[:MOST]
    ]


def _filings(viewer: Actor, on: date) -> list[_Found]:
    found: list[Plan] = list(
        sight.plans(viewer).filter(state=PlanState.APPROVED.value, filed_at=None, file_by__lt=on)[:MOST]
    )
    return [(Late.FILING, one.uuid, None, one.title, one.file_by or on) for one in found]


def _unattended(viewer: Actor) -> list[_Found]:
    found = Result.objects.filter(
        visit__task__in=sight.tasks(viewer), code__in=sorted(FINDINGS), follow_ups__isnull=True
    )
    return [
        (Late.UNATTENDED, one.uuid, one.visit.task.uuid, one.visit.name or one.visit.object, one.inspected_on)
        for one in found.select_related("visit__task").order_by("inspected_on")[:MOST]
    ]
