"""Visits with their teams and what was found: of a task, or one's own."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from creditmesh.apps.evaluation.supervision.models import Assignment, RecusalRequest, Result, Visit
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.codes import Decision, TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.parties.rules import Actor, Permission

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """Someone in a team. `name` is empty for viewers of other departments."""

    code: str
    name: str
    unit: str
    role: str
    recusal_asked: bool


@dataclass(frozen=True, kw_only=True)
class FollowUpLine:
    """What follows from a result."""

    uuid: UUID
    kind: str
    state: str
    to: str
    due: date | None
    note: str
    settled_on: date | None
    settled_note: str


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """What was found about one item."""

    uuid: UUID
    item: str
    code: str
    findings: str
    inspected_on: date
    entered_by: str
    entered_at: datetime
    corrected_at: datetime | None
    disclose_by: date
    disclosed_at: datetime | None
    withheld_for: str
    delivered_at: datetime | None
    follow_ups: tuple[FollowUpLine, ...]


@dataclass(frozen=True, kw_only=True)
class VisitLine:
    """A visit. `grade` and `part` are empty for inspectors, who must not know whom they go to as what."""

    uuid: UUID
    task: UUID
    task_number: str
    task_title: str
    task_state: str
    place: int
    object: str
    subject: str
    name: str
    grade: str
    key: bool
    part: str
    region: str
    state: str
    failure: str
    why: str
    first: date
    last: date
    joined: bool
    joint_units: tuple[str, ...]  # departments that come on the same visit, none where it is not a joint one
    joint_items: tuple[str, ...]  # the items of all of them
    items: tuple[str, ...]
    items_left: tuple[str, ...]
    replaces: UUID | None
    team: tuple[MemberLine, ...]
    results: tuple[ResultLine, ...]


@dataclass(frozen=True, kw_only=True)
class VisitPage:
    """A page of visits. `following` goes back in as `after`; None at the end."""

    rows: tuple[VisitLine, ...]
    following: int | None
    total: int


@dataclass(frozen=True, kw_only=True)
class RecusalLine:
    """A request for recusal."""

    uuid: UUID
    visit: UUID
    object: str
    name: str
    inspector: str
    by_party: bool
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    answer: str
    decided_by: str
    decided_at: datetime | None


def of_task(
    *, task: UUID, viewer: Actor, state: VisitState | None = None, after: int = 0, size: int = PAGE
) -> VisitPage:
    """Return the visits of a task in their turn. Raises `NotPermitted`, `UnknownTask`."""
    row = sight.task(task, viewer=viewer)
    found = sight.visits(viewer).filter(task=row)
    if state is not None:
        found = found.filter(state=state.value)
    total = found.count()
    size = max(1, min(size, PAGE))
    rows = list(_with_all(found.filter(place__gt=after).order_by("place"))[: size + 1])
    following = rows[size - 1].place if len(rows) > size else None
    return VisitPage(rows=tuple(_line(one, viewer) for one in rows[:size]), following=following, total=total)


def own(*, viewer: Actor, done: bool = False) -> list[VisitLine]:
    """Return one's own visits once they are sent, the most urgent first. Raises `NotPermitted`."""
    viewer.demand(Permission.SUPERVISION_INSPECT)
    mine = Visit.objects.filter(
        assignments__inspector__user_id=viewer.user_id or 0,
        assignments__ended_at=None,
        task__state__in=[TaskState.ASSIGNED.value, TaskState.DONE.value],
        state=(VisitState.DONE if done else VisitState.PLANNED).value,
    )
    found = mine.select_related("task", "replaces").distinct().order_by("last", "id")
    return [_line(one, viewer) for one in _with_all(found)[:PAGE]]


def visit(uuid: UUID, *, viewer: Actor) -> VisitLine:
    """Return one visit. Raises `NotPermitted`, `UnknownVisit`."""
    sight.visit(uuid, viewer=viewer)
    return _line(_with_all(sight.visits(viewer)).get(uuid=uuid), viewer)


def recusals(*, viewer: Actor, open_only: bool = True) -> list[RecusalLine]:
    """Return requests for recusal in one's sight, oldest first. Raises `NotPermitted`."""
    seen = sight.visits(viewer)
    found = RecusalRequest.objects.filter(visit__in=seen).select_related("visit", "inspector")
    if open_only:
        found = found.filter(state=Decision.OPEN.value)
    return [
        RecusalLine(
            uuid=one.uuid,
            visit=one.visit.uuid,
            object=one.visit.object,
            name=one.visit.name,
            inspector=one.inspector.code,
            by_party=one.by_party,
            reason=one.reason,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            state=one.state,
            answer=one.answer,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
        )
        for one in found.order_by("asked_at", "id")[:PAGE]
    ]


def _with_all(found: QuerySet[Visit]) -> QuerySet[Visit]:
    team = Assignment.objects.filter(ended_at=None).select_related("inspector").order_by("id")
    results = Result.objects.prefetch_related("follow_ups").order_by("item")
    open_ = RecusalRequest.objects.filter(state=Decision.OPEN.value)
    return found.prefetch_related(
        Prefetch("assignments", team), Prefetch("results", results), Prefetch("recusals", open_)
    )


def _line(row: Visit, viewer: Actor) -> VisitLine:
    asked = {one.inspector_id for one in row.recusals.all()}
    inside = viewer.may(Permission.SEE_SUPERVISION)
    items = lines(row.task.items)
    recorded = {one.item for one in row.results.all()}
    party = list(Visit.objects.filter(joined=row.joined).select_related("task")) if row.joined else []
    units = tuple(sorted({each for one in party for each in (one.task.unit, *lines(one.task.joint_units))}))
    joint = {each for one in party for each in lines(one.task.items)}
    return VisitLine(
        uuid=row.uuid,
        task=row.task.uuid,
        task_number=row.task.number,
        task_title=row.task.title,
        task_state=row.task.state,
        place=row.place,
        object=row.object,
        subject=row.subject,
        name=row.name,
        grade=row.grade if inside else "",
        key=row.key,
        part=row.part if inside else "",
        region=row.region,
        state=row.state,
        failure=row.failure,
        why=row.why,
        first=row.first,
        last=row.last,
        joined=bool(row.joined),
        joint_units=units,
        joint_items=tuple(sorted(joint)),
        items=items,
        items_left=tuple(one for one in items if one not in recorded),
        replaces=row.replaces.uuid if row.replaces else None,
        team=tuple(
            MemberLine(
                code=one.inspector.code,
                name=one.inspector.name if _may_name(one, viewer) else "",
                unit=one.unit,
                role=one.role,
                recusal_asked=one.inspector_id in asked,
            )
            for one in row.assignments.all()
        ),
        results=tuple(_result(one) for one in row.results.all()),
    )


def _may_name(one: Assignment, viewer: Actor) -> bool:
    """Colleagues of a team and the own department know each other by name; auditors look at numbers."""
    return one.unit == viewer.organisation or viewer.may(Permission.SUPERVISION_INSPECT)


def _result(one: Result) -> ResultLine:
    return ResultLine(
        uuid=one.uuid,
        item=one.item,
        code=one.code,
        findings=one.findings,
        inspected_on=one.inspected_on,
        entered_by=one.entered_by,
        entered_at=one.entered_at,
        corrected_at=one.corrected_at,
        disclose_by=one.disclose_by,
        disclosed_at=one.disclosed_at,
        withheld_for=one.withheld_for,
        delivered_at=one.delivered_at,
        follow_ups=tuple(
            FollowUpLine(
                uuid=each.uuid,
                kind=each.kind,
                state=each.state,
                to=each.to,
                due=each.due,
                note=each.note,
                settled_on=each.settled_on,
                settled_note=each.settled_note,
            )
            for each in sorted(one.follow_ups.all(), key=lambda each: each.pk)
        ),
    )
