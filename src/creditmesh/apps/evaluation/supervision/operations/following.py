"""What follows from a result: listing, case, correction, transfer; each with a day and an end."""

from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import FollowUp, Result
from creditmesh.apps.evaluation.supervision.operations.finding import own_result
from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, FollowUpState, Found
from creditmesh.apps.evaluation.supervision.rules.results import BadResult
from creditmesh.apps.evaluation.supervision.rules.states import WrongStep, require_reason
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError


class UnknownFollowUp(CreditmeshError):
    """There is no such follow-up, or not for this actor."""

    code = "unknown-follow-up"


@transaction.atomic
def begin(  # noqa: PLR0913 - a follow-up has a kind, a day, a goal and a note
    *,
    result: UUID,
    kind: FollowUpKind,
    note: str,
    by: Actor,
    at: datetime,
    due: date | None = None,
    to: str = "",
) -> UUID:
    """Begin a follow-up of a finding and return its id; a transfer names the department.

    Raises `NotPermitted`, `UnknownResult`, `BadResult`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_DISCLOSE)
    row = own_result(result, by=by)
    if row.code in {Found.NOTHING.value, Found.NO_SUCH_ACTIVITY.value}:
        raise BadResult("Nothing was found, so nothing follows.")
    if kind is FollowUpKind.TRANSFER and not to.strip():
        raise BadResult("Name the department the matter is transferred to.")
    if due is not None and due < row.inspected_on:
        raise BadResult("The day lies before the inspection.")
    made = FollowUp.objects.create(
        uuid=uuid4(),
        result=row,
        kind=kind.value,
        to=to.strip()[:200],
        due=due,
        note=require_reason(note),
        made_by=by.who().label[:200],
        made_at=at,
    )
    _note(by, "supervision.follow-up", made, row, at, kind.value)
    return made.uuid


@transaction.atomic
def settle(*, follow_up: UUID, on: date, note: str, by: Actor, at: datetime) -> None:
    """Write down how and on which day a follow-up ended; a correction is handed to the records.

    Raises `NotPermitted`, `UnknownFollowUp`, `WrongStep`, `BadResult`, `ReasonMissing`.
    """
    by.demand(Permission.SUPERVISION_DISCLOSE)
    found = FollowUp.objects.select_for_update(of=("self",)).select_related("result__visit__task")
    row = found.filter(uuid=follow_up, result__visit__task__unit=by.organisation).first()
    if row is None:
        raise UnknownFollowUp("There is no such follow-up. Look it up in the list.")
    if row.state != FollowUpState.OPEN.value:
        raise WrongStep("This is settled already.")
    if not row.result.inspected_on <= on <= timezone.localdate(at):
        raise BadResult("The day must lie from the inspection to today.")
    row.state, row.settled_on, row.settled_note = FollowUpState.SETTLED.value, on, require_reason(note)
    row.save(update_fields=["state", "settled_on", "settled_note"])
    Result.objects.filter(pk=row.result.pk).update(delivered_at=None)
    _note(by, "supervision.settle", row, row.result, at, row.kind)
    audit.announce(event="inspection.recorded", key=str(row.result.visit.task.uuid), at=at)


def _note(by: Actor, act: str, row: FollowUp, result: Result, at: datetime, why: str) -> None:
    thing = Thing("follow-up", str(row.uuid))
    audit.append(who=by.who(), act=act, thing=thing, at=at, why=why, subject=result.visit.subject)
