"""Make a draft, see what it changes, put it away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.evaluation.systems.operations import drafting
from creditmesh.apps.evaluation.systems.queries import drafts
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.workshop import telling


@requires(Permission.EDIT_SYSTEMS)
@require_POST
def copy(request: HttpRequest, system: str) -> HttpResponse:
    """Make a draft from what is valid today, or from an earlier version."""
    number = request.POST.get("number", "")
    made = drafting.copy(
        system=system,
        by=actor_of(request),
        at=timezone.now(),
        on=timezone.localdate(),
        number=int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else None,
        title=request.POST.get("title", "")[:200],
    )
    messages.success(request, _("A draft was made. Nothing changes for anybody before it is approved."))
    return redirect("draft", made.uuid)


@requires(Permission.SEE_TRIALS)
@require_GET
def changes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what a draft changes against what it was copied from, in words and line by line."""
    draft = drafts.draft(uuid)
    context = {
        "draft": draft,
        "here": "changes",
        **telling.differences(draft.base_content, draft.content),
        "case_lines": telling.lines(draft.base_cases, draft.cases),
        "may_edit": actor_of(request).may(Permission.EDIT_SYSTEMS),
    }
    return show(request, "systems/changes.html", context)


@requires(Permission.EDIT_SYSTEMS)
@require_POST
def discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a draft away."""
    drafting.discard(draft=uuid, by=actor_of(request), at=timezone.now())
    messages.success(request, _("The draft was put away."))
    return redirect("workshop")
