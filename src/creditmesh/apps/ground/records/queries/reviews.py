"""Rows that wait for a decision on whom they are about."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import ReviewCase
from creditmesh.apps.ground.records.rules import Candidate, CaseState, SubjectMatcher, require_permission
from creditmesh.kernel.names import normalise_name

PAGE = 25
_CANDIDATES = 5


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A row that waits for a decision, with the subjects it may be about.

    Values are as stored, by field name: fen, basis points, ISO dates.
    """

    id: int
    batch: UUID
    row: int
    item: str
    source: str
    name: str
    registration_number: str
    values: dict[str, Any]
    state: CaseState
    subject: str
    decided_by: str
    decided_at: datetime | None
    why: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """One page of the queue, oldest first."""

    cases: tuple[CaseLine, ...]
    total: int
    page: int
    pages: int


class ByNameAndNumber:
    """Propose subjects with the same number, the same name, or a name that holds it; no evidence is weighed."""

    def candidates(self, *, name: str, registration_number: str, region: str) -> tuple[Candidate, ...]:
        """Return at most five subjects: same number first, then same name, then names alike."""
        del region
        found: dict[str, Candidate] = {}
        if registration_number:
            for key in parties.subject_keys(name_normal=None, registration_number=registration_number):
                found[key] = Candidate(subject=key, name="", sureness=9_000)
        wanted = normalise_name(name)
        for line in parties.subjects_named(text=name, limit=_CANDIDATES) if len(wanted) > 1 else ():
            same = normalise_name(line.name) == wanted
            found.setdefault(
                line.key, Candidate(subject=line.key, name="", sureness=7_000 if same else 3_000)
            )
        names = parties.subjects(keys=list(found))
        named = [
            Candidate(subject=one.subject, name=names[one.subject].name, sureness=one.sureness)
            for one in found.values()
            if one.subject in names
        ]
        return tuple(sorted(named, key=lambda one: (-one.sureness, one.subject))[:_CANDIDATES])


def review_cases(
    *, viewer: Actor, state: CaseState = CaseState.OPEN, page: int = 1, matcher: SubjectMatcher | None = None
) -> CasePage:
    """Return one page of rows that wait for a decision, or were decided. Raises `NotPermitted`."""
    require_permission(actor=viewer, permission=Permission.DECIDE_REVIEWS)
    rows = ReviewCase.objects.filter(state=state).select_related("batch").order_by("id")
    total = rows.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    by = matcher or ByNameAndNumber()
    chosen = rows[(page - 1) * PAGE : page * PAGE]
    return CasePage(cases=tuple(_line(row, by) for row in chosen), total=total, page=page, pages=pages)


def open_count() -> int:
    """Return how many rows wait for a decision."""
    return ReviewCase.objects.filter(state=CaseState.OPEN).count()


def _line(row: ReviewCase, matcher: SubjectMatcher) -> CaseLine:
    known = row.state == CaseState.OPEN
    found = (
        tuple(matcher.candidates(name=row.name, registration_number=row.registration_number, region=""))
        if known
        else ()
    )
    return CaseLine(
        id=row.id,
        batch=row.batch.uuid,
        row=row.row,
        item=row.item,
        source=row.source,
        name=row.name,
        registration_number=row.registration_number,
        values=json.loads(row.values),
        state=CaseState(row.state),
        subject=row.subject,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        why=row.why,
        candidates=found,
    )
