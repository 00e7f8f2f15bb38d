"""Which records of a subject are contested, or must not be shared and used any more."""

from collections.abc import Iterable

from creditmesh.apps.records.models import MarkEntry
from creditmesh.apps.records.rules import Mark, MarkKind, MarkStep, RecordRef, standing_marks


def marks_of(subject: str) -> dict[tuple[str, str], Mark]:
    """Return the mark that stands on each marked record of a subject, by item and key."""
    found = standing_marks(map(step, MarkEntry.objects.filter(subject=subject).order_by("seq")))
    return {(record.item, record.key): mark for record, mark in found.items()}


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
