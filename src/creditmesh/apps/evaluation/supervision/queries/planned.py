"""Plans with their batches, tasks with where they stand."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from creditmesh.apps.evaluation.supervision.models import Plan, Task
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.codes import TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.states import DRAWN_STATES
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.parties.rules import Actor

MOST = 200


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A batch of a plan."""

    number: int
    title: str
    items: tuple[str, ...]
    joint_units: tuple[str, ...]
    first: date
    last: date
    tasks: int


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """A plan with its batches."""

    uuid: UUID
    unit: str
    year: int
    title: str
    state: str
    made_by: str
    proposed_by: str
    approved_by: str
    approved_at: datetime | None
    returned_for: str
    file_by: date | None
    filed_at: datetime | None
    filed_with: str
    batches: tuple[BatchLine, ...]


@dataclass(frozen=True, kw_only=True)
class TaskLine:
    """A task as lists show it."""

    uuid: UUID
    number: str
    title: str
    unit: str
    joint_units: tuple[str, ...]
    items: tuple[str, ...]
    state: str
    system: str
    list_name: str
    sealed: bool
    first: date
    last: date
    made_at: datetime
    committed_at: datetime | None
    drawn_at: datetime | None
    visits: int
    done: int
    unstaffed: int
    batch: int
    plan: UUID


@dataclass(frozen=True, kw_only=True)
class TaskDetail:
    """A task with its terms and what is public of its draw."""

    line: TaskLine
    region: str
    section: str
    terms: dict[str, Any]
    announcement: dict[str, Any]
    announcement_sha256: str
    public_source: str
    public_after: datetime | None
    public_value: str
    public_fixed_at: datetime | None
    public_recorded_by: str
    seed: str
    algorithm: str
    rule_pack: str
    run: UUID | None
    why: str
    is_drawn: bool


def plans(*, viewer: Actor, year: int | None = None) -> list[PlanLine]:
    """Return the plans a viewer may see, newest year first. Raises `NotPermitted`."""
    found = sight.plans(viewer).order_by("-year", "unit")
    if year is not None:
        found = found.filter(year=year)
    return [_plan(one) for one in found.prefetch_related("batches__tasks")[:MOST]]


def plan(uuid: UUID, *, viewer: Actor) -> PlanLine:
    """Return one plan. Raises `NotPermitted`, `UnknownPlan`."""
    return _plan(sight.plan(uuid, viewer=viewer))


def tasks(*, viewer: Actor, state: TaskState | None = None, plan: UUID | None = None) -> list[TaskLine]:
    """Return the tasks a viewer may see, newest first. Raises `NotPermitted`."""
    found = sight.tasks(viewer)
    if state is not None:
        found = found.filter(state=state.value)
    if plan is not None:
        found = found.filter(batch__plan__uuid=plan)
    return [_task(one) for one in _counted(found).order_by("-made_at", "-id")[:MOST]]


def task(uuid: UUID, *, viewer: Actor) -> TaskDetail:
    """Return one task; the secret half is shown to nobody before the draw. Raises `NotPermitted`, `UnknownTask`."""
    sight.task(uuid, viewer=viewer)
    row = _counted(sight.tasks(viewer)).get(uuid=uuid)
    return TaskDetail(
        line=_task(row),
        region=row.region,
        section=row.section,
        terms=json.loads(row.terms),
        announcement=json.loads(row.announcement) if row.announcement else {},
        announcement_sha256=row.announcement_sha256,
        public_source=row.public_source,
        public_after=row.public_after,
        public_value=row.public_value,
        public_fixed_at=row.public_fixed_at,
        public_recorded_by=row.public_recorded_by,
        seed=row.seed,
        algorithm=row.algorithm,
        rule_pack=row.rule_pack,
        run=row.run,
        why=row.why,
        is_drawn=row.state in {one.value for one in DRAWN_STATES},
    )


def _counted(found: Any) -> Any:
    return found.annotate(
        visit_count=Count("visits", filter=~Q(visits__state=VisitState.REPLACED.value)),
        done_count=Count("visits", filter=Q(visits__state=VisitState.DONE.value)),
        unstaffed_count=Count("visits", filter=Q(visits__state=VisitState.UNSTAFFED.value)),
    )


def _task(row: Any) -> TaskLine:
    found: Task = row
    return TaskLine(
        uuid=found.uuid,
        number=found.number,
        title=found.title,
        unit=found.unit,
        joint_units=lines(found.joint_units),
        items=lines(found.items),
        state=found.state,
        system=found.system,
        list_name=found.list.name if found.list else "",
        sealed=found.sealed,
        first=found.first,
        last=found.last,
        made_at=found.made_at,
        committed_at=found.committed_at,
        drawn_at=found.drawn_at,
        visits=row.visit_count,
        done=row.done_count,
        unstaffed=row.unstaffed_count,
        batch=found.batch.number,
        plan=found.batch.plan.uuid,
    )


def _plan(row: Plan) -> PlanLine:
    return PlanLine(
        uuid=row.uuid,
        unit=row.unit,
        year=row.year,
        title=row.title,
        state=row.state,
        made_by=row.made_by,
        proposed_by=row.proposed_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        returned_for=row.returned_for,
        file_by=row.file_by,
        filed_at=row.filed_at,
        filed_with=row.filed_with,
        batches=tuple(
            BatchLine(
                number=one.number,
                title=one.title,
                items=lines(one.items),
                joint_units=lines(one.joint_units),
                first=one.first,
                last=one.last,
                tasks=len(one.tasks.all()),
            )
            for one in sorted(row.batches.all(), key=lambda each: each.number)
        ),
    )
