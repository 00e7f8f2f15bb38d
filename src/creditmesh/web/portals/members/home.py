"""What is there now for banks, guarantors, insurers and enterprises: the catalogue and their own account."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from creditmesh.web.access import signed_in
from creditmesh.web.portals.frame.rendering import show


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what this person can do on the node."""
    return show(request, "members/home.html", {})
