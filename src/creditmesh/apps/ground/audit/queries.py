"""What the ledger says, page by page; which news still waits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.audit.rules import Outcome
from creditmesh.exchange.canonical import JSON

# From one act to the next along the index: DISTINCT would read an entry of every inquiry ever made.
_ACTS = """
    WITH RECURSIVE known (act) AS (
        SELECT min(act) FROM audit_entry
        UNION ALL SELECT (SELECT min(act) FROM audit_entry WHERE act > known.act) FROM known
        WHERE known.act IS NOT NULL
    ) SELECT act FROM known WHERE act IS NOT NULL ORDER BY act
"""


@dataclass(frozen=True)
class Filter:
    """Which entries to show; what is not stated does not narrow."""

    act: str = ""  # an act or the beginning of one: "batch." finds all acts on batches
    user: str = ""  # part of the user's label
    organisation: str = ""
    object_kind: str = ""
    object_key: str = ""
    subject: str = ""  # key of the enterprise an entry is about
    outcome: Outcome | None = None
    starts_at: datetime | None = None  # half-open: [starts_at, ends_at)
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One entry as a page shows it."""

    id: int
    at: datetime
    user_id: int | None
    user_label: str
    organisation: str
    role: str
    act: str
    object_kind: str
    object_key: str
    why: str
    outcome: str
    request: str
    uuid: UUID
    subject: str


@dataclass(frozen=True)
class Detail:
    """One entry with everything it says."""

    line: Line
    details: Mapping[str, JSON]


@dataclass(frozen=True)
class Page:
    """A page of the ledger, newest first; `older` is what to pass as `before` for the next page."""

    lines: tuple[Line, ...]
    older: int | None


def ledger_page(*, narrowed: Filter | None = None, before: int | None = None, size: int = 50) -> Page:
    """Return a page of entries, newest first, older than entry `before` when it is given."""
    rows = _narrow(narrowed or Filter())
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = [_line(row) for row in rows.order_by("-id")[: size + 1]]
    older = found[size - 1].id if len(found) > size else None
    return Page(lines=tuple(found[:size]), older=older)


def line(uuid: UUID) -> Detail | None:
    """Return an entry by its name, None when there is none or its text has expired."""
    row = Entry.objects.filter(uuid=uuid).first()
    return Detail(line=_line(row), details=json.loads(row.details or "{}")) if row else None


def acts() -> tuple[str, ...]:
    """Return every kind of act the ledger holds, for a filter's drop-down."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTS)
        return tuple(act for (act,) in cursor.fetchall())


def news_waits() -> bool:
    """Return whether any event waits to be passed on."""
    return Event.objects.filter(handled_at=None).exists()


def unhandled_events(*, limit: int = 100) -> Sequence[Event]:
    """Return news that waits to be passed on, oldest first, locked until the transaction ends."""
    waiting = Event.objects.filter(handled_at=None).order_by("id")
    return list(waiting.select_for_update(skip_locked=True)[:limit])


def _line(row: Entry) -> Line:
    return Line(**{name: getattr(row, name) for name in Line.__dataclass_fields__})


def _narrow(narrowed: Filter) -> QuerySet[Entry]:
    stated: dict[str, object] = {
        "act__startswith": narrowed.act,
        "user_label__icontains": narrowed.user,
        "organisation__icontains": narrowed.organisation,
        "object_kind": narrowed.object_kind,
        "object_key": narrowed.object_key,
        "subject": narrowed.subject,
        "outcome": narrowed.outcome,
        "at__gte": narrowed.starts_at,
        "at__lt": narrowed.ends_at,
    }
    return Entry.objects.filter(**{name: value for name, value in stated.items() if value})
