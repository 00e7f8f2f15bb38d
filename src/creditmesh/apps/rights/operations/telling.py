"""After a record changed: tell every holder of the stale value, once, and evaluate again, many at a time."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import WORKER, Thing
from creditmesh.apps.disclosure.queries import inquiries
from creditmesh.apps.grading.operations import requesting
from creditmesh.apps.grading.queries import runs, systems
from creditmesh.apps.grading.rules import State as RunState
from creditmesh.apps.institutions.operations import noticing
from creditmesh.apps.institutions.queries import UnknownInstitution
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties.rules import Actor, Role
from creditmesh.apps.records.operations import marking
from creditmesh.apps.records.rules import RecordRef
from creditmesh.apps.rights.models import HolderNotice, Reevaluation
from creditmesh.scoring.definition.loaded import items_read

NODE = Actor(user_id=None, label="worker", roles=frozenset({Role.OPERATOR}))
"""The node itself, when it asks for what follows from a decision of a person."""


def tell_holders(*, record: RecordRef, case: UUID, kind: str, at: datetime) -> int:
    """Send a notice to every institution that received the record, once for each case; return how many are new.

    `kind` is `record.corrected` or `record.stopped`. The notice names the record and the inquiries it was handed
    out with, never a value.
    """
    told = 0
    for holder in inquiries.holders(record.subject, item=record.item, key=record.key):
        told += _tell(holder, record=record, case=case, kind=kind, at=at)
    return told


def _tell(holder: inquiries.Holder, *, record: RecordRef, case: UUID, kind: str, at: datetime) -> bool:
    about = {
        "subject": record.subject,
        "item": record.item,
        "inquiries": [str(one) for one in holder.inquiries],
        "case": str(case),
    }
    with transaction.atomic():
        if HolderNotice.objects.filter(case=case, institution=holder.institution).exists():
            return False
        try:
            notice = noticing.notify(institution=holder.institution, kind=kind, about=about, at=at)
        except UnknownInstitution:
            return False  # a department that looked for its duties: it reads the records here, not a copy
        # The constraint makes a second teller of the same case fail and take its notice back.
        HolderNotice.objects.create(
            case=case, subject=record.subject, institution=holder.institution, notice=notice.uuid, told_at=at
        )
        audit.append(
            who=WORKER,
            act="record.tell_holder",
            thing=Thing("notice", str(notice.uuid)),
            at=at,
            why=f"{kind} {record.item} to {holder.institution}",
            subject=record.subject,
        )
    return True


def want_evaluation(*, item: str, case: UUID, node: ThisNode, at: datetime) -> tuple[str, ...]:
    """Note that every system which reads an item is to be run again because of a case; return the systems.

    Only systems with results here: one that was never run has nothing to be put right.
    """
    affected = tuple(name for name in runs.systems_with_results() if item in _items(name, node))
    for system in affected:
        Reevaluation.objects.get_or_create(case=case, system=system, defaults={"asked_at": at})
    return affected


def evaluate_again(*, node: ThisNode, at: datetime) -> tuple[UUID, ...]:
    """Ask for one run of each system that waits for one, and return the runs; changes that wait share a run.

    A run that has begun has read the marks of before: what came since waits until it has ended.
    """
    waiting = Reevaluation.objects.filter(run=None).order_by("system").values_list("system", flat=True)
    names = sorted(set(waiting))
    if not names:
        return ()
    marking.write_to_lake(node=node, at=at)
    return tuple(run for run in (_run(name, node=node, at=at) for name in names) if run is not None)


def _run(system: str, *, node: ThisNode, at: datetime) -> UUID | None:
    today = timezone.localdate(at)
    under_way = [one for one in runs.unfinished(system=system) if one.as_of == today]
    if under_way and under_way[0].state is not RunState.REQUESTED:
        return None
    with transaction.atomic():
        try:
            run = (
                under_way[0].uuid
                if under_way
                else requesting.request_run(system=system, as_of=today, by=NODE, node=node, at=at).uuid
            )
        except (requesting.AlreadyUnderWay, systems.UnknownSystem):
            return None
        Reevaluation.objects.filter(system=system, run=None).update(run=run)
    return run


def _items(name: str, node: ThisNode) -> frozenset[str]:
    try:
        return frozenset(items_read(systems.loaded(systems.shipped_path(name), catalogue=node.catalogue)))
    except systems.UnknownSystem:
        return frozenset()
