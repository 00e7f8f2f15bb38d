"""Supervision for programs: plans, tasks, draws, visits and results; what is public needs no sign-in elsewhere."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.evaluation.supervision.operations import (
    committing,
    disclosing,
    drawing_lots,
    finding,
    listing,
    opening,
    planning,
    visiting,
)
from creditmesh.apps.evaluation.supervision.queries import (
    auditing,
    lists,
    measuring,
    overdue,
    planned,
    visits,
)
from creditmesh.apps.evaluation.supervision.rules.codes import Found, Substitution, TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.results import Stated
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission

router = Router(tags=["supervision"])
SEE = may(Permission.SEE_SUPERVISION)
PLAN = may(Permission.SUPERVISION_PLAN)
APPROVE = may(Permission.SUPERVISION_APPROVE)
DRAW = may(Permission.SUPERVISION_DRAW)
INSPECT = may(Permission.SUPERVISION_INSPECT)
DISCLOSE = may(Permission.SUPERVISION_DISCLOSE)
AUDIT = may(Permission.SUPERVISION_AUDIT)
Code = Annotated[str, Field(min_length=1, max_length=60)]
Title = Annotated[str, Field(min_length=1, max_length=200)]


class _In(Schema):
    model_config = ConfigDict(extra="forbid")


class ItemsIn(_In):
    """A department's item list; the columns are those of the file."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=5000)]


class PeopleIn(_In):
    """Inspectors; the columns are those of the file."""

    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=5000)]


class PlanIn(_In):
    """A plan of a year."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    title: Title


class InspectionBatchIn(_In):
    """A batch of a plan."""

    title: Title
    items: Annotated[list[Code], Field(min_length=1, max_length=50)]
    first: date
    last: date
    joint_units: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class TaskIn(_In):
    """A task of a batch. `terms` says what differs from the rule pack."""

    batch: Annotated[int, Field(ge=1, le=1000)]
    title: Title
    system: Annotated[str, Field(max_length=80)] = ""
    list: UUID | None = None
    region: Annotated[str, Field(max_length=12, pattern=r"^[0-9]*$")] = ""
    section: Annotated[str, Field(max_length=1)] = ""
    first: date | None = None
    last: date | None = None
    terms: dict[str, Any] = Field(default_factory=dict)


class CommitIn(_In):
    """The source of the public half, and after which moment its value counts."""

    public_source: Title
    public_after: datetime
    authority: Title


class DrawIn(_In):
    """The value the source fixed, and when."""

    value: Title
    fixed_at: datetime


class SubstituteIn(_In):
    """Why an object cannot be inspected."""

    reason: Substitution
    note: Annotated[str, Field(min_length=1, max_length=900)]


class ResultIn(_In):
    """What was found about one item."""

    item: Code
    code: Found
    inspected_on: date
    findings: Annotated[str, Field(max_length=2000)] = ""
    rectify_by: date | None = None


class MadeOut(Schema):
    """The id of what was made."""

    uuid: UUID


class CountOut(Schema):
    """How many."""

    count: int


class DigestOut(Schema):
    """The digest of what was published."""

    sha256: str


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined, no-any-return]


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo is not None else timezone.make_aware(at)


@router.post("/supervision/items", response=CountOut, auth=PLAN)
def keep_items(request: HttpRequest, asked: ItemsIn) -> dict[str, int]:
    """Replace one's department's item list."""
    kept, _ = listing.keep_items(
        rows=asked.rows, version=asked.version, by=_actor(request), at=timezone.now()
    )
    return {"count": kept}


@router.post("/supervision/inspectors", response=CountOut, auth=PLAN)
def keep_inspectors(request: HttpRequest, asked: PeopleIn) -> dict[str, int]:
    """Add or renew inspectors of one's department."""
    return {"count": listing.keep_inspectors(rows=asked.rows, by=_actor(request), at=timezone.now())}


@router.get("/supervision/inspectors", response=list[dict[str, Any]], auth=PLAN)
def list_inspectors(request: HttpRequest) -> list[dict[str, Any]]:
    """List the inspector pool of one's department."""
    found = lists.inspectors(viewer=_actor(request), on=timezone.localdate())
    return [{**vars(one), "interests": [vars(tie) for tie in one.interests]} for one in found]


@router.get("/supervision/plans", response=list[dict[str, Any]], auth=SEE)
def list_plans(
    request: HttpRequest, year: Annotated[int | None, Query(ge=2000, le=2100)] = None
) -> list[dict[str, Any]]:
    """List plans with their batches."""
    found = planned.plans(viewer=_actor(request), year=year)
    return [{**vars(one), "batches": [vars(batch) for batch in one.batches]} for one in found]


@router.post("/supervision/plans", response={201: MadeOut}, auth=PLAN)
def draft_plan(request: HttpRequest, asked: PlanIn) -> Status[dict[str, UUID]]:
    """Begin the plan of a year."""
    made = planning.draft_plan(year=asked.year, title=asked.title, by=_actor(request), at=timezone.now())
    return Status(201, {"uuid": made})


@router.post("/supervision/plans/{uuid}/batches", response={201: CountOut}, auth=PLAN)
def add_batch(request: HttpRequest, uuid: UUID, asked: InspectionBatchIn) -> Status[dict[str, int]]:
    """Add a batch to a draft plan; `count` is its number."""
    batch = planning.NewBatch(**asked.model_dump())
    number = planning.add_batch(plan=uuid, batch=batch, by=_actor(request), at=timezone.now())
    return Status(201, {"count": number})


@router.post("/supervision/plans/{uuid}/propose", response={204: None}, auth=PLAN)
def propose_plan(request: HttpRequest, uuid: UUID) -> Status[None]:
    """Hand a plan to someone who may approve it."""
    planning.propose_plan(plan=uuid, by=_actor(request), at=timezone.now())
    return Status(204, None)


@router.post("/supervision/plans/{uuid}/approve", response={204: None}, auth=APPROVE)
def approve_plan(request: HttpRequest, uuid: UUID) -> Status[None]:
    """Approve a plan somebody else proposed."""
    planning.approve_plan(plan=uuid, by=_actor(request), node=this_node(), at=timezone.now())
    return Status(204, None)


@router.post("/supervision/plans/{uuid}/tasks", response={201: MadeOut}, auth=PLAN)
def draft_task(request: HttpRequest, uuid: UUID, asked: TaskIn) -> Status[dict[str, UUID]]:
    """Draft a task of a batch."""
    new = planning.NewTask(**asked.model_dump())
    made = planning.draft_task(plan=uuid, new=new, by=_actor(request), node=this_node(), at=timezone.now())
    return Status(201, {"uuid": made})


@router.get("/supervision/tasks", response=list[dict[str, Any]], auth=SEE)
def list_tasks(request: HttpRequest, state: TaskState | None = None) -> list[dict[str, Any]]:
    """List tasks, newest first."""
    return [vars(one) for one in planned.tasks(viewer=_actor(request), state=state)]


@router.get("/supervision/tasks/{uuid}", response=dict[str, Any], auth=SEE)
def show_task(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Show a task."""
    found = planned.task(uuid, viewer=_actor(request))
    return {**vars(found), "line": vars(found.line)}


@router.post("/supervision/tasks/{uuid}/commit", response=DigestOut, auth=DRAW)
def commit(request: HttpRequest, uuid: UUID, asked: CommitIn) -> dict[str, str]:
    """Freeze the pools and publish the commitment."""
    told = committing.commit(
        task=uuid,
        public=committing.PublicSource(name=asked.public_source, after=_aware(asked.public_after)),
        authority=asked.authority,
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    return {"sha256": told.sha256}


@router.post("/supervision/tasks/{uuid}/draw", response=DigestOut, auth=DRAW)
def draw(request: HttpRequest, uuid: UUID, asked: DrawIn) -> dict[str, str]:
    """Draw with the public half."""
    sha256 = drawing_lots.draw(
        task=uuid,
        value=asked.value,
        fixed_at=_aware(asked.fixed_at),
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    return {"sha256": sha256}


@router.post("/supervision/tasks/{uuid}/send", response=CountOut, auth=DRAW)
def send(request: HttpRequest, uuid: UUID) -> dict[str, int]:
    """Send the teams."""
    return {"count": visiting.send(task=uuid, by=_actor(request), at=timezone.now())}


@router.post("/supervision/tasks/{uuid}/disclose", response=CountOut, auth=DISCLOSE)
def disclose(request: HttpRequest, uuid: UUID) -> dict[str, int]:
    """Publish the results of a task."""
    return {"count": disclosing.disclose(task=uuid, by=_actor(request), at=timezone.now())}


@router.get("/supervision/tasks/{uuid}/visits", response=dict[str, Any], auth=SEE)
def list_visits(
    request: HttpRequest,
    uuid: UUID,
    state: VisitState | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> dict[str, Any]:
    """List the visits of a task in their turn."""
    page = visits.of_task(task=uuid, viewer=_actor(request), state=state, after=after)
    return {"rows": [_visit(one) for one in page.rows], "following": page.following, "total": page.total}


@router.get("/supervision/own-visits", response=list[dict[str, Any]], auth=INSPECT)
def own_visits(request: HttpRequest, done: bool = False) -> list[dict[str, Any]]:
    """List one's own visits."""
    return [_visit(one) for one in visits.own(viewer=_actor(request), done=done)]


@router.post("/supervision/own-visits/{uuid}/results", response={201: MadeOut}, auth=INSPECT)
def record(request: HttpRequest, uuid: UUID, asked: ResultIn) -> Status[dict[str, UUID]]:
    """Record what was found about one item."""
    stated = Stated(**asked.model_dump())
    made = finding.record(visit=uuid, stated=stated, by=_actor(request), node=this_node(), at=timezone.now())
    return Status(201, {"uuid": made})


@router.post("/supervision/visits/{uuid}/substitute", response={201: MadeOut}, auth=DRAW)
def substitute(request: HttpRequest, uuid: UUID, asked: SubstituteIn) -> Status[dict[str, UUID]]:
    """Replace an object by the next in reserve."""
    made = visiting.substitute(
        visit=uuid,
        reason=asked.reason,
        note=asked.note,
        by=_actor(request),
        node=this_node(),
        at=timezone.now(),
    )
    return Status(201, {"uuid": made})


@router.get("/supervision/overdue", response=list[dict[str, Any]], auth=SEE)
def list_overdue(request: HttpRequest) -> list[dict[str, Any]]:
    """List what is late."""
    return [vars(one) for one in overdue.overdue(viewer=_actor(request), on=timezone.localdate())]


@router.get("/supervision/measure", response=dict[str, Any], auth=SEE)
def measure(
    request: HttpRequest, system: Annotated[str, Query(max_length=80)] = "", since: date | None = None
) -> dict[str, Any]:
    """Show the shares of findings by grade: of the fixed random quota, and of the others beside it."""
    found = measuring.measure(viewer=_actor(request), system=system, since=since)
    rows = [
        {
            "grade": one.grade,
            "control": {**vars(one.control), "share": one.control.share},
            "risk": {**vars(one.risk), "share": one.risk.share},
        }
        for one in found.rows
    ]
    return {"rows": rows, "ordered": found.ordered}


@router.get("/supervision/draws/{uuid}/check", response=dict[str, Any], auth=AUDIT)
def check(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    """Compute a draw again with its tickets opened."""
    found = auditing.check(uuid, viewer=_actor(request))
    return {"holds": found.holds, "findings": [vars(one) for one in found.findings]}


@router.get("/supervision/draws/{uuid}/openings", response=dict[str, Any], auth=AUDIT)
def openings(
    request: HttpRequest, uuid: UUID, why: Annotated[str, Query(min_length=1, max_length=200)]
) -> dict[str, Any]:
    """Hand out what opens the tickets of a draw; `why` goes into the ledger."""
    return opening.open_tickets(task=uuid, why=why, by=_actor(request), at=timezone.now())


def _visit(one: visits.VisitLine) -> dict[str, Any]:
    return {
        **vars(one),
        "team": [vars(member) for member in one.team],
        "results": [
            {**vars(found), "follow_ups": [vars(each) for each in found.follow_ups]} for found in one.results
        ],
    }
