"""Institutions for their programs: who one is here, one's limits, notices and signing keys."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import access, queries
from creditmesh.apps.members.institutions.operations import keys, noticing
from creditmesh.apps.members.institutions.rules.counting import Measure, limit_of, window
from creditmesh.apps.members.institutions.rules.keys import KeyLine
from creditmesh.apps.members.institutions.rules.notices import Notice

router = Router(tags=["institutions"])
READ = access.program_or_person(Permission.SEE_NOTICES)
USE = access.program_or_person(Permission.SEE_OWN_INQUIRIES)
KEYS = access.program(Permission.MANAGE_OWN_CLIENTS)


class Closed(Schema):
    """What is sent; a member that is not named here is refused."""

    model_config = ConfigDict(extra="forbid")


class UseOut(Schema):
    """How much of a limit is used now."""

    measure: str
    used: int
    limit: int
    seconds_left: int  # until it is counted anew


class InstitutionOut(Schema):
    """Who one is here."""

    code: str
    name: str
    kind: str
    state: str
    sandbox: bool
    limits: list[UseOut]


class NoticeOut(Schema):
    """News for the institution."""

    uuid: UUID
    kind: str
    about: dict[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str


class NoticesOut(Schema):
    """A page of notices, newest first; `older` is what to pass as `before` for the next page."""

    notices: list[NoticeOut]
    older: int | None
    waiting: int


class NewKey(Closed):
    """A public key, as PEM or as JWK in one text."""

    material: Annotated[str, Field(min_length=1, max_length=keys.LONGEST_TEXT)]


class Proof(Closed):
    """The signature over the key's challenge, in Base64."""

    signature: Annotated[str, Field(min_length=1, max_length=keys.LONGEST_TEXT)]


class KeyOut(Schema):
    """A signing key of the program that asks."""

    uuid: UUID
    keyid: str
    algorithm: str
    state: str
    challenge: str
    registered_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@router.get("/institution", response=InstitutionOut, auth=USE)
def institution(request: HttpRequest) -> InstitutionOut:
    """Tell who one is here, and how much of the limits is used."""
    found, at = queries.institution(_actor(request).organisation), timezone.now()
    zone = timezone.get_default_timezone()
    used = []
    for measure in Measure:
        now = window(measure, at=at, zone=zone)
        times = queries.used(institution=found.code, measure=measure, period=now.name)
        limit = limit_of(measure, limits=found.limits)
        used.append(UseOut(measure=measure, used=times, limit=limit, seconds_left=now.seconds_left))
    return InstitutionOut(
        code=found.code,
        name=found.name,
        kind=found.kind,
        state=found.state,
        sandbox=found.sandbox,
        limits=used,
    )


@router.get("/notices", response=NoticesOut, auth=READ)
def notices(
    request: HttpRequest,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
    unread: bool = False,
) -> NoticesOut:
    """Return the notices of the institution, newest first."""
    code = _actor(request).organisation
    page = queries.inbox(institution=code, before=before, size=size, open_only=unread)
    return NoticesOut(notices=[_notice(one) for one in page.notices], older=page.older, waiting=page.waiting)


@router.post("/notices/{uuid}/acknowledge", response=NoticeOut, auth=READ)
def acknowledge(request: HttpRequest, uuid: UUID) -> NoticeOut:
    """Note that a notice was read; doing it again changes nothing."""
    return _notice(noticing.acknowledge(by=_actor(request), notice=uuid, at=timezone.now()))


@router.get("/signing-keys", response=list[KeyOut], auth=KEYS)
def signing_keys(request: HttpRequest) -> list[KeyOut]:
    """Return the signing keys of the program that asks, newest first."""
    actor = _actor(request)
    held = queries.program(institution=actor.organisation, client=actor.client).keys
    return [_key(one) for one in held]


@router.post("/signing-keys", response={201: KeyOut}, auth=KEYS)
def register_key(request: HttpRequest, new: NewKey) -> Status[KeyOut]:
    """Register the next signing key of the program that asks; it waits until its challenge is signed."""
    actor = _actor(request)
    made = keys.register(by=actor, client=actor.client, material=new.material, at=timezone.now())
    return Status(201, _key(made))


@router.post("/signing-keys/{uuid}/proof", response=KeyOut, auth=KEYS)
def prove_key(request: HttpRequest, uuid: UUID, proof: Proof) -> KeyOut:
    """Bring a key into force by a signature over its challenge, made with its private half."""
    return _key(keys.prove(by=_actor(request), key=uuid, signature=proof.signature, at=timezone.now()))


@router.delete("/signing-keys/{uuid}", response={204: None}, auth=KEYS)
def revoke_key(request: HttpRequest, uuid: UUID) -> Status[None]:
    """Revoke a signing key of the program that asks, at once; without effect when it is revoked already."""
    actor = _actor(request)
    keys.revoke(by=actor, institution=actor.organisation, key=uuid, at=timezone.now())
    return Status(204, None)


def _actor(request: HttpRequest) -> Actor:
    actor = request.auth  # type: ignore[attr-defined]
    if not isinstance(actor, Actor):  # the guard puts an actor there
        raise TypeError("the operation has no guard")
    return actor


def _notice(one: Notice) -> NoticeOut:
    return NoticeOut(**{name: getattr(one, name) for name in NoticeOut.model_fields})


def _key(one: KeyLine) -> KeyOut:
    return KeyOut(
        uuid=one.uuid,
        keyid=one.thumbprint,
        algorithm=one.algorithm,
        state=one.state,
        challenge=one.challenge,
        registered_at=one.registered_at,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
    )
