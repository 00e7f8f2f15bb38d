"""Mark records as contested or stopped, and take marks off; copy every step to the lake, which is the truth."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Max

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.models import MarkEntry, MarkOrder
from creditmesh.apps.ground.records.queries.marks import ORDER_LOCK, mark_of_case
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.lake.marks import MarkRow

_ROWS_A_WRITE = 5_000


def mark(
    *, record: RecordRef, kind: MarkKind, case: str, by: Who, at: datetime, why: str = ""
) -> MarkEntry | None:
    """Put the mark of a case on a record, in the caller's transaction; whoever shares records sees it at once.

    A case has one mark on a record: a new kind takes the place of the one before, the same kind again changes
    nothing and returns None. The event `record.marked` has the lake follow.
    """
    return _step(record=record, kind=kind, case=case, by=by, at=at, why=why)


def lift(*, record: RecordRef, case: str, by: Who, at: datetime, why: str = "") -> MarkEntry | None:
    """Take the mark of a case off a record, in the caller's transaction; None when it has none.

    Marks of other cases stay.
    """
    return _step(record=record, kind=None, case=case, by=by, at=at, why=why)


def write_to_lake(*, node: ThisNode, at: datetime) -> int:
    """Copy every mark that the lake does not hold yet, in order, and return how many; safe to repeat.

    Announces `marks.written` with the place of the last one when there were any.
    """
    written = 0
    while True:
        rows = MarkEntry.objects.filter(seq__gt=node.lake.last_mark()).order_by("seq")[:_ROWS_A_WRITE]
        found = [_lake_row(row) for row in rows]
        if not found:
            return written
        written += node.lake.mark(found)
        audit.announce(event="marks.written", key=str(found[-1].seq), at=at)


def restore(*, node: ThisNode) -> int:
    """Make the database hold the marks of the lake, as after its loss; return how many were missing.

    Marks made since then and not in the lake yet are kept and come after those of the lake.
    """
    with transaction.atomic():
        _locked_order()
        there = {row.uuid: row for row in map(_entry, node.lake.marks())}
        kept = MarkEntry.objects.filter(uuid__in=there) if there else MarkEntry.objects.none()
        known = set(kept.values_list("uuid", flat=True))
        missing = [row for uuid, row in there.items() if uuid not in known]
        last = max((row.seq for row in there.values()), default=0)
        if missing:
            _move_behind(last, kept=set(there))
            MarkEntry.objects.bulk_create(missing, batch_size=1000)
        highest = MarkEntry.objects.aggregate(last=Max("seq"))["last"] or 0
        MarkOrder.objects.filter(id=1).update(last=max(highest, last))
    return len(missing)


def _step(
    *, record: RecordRef, kind: MarkKind | None, case: str, by: Who, at: datetime, why: str
) -> MarkEntry | None:
    with transaction.atomic():
        # The counter's row stays locked until the caller's transaction ends, so the order is that of commits.
        seq = _locked_order() + 1
        if mark_of_case(record=record, case=case) is kind:
            return None
        MarkOrder.objects.filter(id=1).update(last=seq)
        row = MarkEntry.objects.create(
            seq=seq,
            uuid=uuid4(),
            subject=record.subject,
            item=record.item,
            key=record.key,
            case=case,
            kind=kind or "",
            why=why,
            by=by.label[:200],
            at=at,
        )
        act = "record.mark" if kind else "record.unmark"
        told = " ".join(part for part in (kind or "", case, why) if part)
        thing = Thing("record", f"{record.item} {record.key}")
        audit.append(who=by, act=act, thing=thing, why=told, at=at, subject=record.subject)
        audit.announce(event="record.marked", key=str(seq), at=at)
    return row


def _locked_order() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER_LOCK])
    MarkOrder.objects.get_or_create(id=1)
    MarkOrder.objects.filter(id=1).update(last=F("last"))
    return MarkOrder.objects.get(id=1).last


def _move_behind(last: int, *, kept: set[UUID]) -> None:
    """Give marks that the lake does not hold places after its last one, in their old order."""
    own = MarkEntry.objects.exclude(uuid__in=kept)
    order = list(own.order_by("seq").values_list("pk", flat=True))
    # Out of the way first: a place may be free only after another row has left it.
    own.update(seq=-F("seq"))
    for place, pk in enumerate(order, start=last + 1):
        MarkEntry.objects.filter(pk=pk).update(seq=place)


def _lake_row(row: MarkEntry) -> MarkRow:
    return MarkRow(
        seq=row.seq,
        uuid=str(row.uuid),
        subject=row.subject,
        item=row.item,
        key=row.key,
        case=row.case,
        kind=row.kind,
        why=row.why,
        by=row.by,
        at=row.at,
    )


def _entry(row: MarkRow) -> MarkEntry:
    return MarkEntry(
        seq=row.seq,
        uuid=UUID(row.uuid),
        subject=row.subject,
        item=row.item,
        key=row.key,
        case=row.case,
        kind=row.kind,
        why=row.why,
        by=row.by,
        at=row.at,
    )
