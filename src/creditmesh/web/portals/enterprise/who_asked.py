"""Who asked about one's enterprise: every inquiry, answered or refused, each with a proof to keep."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import asked, proving
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.SEE_WHO_ASKED)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show who asked about the enterprise, newest first."""
    subject = actor_of(request).subject
    page = inquiries.about(subject, before=asked.before(request))
    context = {
        "found": page,
        "rows": asked.rows(page.lines),
        "daily": asked.daily(at=timezone.now(), subject=subject) if subject else None,
    }
    return show(request, "enterprise/who_asked.html", context, part="results")


@requires(Permission.SEE_WHO_ASKED)
@require_GET
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one inquiry about the enterprise, and how to check its proof."""
    line = inquiries.inquiry(uuid=uuid, subject=actor_of(request).subject)
    return show(request, "enterprise/who_asked_one.html", {"one": asked.rows([line])[0]})


@requires(Permission.SEE_WHO_ASKED)
@require_GET
def proof(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the proof of one inquiry about the enterprise."""
    inquiries.inquiry(uuid=uuid, subject=actor_of(request).subject)
    return proving.proof_file(uuid)
