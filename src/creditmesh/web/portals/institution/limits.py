"""What an institution may ask, and what it asked."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.home import gauges, history, institution_of


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def limits(request: HttpRequest) -> HttpResponse:
    """Show the limits of the institution and how much of them it used."""
    code = actor_of(request).organisation
    found = institution_of(code)
    context = {
        "institution": found,
        "gauges": gauges(found, at=timezone.now()) if found else (),
        "history": history(code),
    }
    return show(request, "institution/limits.html", context)
