"""Send teams, find teams anew, replace objects by the next in reserve, join visits of departments."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import Assignment, Task, Visit
from creditmesh.apps.evaluation.supervision.queries import packed, sight, standing
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.queries.standing import OPEN_TASKS
from creditmesh.apps.evaluation.supervision.rules.codes import Substitution, TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.figures import figures
from creditmesh.apps.evaluation.supervision.rules.states import (
    WrongStep,
    require_reason,
    require_task_step,
    require_visit_step,
)
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue import rule_packs
from creditmesh.drawing.visits import officers
from creditmesh.drawing.visits.joint import Errand, merge
from creditmesh.drawing.visits.officers import Visit as Going
from creditmesh.kernel.errors import CreditmeshError


class NoReserveLeft(CreditmeshError):
    """Every object in reserve for that grade is used up."""

    code = "no-reserve-left"


class NobodyEligible(CreditmeshError):
    """No whole team can be found, even in the widest region."""

    code = "nobody-eligible"


@transaction.atomic
def send(*, task: UUID, by: Actor, at: datetime) -> int:
    """Send the teams of a drawn task and return how many; inspectors see their visits from here on.

    Raises `NotPermitted`, `UnknownTask`, `WrongStep`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = sight.own_task(task, by=by)
    require_task_step(state=TaskState(row.state), to=TaskState.ASSIGNED)
    row.state = TaskState.ASSIGNED.value
    row.save(update_fields=["state"])
    sent = row.visits.filter(state=VisitState.PLANNED.value).count()
    audit.append(
        who=by.who(), act="supervision.send", thing=Thing("supervision-task", str(task)), at=at, why=str(sent)
    )
    return sent


@transaction.atomic
def staff(*, visit: UUID, by: Actor, node: ThisNode, at: datetime) -> None:
    """Look for a team again for a visit that has none, among the inspectors of today.

    Raises `NotPermitted`, `UnknownVisit`, `WrongStep`, `NobodyEligible`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = locked(visit, by=by)
    require_visit_step(state=VisitState(row.state), to=VisitState.PLANNED)
    row.assignments.filter(ended_at=None).update(ended_at=at, why="a new team was drawn")
    _staffed(row, node=node, at=at)
    if row.failure:
        raise NobodyEligible(
            f"Nobody eligible: {row.failure}. Add inspectors of another region or with that skill."
        )
    row.save(update_fields=["state", "failure"])
    audit.append(who=by.who(), act="supervision.staff", thing=Thing("visit", str(visit)), at=at)


@transaction.atomic
def substitute(
    *, visit: UUID, reason: Substitution, note: str, by: Actor, node: ThisNode, at: datetime
) -> UUID:
    """Replace an object that cannot be inspected by the next in reserve; return the id of the new visit.

    Raises `NotPermitted`, `UnknownVisit`, `WrongStep`, `ReasonMissing`, `NoReserveLeft`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = locked(visit, by=by)
    require_visit_step(state=VisitState(row.state), to=VisitState.REPLACED)
    stated = require_reason(note)
    left = standing.reserves_left(row.task, grade=row.grade, key=row.key)
    if not left:
        raise NoReserveLeft(
            "Nothing is left in reserve for that grade: record the reason as the result instead."
        )
    opened = packed.unpack(row.task, "openings")
    ticket, _, object_, name, subject = next(one for one in opened["objects"] if one[0] == left[0])
    region = next(one[3] for one in packed.unpack(row.task, "objects") if one[0] == ticket)
    row.state, row.why, row.replaced_at = VisitState.REPLACED.value, f"{reason.value}: {stated}"[:1000], at
    row.joined = ""
    row.save(update_fields=["state", "why", "replaced_at", "joined"])
    row.assignments.filter(ended_at=None).update(ended_at=at, why=reason.value)
    new = Visit(
        uuid=uuid4(),
        task=row.task,
        place=(row.task.visits.aggregate(last=Max("place"))["last"] or 0) + 1,
        ticket=ticket,
        object=object_,
        subject=subject,
        name=name,
        grade=row.grade,
        key=row.key,
        part="risk",
        region=region,
        state=VisitState.UNSTAFFED.value,
        first=row.first,
        last=row.last,
        replaces=row,
    )
    new.save(force_insert=True)
    _staffed(new, node=node, at=at)
    new.save(update_fields=["state", "failure"])
    audit.append(
        who=by.who(),
        act="supervision.substitute",
        thing=Thing("visit", str(visit)),
        at=at,
        why=row.why,
        details={"new": str(new.uuid)},
    )
    audit.announce(event="draw.changed", key=str(row.task.uuid), at=at)
    return new.uuid


@transaction.atomic
def join_visits(*, by: Actor, node: ThisNode, at: datetime, precedence: Sequence[str] = ()) -> int:
    """Make one visit of the open visits to one place, and return how many joint visits that made.

    A place is an object, or the enterprise several objects belong to. All get the items of all, one window of
    days and one team, to which each department sends the officers drawn for its own visit; whoever is no longer
    needed is free again. The department that joins leads, unless `precedence` names another. Where a department
    has nobody who may go, nothing is joined. Raises `NotPermitted`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    open_ = list(standing.open_at_the_places_of(by.organisation).select_for_update(of=("self",)))
    by_uuid = {str(one.uuid): one for one in open_}
    errands = [
        Errand(
            task=one.task.number,
            unit=one.task.unit,
            object=one.subject or one.object,
            items=lines(one.task.items),
            first=one.first,
            last=one.last,
            visit=str(one.uuid),
        )
        for one in open_
    ]
    joined = 0
    for found in merge(errands, precedence=precedence or [by.organisation]):
        members = sorted((by_uuid[one] for one in found.visits), key=lambda one: (one.place, one.pk))
        if len(members) < 2 or _is_joined(members):
            continue
        lead = next(one for one in members if one.task.unit == found.lead)
        team = _one_team(members, found.units, node=node, at=at)
        if len([one for one in team if one.role != "expert"]) < announcement_of(lead.task).staffing.least:
            continue
        for one in members:
            one.first, one.last, one.joined = found.first, found.last, str(lead.uuid)
            one.save(update_fields=["first", "last", "joined"])
        _send_together(members, team, at=at)
        joined += 1
        audit.append(
            who=by.who(),
            act="supervision.join",
            thing=Thing("visit", str(lead.uuid)),
            at=at,
            why=" ".join(found.tasks),
            subject=lead.subject,
        )
    return joined


def _is_joined(members: Sequence[Visit]) -> bool:
    return bool(members[0].joined) and len({(one.first, one.last, one.joined) for one in members}) == 1


def _one_team(
    members: Sequence[Visit], units: Sequence[str], *, node: ThisNode, at: datetime
) -> list[Assignment]:
    """Return who goes for all, the leading department first; nobody where a department could send nobody."""
    away: set[str] = set()
    for one in members:
        years, rotation = figures_of(one.task, node=node, at=at)
        away |= standing.barred_codes(one, employee_years=years, rotation=rotation)
    found: list[Assignment] = []
    for unit in dict.fromkeys([*units, *(each for one in members for each in lines(one.task.joint_units))]):
        team = next(filter(None, (_sent_by(unit, one, away) for one in members)), None)
        if team is None:
            return []
        found += team
    for turn, member in enumerate(found):
        if member.role != "expert":
            member.role = "assistant" if turn else "lead"
    return found


def _sent_by(unit: str, visit: Visit, away: Collection[str]) -> list[Assignment]:
    """Return the officers and experts of a department at one visit who may go, officers first; none without officers."""
    sent = visit.assignments.filter(ended_at=None, unit=unit).exclude(inspector__code__in=away)
    team = sorted(sent.select_related("inspector"), key=lambda one: (one.role == "expert", one.pk))
    return team if team and team[0].role != "expert" else []


def _send_together(members: Sequence[Visit], team: Sequence[Assignment], *, at: datetime) -> None:
    for one in members:
        one.assignments.filter(ended_at=None).update(ended_at=at, why="joined")
        one.state, one.failure = VisitState.PLANNED.value, ""
        one.save(update_fields=["state", "failure"])
    Assignment.objects.bulk_create(
        [
            Assignment(visit=one, inspector=who.inspector, unit=who.unit, role=who.role, made_at=at)
            for one in members
            for who in team
        ]
    )


def locked(visit: UUID, *, by: Actor) -> Visit:
    """Return a visit of a task one's own department leads, locked; raise `UnknownVisit`, `WrongStep`."""
    row = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("task")
        .filter(uuid=visit, task__unit=by.organisation)
        .first()
    )
    if row is None:
        raise sight.UnknownVisit("There is no such visit. Look it up in the list of the task.")
    if row.task.state not in OPEN_TASKS:
        raise WrongStep(f"The task is {row.task.state}; its visits cannot change any more.")
    return row


def figures_of(task: Task, *, node: ThisNode, at: datetime) -> tuple[int, bool]:
    """Return after how many years former employment no longer bars, and whether inspectors rotate."""
    grades = tuple(announcement_of(task).terms.ratios.by_grade)
    known = figures(
        pack=rule_packs.load(), grades=grades, on=timezone.localdate(at), jurisdiction=node.region
    )
    return known.employee_years, known.rotation


def rank_of(row: Visit) -> str:
    """Return what the ranks of the inspectors for a visit are the hash of."""
    return officers.rank_of(seed=row.task.seed, task=row.task.number, object_=row.ticket)


def _staffed(row: Visit, *, node: ThisNode, at: datetime) -> None:
    """Give a visit a whole team, or the reason why there is none; the caller saves it."""
    today = standing.bench_of(row.task)
    years, rotation = figures_of(row.task, node=node, at=at)
    away = standing.barred(row, names=today.names, employee_years=years, rotation=rotation)
    team = today.bench.team(visit=Going(row.ticket, row.region), barred=away, rank=rank_of(row))
    row.failure = team.failure[:300]
    row.state = (VisitState.PLANNED if team.members else VisitState.UNSTAFFED).value
    Assignment.objects.bulk_create(
        [
            Assignment(
                visit=row, inspector=today.people[one.inspector], unit=one.unit, role=one.role, made_at=at
            )
            for one in team.members
        ]
    )
