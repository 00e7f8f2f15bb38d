"""The first page of an enterprise's people: what waits for them, card by card."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission, Role
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.apps.members.enterprises.rules import INDIVIDUAL_BUSINESS
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.enterprise.cards import CARDS
from creditmesh.web.portals.frame.cards import cards_for
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the enterprise."""
    actor = actor_of(request)
    subject = parties.subjects(keys=[actor.subject]).get(actor.subject)
    context = {
        "cards": cards_for(actor, CARDS, at=timezone.now()),
        "subject": subject,
        "individual": subject is not None and subject.entity_type == INDIVIDUAL_BUSINESS,
        "contests": claims.contests(viewer=actor),
        "unprotected": Role.ENTERPRISE_OWNER in actor.roles and not acting.has_second_factor(actor.user_id),
    }
    return show(request, "enterprise/home.html", context)
