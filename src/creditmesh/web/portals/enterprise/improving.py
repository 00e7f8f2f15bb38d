"""What would improve the enterprise's own public credit evaluation; never a risk class."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from creditmesh.apps.evaluation.grading.operations import viewing
from creditmesh.apps.evaluation.grading.queries.improvement import WhatIf
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.scoring.improving.trying import InputNotUnderstood
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show, wants_part
from creditmesh.web.portals.regulator.improving import context, written_in


@requires(Permission.SEE_OWN_RECORD)
@require_http_methods(["GET", "POST"])
def improve(request: HttpRequest) -> HttpResponse:
    """Show what would improve the own evaluation; the look is written to the ledger."""
    written = written_in(request.POST)

    def look(what: Mapping[str, str] | None) -> WhatIf | None:
        return viewing.view_own_improvement(
            by=actor_of(request),
            node=this_node(),
            at=timezone.now(),
            written=what,
            with_time=not wants_part(request),
        )

    wrong = ""
    try:
        seen = look(written)
    except InputNotUnderstood as refusal:
        wrong, seen = refusals.sentence(refusal), look(None)
    shown = {"seen": None} if seen is None else context(seen, written)
    return show(request, "improving/own.html", {**shown, "wrong": wrong}, part="tried")
