"""Yearly plans with their batches, under four eyes; tasks drafted from them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.queries.runs import NoResultsYet
from creditmesh.apps.evaluation.supervision.models import CheckItem, ObjectList, Plan, PlanBatch, Task
from creditmesh.apps.evaluation.supervision.queries import candidates, sight
from creditmesh.apps.evaluation.supervision.rules.codes import PlanState, TaskState
from creditmesh.apps.evaluation.supervision.rules.figures import figures
from creditmesh.apps.evaluation.supervision.rules.states import (
    BadWindow,
    WrongStep,
    require_other_eyes,
    require_plan_step,
    require_reason,
    require_task_step,
    require_window,
)
from creditmesh.apps.evaluation.supervision.rules.terms import BadTaskTerms, column, lines, stated, terms_of
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.workdays import Calendar


class PlanTwice(CreditmeshError):
    """A department has one plan a year."""

    code = "plan-twice"


class UnknownCheckItem(CreditmeshError):
    """An item that is not on the department's list."""

    code = "unknown-check-item"


class UnknownObjectList(CreditmeshError):
    """A list of objects that the department does not have."""

    code = "unknown-object-list"


@dataclass(frozen=True, kw_only=True)
class NewBatch:
    """What a batch of a plan inspects, when and with whom."""

    title: str
    items: Sequence[str]
    first: date
    last: date
    joint_units: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """What is drawn: from the risk classes of a system or from a list, with terms that differ from the rules."""

    batch: int
    title: str
    system: str = ""
    list: UUID | None = None
    region: str = ""
    section: str = ""
    first: date | None = None  # as the batch, unless stated
    last: date | None = None
    terms: Mapping[str, Any] | None = None


@transaction.atomic
def draft_plan(*, year: int, title: str, by: Actor, at: datetime) -> UUID:
    """Begin the plan of a year for one's own department. Raises `NotPermitted`, `PlanTwice`, `BadWindow`."""
    by.demand(Permission.SUPERVISION_PLAN)
    if not timezone.localdate(at).year <= year <= timezone.localdate(at).year + 1:
        raise BadWindow("A plan is made for this year or the next.")
    row = Plan(
        uuid=uuid4(),
        unit=by.organisation,
        year=year,
        title=title.strip()[:200],
        made_by=_name(by),
        made_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise PlanTwice(f"There is a plan for {year} already: add batches to it.") from error
    _note(by, "plan.draft", row, at, f"{year} {row.title}")
    return row.uuid


@transaction.atomic
def add_batch(*, plan: UUID, batch: NewBatch, by: Actor, at: datetime) -> int:
    """Add a batch to a draft plan and return its number.

    Raises `NotPermitted`, `UnknownPlan`, `WrongStep`, `BadWindow`, `UnknownCheckItem`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    row = sight.own_plan(plan, by=by)
    if row.state != PlanState.DRAFT.value:
        raise WrongStep("Batches are added to a draft: have the plan returned first.")
    require_window(first=batch.first, last=batch.last, on=timezone.localdate(at))
    if batch.first.year != row.year:
        raise BadWindow(f"The batch must begin in {row.year}, the year of the plan.")
    wanted = [one.strip() for one in batch.items if one.strip()]
    known = set(
        CheckItem.objects.filter(unit=row.unit, code__in=wanted, ended_on=None).values_list("code", flat=True)
    )
    strange = sorted(set(wanted) - known)
    if strange or not wanted:
        raise UnknownCheckItem(
            f"Not on your item list: {', '.join(strange) or 'no item named'}. Look up the codes."
        )
    number = row.batches.count() + 1
    joint = [one for one in batch.joint_units if one.strip() != row.unit]
    PlanBatch.objects.create(
        plan=row,
        number=number,
        title=batch.title.strip()[:200],
        items=column(wanted),
        joint_units=column(joint),
        first=batch.first,
        last=batch.last,
    )
    _note(by, "plan.batch", row, at, f"{number} {batch.title}")
    return number


@transaction.atomic
def propose_plan(*, plan: UUID, by: Actor, at: datetime) -> None:
    """Hand a plan to someone who may approve it. Raises `NotPermitted`, `UnknownPlan`, `WrongStep`."""
    by.demand(Permission.SUPERVISION_PLAN)
    row = sight.own_plan(plan, by=by)
    require_plan_step(state=PlanState(row.state), to=PlanState.PROPOSED)
    if not row.batches.exists():
        raise WrongStep("A plan without batches cannot be proposed: add the first one.")
    row.state, row.proposed_by, row.returned_for = PlanState.PROPOSED.value, _name(by), ""
    row.save(update_fields=["state", "proposed_by", "returned_for"])
    _note(by, "plan.propose", row, at, "")


@transaction.atomic
def approve_plan(*, plan: UUID, by: Actor, node: ThisNode, at: datetime) -> None:
    """Approve a plan somebody else proposed. Raises `NotPermitted`, `UnknownPlan`, `WrongStep`, `SameEyes`."""
    by.demand(Permission.SUPERVISION_APPROVE)
    row = sight.own_plan(plan, by=by)
    require_plan_step(state=PlanState(row.state), to=PlanState.APPROVED)
    require_other_eyes(first=row.proposed_by, second=_name(by))
    today = timezone.localdate(at)
    term = rule_packs.load().rule("inspection.plan.file", on=today, jurisdiction=node.region)
    row.state, row.approved_by, row.approved_at = PlanState.APPROVED.value, _name(by), at
    row.file_by = Calendar.shipped().add(today, int(term.value))
    row.save(update_fields=["state", "approved_by", "approved_at", "file_by"])
    _note(by, "plan.approve", row, at, "")


@transaction.atomic
def return_plan(*, plan: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Give a proposed plan back. Raises `NotPermitted`, `UnknownPlan`, `WrongStep`, `ReasonMissing`."""
    by.demand(Permission.SUPERVISION_APPROVE)
    row = sight.own_plan(plan, by=by)
    require_plan_step(state=PlanState(row.state), to=PlanState.DRAFT)
    row.state, row.returned_for = PlanState.DRAFT.value, require_reason(reason)
    row.save(update_fields=["state", "returned_for"])
    _note(by, "plan.return", row, at, row.returned_for)


@transaction.atomic
def file_plan(*, plan: UUID, filed_with: str, by: Actor, at: datetime) -> None:
    """Write down that an approved plan was filed with the upper level.

    Raises `NotPermitted`, `UnknownPlan`, `WrongStep`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    row = sight.own_plan(plan, by=by)
    if row.state != PlanState.APPROVED.value or row.filed_at is not None:
        raise WrongStep("Only an approved plan is filed, and once.")
    row.filed_at, row.filed_with = at, require_reason(filed_with)[:200]
    row.save(update_fields=["filed_at", "filed_with"])
    _note(by, "plan.file", row, at, row.filed_with)


@transaction.atomic
def draft_task(*, plan: UUID, new: NewTask, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Draft a task of a batch and return its id.

    Raises `NotPermitted`, `UnknownPlan`, `WrongStep`, `BadWindow`, `BadTaskTerms`, `BadRatios`, `NoPool`,
    `UnknownObjectList`.
    """
    by.demand(Permission.SUPERVISION_PLAN)
    row = sight.own_plan(plan, by=by)
    batch = row.batches.filter(number=new.batch).first()
    if batch is None:
        raise WrongStep(f"The plan has no batch {new.batch}: look at its list.")
    first, last = new.first or batch.first, new.last or batch.last
    require_window(first=first, last=last, on=timezone.localdate(at))
    terms = stated(_with_item_ratio(new, batch))
    if bool(new.system) == (new.list is not None):
        raise BadTaskTerms(
            "State what is drawn from: an index system's risk classes, or a list, and not both."
        )
    listed = ObjectList.objects.filter(uuid=new.list, unit=row.unit).first() if new.list else None
    if new.list is not None and listed is None:
        raise UnknownObjectList("There is no such list of objects in your department.")
    count = Task.objects.filter(unit=row.unit, batch__plan=row).count() + 1
    made = Task(
        uuid=uuid4(),
        number=f"{row.unit}-{row.year}-{count:03d}"[:60],
        batch=batch,
        unit=row.unit,
        joint_units=batch.joint_units,
        title=new.title.strip()[:200],
        items=batch.items,
        system=new.system[:80],
        list=listed,
        region=new.region[:12],
        section=new.section[:8],
        terms=terms.model_dump_json(),
        first=first,
        last=last,
        made_by=_name(by),
        made_at=at,
    )
    _require_terms(made, node=node, on=timezone.localdate(at))
    made.save(force_insert=True)
    audit.append(
        who=by.who(),
        act="supervision.task.draft",
        thing=Thing("supervision-task", str(made.uuid)),
        at=at,
        why=str(made),
    )
    return made.uuid


@transaction.atomic
def abandon_task(*, task: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Give up a task that is not drawn yet; a public commitment stays public, with the reason.

    Raises `NotPermitted`, `UnknownTask`, `WrongStep`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = sight.own_task(task, by=by)
    require_task_step(state=TaskState(row.state), to=TaskState.ABANDONED)
    row.state, row.why = TaskState.ABANDONED.value, require_reason(reason)
    row.save(update_fields=["state", "why"])
    thing = Thing("supervision-task", str(row.uuid))
    audit.append(who=by.who(), act="supervision.task.abandon", thing=thing, at=at, why=row.why)


def _with_item_ratio(new: NewTask, batch: PlanBatch) -> dict[str, Any]:
    """Return the terms; an item's own ratio lifts what the task does not set, for every grade alike."""
    values = dict(new.terms or {})
    codes = lines(batch.items)
    found = CheckItem.objects.filter(unit=batch.plan.unit, code__in=codes, ended_on=None, default_ratio__gt=0)
    ratio = max((one.default_ratio or 0 for one in found), default=0)
    if ratio:
        values.setdefault("least_ratio", ratio)
    return values


def _require_terms(task: Task, *, node: ThisNode, on: date) -> None:
    """Refuse terms that could not be committed to, while whoever states them can still mend them."""
    try:
        grades = candidates.source_of(task).grades
    except NoResultsYet:  # its grades are known once the system has run; the commitment looks again
        return
    known = figures(pack=rule_packs.load(), grades=grades, on=on, jurisdiction=node.region)
    terms_of(stated(json.loads(task.terms)), known=known)


def _name(by: Actor) -> str:
    return by.who().label[:200]


def _note(by: Actor, act: str, row: Plan, at: datetime, why: str) -> None:
    audit.append(
        who=by.who(), act=f"supervision.{act}", thing=Thing("supervision-plan", str(row.uuid)), at=at, why=why
    )
