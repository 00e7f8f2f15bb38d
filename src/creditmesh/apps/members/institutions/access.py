"""What an operation for institutions declares: `auth=access.program(Permission.X)`.

A program sends a token (OAuth2 client credentials) and signs the request (RFC 9421) with a key of the same
program; so a stolen token opens nothing. One statement reads token, program, key and institution as they are
now: who is revoked or suspended is out with the next request. Where the answer is settled with the request
(inquiries), that statement is part of the settling transaction, and the first look is at what was read before.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import NOBODY, Outcome, Thing, Who
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import settling
from creditmesh.apps.members.institutions.queries import Presented
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.members.institutions.rules.scopes import Scope, opens
from creditmesh.apps.members.institutions.rules.signing import (
    LARGEST_BODY,
    SHORTEST_NONCE,
    BodyTooLarge,
    NonceTooShort,
    RequestRefused,
    ScopeMissing,
    TokenRefused,
)
from creditmesh.apps.members.institutions.rules.standing import (
    ROLE_OF_KIND,
    InstitutionSuspended,
    NotAdmitted,
    State,
)
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PublicKey
from creditmesh.kernel.errors import CreditmeshError

Auth = list[Callable[[HttpRequest], object]]
_WITHOUT_PREFIX = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
_ADDRESSES: dict[tuple[str, str, str], str] = {}
_MOST_ADDRESSES = 256


def program(permission: Permission, *, scope: Scope | None = None, settles: bool = True) -> Auth:
    """Return what an operation for programs of institutions passes as `auth`.

    The operation finds its `Actor` in `request.auth` and what is still to be paid in `passage(request)`.
    With `settles` the nonce is spent and the request counted before the operation begins; without, the
    operation must pass `passage(request)` to `settling.settle` in the transaction of what it does, before it
    answers. `scope` is the one scope the token must have; without it any that opens the permission.
    """
    return [ByProgram(permission, scope=scope, settles=settles)]


def program_or_person(permission: Permission, *, scope: Scope | None = None, settles: bool = True) -> Auth:
    """Return the same for an operation that people of an institution may use from its pages too."""
    return [
        ByProgram(permission, scope=scope, settles=settles, or_person=True),
        ByPerson(permission, settles=settles),
    ]


def passage(request: HttpRequest) -> Passage:
    """Return what a request of an institution has to pay: its nonce and what it counts as."""
    found: Passage = request.creditmesh_passage  # type: ignore[attr-defined]
    return found


def sent(request: HttpRequest) -> Request:
    """Return a request as it was on the wire; put together once, for its signature and for that of the answer."""
    known: Request | None = getattr(request, "creditmesh_sent", None)
    if known is None:
        known = Request(
            method=request.method or "",
            url=_address(request),
            headers={
                _field(name): value
                for name, value in request.META.items()
                if name.startswith("HTTP_") or name in _WITHOUT_PREFIX
            },
            body=request.body,
        )
        request.creditmesh_sent = known  # type: ignore[attr-defined]
    return known


def _address(request: HttpRequest) -> str:
    if request.META.get("QUERY_STRING"):
        return request.build_absolute_uri(request.get_full_path())
    place = request.scheme or "", request.get_host(), request.path
    known = _ADDRESSES.get(place)
    if known is None:
        if len(_ADDRESSES) >= _MOST_ADDRESSES:
            _ADDRESSES.clear()
        known = _ADDRESSES[place] = request.build_absolute_uri(request.get_full_path())
    return known


@lru_cache(maxsize=1024)
def _field(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").lower()


class ByProgram(HttpBearer):
    """Let a program of an institution in."""

    def __init__(
        self, permission: Permission, *, scope: Scope | None, settles: bool, or_person: bool = False
    ) -> None:
        super().__init__()
        self.permission = permission
        self.scope = scope
        self.settles = settles
        self.or_person = or_person

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return who acts; None when nothing was sent and a person may be signed in instead."""
        sent = request.META.get("HTTP_AUTHORIZATION", "")
        if not sent and self.or_person:
            return None
        scheme, _, token = sent.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return who acts; raise the refusal, which is written down."""
        at = timezone.now()
        try:
            actor, owed = _checked(request, token, lately=not self.settles, at=at)
            if not opens(held=_scopes(owed), permission=self.permission, scope=self.scope):
                raise ScopeMissing(self.scope or self.permission)
            if self.settles:
                settling.settle_one(owed, at=at)
        except CreditmeshError as refusal:
            _write_down(request, refusal, at=at)
            raise
        request.creditmesh_passage = owed  # type: ignore[attr-defined]
        return actor


class ByPerson(APIKeyCookie):
    """Let a signed-in person of an institution in, unless the request brings a token."""

    param_name = "sessionid"

    def __init__(self, permission: Permission, *, settles: bool) -> None:
        super().__init__(csrf=True)
        self.permission = permission
        self.settles = settles

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return who acts, None when a token was sent or nobody is signed in."""
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None  # and without a word about forgery: there is nobody whose name could be used
        found: Actor | None = super().__call__(request)
        return found

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return who acts, None when nobody is signed in."""
        del key
        if not isinstance(request.user, User) or not request.user.is_active:
            return None
        at = timezone.now()
        actor = people.actor(request.user, request=_request_id(request))
        if not actor.may(self.permission):
            what = Thing("api", f"{request.method} {request.path}")
            raise parties.refuse(by=actor, permission=self.permission, what=what, at=at)
        actor = person(actor)
        owed = Passage(institution=actor.organisation)
        if self.settles:
            settling.settle_one(owed, at=at)
        request.creditmesh_passage = owed  # type: ignore[attr-defined]
        return actor


def person(actor: Actor) -> Actor:
    """Return a person of an institution as one who may ask for it, in the sandbox or not.

    Raises `NotAdmitted` and `InstitutionSuspended`.
    """
    try:
        home = queries.institution(actor.organisation)
    except queries.UnknownInstitution:
        raise NotAdmitted from None
    if not home.active:
        raise InstitutionSuspended
    return replace(actor, sandbox=home.sandbox)


def _checked(request: HttpRequest, token: str, *, lately: bool, at: datetime) -> tuple[Actor, Passage]:
    """Return who sent a signed request with a token, and what is owed for it.

    With `lately` what was read before serves for this first look: whoever was revoked since is refused when the
    request is settled, before any answer.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise BodyTooLarge
    digest = hashlib.sha256(token.encode()).hexdigest()
    found: list[Presented] = []

    def resolve(thumbprint: str) -> PublicKey | None:
        if lately:
            known = queries.presented_lately(token_digest=digest, thumbprint=thumbprint, at=at)
        else:
            known = queries.presented(token_digest=digest, thumbprint=thumbprint)
        if known is None or not known.lets_in(at):
            raise TokenRefused
        found.append(known)
        return _public(known.jwk) if known.key_in_force(at) else None

    as_sent = sent(request)
    try:
        signed = messages.verify_request(as_sent, resolve=resolve, now=int(at.timestamp()))
    except messages.SignatureRefused as refused:
        raise RequestRefused(refused, at=at) from None
    known = found[0]
    if known.state is not State.ACTIVE:
        raise InstitutionSuspended
    if len(signed.nonce) < SHORTEST_NONCE:
        raise NonceTooShort
    actor = Actor(
        user_id=None,
        label=known.program,
        organisation=known.institution,
        organisation_name=known.institution_name,
        roles=frozenset({ROLE_OF_KIND[known.kind]}),
        client=known.client,
        sandbox=known.sandbox,
        request=_request_id(request),
    )
    scopes = frozenset(one.value for one in known.scopes)
    return actor, Passage(
        institution=known.institution,
        key=known.key,
        nonce=signed.nonce,
        scopes=scopes,
        shown=(digest, signed.keyid) if lately else None,
        stood_for=known,
    )


@lru_cache(maxsize=4096)
def _public(jwk: str) -> PublicKey:
    # What a JWK means never changes; whether it is in force is read from the database each time.
    return PublicKey.from_jwk(json.loads(jwk))


def _scopes(owed: Passage) -> frozenset[Scope]:
    return frozenset(Scope(one) for one in owed.scopes)


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _write_down(request: HttpRequest, refusal: CreditmeshError, *, at: datetime) -> None:
    # One entry a minute for each address and reason, or anyone could fill the ledger.
    address = request.META.get("REMOTE_ADDR", "")
    if cache.add(f"refused:{address}:{refusal.code}", value=True, timeout=60):
        who = Who(label=NOBODY.label, request=_request_id(request))
        audit.append(
            who=who,
            act="access.refuse",
            thing=Thing("api", f"{request.method} {request.path}"),
            at=at,
            why=refusal.code,
            outcome=Outcome.REFUSED,
        )
