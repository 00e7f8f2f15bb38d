"""Runs: asked for, watched, and computed again. Nothing here tells anybody's grade."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.grading.operations import replaying, requesting
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import SIGHT
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import systems

LATEST = 100


class RunForm(forms.Form):
    """Which system to run, as of which day."""

    system = forms.ChoiceField(label=gettext_lazy("Index system"))
    as_of = forms.DateField(
        label=gettext_lazy("As of"),
        help_text=gettext_lazy("Records are taken as they stood on that day."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"as_of": today})
        self.fields["system"].choices = [(one.id, one.title) for one in systems()]  # type: ignore[attr-defined]


@requires(Permission.REQUEST_RUNS)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the runs there were, and take the wish for another."""
    form = RunForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            wanted = requesting.request_run(
                system=form.cleaned_data["system"],
                as_of=form.cleaned_data["as_of"],
                by=actor_of(request),
                node=this_node(),
                at=timezone.now(),
            )
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            return redirect("run", wanted.uuid)
    found = runs.runs(limit=LATEST)
    context = {"form": form, "runs": found, "busy": any(one.is_unfinished for one in found)}
    return show(request, "regulator/runs.html", context, part="list", status=422 if form.errors else 200)


@requires(Permission.REQUEST_RUNS)
@require_GET
def run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one run: how far it is, everything it read, and what a replay says."""
    found = runs.run(uuid)
    context = {
        "run": found,
        "tables": runs.tables(uuid),
        "results": _results(found, by=actor_of(request)),
    }
    return show(request, "regulator/run.html", context, part="progress")


@requires(Permission.REQUEST_RUNS)
@require_POST
def replay(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Compute a run again and say whether it comes out the same."""
    by = actor_of(request)
    said = replaying.replay_run(run=uuid, node=this_node(), by=by, at=timezone.now())
    found = runs.run(uuid)
    context = {
        "run": found,
        "tables": runs.tables(uuid),
        "results": _results(found, by=by),
        "replay": said,
    }
    return show(request, "regulator/run.html", context)


@requires(Permission.REQUEST_RUNS)
@require_POST
def abandon(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a run up."""
    requesting.abandon_run(run=uuid, by=actor_of(request), at=timezone.now())
    messages.success(request, _("The run was given up."))
    return redirect("run", uuid)


def _results(run: runs.RunRow, *, by: Actor) -> str:
    """Return the page of the results, empty where there are none or none for this person."""
    if not run.replays or not by.may(SIGHT[run.purpose]):
        return ""
    if run.purpose is Purpose.PUBLIC_CREDIT_EVALUATION:
        return reverse("evaluations")
    return f"{reverse('enterprises')}?{urlencode({'system': run.system})}"
