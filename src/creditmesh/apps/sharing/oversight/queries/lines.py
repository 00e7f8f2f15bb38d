"""Inquiries one by one: without an outcome, or with nothing behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.sharing.oversight.queries import counting
from creditmesh.apps.sharing.oversight.rules import Kind, Rest, Thresholds

MOST_EXPORTED = 100_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """An inquiry with what followed it; never a value of a record."""

    uuid: UUID
    at: datetime
    due: datetime
    overdue: bool
    person: str
    user_id: int | None
    client: str
    subject: str
    purpose: str
    mode: str
    kind: Kind | None
    reference: str
    rest: Rest | None


@dataclass(frozen=True, kw_only=True)
class LinePage:
    """A part of a list, oldest first: what is due soonest stands on top."""

    lines: tuple[Line, ...]
    total: int


def waiting(
    institution: str, *, limits: Thresholds, since: datetime, at: datetime, offset: int = 0, limit: int = 50
) -> LinePage:
    """Return the inquiries of an institution that wait for an outcome."""
    rows = counting.without_outcome(institution, since=since, at=at)
    return _page(rows, limits=limits, at=at, offset=offset, limit=limit)


def nothing_behind(
    institution: str, *, limits: Thresholds, since: datetime, at: datetime, offset: int = 0, limit: int = 50
) -> LinePage:
    """Return the inquiries of an institution with nothing behind them."""
    rows = counting.with_nothing(institution, limits=limits, since=since, at=at)
    return _page(rows, limits=limits, at=at, offset=offset, limit=limit)


def _page(rows: QuerySet[Any], *, limits: Thresholds, at: datetime, offset: int, limit: int) -> LinePage:
    shown = rows.order_by("at", "id")[offset : offset + min(limit, MOST_EXPORTED)]
    return LinePage(lines=tuple(_lines(shown, limits=limits, at=at)), total=rows.count())


def _lines(rows: QuerySet[Any], *, limits: Thresholds, at: datetime) -> Iterator[Line]:
    for row in rows:
        due = limits.due(row.at)
        yield Line(
            uuid=row.uuid,
            at=row.at,
            due=due,
            overdue=due < at and row.kind is None,
            person=row.person,
            user_id=row.user_id,
            client=row.client,
            subject=row.subject,
            purpose=row.purpose,
            mode=row.mode,
            kind=Kind(row.kind) if row.kind else None,
            reference=row.reference or "",
            rest=Rest(row.rest) if row.rest else None,
        )
