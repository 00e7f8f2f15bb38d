"""Claims to act for an enterprise: one's own, those that wait for a person, those that contest an owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises.models import Claim, Contact, Evidence
from creditmesh.apps.members.enterprises.rules import (
    INDIVIDUAL_BUSINESS,
    WAITING,
    Capacity,
    Part,
    State,
    Statement,
)
from creditmesh.kernel.errors import CreditmeshError


class UnknownClaim(CreditmeshError):
    """There is no such claim among those one may see."""

    code = "unknown-claim"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of evidence, without the file."""

    uuid: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    stored_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnClaim:
    """A claim as the claimant sees it: never what agreed with the register and what did not."""

    uuid: UUID
    subject: str
    name: str
    representative: str
    capacity: Capacity
    stage: str  # draft, waiting, active, rejected, ended
    why: str
    submitted_at: datetime | None
    decided_at: datetime | None
    files: tuple[File, ...]


@dataclass(frozen=True, kw_only=True)
class ClaimLine:
    """A claim as whoever decides sees it."""

    uuid: UUID
    subject: str
    name: str
    representative: str
    capacity: Capacity
    claimant: str
    username: str
    phone: str
    state: State
    verdict: str
    findings: tuple[tuple[Part, bool | None], ...]
    checked_by: str
    individual: bool
    contested: bool
    submitted_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    why: str
    files: tuple[File, ...]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """That somebody else claims an enterprise, as its owners are told."""

    claimant: str
    capacity: Capacity
    submitted_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimPage:
    """A part of the queue, the longest waiting first."""

    claims: tuple[ClaimLine, ...]
    total: int


def own(user_id: int) -> OwnClaim | None:
    """Return a user's latest claim, None when there is none."""
    row = Claim.objects.filter(user_id=user_id).order_by("-id").first()
    if row is None:
        return None
    state = State(row.state)
    return OwnClaim(
        uuid=row.uuid,
        subject=row.subject,
        name=row.name,
        representative=row.representative,
        capacity=Capacity(row.capacity),
        # One word for all of them: whether the register agreed must not be readable from outside.
        stage="waiting" if state in WAITING else state.value,
        why=row.why,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        files=_files(row),
    )


def queue(*, viewer: Actor, decided: bool = False, offset: int = 0, limit: int = 20) -> ClaimPage:
    """Return claims that wait for a person, longest waiting first, or those decided, latest first."""
    viewer.demand(Permission.REVIEW_CLAIMS)
    rows = _decided() if decided else _undecided()
    found = rows.select_related("user").prefetch_related("evidence")[offset : offset + limit]
    phones = dict(
        Contact.objects.filter(user__in=[row.user_id for row in found]).values_list("user", "phone")
    )
    return ClaimPage(claims=tuple(_line(row, phones) for row in found), total=rows.count())


def waiting_for_a_person() -> int:
    """Return how many claims the operator has to decide."""
    return _undecided().count()


def unchecked(*, limit: int = 100) -> tuple[UUID, ...]:
    """Return claims that were handed in and not checked yet, oldest first."""
    waiting = Claim.objects.filter(state=State.SUBMITTED.value).order_by("submitted_at", "id")
    return tuple(waiting.values_list("uuid", flat=True)[:limit])


def contests(*, viewer: Actor) -> tuple[Contest, ...]:
    """Return who else claims the viewer's enterprise now, so that its owner can speak up."""
    if not viewer.subject:
        return ()
    rows = Claim.objects.filter(
        subject=viewer.subject, state__in=sorted(one.value for one in WAITING)
    ).order_by("submitted_at")
    return tuple(
        Contest(claimant=row.claimant, capacity=Capacity(row.capacity), submitted_at=row.submitted_at)
        for row in rows
        if row.submitted_at is not None
    )


def statement(claim: Claim) -> Statement:
    """Return what a claim says, for a check."""
    return Statement(
        subject=claim.subject,
        name=claim.name,
        representative=claim.representative,
        capacity=Capacity(claim.capacity),
        claimant=claim.claimant,
    )


def _undecided() -> QuerySet[Claim]:
    return Claim.objects.filter(state__in=[State.MATCHED.value, State.REVIEW.value]).order_by(
        "submitted_at", "id"
    )


def _decided() -> QuerySet[Claim]:
    return Claim.objects.exclude(decided_at=None).order_by("-decided_at", "-id")


def _line(row: Claim, phones: dict[int, str]) -> ClaimLine:
    return ClaimLine(
        uuid=row.uuid,
        subject=row.subject,
        name=row.name,
        representative=row.representative,
        capacity=Capacity(row.capacity),
        claimant=row.claimant,
        username=row.user.username,
        phone=phones.get(row.user_id, ""),
        state=State(row.state),
        verdict=row.verdict,
        findings=tuple((part, row.findings[part.value]) for part in Part if part.value in row.findings),
        checked_by=row.checked_by,
        individual=row.entity_type == INDIVIDUAL_BUSINESS,
        contested=row.contested,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        why=row.why,
        files=_files(row),
    )


def _files(row: Claim) -> tuple[File, ...]:
    kept: list[Evidence] = sorted(row.evidence.all(), key=lambda one: one.pk)
    return tuple(
        File(
            uuid=one.uuid,
            filename=one.filename,
            media_type=one.media_type,
            size=one.size,
            sha256=one.sha256,
            stored_at=one.stored_at,
        )
        for one in kept
    )
