"""Simulations and back-tests: asked for, watched, and looked at."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.systems.queries import drafts
from creditmesh.apps.evaluation.trials.operations import requesting
from creditmesh.apps.evaluation.trials.queries import outcomes, trials
from creditmesh.apps.evaluation.trials.queries.limits import numbers
from creditmesh.apps.evaluation.trials.rules.trial import Kind, months_after
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue.model import Catalogue
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.workshop import pictures


class BacktestForm(forms.Form):
    """Which past day, and what may have followed it."""

    on = forms.DateField(
        label=gettext_lazy("The day"),
        help_text=gettext_lazy("Grades are given as of the end of that day, from what was dated by then."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    months = forms.IntegerField(label=gettext_lazy("Months to look ahead"), min_value=1, max_value=60)
    outcome = forms.ChoiceField(label=gettext_lazy("What followed"))
    where = forms.CharField(
        label=gettext_lazy("Only rows where (may stay empty)"),
        help_text=gettext_lazy("An expression over the fields of the item, as in an index system."),
        required=False,
        max_length=400,
    )

    def __init__(self, *args: Any, catalogue: Catalogue, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        language = get_language() or "zh-hans"
        listed = [(one.id, one.label.in_language(language)) for one in outcomes.offered(catalogue)]
        others = [
            (one.code, f"{one.code} {one.label.in_language(language)}") for one in catalogue.items.values()
        ]
        self.fields["outcome"].choices = [*listed, *sorted(others)]  # type: ignore[attr-defined]


@requires(Permission.EDIT_SYSTEMS)
@require_POST
def simulate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask what a draft would do today."""
    asked = requesting.simulate(draft=uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    return redirect("trial", asked.uuid)


@requires(Permission.EDIT_SYSTEMS)
@require_http_methods(["GET", "POST"])
def backtest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask whether a draft would have foreseen what followed a past day."""
    draft, node, today = drafts.draft(uuid), this_node(), timezone.localdate()
    months = numbers(today).months
    form = BacktestForm(
        request.POST if request.method == "POST" else None,
        catalogue=node.catalogue,
        initial={"on": months_after(today, -months), "months": months},
    )
    if request.method == "POST" and form.is_valid():
        try:
            asked = requesting.backtest(
                content=draft.content,
                by=actor_of(request),
                node=node,
                at=timezone.now(),
                **form.cleaned_data,
            )
        except CreditmeshError as wrong:
            form.add_error(None, refusals.sentence(wrong))
        else:
            return redirect("trial", asked.uuid)
    context = {
        "draft": draft,
        "here": "backtest",
        "form": form,
        "may_edit": True,
        "trials": trials.of_bytes(draft.sha256, kind=Kind.BACKTEST),
    }
    return show(request, "systems/backtest.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_TRIALS)
@require_GET
def trial(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one trial: how far it is, and what it found."""
    viewer = actor_of(request)
    found = trials.trial(uuid, viewer=viewer)
    context = {
        "trial": found,
        "shown": pictures.of_trial(found, viewer=viewer) if found.is_done else None,
        "drafts": [one for one in drafts.open_drafts() if one.sha256 == found.sha256],
    }
    return show(request, "systems/trial.html", context, part="progress")
