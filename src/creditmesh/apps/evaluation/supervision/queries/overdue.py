"""What is late: visits, publications, follow-ups, filings, recusals; and findings nothing follows from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db.models import F

from creditmesh.apps.evaluation.supervision.models import CheckItem, FollowUp, Plan, Result
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


@dataclass(frozen=True, kw_only=True)
class WaitingLine:
    """A result that is not public yet; `days` working days are left, below zero it is late."""

    result: UUID
    visit: UUID
    task: UUID
    task_number: str
    unit: str
    what: str
    item: str
    code: str
    inspected_on: date
    disclose_by: date
    days: int
    safety: bool  # of an item directly about public safety: published or kept back one by one
    withheld_for: str


@dataclass(frozen=True, kw_only=True)
class FollowUpLine:
    """What follows from a result and is not settled yet; `days` as above, None without a day."""

    follow_up: UUID
    visit: UUID
    task_number: str
    unit: str
    what: str
    kind: str
    to: str
    note: str
    due: date | None
    days: int | None


def waiting(*, viewer: Actor, on: date) -> list[WaitingLine]:
    """Return the results that are not public yet, the most urgent first; at most 200. Raises `NotPermitted`."""
    found = Result.objects.filter(visit__task__in=sight.tasks(viewer), disclosed_at=None)
    rows = list(found.select_related("visit__task").order_by("disclose_by", "id")[:MOST])
    units = {one.visit.task.unit for one in rows}
    safety = set(
        CheckItem.objects.filter(unit__in=units, withheld=True, ended_on=None).values_list("unit", "code")
    )
    calendar = Calendar.shipped()
    return [
        WaitingLine(
            result=one.uuid,
            visit=one.visit.uuid,
            task=one.visit.task.uuid,
            task_number=one.visit.task.number,
            unit=one.visit.task.unit,
            what=one.visit.name or one.visit.object,
            item=one.item,
            code=one.code,
            inspected_on=one.inspected_on,
            disclose_by=one.disclose_by,
            days=_left(calendar, one.disclose_by, on),
            safety=(one.visit.task.unit, one.item) in safety,
            withheld_for=one.withheld_for,
        )
        for one in rows
    ]


def open_follow_ups(*, viewer: Actor, on: date) -> list[FollowUpLine]:
    """Return what is not settled yet, the most urgent first; at most 200. Raises `NotPermitted`."""
    found = FollowUp.objects.filter(
        result__visit__task__in=sight.tasks(viewer), state=FollowUpState.OPEN.value
    ).select_related("result__visit__task")
    calendar = Calendar.shipped()
    return [
        FollowUpLine(
            follow_up=one.uuid,
            visit=one.result.visit.uuid,
            task_number=one.result.visit.task.number,
            unit=one.result.visit.task.unit,
            what=one.result.visit.name or one.result.visit.object,
            kind=one.kind,
            to=one.to,
            note=one.note,
            due=one.due,
            days=None if one.due is None else _left(calendar, one.due, on),
        )
        for one in found.order_by(F("due").asc(nulls_last=True), "id")[:MOST]
    ]


def _left(calendar: Calendar, due: date, on: date) -> int:
    return calendar.between(on, due) if due >= on else -_late(calendar, due, on)


def _late(calendar: Calendar, due: date, on: date) -> int:
    """Return by how many working days something is late; on the days of rest after its last day already by one."""
    return max(int(due < on), calendar.between(due, on))


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
        LateLine(kind=kind, key=key, task=task, what=what, due=due, days=_late(calendar, due, on))
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
