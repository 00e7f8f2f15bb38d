"""One enterprise: its class, why it has it, and the records behind every point."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from creditmesh.apps.parties.rules import Permission
from creditmesh.web.access import requires
from creditmesh.web.portals.rendering import show


@requires(Permission.SEE_RISK_CLASSES)
@require_GET
def enterprise(request: HttpRequest, subject: str) -> HttpResponse:
    """Show where one enterprise stands."""
    return show(request, "regulator/enterprise.html", {"subject": subject})
