"""Who acts for an enterprise: admitted by invitation, ended by an owner."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.enterprises.queries import acting
from creditmesh.apps.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show who acts for the enterprise."""
    actor = actor_of(request)
    context = {
        "people": acting.people(actor.subject),
        "invitations": acting.invitations(actor.subject, at=timezone.now()),
    }
    return show(request, "enterprise/people.html", context)
