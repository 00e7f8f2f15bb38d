"""Results: which wait for publication and until when, what follows from them, and corrections."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.evaluation.supervision.operations import disclosing, finding, following
from creditmesh.apps.evaluation.supervision.queries import overdue
from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, Found
from creditmesh.apps.evaluation.supervision.rules.results import Stated
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import day_of, try_step, uuid_of


@requires(Permission.SEE_SUPERVISION)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what waits for publication, with the working days that are left, and open follow-ups."""
    by, today = actor_of(request), timezone.localdate()
    context = {
        "waiting": overdue.waiting(viewer=by, on=today),
        "follow_ups": overdue.open_follow_ups(viewer=by, on=today),
        "own": by.organisation,
        "may_disclose": by.may(Permission.SUPERVISION_DISCLOSE),
        "here": "results",
    }
    return show(request, "supervision/results.html", context)


@requires(Permission.SUPERVISION_DISCLOSE)
@require_POST
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Publish or keep back one result, correct it, or begin what follows from it."""
    by, given = actor_of(request), request.POST
    act = given.get("act", "")
    done = {
        "disclose": _("The result is public."),
        "withhold": _("The result is kept back, with the reason."),
        "correct": _("Corrected; the records get the new result."),
        "follow": _("The follow-up has begun."),
    }
    if act == "correct" and _stated(given) is None:
        messages.error(request, _("State the code and the day of the inspection."))
    elif act == "follow" and given.get("kind") not in {one.value for one in FollowUpKind}:
        messages.error(request, _("State what follows."))
    elif act in done:
        try_step(request, _act(act, uuid, given, by), done=done[act])
    visit = uuid_of(given.get("visit", ""))
    return redirect("supervision-visit", visit) if visit else redirect("supervision-results")


@requires(Permission.SUPERVISION_DISCLOSE)
@require_POST
def settle(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down how a follow-up ended."""
    by, given = actor_of(request), request.POST
    on = day_of(given.get("on", ""))
    if on is None:
        messages.error(request, _("State the day it ended."))
    else:
        try_step(
            request,
            lambda: following.settle(
                follow_up=uuid, on=on, note=given.get("note", ""), by=by, at=timezone.now()
            ),
            done=_("Settled."),
        )
    visit = uuid_of(given.get("visit", ""))
    return redirect("supervision-visit", visit) if visit else redirect("supervision-results")


def _act(act: str, uuid: UUID, given: QueryDict, by: Actor) -> Callable[[], object]:
    at, why = timezone.now(), given.get("why", "")[:1000]
    match act:
        case "disclose":
            return lambda: disclosing.disclose_one(result=uuid, by=by, at=at)
        case "withhold":
            return lambda: disclosing.withhold(result=uuid, reason=why, by=by, at=at)
        case "follow":
            return lambda: following.begin(
                result=uuid,
                kind=FollowUpKind(given.get("kind", "")),
                note=why,
                due=day_of(given.get("due", "")),
                to=given.get("to", ""),
                by=by,
                at=at,
            )
    stated = _stated(given)
    if stated is None:
        raise AssertionError("looked at before")
    return lambda: finding.correct(result=uuid, stated=stated, reason=why, by=by, node=this_node(), at=at)


def _stated(given: QueryDict) -> Stated | None:
    code = {one.value: one for one in Found}.get(given.get("code", ""))
    day = day_of(given.get("inspected_on", ""))
    if code is None or day is None:
        return None
    return Stated(
        item=given.get("item", "")[:40],
        code=code,
        inspected_on=day,
        findings=given.get("findings", ""),
        rectify_by=day_of(given.get("rectify_by", "")),
    )
