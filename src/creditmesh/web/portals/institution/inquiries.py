"""What one's institution asked: the list, and one inquiry with its proof."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.apps.sharing.disclosure.queries.inquiries import InquiryLine
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import asked, proving
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what the institution asked, newest first."""
    actor = actor_of(request)
    subject = request.GET.get("code", "").strip()[:40]
    page = inquiries.own_inquiries(actor.organisation, before=asked.before(request), subject=subject)
    # Who it is, is told of those that authorised the institution, not of any code somebody tried.
    known = parties.subjects(
        keys=[one.subject for one in page.lines if one.authorisation and one.outcome is Outcome.ANSWERED]
    )
    context = {
        "found": page,
        "names": {key: one.name for key, one in known.items()},
        "rows": asked.rows(page.lines),
        "code": subject,
        "mine": actor.user_id,
        "daily": asked.daily(at=timezone.now(), institution=actor.organisation),
    }
    return show(request, "institution/inquiries.html", context, part="results")


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def inquiry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one inquiry of the institution."""
    line: InquiryLine = inquiries.inquiry(uuid=uuid, institution=actor_of(request).organisation)
    subject = parties.subjects(keys=[line.subject]).get(line.subject) if line.authorisation else None
    context = {"one": asked.rows([line])[0], "subject": subject}
    return show(request, "institution/inquiry.html", context)


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def proof(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the proof of one inquiry of the institution."""
    inquiries.inquiry(uuid=uuid, institution=actor_of(request).organisation)
    return proving.proof_file(uuid)
