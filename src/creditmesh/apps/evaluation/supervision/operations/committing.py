"""Freeze the pools of a task and publish the commitment; from here on nothing can be chosen any more."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import CheckItem, Frozen, Inspector, Task
from creditmesh.apps.evaluation.supervision.queries import candidates, packed, sight, standing
from creditmesh.apps.evaluation.supervision.rules.codes import (
    InspectorState,
    ItemKind,
    PlanState,
    TaskState,
)
from creditmesh.apps.evaluation.supervision.rules.figures import Figures, figures
from creditmesh.apps.evaluation.supervision.rules.states import WrongStep, require_task_step, require_window
from creditmesh.apps.evaluation.supervision.rules.terms import lines, staffing_of, stated, terms_of
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.catalogue import rule_packs
from creditmesh.drawing import sealing, seeds
from creditmesh.drawing.pools import Candidate, Leaving, ObjectPool, freeze, freeze_inspectors
from creditmesh.drawing.pools import Inspector as Drawable
from creditmesh.drawing.publication import Announcement
from creditmesh.drawing.seeds import PublicHalfRefused
from creditmesh.drawing.selecting import ALGORITHM
from creditmesh.drawing.written import SEPARATOR, sha256, written


@dataclass(frozen=True, kw_only=True)
class PublicSource:
    """Which value of whom will be the public half, and the moment after which it is fixed."""

    name: str
    after: datetime


@dataclass(frozen=True)
class _People:
    rows: tuple[Drawable, ...]
    openings: list[list[Any]]


@transaction.atomic
def commit(
    *,
    task: UUID,
    public: PublicSource,
    authority: str,
    by: Actor,
    node: ThisNode,
    at: datetime,
) -> Announcement:
    """Freeze the pools, draw the secret half and publish its commitment; return the announcement.

    Raises `NotPermitted`, `UnknownTask`, `WrongStep`, `BadWindow`, `NoPool`, `NoResultsYet`, `BadTaskTerms`,
    `BadRatios`, `BadNeed`, `PublicHalfRefused`.
    """
    by.demand(Permission.SUPERVISION_DRAW)
    row = sight.own_task(task, by=by)
    require_task_step(state=TaskState(row.state), to=TaskState.COMMITTED)
    if row.batch.plan.state != PlanState.APPROVED.value:
        raise WrongStep("The plan of this task is not approved yet: ask for approval first.")
    today = timezone.localdate(at)
    require_window(first=row.first, last=row.last, on=today)
    if not public.name.strip() or public.after <= at:
        raise PublicHalfRefused(
            "Name the source of the public half, and a moment after now when it is fixed."
        )
    source = candidates.source_of(row)
    pack = rule_packs.load()
    known = figures(pack=pack, grades=source.grades, on=today, jurisdiction=node.region)
    objects, openings = _objects(row, source, known=known, node=node, on=today)
    people = _people(row, sealed=not source.public)
    secret = secrets.token_hex(seeds.SECRET_BYTES)
    announcement = _announcement(
        row, known, objects, people, secret=secret, public=public, authority=authority, at=at
    )
    opened = {"objects": openings, "inspectors": people.openings, "figures": known.shown()}
    Frozen.objects.bulk_create(
        [
            packed.pack_written(row, "objects", objects.written),
            packed.pack(row, "inspectors", freeze_inspectors(people.rows).rows),
            packed.pack(row, "openings", opened),
        ]
    )
    row.state = TaskState.COMMITTED.value
    row.run, row.sealed = source.run, announcement.sealed
    row.algorithm, row.rule_pack = ALGORITHM, pack.version[:200]
    row.secret, row.committed_at = packed.hidden(secret, task=row, node=node), at
    row.announcement = json.dumps(announcement.document(), ensure_ascii=False)
    row.announcement_sha256 = announcement.sha256
    row.public_source, row.public_after = announcement.public_source, announcement.public_after
    row.save()
    audit.append(
        who=by.who(),
        act="draw.commit",
        thing=Thing("supervision-task", str(row.uuid)),
        at=at,
        why=row.number,
        details={
            "announcement": announcement.sha256,
            "secret": announcement.secret_sha256,
            "objects": announcement.objects_sha256,
            "inspectors": announcement.inspectors_sha256,
        },
    )
    audit.announce(event="draw.committed", key=str(row.uuid), at=at)
    return announcement


def _objects(
    row: Task, source: candidates.Source, *, known: Figures, node: ThisNode, on: date
) -> tuple[ObjectPool, list[list[Any]]]:
    """Return the frozen pool and what opens it: ticket, salt, object, name, subject."""
    found = list(candidates.members(row, source=source, node=node, on=on))
    if not any(one.in_scope for one in found):
        raise candidates.NoPool("Nobody is in the pool of this task: widen its region, industry or list.")
    if source.public:
        tickets = tuple(sealing.Ticket(one.object, "", one.object) for one in found)
    else:
        tickets = sealing.seal(one.object for one in found)
    leaving = Leaving(
        on=on, cool_down_days=known.cool_down, most_visits=known.most_visits, key_items=_has_key_item(row)
    )
    pool = freeze(
        (
            Candidate(
                ticket.ticket,
                one.grade,
                one.key,
                one.region,
                one.last_inspected,
                one.visits,
                one.exempt_until,
                one.in_scope,
            )
            for one, ticket in zip(found, tickets, strict=True)
        ),
        grades=source.grades,
        leaving=leaving,
    )
    openings = [
        [ticket.ticket, ticket.salt, one.object, one.name, one.subject]
        for one, ticket in zip(found, tickets, strict=True)
    ]
    return pool, openings


def _items(row: Task) -> list[CheckItem]:
    return list(
        CheckItem.objects.filter(unit=row.unit, code__in=lines(row.items), ended_on=None).order_by("id")
    )


def _has_key_item(row: Task) -> bool:
    return any(one.kind == ItemKind.KEY.value for one in _items(row))


def _people(row: Task, *, sealed: bool) -> _People:
    units = [row.unit, *lines(row.joint_units)]
    found = (
        Inspector.objects.filter(unit__in=units, state=InspectorState.ACTIVE.value)
        .annotate(load=standing.open_load())
        .prefetch_related("interests")
        .order_by("code")
    )
    rows = []
    openings: list[list[Any]] = []
    for one in found:
        salt = secrets.token_hex(sealing.SALT_BYTES)
        ties = sorted(
            [tie.kind, tie.object, tie.until.isoformat() if tie.until else ""] for tie in one.interests.all()
        )
        facts = sha256(f"{salt}{SEPARATOR}".encode() + written(ties))
        name = sealing.ticket_of(one.code, salt=salt) if sealed else one.code
        openings.append([name, salt, ties, one.code])
        rows.append(
            Drawable(
                name,
                one.unit,
                one.region,
                one.valid_to.isoformat(),
                lines(one.specialties),
                one.duty,
                True,
                one.load,
                facts,
            )
        )
    return _People(tuple(rows), openings)


def _announcement(  # noqa: PLR0913 - an announcement says all of that
    row: Task,
    known: Figures,
    objects: ObjectPool,
    people: _People,
    *,
    secret: str,
    public: PublicSource,
    authority: str,
    at: datetime,
) -> Announcement:
    own = stated(json.loads(row.terms))
    return Announcement(
        task=row.number,
        title=row.title,
        authority=authority,
        items=lines(row.items),
        committed_at=at,
        secret_sha256=seeds.commitment(secret),
        public_source=public.name.strip()[:200],
        public_after=public.after,
        objects_sha256=objects.sha256,
        inspectors_sha256=freeze_inspectors(people.rows).sha256,
        sealed=row.list is None or not row.list.public,
        terms=terms_of(own, known=known),
        staffing=staffing_of(
            own,
            known=known,
            unit=row.unit,
            joint=lines(row.joint_units),
            specialties=_specialties(_items(row)),
            last=row.last,
        ),
    )


def _specialties(items: Sequence[CheckItem]) -> list[str]:
    return sorted({one for item in items for one in lines(item.specialties)})
