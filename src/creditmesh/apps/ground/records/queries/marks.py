"""Which records of a subject are contested, or must not be shared and used any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection

from creditmesh.apps.ground.records.models import MarkEntry
from creditmesh.apps.ground.records.rules import Mark, MarkKind, MarkStep, RecordRef, standing_marks

ORDER_LOCK = 0x6D61726B
"""On PostgreSQL: held alone by whoever marks, and together by answers that must not be overtaken by a mark."""


def marks_of(subject: str) -> dict[tuple[str, str], Mark]:
    """Return the mark that stands on each marked record of a subject, by item and key."""
    found = standing_marks(map(step, MarkEntry.objects.filter(subject=subject).order_by("seq")))
    return {(record.item, record.key): mark for record, mark in found.items()}


def order(*, hold: bool = False) -> int:
    """Return the place of the last mark that came or went anywhere; with `hold` none comes or goes until the
    caller's transaction ends.
    """
    with connection.cursor() as cursor:
        # SQLite has one writer, who holds the whole file. This lock is fair, those of rows are not: many answers
        # would keep a mark waiting for ever.
        if hold and connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ORDER_LOCK])
        cursor.execute("SELECT last FROM records_markorder WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def marked_since(seen: Mapping[str, int]) -> frozenset[str]:
    """Return the subjects on whose records marks came or went after the place that is given for each."""
    rows = MarkEntry.objects.filter(subject__in=seen.keys(), seq__gt=min(seen.values(), default=0))
    return frozenset(subject for subject, seq in rows.values_list("subject", "seq") if seq > seen[subject])


def mark_of_case(*, record: RecordRef, case: str) -> MarkKind | None:
    """Return what a case last did to a record: the kind of its mark, None when it has none."""
    last = (
        MarkEntry.objects.filter(subject=record.subject, case=case, item=record.item, key=record.key)
        .order_by("-seq")
        .first()
    )
    return MarkKind(last.kind) if last is not None and last.kind else None


def is_stopped(marks: dict[tuple[str, str], Mark], *, item: str, key: str) -> bool:
    """Return whether a record must be neither shared nor used."""
    mark = marks.get((item, key))
    return mark is not None and mark.kind is MarkKind.STOPPED


def stopped_after(subject: str, *, at: datetime) -> bool:
    """Return whether a record of a subject was stopped, by repair or annulment, at a time or later."""
    stops = MarkEntry.objects.filter(subject=subject, kind=MarkKind.STOPPED.value, at__gte=at)
    return stops.exists()


def items_marked_after(seq: int, *, until: int) -> frozenset[str]:
    """Return the items on whose records `stopped` marks may have come or gone between two places in the order."""
    rows: Iterable[str] = MarkEntry.objects.filter(seq__gt=seq, seq__lte=until).values_list("item", flat=True)
    return frozenset(rows)


def marked_at(seq: int) -> RecordRef | None:
    """Return the record whose mark came or went at a place in the order, None when nothing did."""
    row = MarkEntry.objects.filter(seq=seq).first()
    return RecordRef(subject=row.subject, item=row.item, key=row.key) if row else None


def step(row: MarkEntry) -> MarkStep:
    """Return a stored row as the rules know it."""
    return MarkStep(
        record=RecordRef(subject=row.subject, item=row.item, key=row.key),
        case=row.case,
        kind=MarkKind(row.kind) if row.kind else None,
        why=row.why,
        at=row.at,
    )
