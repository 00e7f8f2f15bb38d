"""Who asks for a page, and whether the page may be shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.rules import Actor, Permission

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Raw = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks; looked up once for each request. Nobody signed in: `ANONYMOUS`."""
    known = getattr(request, "_actor", None)
    if isinstance(known, Actor):
        return known
    request_id = str(getattr(request, "request_id", ""))
    # A request refused for its host name never came to the sign-in, and still gets a page.
    found: Actor = queries.actor(getattr(request, "user", AnonymousUser()), request=request_id)
    request._actor = found  # type: ignore[attr-defined]
    return found


def requires(permission: Permission) -> Callable[[View[P]], Raw]:
    """Show a page only to those whose role grants the permission.

    Who is not signed in is sent to sign in; who may not see the page gets `NotPermitted`, shown as a
    friendly page by `web/errors.py`, and the refusal is in the ledger.
    """

    def guard(view: View[P]) -> Raw:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            if actor.user_id is None:
                return redirect_to_login(request.get_full_path())
            if not actor.may(permission):
                what = Thing("page", f"{request.method} {request.path}")
                raise operations.refuse(by=actor, permission=permission, what=what, at=timezone.now())
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def open_to_all(view: View[P]) -> View[P]:
    """Mark a page that is shown to everyone, signed in or not: said aloud, so that none is open by oversight."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def signed_in(view: View[P]) -> Raw:
    """Show a page to whoever is signed in, whatever the role."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if actor_of(request).user_id is None:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.permission = None  # type: ignore[attr-defined]
    return guarded


def declared_permission(view: Callable[..., Any]) -> tuple[bool, Permission | None]:
    """Return whether a view says who may see it, and the permission it needs."""
    if not hasattr(view, "permission"):
        return False, None
    return True, view.permission
