"""Claims to act for an enterprise: what agrees with the register, the evidence, and the decision."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.enterprises.operations import deciding, evidence
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import paging, refusals
from creditmesh.web.portals.frame.rendering import show

SIZE = 20


@requires(Permission.REVIEW_CLAIMS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show claims that wait for a decision, or those that were decided."""
    decided = request.GET.get("show") == "decided"
    viewer = actor_of(request)
    total = claims.queue(viewer=viewer, decided=decided, limit=0).total
    pages = paging.asked(request.GET, total=total, size=SIZE)
    found = claims.queue(viewer=viewer, decided=decided, offset=pages.offset, limit=SIZE).claims
    held = parties.subjects(keys=[one.subject for one in found])
    context = {
        "claims": [(one, held.get(one.subject), acting.people(one.subject)) for one in found],
        "pages": pages,
        "decided": decided,
        "demo": this_node().demo,
    }
    return show(request, "operator/claims.html", context)


@requires(Permission.REVIEW_CLAIMS)
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve or reject a claim, with a reason."""
    by, why, at = actor_of(request), request.POST.get("why", "")[:2000], timezone.now()
    act = request.POST.get("act", "")
    try:
        if act == "reject":
            deciding.reject(uuid, by=by, why=why, at=at)
        elif act in {"approve", "replace"}:
            deciding.approve(uuid, by=by, why=why, at=at, replacing=act == "replace")
        else:
            messages.error(request, _("Choose whether to approve or to reject."))
            return redirect("claims")
    except claims.UnknownClaim:
        raise
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("Decided. The ledger keeps the reason."))
    return redirect("claims")


@requires(Permission.REVIEW_CLAIMS)
@require_GET
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Hand out a file of evidence so that no browser runs or shows it as a page of the node."""
    opened = evidence.open_for_review(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    answer = FileResponse(
        opened.path.open("rb"),
        as_attachment=True,
        filename=opened.filename,
        content_type=opened.media_type.value,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
