"""What is there for people who act for nobody yet: how their claim stands, the catalogue, their account."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from creditmesh.apps.members.enterprises.queries import claims
from creditmesh.web.access import actor_of, signed_in
from creditmesh.web.portals.frame.rendering import show

SHOWN = frozenset({"draft", "waiting", "rejected"})


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what this person can do on the node."""
    user_id = actor_of(request).user_id
    claim = claims.own(user_id) if user_id is not None else None
    return show(request, "members/home.html", {"claim": claim if claim and claim.stage in SHOWN else None})
