"""Persons who are to answer for their own names: the operator sees who each is, and hands out the code."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.operations import consenting
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show


@requires(Permission.REVIEW_CLAIMS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the persons who were asked and have not answered: role and first letter of the name, no more."""
    return _page(request)


@requires(Permission.REVIEW_CLAIMS)
@require_POST
def identify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take what the operator saw, and show the code for the person, once."""
    post = request.POST
    try:
        code = consenting.identify(
            uuid,
            name=post.get("name", "")[:100],
            how=post.get("how", "")[:300],
            by=actor_of(request),
            at=timezone.now(),
        )
    except consenting.UnknownConsent:
        raise
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
        return redirect("consents")
    return _page(request, code=code, identified=uuid)


def _page(request: HttpRequest, **more: object) -> HttpResponse:
    found = overview.to_identify(actor_of(request), at=timezone.now())
    held = parties.subjects(keys=sorted({one.authorisation.subject for one in found}))
    banks = parties.organisation_names(one.authorisation.institution for one in found)
    context = {
        "asked": [
            (one, held.get(one.authorisation.subject), banks.get(one.authorisation.institution, ""))
            for one in found
        ],
        **more,
    }
    answer = show(request, "operator/consents.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
