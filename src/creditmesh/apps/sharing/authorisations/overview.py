"""Lists and single views of requests and authorisations, for those whose they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.models import (
    Authorisation,
    EnterpriseKey,
    PersonalConsent,
    Request,
)
from creditmesh.apps.sharing.authorisations.operations.requesting import UnknownRequest
from creditmesh.apps.sharing.authorisations.operations.withdrawing import UnknownAuthorisation
from creditmesh.apps.sharing.authorisations.rules import LIVE, State, Terms, state_at
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Text

MOST = 200


@dataclass(frozen=True)
class Line:
    """An authorisation as lists show it."""

    uuid: UUID
    terms: Terms
    state: State
    used: int
    first_day: date
    last_day: date
    signed_at: datetime | None
    ended_at: datetime | None
    settled_on: date | None
    sound: bool  # columns, bytes and signature say the same

    @property
    def live(self) -> bool:
        """Return whether it can be used now, or will be from its first day."""
        return self.sound and self.state in LIVE

    @property
    def left(self) -> int:
        """Return how many inquiries are left."""
        return max(0, self.terms.max_queries - self.used)

    @property
    def label(self) -> Text:
        """Return what its purpose is called."""
        return purpose_label(self.terms.purpose)


@dataclass(frozen=True)
class Detail:
    """An authorisation with everything that is kept of it."""

    line: Line
    body: bytes
    digest: str
    notice: str
    jws: str
    method: str
    algorithm: str
    kid: str
    certificate_serial: str
    signed_by: str
    why_ended: str
    request: UUID | None
    prepared_at: datetime


@dataclass(frozen=True)
class RequestLine:
    """A request as the institution that asked, or the enterprise that was asked, sees it."""

    uuid: UUID
    token: str
    institution: str
    institution_name: str
    subject: str
    purpose: str
    purpose_version: str
    label: Text
    items: tuple[str, ...]
    modes: tuple[str, ...]
    reference: str
    data_months: int
    life_days: int
    max_queries: int
    per_day: int
    state: str  # open, signed, declined, cancelled, lapsed
    requested_by: str
    requested_at: datetime
    lapses_at: datetime
    answered_at: datetime | None
    decline_reason: str
    authorisation: UUID | None


def given(subject: str, *, at: datetime) -> tuple[Line, ...]:
    """Return what an enterprise gave, newest first, drafts left out."""
    return _lines(Authorisation.objects.filter(subject=subject), at=at) if subject else ()


def received(institution: str, *, at: datetime, subject: str = "") -> tuple[Line, ...]:
    """Return what an institution was given, newest first."""
    if not institution:
        return ()
    rows = Authorisation.objects.filter(institution=institution)
    return _lines(rows.filter(subject=subject) if subject else rows, at=at)


def detail(uuid: UUID, *, at: datetime, subject: str = "", institution: str = "") -> Detail:
    """Return one authorisation of the enterprise, or one that was given to the institution.

    An institution does not see drafts. Raises `UnknownAuthorisation`, also when neither is named.
    """
    rows = Authorisation.objects.filter(uuid=uuid)
    if subject:
        rows = rows.filter(subject=subject)
    elif institution:
        rows = rows.filter(institution=institution).exclude(state=State.DRAFT.value)
    row = rows.select_related("request").order_by("id").first() if subject or institution else None
    if row is None:
        raise UnknownAuthorisation
    return Detail(
        line=_line(row, at=at),
        body=bytes(row.body),
        digest=row.digest,
        notice=row.notice,
        jws=row.jws,
        method=row.method,
        algorithm=row.algorithm,
        kid=row.kid,
        certificate_serial=row.certificate_serial,
        signed_by=row.signed_by,
        why_ended=row.end_reason,
        request=row.request.uuid if row.request else None,
        prepared_at=row.prepared_at,
    )


def asked_of(subject: str, *, at: datetime) -> tuple[RequestLine, ...]:
    """Return the open requests to an enterprise, newest first. Those of sandbox institutions reach nobody."""
    if not subject:
        return ()
    rows = Request.objects.filter(subject=subject, state="open", lapses_at__gt=at, sandbox=False)
    return _requests(rows, at=at)


def asked_by(institution: str, *, at: datetime) -> tuple[RequestLine, ...]:
    """Return the requests of an institution, newest first."""
    return _requests(Request.objects.filter(institution=institution), at=at) if institution else ()


def request_by(uuid: UUID, *, institution: str, at: datetime) -> RequestLine:
    """Return one request of an institution; raise `UnknownRequest`."""
    found = _requests(Request.objects.filter(uuid=uuid, institution=institution), at=at)
    if not found or not institution:
        raise UnknownRequest
    return found[0]


def request_behind(token: str, *, subject: str, at: datetime) -> RequestLine:
    """Return the open request a link leads to, for the enterprise it is for; raise `UnknownRequest`."""
    rows = Request.objects.filter(token=token, subject=subject, state="open", lapses_at__gt=at, sandbox=False)
    found = _requests(rows, at=at)
    if not found or not subject:
        raise UnknownRequest
    return found[0]


def keys(subject: str) -> Sequence[EnterpriseKey]:
    """Return the keys of an enterprise that are not revoked, newest first."""
    return list(EnterpriseKey.objects.filter(subject=subject, revoked_at=None).order_by("-id"))


def consents(uuid: UUID, *, subject: str) -> Sequence[PersonalConsent]:
    """Return whom the enterprise asked for a consent that goes with an authorisation, newest first."""
    rows = PersonalConsent.objects.filter(authorisation__uuid=uuid, authorisation__subject=subject)
    return list(rows.order_by("-id"))


def to_identify(by: Actor, *, at: datetime) -> Sequence[PersonalConsent]:
    """Return the consents asked of persons who have not answered, oldest first, at most two hundred.

    For the operator, who sees who the person is; the name is known to nobody but by its first letter. Raises
    `NotPermitted`.
    """
    by.demand(Permission.REVIEW_CLAIMS)
    rows = PersonalConsent.objects.filter(state="asked", lapses_at__gt=at).select_related("authorisation")
    return list(rows.order_by("id")[:200])


def purpose_label(code: str) -> Text:
    """Return what a purpose is called; its code when there is no template of that code any more."""
    found = next((one.label for one in purposes.load().files if one.purpose == code), None)
    return found or Text(zh=code, en=code)


def _lines(rows: QuerySet[Authorisation], *, at: datetime) -> tuple[Line, ...]:
    shown = rows.exclude(state=State.DRAFT.value).order_by("-id")[:MOST]
    return tuple(_line(row, at=at) for row in shown)


def _line(row: Authorisation, *, at: datetime) -> Line:
    standing = queries.stands(row)
    terms = standing.terms if standing else _said(row)
    return Line(
        uuid=row.uuid,
        terms=terms,
        state=state_at(standing, at=at) if standing else State(row.state),
        used=row.used,
        first_day=terms.valid_from,
        last_day=standing.last_day if standing else terms.valid_to,
        signed_at=row.signed_at,
        ended_at=row.ended_at,
        settled_on=row.settled_on,
        sound=standing is not None or row.state == State.DRAFT,
    )


def _said(row: Authorisation) -> Terms:
    """Return what the bytes of a row say, a draft's or one that was tampered with; raise when they say nothing."""
    terms = document.agreed(row, signed=bytes(row.body), digest=row.digest)
    if terms is None:
        terms = document.readable(bytes(row.body))
    if terms is None:
        raise UnknownAuthorisation
    return terms


def _requests(rows: QuerySet[Request], *, at: datetime) -> tuple[RequestLine, ...]:
    shown = list(rows.prefetch_related("authorisations").order_by("-id")[:MOST])
    return tuple(_request(row, at=at) for row in shown)


def _request(row: Request, *, at: datetime) -> RequestLine:
    signed = next((one.uuid for one in row.authorisations.all() if one.state != State.DRAFT), None)
    lapsed = row.state == "open" and row.lapses_at <= at
    named = {name: getattr(row, name) for name in RequestLine.__dataclass_fields__ if hasattr(row, name)}
    return RequestLine(
        **{
            **named,
            "items": tuple(json.loads(row.items)),
            "modes": tuple(json.loads(row.modes)),
            "state": "lapsed" if lapsed else row.state,
            "label": purpose_label(row.purpose),
            "authorisation": signed,
        }
    )
