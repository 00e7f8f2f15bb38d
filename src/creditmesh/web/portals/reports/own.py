"""The enterprise's reports on itself: issued free of charge, read, taken along."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.credit_reports.operations import issuing
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.reports import reading

HOME = "enterprise-reports"


@requires(Permission.SEE_OWN_RECORD)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the reports there are, and issue one more."""
    by = actor_of(request)
    if request.method == "POST":
        serial = issuing.issue_own(by, place=reading.place(request), at=timezone.now())
        return redirect("enterprise-report", serial)
    return show(request, "reports/own.html", {"reports": reports.listing(viewer=by)})


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def report(request: HttpRequest, serial: str) -> HttpResponse:
    """Show one report."""
    return reading.page(request, serial, by=actor_of(request), home=HOME)


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def file(request: HttpRequest, serial: str) -> HttpResponse:
    """Hand out one report as PDF."""
    return reading.file(request, serial, by=actor_of(request), home=HOME)
