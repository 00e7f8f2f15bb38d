"""Propose a draft, look at a proposal, approve or decline it, go back to an earlier version."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.systems.operations import approving, proposing, rolling_back
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.queries.checking import check
from creditmesh.apps.evaluation.systems.queries.versions import VersionRow
from creditmesh.apps.evaluation.systems.rules.standing import SameVersionName, State, identity
from creditmesh.apps.evaluation.trials.operations import proposing as simulated
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.rules.trial import Kind
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.workshop import pictures, telling


class ProposalForm(forms.Form):
    """From when a version shall be valid, and why."""

    starts = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends = forms.DateField(
        label=gettext_lazy("Valid until (first day no more; may stay empty)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    shadow = forms.BooleanField(
        label=gettext_lazy("Shadow run only: it runs beside the live version and decides nothing"),
        required=False,
    )
    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


@requires(Permission.EDIT_SYSTEMS)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show whether a draft can be proposed, and propose it."""
    draft, node = drafts.draft(uuid), this_node()
    checked = check(
        system=draft.system,
        content=draft.content,
        cases=draft.cases,
        catalogue=node.catalogue,
        on=timezone.localdate(),
    )
    evidence = trials.evidence(draft.sha256)
    form = ProposalForm(
        request.POST if request.method == "POST" else None, initial={"starts": timezone.localdate()}
    )
    name_taken = False
    if request.method == "POST" and form.is_valid():
        try:
            made = simulated.propose(
                draft=uuid, by=actor_of(request), node=node, at=timezone.now(), **form.cleaned_data
            )
        except CreditmeshError as wrong:
            form.add_error(None, refusals.sentence(wrong))
            name_taken = isinstance(wrong, SameVersionName)
        else:
            messages.success(request, _("Proposed. Somebody else decides on it now."))
            return redirect("version", made.uuid)
    context = {
        "draft": draft,
        "here": "propose",
        "form": form,
        "checked": checked,
        "simulation": None if evidence is None else evidence.simulation,
        "ready": checked.sound and evidence is not None,
        "name_taken": name_taken,
        "may_edit": True,
    }
    return show(request, "systems/propose.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_TRIALS)
@require_GET
def version(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a version: what it changes, what its simulation found, and what was decided."""
    return show(request, "systems/version.html", _context(versions.version(uuid), actor_of(request)))


@requires(Permission.SEE_TRIALS)
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve or decline a proposal, or take it back."""
    by, at, why = actor_of(request), timezone.now(), request.POST.get("why", "")[:2000]
    act = request.POST.get("act", "")
    try:
        if act == "approve":
            approving.approve(version=uuid, by=by, at=at, why=why)
            messages.success(request, _("Approved."))
        elif act == "decline":
            approving.decline(version=uuid, by=by, at=at, why=why)
            messages.success(request, _("Declined; the draft can be worked on again."))
        elif act == "withdraw":
            proposing.withdraw(version=uuid, by=by, at=at)
            messages.success(request, _("Taken back; the draft can be worked on again."))
    except CreditmeshError as wrong:
        by.demand(Permission.APPROVE_SYSTEMS if act != "withdraw" else Permission.EDIT_SYSTEMS)
        context = _context(versions.version(uuid), by) | {"trouble": refusals.sentence(wrong), "why": why}
        return show(request, "systems/version.html", context, status=409)
    return redirect("version", uuid)


@requires(Permission.EDIT_SYSTEMS)
@require_POST
def roll_back(request: HttpRequest, system: str) -> HttpResponse:
    """Ask to go back to an earlier version."""
    to = request.POST.get("to", "")
    try:
        made = rolling_back.roll_back(
            system=system,
            to=int(to) if to.isascii() and to.isdecimal() and len(to) < 9 else -1,
            why=request.POST.get("why", "")[:2000],
            by=actor_of(request),
            at=timezone.now(),
            starts=_day(request.POST.get("starts", "")),
        )
    except versions.UnknownVersion:
        raise
    except CreditmeshError as wrong:
        messages.error(request, refusals.sentence(wrong))
        return redirect("workshop-system", system)
    messages.success(request, _("Going back was proposed. Somebody else decides on it now."))
    return redirect("version", made.uuid)


def _context(found: VersionRow, viewer: Actor) -> dict[str, Any]:
    node = this_node()
    simulation = next(iter(trials.of_bytes(found.sha256, kind=Kind.SIMULATION)), None)
    if found.simulation and simulation is not None:
        simulation = trials.trial(UUID(found.simulation), viewer=viewer)
    elif simulation is not None:
        simulation = trials.trial(simulation.uuid, viewer=viewer)
    backtests = [one for one in trials.of_bytes(found.sha256, kind=Kind.BACKTEST) if one.is_done]
    return {
        "version": found,
        "standing": found.standing(timezone.localdate()),
        "checked": check(
            system=found.system,
            content=found.content,
            cases=found.cases,
            catalogue=node.catalogue,
            on=timezone.localdate(),
        ),
        **telling.differences(found.base_content, found.content),
        "simulation": simulation,
        "shown": pictures.of_trial(simulation, viewer=viewer) if simulation is not None else None,
        "backtests": backtests,
        "open": found.state is State.PROPOSED,
        "may_decide": viewer.may(Permission.APPROVE_SYSTEMS),
        "own": identity(viewer) in found.hands,
        "may_edit": viewer.may(Permission.EDIT_SYSTEMS),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
