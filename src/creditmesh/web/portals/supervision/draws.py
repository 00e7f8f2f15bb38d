"""The draw: freeze and commit, record the public half, draw, send; and what auditors open and compute again."""

import json
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.supervision.operations import (
    committing,
    disclosing,
    drawing_lots,
    opening,
    planning,
    visiting,
)
from creditmesh.apps.evaluation.supervision.queries import auditing, planned
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import filled, moment_field, told, try_step, unit_names


class CommitForm(forms.Form):
    """Which public value will be the other half of the seed."""

    name = forms.CharField(
        label=gettext_lazy("Source of the public value"),
        max_length=200,
        help_text=gettext_lazy(
            "Something everyone can look up and nobody here can steer, as a closing index."
        ),
    )
    after = moment_field(
        gettext_lazy("Fixed after"), help_text=gettext_lazy("A moment after now: the value is not known yet.")
    )
    authority = forms.CharField(label=gettext_lazy("Authority that draws"), max_length=200)


class DrawForm(forms.Form):
    """The public value, and when it was fixed."""

    value = forms.CharField(label=gettext_lazy("Public value"), max_length=200)
    fixed_at = moment_field(gettext_lazy("Fixed at"))


@requires(Permission.SUPERVISION_DRAW)
@require_http_methods(["GET", "POST"])
def commit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Freeze both pools and publish the commitment."""
    by, at = actor_of(request), timezone.now()
    found = planned.task(uuid, viewer=by)
    authority = unit_names(found.line.unit).get(found.line.unit, found.line.unit)
    form = CommitForm(
        filled(request),
        initial={"authority": authority, "after": timezone.localtime(at) + timedelta(hours=2)},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        public = committing.PublicSource(name=given["name"], after=given["after"])
        try:
            committing.commit(
                task=uuid, public=public, authority=given["authority"], by=by, node=this_node(), at=at
            )
        except CreditmeshError as wrong:
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("Both pools are frozen and the commitment is public."))
            return redirect("supervision-task", uuid)
    context = {"task": found, "form": form, "here": "tasks"}
    return show(request, "supervision/commit.html", context, status=422 if form.errors else 200)


@requires(Permission.SUPERVISION_DRAW)
@require_http_methods(["GET", "POST"])
def draw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record the public half and draw."""
    by, at = actor_of(request), timezone.now()
    found = planned.task(uuid, viewer=by)
    form = DrawForm(filled(request), initial={"fixed_at": found.public_after})
    if request.method == "POST" and form.is_valid():
        try:
            drawing_lots.draw(task=uuid, by=by, node=this_node(), at=at, **form.cleaned_data)
        except CreditmeshError as wrong:
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("Drawn. Everyone can now compute the draw again."))
            return redirect("supervision-task", uuid)
    context = {
        "task": found,
        "form": form,
        "too_early": found.public_after is not None and found.public_after > at,
        "here": "tasks",
    }
    return show(request, "supervision/draw.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_SUPERVISION)
@require_POST
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the teams, give a task up, join visits of departments, publish the results."""
    by, at = actor_of(request), timezone.now()
    match request.POST.get("act", ""):
        case "send":
            try_step(
                request,
                lambda: visiting.send(task=uuid, by=by, at=at),
                done=_("The teams are sent: inspectors see their visits now."),
            )
        case "abandon":
            why = request.POST.get("why", "")
            try_step(
                request,
                lambda: planning.abandon_task(task=uuid, reason=why, by=by, at=at),
                done=_("Given up; the reason stays with the task."),
            )
        case "join":
            try_step(
                request,
                lambda: visiting.join_visits(by=by, node=this_node(), at=at),
                done=_("Open visits of several departments to one object are one visit now."),
            )
        case "disclose":
            try_step(
                request,
                lambda: disclosing.disclose(task=uuid, by=by, at=at),
                done=_("The results are public."),
            )
            if request.POST.get("next") == "results":
                return redirect("supervision-results")
    return redirect("supervision-task", uuid)


@requires(Permission.SUPERVISION_AUDIT)
@require_GET
def check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Compute a draw again with its tickets opened, for the auditor."""
    by = actor_of(request)
    context = {
        "task": planned.task(uuid, viewer=by),
        "check": auditing.check(uuid, viewer=by),
        "recusals": auditing.recusals(uuid, viewer=by),
        "here": "tasks",
    }
    return show(request, "supervision/check.html", context)


@requires(Permission.SUPERVISION_AUDIT)
@require_POST
def openings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out what opens the tickets of a draw; the reason goes into the ledger."""
    by, at = actor_of(request), timezone.now()
    try:
        found = opening.open_tickets(task=uuid, why=request.POST.get("why", ""), by=by, at=at)
    except CreditmeshError as wrong:
        if wrong.code != "reason-missing":
            raise
        messages.error(request, told(wrong))
        return redirect("supervision-check", uuid)
    answer = HttpResponse(json.dumps(found, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="openings.json"'
    answer["Cache-Control"] = "no-store"
    return answer
