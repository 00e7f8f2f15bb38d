"""A visit as the department sees it: team, replacement, recusal, results, what follows."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.evaluation.supervision.operations import recusing, visiting
from creditmesh.apps.evaluation.supervision.queries import planned, visits
from creditmesh.apps.evaluation.supervision.rules.codes import Found, Substitution, TaskState, VisitState
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import choices, item_names, try_step, unit_names

OPEN = (TaskState.DRAWN, TaskState.ASSIGNED)
NOTHING_FOLLOWS = (Found.NOTHING, Found.NO_SUCH_ACTIVITY)


@requires(Permission.SEE_SUPERVISION)
@require_GET
def visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one visit with its team and results."""
    by = actor_of(request)
    found = visits.visit(uuid, viewer=by)
    task = planned.task(found.task, viewer=by)
    own = task.line.unit == by.organisation
    open_task = found.task_state in OPEN
    context = {
        "visit": found,
        "task": task,
        "names": unit_names(*(one.unit for one in found.team)),
        "item_names": item_names(unit=by.organisation),
        "asked": [one for one in visits.recusals(viewer=by, open_only=False) if one.visit == uuid],
        "nothing_follows": [one.value for one in NOTHING_FOLLOWS],
        "may_change": own and open_task and by.may(Permission.SUPERVISION_DRAW),
        "is_planned": found.state == VisitState.PLANNED,
        "is_unstaffed": found.state == VisitState.UNSTAFFED,
        "may_follow": own and by.may(Permission.SUPERVISION_DISCLOSE),
        "may_approve": own and by.may(Permission.SUPERVISION_APPROVE),
        "substitutions": choices("substitution"),
        "kinds": choices("follow_up"),
        "codes": choices("inspection_result"),
        "here": "tasks",
    }
    return show(request, "supervision/visit.html", context)


@requires(Permission.SUPERVISION_DRAW)
@require_POST
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Replace an object, find a team again, or write down a recusal the inspected asks for."""
    by, at, node, given = actor_of(request), timezone.now(), this_node(), request.POST
    match given.get("act", ""):
        case "substitute":
            reason = {one.value: one for one in Substitution}.get(given.get("reason", ""))
            if reason is None:
                messages.error(request, _("State why the object cannot be inspected."))
                return redirect("supervision-visit", uuid)
            made: list[UUID] = []
            note = given.get("note", "")[:900]

            def replace() -> None:
                made.append(
                    visiting.substitute(visit=uuid, reason=reason, note=note, by=by, node=node, at=at)
                )

            if try_step(request, replace, done=_("Replaced by the next in reserve.")):
                return redirect("supervision-visit", made[0])
        case "staff":
            try_step(
                request,
                lambda: visiting.staff(visit=uuid, by=by, node=node, at=at),
                done=_("A whole team was found."),
            )
        case "ask":
            try_step(
                request,
                lambda: recusing.ask(
                    visit=uuid,
                    inspector=given.get("inspector", "")[:40],
                    reason=given.get("why", ""),
                    by=by,
                    at=at,
                    by_party=True,
                ),
                done=_("Written down; the head of the department decides."),
            )
    return redirect("supervision-visit", uuid)


@requires(Permission.SEE_SUPERVISION)
@require_GET
def recusals(request: HttpRequest) -> HttpResponse:
    """Show requests for recusal: those that wait, or all."""
    by = actor_of(request)
    everything = request.GET.get("show") == "all"
    context = {
        "rows": visits.recusals(viewer=by, open_only=not everything),
        "everything": everything,
        "may_approve": by.may(Permission.SUPERVISION_APPROVE),
        "here": "recusals",
    }
    return show(request, "supervision/recusals.html", context)


@requires(Permission.SUPERVISION_APPROVE)
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Grant or refuse a recusal."""
    by, given = actor_of(request), request.POST
    act = given.get("act", "")
    if act in {"grant", "refuse"}:
        done = _("Granted; the next in rank takes the place.") if act == "grant" else _("Refused.")
        try_step(
            request,
            lambda: recusing.decide(
                request=uuid,
                grant=act == "grant",
                answer=given.get("answer", ""),
                by=by,
                node=this_node(),
                at=timezone.now(),
            ),
            done=done,
        )
    return redirect("supervision-recusals")
