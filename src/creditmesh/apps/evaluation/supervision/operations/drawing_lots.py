"""Record the public half and draw; everything the draw comes to is written in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import (
    Assignment,
    DeclaredInterest,
    Frozen,
    Inspector,
    Task,
    Visit,
)
from creditmesh.apps.evaluation.supervision.queries import candidates, packed, sight
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.rules.codes import TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.figures import figures
from creditmesh.apps.evaluation.supervision.rules.states import require_task_step
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue import rule_packs
from creditmesh.drawing.conducting import conduct
from creditmesh.drawing.pools import Columns
from creditmesh.drawing.publication import Announcement, Outcome, draw_file
from creditmesh.drawing.seeds import PublicHalf, PublicHalfRefused, require_public
from creditmesh.drawing.visits.recusal import Conflict, Interest, Tie, conflicts


@transaction.atomic
def draw(*, task: UUID, value: str, fixed_at: datetime, by: Actor, node: ThisNode, at: datetime) -> str:
    """Draw with the public value of the source that was announced; return the digest of the published file.

    `fixed_at` is the moment the source fixed it. Raises `NotPermitted`, `UnknownTask`, `WrongStep`,
    `PublicHalfRefused`, `PoolChanged`, `CommitmentBroken`, `FrozenChanged`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = sight.own_task(task, by=by)
    require_task_step(state=TaskState(row.state), to=TaskState.DRAWN)
    told = announcement_of(row)
    public = PublicHalf(value=value.strip()[:200], source=told.public_source, fixed_at=fixed_at)
    require_public(public, committed_at=told.committed_at, now=at)
    if fixed_at < told.public_after:
        raise PublicHalfRefused(
            "The announcement named a later moment: take the value that was fixed after it."
        )
    grades = tuple(told.terms.ratios.by_grade)
    pools = packed.pools(row, grades=grades)
    opened = packed.unpack(row, "openings")
    today = timezone.localdate(at)

    def barred(tickets: Sequence[str]) -> Sequence[Conflict]:
        return _conflicts(tickets, opened, told=told, node=node, on=today)

    secret = packed.hidden(row.secret, task=row, node=node)
    outcome = conduct(announcement=told, secret=secret, public=public, pools=pools, conflicts_among=barred)
    file = draw_file(announcement=told, secret=secret, public=public, pools=pools, outcome=outcome)
    Frozen.objects.bulk_create(
        [packed.pack(row, "file", file), packed.pack(row, "conflicts", list(outcome.conflicts))]
    )
    _write_visits(row, outcome, opened, pools[0].columns, at=at)
    row.state = TaskState.DRAWN.value
    row.public_value, row.public_fixed_at = public.value, public.fixed_at
    row.public_recorded_by = by.who().label[:200]
    row.seed, row.drawn_at = outcome.seed, at
    row.save()
    audit.append(
        who=by.who(),
        act="draw.conduct",
        thing=Thing("supervision-task", str(row.uuid)),
        at=at,
        why=row.number,
        details={"file": file["sha256"], "announcement": told.sha256, "public": public.value},
    )
    audit.announce(event="draw.conducted", key=str(row.uuid), at=at)
    return str(file["sha256"])


def _conflicts(
    tickets: Sequence[str], opened: dict[str, Any], *, told: Announcement, node: ThisNode, on: date
) -> list[Conflict]:
    """Return who must not meet: by what was declared before the commitment, and by what was declared since."""
    drawn = frozenset(tickets)
    ticket_of = {row[2]: row[0] for row in opened["objects"] if row[0] in drawn}
    # An enterprise may be tied to an inspector while one of its devices is drawn.
    owner = {row[2]: row[4] for row in opened["objects"] if row[0] in drawn and row[4] and row[4] != row[2]}
    interests: dict[str, list[Interest]] = {}
    ticket = {code: name for name, _, _, code in opened["inspectors"]}
    for _, _, ties, code in opened["inspectors"]:
        interests[code] = [
            Interest(kind=Tie(kind), object=name, until=date.fromisoformat(until) if until else None)
            for kind, name, until in ties
        ]
    for tie in DeclaredInterest.objects.filter(inspector__code__in=list(interests)).select_related(
        "inspector"
    ):
        interests[tie.inspector.code].append(Interest(kind=Tie(tie.kind), object=tie.object, until=tie.until))
    known = figures(
        pack=rule_packs.load(), grades=tuple(told.terms.ratios.by_grade), on=on, jurisdiction=node.region
    )
    found = conflicts(
        objects=[*ticket_of, *owner.values()],
        interests=interests,
        on=told.staffing.valid_on,
        former_employee_years=known.employee_years,
        last_officers=candidates.last_officers(list(ticket_of)) if known.rotation else {},
    )
    behind: dict[str, list[str]] = {}
    for name, subject in owner.items():
        behind.setdefault(subject, []).append(name)
    pairs = {
        Conflict(ticket_of[name], ticket[one.inspector], one.reason)
        for one in found
        for name in [one.object, *behind.get(one.object, ())]
        if name in ticket_of and one.inspector in ticket
    }
    return sorted(pairs)


def _write_visits(
    row: Task, outcome: Outcome, opened: dict[str, Any], columns: Columns, *, at: datetime
) -> None:
    names = {one[0]: one for one in opened["objects"]}
    wanted = {one.id for one in outcome.selection.drawn}
    places = zip(columns.ids, columns.regions, strict=True)
    regions = {name: region for name, region in places if name in wanted}
    teams = {one.object: one for one in outcome.teams}
    made = Visit.objects.bulk_create(
        [
            Visit(
                uuid=uuid4(),
                task=row,
                place=one.place,
                ticket=one.id,
                object=names[one.id][2],
                subject=names[one.id][4],
                name=names[one.id][3],
                grade=one.grade,
                key=one.key,
                part=one.part,
                region=regions[one.id],
                state=(VisitState.PLANNED if teams[one.id].members else VisitState.UNSTAFFED).value,
                failure=teams[one.id].failure,
                first=row.first,
                last=row.last,
            )
            for one in outcome.selection.drawn
        ],
        batch_size=500,
    )
    known = dict(Inspector.objects.values_list("code", "pk"))
    people = {name: known[code] for name, _, _, code in opened["inspectors"]}
    Assignment.objects.bulk_create(
        [
            Assignment(
                visit=visit, inspector_id=people[one.inspector], unit=one.unit, role=one.role, made_at=at
            )
            for visit in made
            for one in teams[visit.ticket].members
        ],
        batch_size=500,
    )
