"""The front page, the way to one's own portal, and pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from creditmesh.web.access import actor_of, open_to_all, signed_in
from creditmesh.web.portals.frame.context import home_of
from creditmesh.web.portals.frame.rendering import show


@open_to_all
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Say what this node is; whoever is signed in goes on to the own portal."""
    if actor_of(request).user_id is not None:
        return redirect("home")
    return show(request, "public/front.html", {})


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the portal of the person's role."""
    name, _ = home_of(actor_of(request))
    return redirect(name)
