"""What is known about institutions, their programs, keys, use of limits and notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.ground.parties.rules import OrganisationKind
from creditmesh.apps.members.institutions import models
from creditmesh.apps.members.institutions.rules.counting import Measure
from creditmesh.apps.members.institutions.rules.keys import KeyLine, KeyState
from creditmesh.apps.members.institutions.rules.notices import Delivery, Notice
from creditmesh.apps.members.institutions.rules.scopes import Scope, scopes_of
from creditmesh.apps.members.institutions.rules.standing import Institution, Limits, State
from creditmesh.kernel.errors import CreditmeshError


class UnknownInstitution(CreditmeshError):
    """No institution of that code was admitted."""

    code = "unknown-institution"


class UnknownProgram(CreditmeshError):
    """The institution has no such program."""

    code = "unknown-program"


class UnknownSigningKey(CreditmeshError):
    """The institution has no such signing key."""

    code = "unknown-signing-key"


class UnknownNotice(CreditmeshError):
    """The institution has no such notice."""

    code = "unknown-notice"


@dataclass(frozen=True)
class ProgramLine:
    """A program as its institution sees it: never the secret."""

    client: str
    name: str
    scopes: frozenset[Scope]
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    keys: tuple[KeyLine, ...]


@dataclass(frozen=True)
class Presented:
    """What a token and the name of a key stand for, as the database knows it now."""

    expires_at: datetime
    scopes: frozenset[Scope]
    client: str
    program: str  # name
    ended: bool
    institution: str  # code
    institution_name: str
    kind: OrganisationKind
    state: State
    sandbox: bool
    key: int | None
    key_state: KeyState | None
    key_expires_at: datetime | None
    jwk: str

    def in_force(self, at: datetime) -> bool:
        """Return whether token, program, key and institution all are in force at a moment."""
        return self.lets_in(at) and self.key_in_force(at) and self.state is State.ACTIVE

    def lets_in(self, at: datetime) -> bool:
        """Return whether the token is in force, and the program it was given to."""
        return not self.ended and self.expires_at > at

    def key_in_force(self, at: datetime) -> bool:
        """Return whether the key is active and has not ended."""
        ends = self.key_expires_at
        return self.key_state is KeyState.ACTIVE and ends is not None and ends > at


@dataclass(frozen=True)
class NoticePage:
    """A page of an inbox, newest first; `older` is what to pass as `before` for the next page."""

    notices: tuple[Notice, ...]
    older: int | None
    waiting: int  # not acknowledged, on all pages


def institution(code: str) -> Institution:
    """Return the institution of that code; raise `UnknownInstitution`."""
    return _institution(row_of(code))


def row_of(code: str, *, locked: bool = False) -> models.Institution:
    """Return the row of an institution, locked until the transaction ends if asked; raise `UnknownInstitution`."""
    rows = models.Institution.objects.select_related("organisation").filter(organisation__code=code)
    if locked:
        rows = rows.select_for_update(of=("self",))
    found = rows.order_by("id").first()
    if found is None:
        raise UnknownInstitution(f"There is no institution “{code}”: admit it first.")
    return found


def institutions() -> tuple[Institution, ...]:
    """Return every institution, ordered by code."""
    rows = models.Institution.objects.select_related("organisation").order_by("organisation__code")
    return tuple(_institution(row) for row in rows)


def programs(*, institution: str) -> tuple[ProgramLine, ...]:
    """Return the programs of an institution with their keys, the ended ones last."""
    rows = (
        models.Program.objects.filter(institution__organisation__code=institution)
        .select_related("application")
        .prefetch_related("keys")
        .order_by("ended_at", "id")
    )
    lines = [_program(row) for row in rows]
    return tuple(sorted(lines, key=lambda one: one.ended_at is not None))


def program(*, institution: str, client: str) -> ProgramLine:
    """Return one program of an institution; raise `UnknownProgram`."""
    found = next((one for one in programs(institution=institution) if one.client == client), None)
    if found is None:
        raise UnknownProgram("Your institution has no such program: look it up in the list of programs.")
    return found


def signing_keys(*, institution: str) -> tuple[KeyLine, ...]:
    """Return all keys of an institution's programs, newest first."""
    rows = models.SigningKey.objects.filter(program__institution__organisation__code=institution)
    return tuple(key_line(row) for row in rows.select_related("program__application").order_by("-id"))


_PRESENTED = """
SELECT t.expires, t.scope, a.client_id, p.name, p.ended_at, o.code, o.name, o.kind, i.state, i.sandbox,
       k.id, k.state, k.expires_at, k.jwk
FROM oauth2_provider_accesstoken t
JOIN oauth2_provider_application a ON a.id = t.application_id
JOIN institutions_program p ON p.application_id = a.id
JOIN institutions_institution i ON i.id = p.institution_id
JOIN parties_organisation o ON o.id = i.organisation_id
LEFT JOIN institutions_signingkey k ON k.program_id = p.id AND k.thumbprint = %s
WHERE t.token_checksum = %s
"""
Shown = tuple[str, str]  # what was shown at the door: digest of a token, name of a key
_LATELY: dict[Shown, Presented] = {}
_MOST_KEPT = 4096


def presented(*, token_digest: str, thumbprint: str) -> Presented | None:
    """Return what a token and a key's name stand for now; None for an unknown token.

    Plain SQL, because it stands in the way of every inquiry.
    """
    found = statements.rows(_PRESENTED, [thumbprint, token_digest])
    return _presented(*found[0]) if found else None


def presented_lately(*, token_digest: str, thumbprint: str, at: datetime) -> Presented | None:
    """Return the same as it was when it was last read here, if all was in force then and has not ended since.

    Good for a first look alone, of a request that is settled before it is answered: `settling.settle` reads it
    again in its transaction and answers nothing when it is no longer the same.
    """
    shown = token_digest, thumbprint
    found = _LATELY.get(shown)
    if found is None or not found.in_force(at):
        found = presented(token_digest=token_digest, thumbprint=thumbprint)
        _LATELY.pop(shown, None)
        if found is not None and found.in_force(at):
            if len(_LATELY) >= _MOST_KEPT:
                _LATELY.clear()
            _LATELY[shown] = found
    return found


def forget_presented(*, token_digest: str, thumbprint: str) -> None:
    """Have the next request that shows this looked up anew."""
    _LATELY.pop((token_digest, thumbprint), None)


@lru_cache(maxsize=1024)
def _presented(*row: Any) -> Presented:
    # What the columns mean never changes; they themselves are read each time.
    return Presented(
        expires_at=_moment(row[0]),
        scopes=scopes_of(row[1]),
        client=row[2],
        program=row[3],
        ended=row[4] is not None,
        institution=row[5],
        institution_name=row[6],
        kind=OrganisationKind(row[7]),
        state=State(row[8]),
        sandbox=bool(row[9]),
        key=row[10],
        key_state=KeyState(row[11]) if row[11] else None,
        key_expires_at=_moment(row[12]) if row[12] else None,
        jwk=row[13] or "",
    )


def usage(*, institution: str, measure: Measure, periods: int) -> dict[str, int]:
    """Return the latest minutes or days in which a measure was used, oldest first."""
    rows = models.Usage.objects.filter(institution=institution, measure=measure).order_by("-period")
    found = list(rows.values_list("period", "used")[:periods])
    return dict(reversed(found))


def used(*, institution: str, measure: Measure, period: str) -> int:
    """Return how much of a measure was used in one minute or day."""
    rows = models.Usage.objects.filter(institution=institution, measure=measure, period=period)
    return rows.order_by("id").values_list("used", flat=True).first() or 0


def inbox(
    *, institution: str, before: int | None = None, size: int = 50, open_only: bool = False
) -> NoticePage:
    """Return a page of an institution's notices, newest first."""
    mine = models.Notice.objects.filter(institution__organisation__code=institution)
    waiting = mine.filter(acknowledged_at=None).count()
    rows: QuerySet[models.Notice] = mine.filter(acknowledged_at=None) if open_only else mine
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.select_related("institution__organisation").order_by("-id")[: size + 1])
    older = found[size - 1].id if len(found) > size else None
    return NoticePage(notices=tuple(notice_of(row) for row in found[:size]), older=older, waiting=waiting)


def notice_row(*, institution: str, uuid: UUID) -> models.Notice:
    """Return one notice of an institution; raise `UnknownNotice`."""
    rows = models.Notice.objects.select_related("institution__organisation")
    found = rows.filter(institution__organisation__code=institution, uuid=uuid).order_by("id").first()
    if found is None:
        raise UnknownNotice("Your institution has no such notice: look it up in the list of notices.")
    return found


def dead_letters() -> dict[str, int]:
    """Return how many notices could not be sent, by institution."""
    rows = models.Notice.objects.filter(delivery=Delivery.DEAD)
    return dict(rows.values_list("institution__organisation__code").annotate(Count("id")))


def due(*, at: datetime, limit: int = 100) -> tuple[UUID, ...]:
    """Return the notices whose next attempt is due, oldest first."""
    rows = models.Notice.objects.filter(delivery=Delivery.WAITING, next_at__lte=at)
    return tuple(rows.order_by("next_at").values_list("uuid", flat=True)[:limit])


def waiting_confirmations(*, institution: str, besides: int | None) -> int:
    """Return how many keys wait for a second person other than the one named."""
    waiting = models.SigningKey.objects.filter(
        program__institution__organisation__code=institution, state=KeyState.WAITING
    )
    return waiting.exclude(Q(registrar=besides) & Q(registrar__isnull=False)).count()


def notice_of(row: models.Notice) -> Notice:
    """Return a row of the inbox as others see it."""
    return Notice(
        uuid=row.uuid,
        institution=row.institution.organisation.code,
        kind=row.kind,
        about=dict(row.about),
        made_at=row.made_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        delivery=Delivery(row.delivery),
        attempts=row.attempts,
        next_at=row.next_at,
        trouble=row.trouble,
    )


def key_line(row: models.SigningKey) -> KeyLine:
    """Return a row of the keys as others see it."""
    return KeyLine(
        uuid=row.uuid,
        program=row.program.application.client_id,
        program_name=row.program.name,
        thumbprint=row.thumbprint,
        algorithm=row.algorithm,
        state=KeyState(row.state),
        challenge=row.challenge,
        registered_by=row.registered_by,
        registrar=row.registrar,
        registered_at=row.registered_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def key_lines(rows: Iterable[models.SigningKey]) -> tuple[KeyLine, ...]:
    """Return rows of the keys as others see them."""
    return tuple(key_line(row) for row in rows)


def _institution(row: models.Institution) -> Institution:
    return Institution(
        code=row.organisation.code,
        name=row.organisation.name,
        kind=OrganisationKind(row.organisation.kind),
        state=State(row.state),
        sandbox=row.sandbox,
        limits=Limits(
            requests_per_minute=row.requests_per_minute,
            inquiries_per_day=row.inquiries_per_day,
            raw_per_day=row.raw_per_day,
        ),
        callback=row.callback,
        why=row.why,
    )


def _program(row: models.Program) -> ProgramLine:
    keys = sorted(row.keys.all(), key=lambda one: -one.id)
    for one in keys:
        one.program = row
    return ProgramLine(
        client=row.application.client_id,
        name=row.name,
        scopes=scopes_of(row.scopes),
        made_by=row.made_by,
        made_at=row.made_at,
        ended_at=row.ended_at,
        keys=key_lines(keys),
    )


def _moment(value: datetime) -> datetime:
    # SQLite keeps moments without a zone, in UTC.
    return value if value.tzinfo else value.replace(tzinfo=UTC)
