"""Lists of inquiries as the institution that handed them in sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Refusal, state_at
from creditmesh.apps.sharing.authorisations.rules import State as Life
from creditmesh.apps.sharing.disclosure.models import InquiryBatch
from creditmesh.apps.sharing.disclosure.models import InquiryLine as Line
from creditmesh.apps.sharing.disclosure.rules.batches import (
    BatchState,
    LineState,
    ResultsExpired,
    UnknownInquiryBatch,
    progress,
    require_reader,
)
from creditmesh.catalogue.model import Mode

PAGE = 100


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """A list with how far it is."""

    uuid: UUID
    mode: str
    purpose: str
    person: str
    state: BatchState
    total: int
    answered: int
    refused: int
    progress: int  # percent
    received_at: datetime
    finished_at: datetime | None
    kept_until: datetime


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """What became of one line; `answer` is the content as canonical JSON, empty when there is none."""

    number: int
    subject: str
    authorisation: UUID | None
    state: LineState
    inquiry: UUID | None
    refusal: str
    answer: str


def batch(*, uuid: UUID, institution: str) -> BatchLine:
    """Return one list of an institution; raise `UnknownInquiryBatch` for any other."""
    return _line(_row(uuid, institution))


def batches(*, institution: str, size: int = 50) -> tuple[BatchLine, ...]:
    """Return the latest lists of an institution, newest first."""
    return tuple(
        _line(row) for row in InquiryBatch.objects.filter(institution=institution).order_by("-id")[:size]
    )


def results(*, uuid: UUID, by: Actor, at: datetime, after: int = 0, size: int = PAGE) -> Sequence[ResultLine]:
    """Return lines of a list of the actor's institution after a number, in order.

    An answer that waited to be fetched when its authorisation was withdrawn is not handed out any more.
    Raises `UnknownInquiryBatch`, `ListOfAnother` for raw detail somebody else asked for, `ResultsExpired`.
    """
    row = _row(uuid, by.organisation)
    require_reader(mode=Mode(row.mode), asked_by=(row.client, row.user_id), reads=(by.client, by.user_id))
    if row.kept_until <= at:
        raise ResultsExpired(
            "The answers of this list are kept no longer: hand the list in again if you may."
        )
    rows = list(
        Line.objects.filter(batch=row, number__gt=after).order_by("number")[: min(max(size, 1), PAGE)]
    )
    withdrawn = _withdrawn({one.authorisation for one in rows if one.answer and one.authorisation}, at=at)
    return [
        ResultLine(
            number=one.number,
            subject=one.subject,
            authorisation=one.authorisation,
            state=LineState(one.state),
            inquiry=one.inquiry,
            refusal=Refusal.WITHDRAWN.value if one.answer and one.authorisation in withdrawn else one.refusal,
            answer="" if one.authorisation in withdrawn else one.answer,
        )
        for one in rows
    ]


def _withdrawn(authorisations_of: set[UUID], *, at: datetime) -> frozenset[UUID]:
    found = authorisations.standings(authorisations_of)
    return frozenset(uuid for uuid, one in found.items() if state_at(one, at=at) is Life.REVOKED)


def _row(uuid: UUID, institution: str) -> InquiryBatch:
    found = InquiryBatch.objects.filter(uuid=uuid, institution=institution).order_by("id").first()
    if found is None:
        raise UnknownInquiryBatch("There is no such list of inquiries among those of your institution.")
    return found


def _line(row: InquiryBatch) -> BatchLine:
    counts = dict(row.lines.values_list("state").annotate(Count("id")).order_by())
    answered, refused = counts.get(LineState.ANSWERED, 0), counts.get(LineState.REFUSED, 0)
    return BatchLine(
        uuid=row.uuid,
        mode=row.mode,
        purpose=row.purpose,
        person=row.person,
        state=BatchState(row.state),
        total=row.total,
        answered=answered,
        refused=refused,
        progress=progress(done=answered + refused, total=row.total),
        received_at=row.received_at,
        finished_at=row.finished_at,
        kept_until=row.kept_until,
    )
