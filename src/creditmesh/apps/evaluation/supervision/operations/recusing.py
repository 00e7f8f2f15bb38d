"""Ask that somebody else come, and decide on it (行政处罚法 art. 43)."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from creditmesh.apps.evaluation.supervision.models import Assignment, Inspector, RecusalRequest, Visit
from creditmesh.apps.evaluation.supervision.operations.visiting import figures_of, locked, rank_of
from creditmesh.apps.evaluation.supervision.queries import sight, standing
from creditmesh.apps.evaluation.supervision.rules.codes import Decision, VisitState
from creditmesh.apps.evaluation.supervision.rules.states import (
    WrongStep,
    require_other_eyes,
    require_reason,
)
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.drawing.pools import Duty
from creditmesh.drawing.visits.officers import Visit as Going
from creditmesh.kernel.errors import CreditmeshError


class UnknownRecusal(CreditmeshError):
    """There is no such request, or it is decided already."""

    code = "unknown-recusal"


class NotInTheTeam(CreditmeshError):
    """The inspector does not belong to the team of this visit."""

    code = "not-in-the-team"


@transaction.atomic
def ask(*, visit: UUID, inspector: str, reason: str, by: Actor, at: datetime, by_party: bool = False) -> UUID:
    """Ask that an inspector be replaced and return the id of the request.

    Inspectors ask for themselves; what the inspected asks for (`by_party`) an officer of the department
    writes down. Raises `NotPermitted`, `UnknownVisit`, `NotInTheTeam`, `ReasonMissing`, `WrongStep`.
    """
    row = sight.visit(visit, viewer=by)
    found = (
        row.assignments.filter(inspector__code=inspector, ended_at=None).select_related("inspector").first()
    )
    if found is None:
        raise NotInTheTeam("That inspector is not in the team of this visit; look at the team.")
    if not by.may(Permission.SUPERVISION_DRAW) and (by_party or found.inspector.user_id != by.user_id):
        by.demand(Permission.SUPERVISION_DRAW)
    if row.state != VisitState.PLANNED.value:
        raise WrongStep("The visit is over or has no team: there is nothing to recuse from.")
    stated = require_reason(reason)
    if row.recusals.filter(inspector=found.inspector, state=Decision.OPEN.value).exists():
        raise WrongStep("This was asked for already and waits for a decision.")
    made = RecusalRequest.objects.create(
        uuid=uuid4(),
        visit=row,
        inspector=found.inspector,
        by_party=by_party,
        reason=stated,
        asked_by=by.who().label[:200],
        asked_at=at,
    )
    _note(by, "recusal.ask", row, at, {"request": str(made.uuid), "by_party": by_party})
    audit.announce(event="recusal.asked", key=str(made.uuid), at=at)
    return made.uuid


@transaction.atomic
def decide(*, request: UUID, grant: bool, answer: str, by: Actor, node: ThisNode, at: datetime) -> Decision:
    """Grant or refuse a recusal; who is granted one is replaced by the next rank, or the visit waits for a team.

    Raises `NotPermitted`, `UnknownRecusal`, `ReasonMissing`, `SameEyes`.
    """
    by.demand(Permission.SUPERVISION_APPROVE)
    asked = (
        RecusalRequest.objects.select_for_update(of=("self",))
        .select_related("visit__task", "inspector")
        .filter(uuid=request, state=Decision.OPEN.value, visit__task__unit=by.organisation)
        .first()
    )
    if asked is None:
        raise UnknownRecusal("There is no such open request; it may be decided already.")
    require_other_eyes(first=asked.asked_by, second=by.who().label[:200])
    asked.state = (Decision.GRANTED if grant else Decision.REFUSED).value
    asked.answer, asked.decided_by, asked.decided_at = require_reason(answer), by.who().label[:200], at
    asked.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    row = locked(asked.visit.uuid, by=by)
    if grant:
        _replace(row, asked.inspector, node=node, at=at)
    _note(by, f"recusal.{asked.state}", row, at, {"request": str(request)})
    return Decision(asked.state)


def _replace(row: Visit, gone: Inspector, *, node: ThisNode, at: datetime) -> None:
    """Put the next rank in the place of an inspector, at every visit that is one with this one."""
    party = standing.together(row)
    held = list(Assignment.objects.select_for_update().filter(visit__in=party, inspector=gone, ended_at=None))
    if not held:
        return
    unit, role = held[0].unit, held[0].role
    Assignment.objects.filter(pk__in=[one.pk for one in held]).update(ended_at=at, why="recused")
    # The ranks are those of the visit that the inspector's department was drawn for.
    home = next((one for one in party if unit in {one.task.unit, *lines(one.task.joint_units)}), row)
    today = standing.bench_of(home.task)
    away = set()
    for one in party:
        years, rotation = figures_of(one.task, node=node, at=at)
        away |= standing.barred(one, names=today.names, employee_years=years, rotation=rotation)
    team = Assignment.objects.filter(visit__in=party, ended_at=None)
    codes = {gone.code, *team.values_list("inspector__code", flat=True)}
    found = today.bench.another(
        unit=unit,
        duty=Duty.EXPERT if role == "expert" else Duty.OFFICER,
        visit=Going(home.ticket, home.region),
        barred=away | {today.names[code] for code in codes if code in today.names},
        rank=rank_of(home),
    )
    if found is None:
        # Never one officer: the visit waits until a whole team is found, each department for itself.
        for one in party:
            one.state, one.failure = VisitState.UNSTAFFED.value, f"{unit}: nobody left after a recusal"
            one.joined = ""
            one.save(update_fields=["state", "failure", "joined"])
        return
    Assignment.objects.bulk_create(
        [
            Assignment(visit=one, inspector=today.people[found.id], unit=unit, role=role, made_at=at)
            for one in party
        ]
    )


def _note(by: Actor, act: str, row: Visit, at: datetime, details: dict[str, str | bool]) -> None:
    thing = Thing("visit", str(row.uuid))
    audit.append(
        who=by.who(), act=f"supervision.{act}", thing=thing, at=at, details=details, subject=row.subject
    )
