"""The operator's side of credit reports: find one by the number on the paper, and revoke it with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.credit_reports.operations import ending
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.apps.sharing.credit_reports.rules.standing import ENDS, State
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.HANDLE_OBJECTIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the reports issued here, or the one of a number; what they say is not shown."""
    asked = request.GET.get("serial", "").strip()[:60]
    found = reports.issued_here(actor_of(request), text=asked)
    standing = {one.value for one in State if State.REVOKED in ENDS[one]}
    return show(request, "reports/issued_here.html", {"asked": asked, "reports": found, "standing": standing})


@requires(Permission.HANDLE_OBJECTIONS)
@require_POST
def revoke(request: HttpRequest, serial: str) -> HttpResponse:
    """Revoke a report with the reason that was given."""
    try:
        ending.revoke(
            serial[:60], by=actor_of(request), why=request.POST.get("why", "")[:300], at=timezone.now()
        )
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("The report is revoked. Whoever checks its number is told."))
    return redirect("reports-issued")
