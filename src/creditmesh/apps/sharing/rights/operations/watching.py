"""What nobody must forget: days that pass, decisions nobody contests, publicity that ends by itself."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.ground.records.rules import RecordRef
from creditmesh.apps.sharing.rights.models import Appeal, Objection, Repair
from creditmesh.apps.sharing.rights.operations import repairing, walking
from creditmesh.apps.sharing.rights.operations.objecting import last_day_for_review
from creditmesh.apps.sharing.rights.queries import held, publicity
from creditmesh.apps.sharing.rights.rules import appeals, repairs
from creditmesh.apps.sharing.rights.rules.objections import OPEN, State


def tell_breaches(*, at: datetime) -> int:
    """Write down every day that was missed, once for each step, and announce it; return how many."""
    today = timezone.localdate(at)
    late = Objection.objects.filter(state__in=sorted(OPEN), due__lt=today).order_by("due", "id")
    told = sum(_tell_objection(row, at=at) for row in late)
    told += _tell_rows(Repair.objects.filter(state__in=sorted(repairs.UNDECIDED)), "repair", today, at)
    told += _tell_rows(Appeal.objects.filter(state=appeals.State.OPEN), "appeal", today, at)
    return told


def close_uncontested(*, at: datetime) -> int:
    """Close objections whose decision nobody had reviewed in time; return how many."""
    closed = 0
    for found in Objection.objects.filter(state=State.NOTIFIED).order_by("id"):
        last = last_day_for_review(found)
        if last is None or timezone.localdate(at) <= last:
            continue
        with transaction.atomic():
            row = walking.locked(found.uuid)
            if row.state == State.NOTIFIED:
                row.closed_at = at
                walking.step(row, to=State.CLOSED, by=WORKER, at=at)
                closed += 1
    return closed


def end_publicity(*, node: ThisNode, at: datetime, most: int = repairing.MOST_A_ROUND) -> int:
    """Stop sharing and use of records whose publicity has ended by itself, so many a round; return how many."""
    ended = 0
    for ref in publicity.over(node=node, on=timezone.localdate(at), most=most, turn=at.isoformat()):
        ended += _end(ref, node=node, at=at)
    return ended


def _end(ref: RecordRef, *, node: ThisNode, at: datetime) -> bool:
    if marks.is_stopped(marks.marks_of(ref.subject), item=ref.item, key=ref.key):
        return False
    record = held.now(ref, node=node)
    return record is not None and repairing.end_publicity(record=record, node=node, at=at) is not None


def _tell_objection(found: Objection, *, at: datetime) -> bool:
    with transaction.atomic():
        row = walking.locked(found.uuid)
        if row.breach_told_for == row.state or row.due is None or row.due >= timezone.localdate(at):
            return False
        row.breached, row.breach_told_for = True, row.state
        row.save(update_fields=["breached", "breach_told_for"])
        walking.tell(row, what="overdue", by=WORKER, at=at, note=f"{row.state} {row.due}")
        audit.announce(event="objection.overdue", key=str(row.uuid), at=at)
    return True


def _tell_rows(rows: QuerySet[Repair] | QuerySet[Appeal], kind: str, today: date, at: datetime) -> int:
    told = 0
    for row in rows.filter(due__lt=today, breached=False).order_by("due", "id"):
        with transaction.atomic():
            row.breached = True
            row.save(update_fields=["breached"])
            audit.append(
                who=WORKER,
                act=f"{kind}.overdue",
                thing=Thing(kind, str(row.uuid)),
                at=at,
                why=str(row.due),
                outcome=Outcome.FAILED,
                subject=row.subject,
            )
            audit.announce(event="objection.overdue", key=str(row.uuid), at=at)
        told += 1
    return told
