"""What an API operation declares: `auth=access.may(Permission.X)`; nothing is served without it.

Programs send `Authorization: Bearer <api key>`; the node's own pages use the session, with CSRF check on
everything that writes.
"""

from datetime import timedelta

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import ANONYMOUS, Actor, Permission

_SAME_REFUSAL = timedelta(minutes=1)


class ByKey(HttpBearer):
    """Let a program in by its API key."""

    def __init__(self, permission: Permission) -> None:
        super().__init__()
        self.permission = permission

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return who acts; None when the key is not in force, which is written down."""
        actor = operations.use_api_key(secret=token, at=timezone.now())
        if actor is None:
            _write_down_unknown_key(request, token)
            return None
        return _permitted(request, actor, self.permission)


class BySession(APIKeyCookie):
    """Let a signed-in person in."""

    param_name = "sessionid"

    def __init__(self, permission: Permission) -> None:
        super().__init__(csrf=True)
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return who acts, None when nobody is signed in: then there is no name a forger could use."""
        if not request.user.is_authenticated:
            return None
        found: Actor | None = super().__call__(request)
        return found

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Return who acts, None when nobody is signed in."""
        if not isinstance(request.user, User) or not request.user.is_active:
            return None
        return _permitted(request, queries.actor(request.user, request=_request_id(request)), self.permission)


class BySessionBehindKey(BySession):
    """Let a signed-in person in, unless a key was sent: a wrong key must not fall back to the session."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Return who acts, None when a key was sent or nobody is signed in."""
        if "Authorization" in request.headers:
            return None
        return super().__call__(request)


def may(permission: Permission) -> list[ByKey | BySession]:
    """Return what an operation passes as `auth`: sign-in or key, and the permission it needs.

    The operation finds its `Actor` in `request.auth`.
    """
    return [ByKey(permission), BySessionBehindKey(permission)]


def _permitted(request: HttpRequest, actor: Actor, permission: Permission) -> Actor:
    if not actor.may(permission):
        what = Thing("api", f"{request.method} {request.path}")
        raise operations.refuse(by=actor, permission=permission, what=what, at=timezone.now())
    return actor


def _write_down_unknown_key(request: HttpRequest, token: str) -> None:
    # One entry a minute for each address, or anyone could fill the ledger.
    address = request.META.get("REMOTE_ADDR", "")
    if cache.add(f"unknown-key:{address}", value=True, timeout=int(_SAME_REFUSAL.total_seconds())):
        audit.append(
            who=ANONYMOUS.who(),
            act="access.refuse",
            thing=Thing("api", f"{request.method} {request.path}"),
            at=timezone.now(),
            why=f"unknown key {token[:15]}",
            outcome=Outcome.REFUSED,
        )


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
