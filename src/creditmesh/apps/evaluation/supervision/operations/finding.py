"""Write down what was found; correct it; see when a task is done."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import CheckItem, FollowUp, Result, Task, Visit
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.queries.standing import OPEN_VISITS
from creditmesh.apps.evaluation.supervision.rules.codes import (
    FollowUpKind,
    FollowUpState,
    Found,
    TaskState,
    VisitState,
)
from creditmesh.apps.evaluation.supervision.rules.figures import Figures, figures
from creditmesh.apps.evaluation.supervision.rules.results import (
    Stated,
    disclose_by,
    follow_up_due,
    require_officers,
    require_result,
)
from creditmesh.apps.evaluation.supervision.rules.states import WrongStep, require_reason
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError


class RecordedAlready(CreditmeshError):
    """The item of this visit has a result; a wrong one is corrected with a reason."""

    code = "result-recorded-already"


class UnknownResult(CreditmeshError):
    """There is no such result, or not for this actor."""

    code = "unknown-result"


@transaction.atomic
def record(*, visit: UUID, stated: Stated, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Keep what was found about one item at one's own visit; return the id of the result.

    An order to correct begins a follow-up. The last result of the last visit ends the task. Raises
    `NotPermitted`, `UnknownVisit`, `WrongStep`, `BadResult`, `TooFewOfficers`, `RecordedAlready`.
    """
    by.demand(Permission.SUPERVISION_INSPECT)
    found = sight.visit(visit, viewer=by)
    row = Visit.objects.select_for_update(of=("self",)).select_related("task").get(pk=found.pk)
    if row.state != VisitState.PLANNED.value or row.task.state != TaskState.ASSIGNED.value:
        raise WrongStep(
            f"The visit is {row.state} and its task {row.task.state}: nothing can be recorded now."
        )
    team = row.assignments.filter(ended_at=None).exclude(role="expert")
    if by.user_id is None or not team.filter(inspector__user_id=by.user_id).exists():
        raise WrongStep("Only the officers of the team record what was found.")
    told = announcement_of(row.task)
    require_officers(officers=team.count(), least=told.staffing.least)
    today = timezone.localdate(at)
    drawn_on = timezone.localdate(row.task.drawn_at) if row.task.drawn_at else today
    require_result(stated, items=lines(row.task.items), drawn_on=drawn_on, today=today)
    if row.results.filter(item=stated.item).exists():
        raise RecordedAlready("This item has a result already: correct that one, with the reason.")
    known = _figures(row.task, node=node, at=at)
    made = Result.objects.create(
        uuid=uuid4(),
        visit=row,
        item=stated.item,
        code=stated.code.value,
        findings=stated.findings.strip(),
        inspected_on=stated.inspected_on,
        entered_by=by.who().label[:200],
        entered_at=at,
        disclose_by=disclose_by(inspected_on=stated.inspected_on, days=known.disclosure),
    )
    _order(made, stated, known, by=by, at=at)
    if row.results.count() == len(lines(row.task.items)):
        row.state = VisitState.DONE.value
        row.save(update_fields=["state"])
        _end(row.task, by=by, at=at)
    _note(by, "supervision.result", made, at, f"{stated.item} {stated.code}")
    audit.announce(event="inspection.recorded", key=str(row.task.uuid), at=at)
    return made.uuid


@transaction.atomic
def correct(*, result: UUID, stated: Stated, reason: str, by: Actor, node: ThisNode, at: datetime) -> None:
    """Correct a result of a task one's own department leads; it is handed to the records again.

    The last day of publication and an open order to correct follow what the result says now.

    Raises `NotPermitted`, `UnknownResult`, `BadResult`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_DISCLOSE)
    row = own_result(result, by=by)
    why = require_reason(reason)
    today = timezone.localdate(at)
    task = row.visit.task
    drawn_on = timezone.localdate(task.drawn_at) if task.drawn_at else today
    require_result(stated, items=(row.item,), drawn_on=drawn_on, today=today)
    known = _figures(task, node=node, at=at)
    before = row.code
    row.code, row.findings, row.inspected_on = stated.code.value, stated.findings.strip(), stated.inspected_on
    row.disclose_by = disclose_by(inspected_on=stated.inspected_on, days=known.disclosure)
    row.corrected_at, row.delivered_at = at, None
    row.save(
        update_fields=["code", "findings", "inspected_on", "disclose_by", "corrected_at", "delivered_at"]
    )
    # An order that was wrong is not waited for any longer; what was settled or begun by hand stays.
    row.follow_ups.filter(
        kind=FollowUpKind.RECTIFICATION.value, state=FollowUpState.OPEN.value, note=""
    ).delete()
    settled = row.follow_ups.filter(kind=FollowUpKind.RECTIFICATION.value, note="").exists()
    if before != Found.ORDERED_TO_CORRECT.value or not settled:
        _order(row, stated, known, by=by, at=at)
    _note(by, "supervision.correct", row, at, f"{before} -> {row.code}: {why}")
    audit.announce(event="inspection.recorded", key=str(task.uuid), at=at)


def own_result(uuid: UUID, *, by: Actor) -> Result:
    """Return a result of a task one's own department leads, locked; raise `UnknownResult`."""
    row = (
        Result.objects.select_for_update(of=("self",))
        .select_related("visit__task")
        .filter(uuid=uuid, visit__task__unit=by.organisation)
        .first()
    )
    if row is None:
        raise UnknownResult("There is no such result. Look it up in the list of the task.")
    return row


def item_of(row: Result) -> CheckItem | None:
    """Return the check item a result is about, as it is or last was on the list."""
    found = CheckItem.objects.filter(unit=row.visit.task.unit, code=row.item)
    return found.order_by("-id").first()


def _figures(task: Task, *, node: ThisNode, at: datetime) -> Figures:
    grades = tuple(announcement_of(task).terms.ratios.by_grade)
    return figures(pack=rule_packs.load(), grades=grades, on=timezone.localdate(at), jurisdiction=node.region)


def _order(row: Result, stated: Stated, known: Figures, *, by: Actor, at: datetime) -> None:
    """Begin the follow-up of an order to correct."""
    if stated.code is not Found.ORDERED_TO_CORRECT:
        return
    item = item_of(row)
    FollowUp.objects.create(
        uuid=uuid4(),
        result=row,
        kind=FollowUpKind.RECTIFICATION.value,
        due=follow_up_due(
            kind=FollowUpKind.RECTIFICATION,
            stated=stated.rectify_by,
            special_equipment=item is not None and item.special_equipment,
            inspected_on=stated.inspected_on,
            recheck_days=known.equipment_recheck,
        ),
        state=FollowUpState.OPEN.value,
        made_by=by.who().label[:200],
        made_at=at,
    )


def _end(task: Task, *, by: Actor, at: datetime) -> None:
    if task.visits.filter(state__in=OPEN_VISITS).exists():
        return
    Task.objects.filter(pk=task.pk).update(state=TaskState.DONE.value, done_at=at)
    thing = Thing("supervision-task", str(task.uuid))
    audit.append(who=by.who(), act="supervision.done", thing=thing, at=at, why=task.number)


def _note(by: Actor, act: str, row: Result, at: datetime, why: str) -> None:
    thing = Thing("inspection-result", str(row.uuid))
    audit.append(who=by.who(), act=act, thing=thing, at=at, why=why, subject=row.visit.subject)
