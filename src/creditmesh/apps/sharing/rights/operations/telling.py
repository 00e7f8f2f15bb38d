"""After a record changed: tell every holder of the stale value, once, and evaluate again, many at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.evaluation.grading.queries import runs, systems
from creditmesh.apps.evaluation.grading.rules import State as RunState
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import RecordRef
from creditmesh.apps.members.institutions.operations import noticing
from creditmesh.apps.members.institutions.queries import UnknownInstitution
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.apps.sharing.rights.models import DutyNotice, HolderNotice, Reevaluation
from creditmesh.scoring.definition.loaded import items_read

NODE = Actor(user_id=None, label="worker", roles=frozenset({Role.OPERATOR}))
"""The node itself, when it asks for what follows from a decision of a person."""


def tell_holders(
    *,
    record: RecordRef,
    case: UUID,
    kind: str,
    at: datetime,
    since: datetime | None = None,
    only_told: bool = False,
) -> int:
    """Send a notice to everyone who received the record, once for each case; return how many are new.

    Institutions are told in their inbox, departments that asked for their duties in theirs. `kind` is
    `record.corrected`, `record.stopped` or `record.restored`. The notice names the record and the inquiries it was
    handed out with, never a value. Whoever was told before `since`, when a review decided otherwise, is told again;
    with `only_told` nobody else.
    """
    told = 0
    for holder in inquiries.holders(record.subject, item=record.item, key=record.key):
        before = HolderNotice.objects.filter(case=case, institution=holder.institution).first()
        if before is None and only_told:
            continue
        if before is None or (since is not None and before.told_at < since):
            told += _tell(holder, before, record=record, case=case, kind=kind, at=at)
    return told


def _tell(
    holder: inquiries.Holder,
    before: HolderNotice | None,
    *,
    record: RecordRef,
    case: UUID,
    kind: str,
    at: datetime,
) -> bool:
    about = {
        "subject": record.subject,
        "item": record.item,
        "inquiries": [str(one) for one in holder.inquiries],
        "case": str(case),
    }
    with transaction.atomic():
        notice = _notice(holder.institution, kind=kind, about=about, at=at)
        if not _noted(holder.institution, before, record=record, case=case, notice=notice, at=at):
            transaction.set_rollback(True)
            return False  # another teller of the same case was quicker: this notice is taken back
        audit.append(
            who=WORKER,
            act="record.tell_holder",
            thing=Thing("notice", str(notice)),
            at=at,
            why=f"{kind} {record.item} to {holder.institution}",
            subject=record.subject,
        )
    return True


def _notice(holder: str, *, kind: str, about: dict[str, Any], at: datetime) -> UUID:
    try:
        return noticing.notify(institution=holder, kind=kind, about=about, at=at).uuid
    except UnknownInstitution:  # a department that asked for its duties
        made = DutyNotice.objects.create(
            uuid=uuid4(), organisation=holder, kind=kind, about=about, made_at=at
        )
        return made.uuid


def _noted(
    institution: str,
    before: HolderNotice | None,
    *,
    record: RecordRef,
    case: UUID,
    notice: UUID,
    at: datetime,
) -> bool:
    if before is not None:
        rows = HolderNotice.objects.filter(pk=before.pk, told_at=before.told_at)
        return bool(rows.update(notice=notice, told_at=at))
    _, new = HolderNotice.objects.get_or_create(
        case=case,
        institution=institution,
        defaults={"subject": record.subject, "notice": notice, "told_at": at},
    )
    return new


def want_evaluation(
    *, item: str, case: UUID, node: ThisNode, at: datetime, since: datetime | None = None
) -> tuple[str, ...]:
    """Note that every system which reads an item is to be run again because of a case; return the systems.

    Only systems with results here: one that was never run has nothing to be put right. What was asked for
    before `since`, when a review decided otherwise, is asked for again.
    """
    affected = tuple(name for name in runs.systems_with_results() if item in _items(name, node, at))
    for system in affected:
        row, new = Reevaluation.objects.get_or_create(case=case, system=system, defaults={"asked_at": at})
        if not new and since is not None and row.asked_at < since:
            Reevaluation.objects.filter(pk=row.pk).update(run=None, asked_at=at)
    return affected


def evaluate_again(*, node: ThisNode, at: datetime) -> tuple[UUID, ...]:
    """Ask for one run of each system that waits for one, and return the runs; changes that wait share a run.

    A run that has begun has read the marks of before: what came since waits until it has ended.
    """
    # Named before the marks are written: what is wanted meanwhile may have a mark this run does not read.
    waiting = dict(Reevaluation.objects.filter(run=None).values_list("id", "system"))
    names = sorted(set(waiting.values()))
    if not names:
        return ()
    marking.write_to_lake(node=node, at=at)
    found = []
    for name in names:
        wanted = [one for one, system in waiting.items() if system == name]
        found.append(_run(name, wanted, node=node, at=at))
    return tuple(run for run in found if run is not None)


def _run(system: str, wanted: Sequence[int], *, node: ThisNode, at: datetime) -> UUID | None:
    today = timezone.localdate(at)
    under_way = [one for one in runs.unfinished(system=system) if one.as_of == today]
    if under_way and under_way[0].state is not RunState.REQUESTED:
        return None
    with transaction.atomic():
        try:
            run = (
                under_way[0].uuid
                if under_way
                else requesting.request_run(
                    system=system, as_of=today, by=NODE, node=node, at=at, changes_only=True
                ).uuid
            )
        except (requesting.AlreadyUnderWay, systems.UnknownSystem):
            return None
        Reevaluation.objects.filter(id__in=wanted, run=None).update(run=run)
    return run


def _items(name: str, node: ThisNode, at: datetime) -> frozenset[str]:
    """Return what a system reads as it is valid now, published here or shipped; nothing where none is valid."""
    try:
        file = systems.valid(name, on=timezone.localdate(at), home=node.home)
        return frozenset(items_read(systems.loaded(file, catalogue=node.catalogue)))
    except (systems.UnknownSystem, systems.NothingValid):
        return frozenset()
