"""Yearly plans with their batches: one person proposes, another approves, then it is filed."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.evaluation.supervision.operations import planning
from creditmesh.apps.evaluation.supervision.queries import lists, planned
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import (
    day_field,
    filled,
    item_names,
    told,
    try_step,
    unit_names,
)

DEPARTMENTS = (OrganisationKind.DEPARTMENT, OrganisationKind.REGULATOR)


class PlanForm(forms.Form):
    """The plan of a year."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)


class BatchForm(forms.Form):
    """A batch of a plan."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Check items"), widget=forms.CheckboxSelectMultiple(attrs={"class": "check-list"})
    )
    joint_units = forms.MultipleChoiceField(
        label=gettext_lazy("Together with"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check-list"}),
    )
    first = day_field(gettext_lazy("First day of the visits"))
    last = day_field(gettext_lazy("Last day of the visits"))

    def __init__(self, data: object = None, *, by: Actor) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        language = get_language() or "zh-hans"
        found = lists.items(unit=by.organisation) if by.organisation else []
        self.fields["items"].choices = [(one.code, f"{one.code} {one.name(language)}") for one in found]  # type: ignore[attr-defined]
        self.fields["joint_units"].choices = [  # type: ignore[attr-defined]
            (one.code, one.name)
            for one in parties.organisations(kinds=DEPARTMENTS)
            if one.code != by.organisation
        ]


@requires(Permission.SEE_SUPERVISION)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the plans, and begin one."""
    by = actor_of(request)
    form = PlanForm(filled(request), initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        try:
            made = planning.draft_plan(**form.cleaned_data, by=by, at=timezone.now())
        except CreditmeshError as wrong:
            by.demand(Permission.SUPERVISION_PLAN)
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("The plan has begun. Add its batches."))
            return redirect("supervision-plan", made)
    found = planned.plans(viewer=by)
    context = {
        "rows": found,
        "names": unit_names(*(one.unit for one in found)),
        "form": form,
        "may_plan": by.may(Permission.SUPERVISION_PLAN),
        "here": "plans",
    }
    return show(request, "supervision/plans.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_SUPERVISION)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one plan with its batches and tasks; add a batch to a draft."""
    by = actor_of(request)
    found = planned.plan(uuid, viewer=by)
    form = BatchForm(filled(request), by=by)
    if request.method == "POST" and form.is_valid():
        try:
            batch = planning.NewBatch(**form.cleaned_data)
            planning.add_batch(plan=uuid, batch=batch, by=by, at=timezone.now())
        except CreditmeshError as wrong:
            by.demand(Permission.SUPERVISION_PLAN)
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("The batch was added."))
            return redirect("supervision-plan", uuid)
    own = found.unit == by.organisation
    units = [found.unit, *(unit for batch in found.batches for unit in batch.joint_units)]
    context = {
        "plan": found,
        "names": unit_names(*units),
        "item_names": item_names(unit=found.unit),
        "tasks": planned.tasks(viewer=by, plan=uuid),
        "form": form,
        "has_items": bool(form.fields["items"].choices),  # type: ignore[attr-defined]
        "may_plan": own and by.may(Permission.SUPERVISION_PLAN),
        "may_approve": own and by.may(Permission.SUPERVISION_APPROVE),
        "here": "plans",
    }
    return show(request, "supervision/plan.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_SUPERVISION)
@require_POST
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Propose, approve, return or file a plan."""
    by, at, why = actor_of(request), timezone.now(), request.POST.get("why", "")[:1000]
    match request.POST.get("act", ""):
        case "propose":
            try_step(
                request,
                lambda: planning.propose_plan(plan=uuid, by=by, at=at),
                done=_("Proposed. Somebody else decides on it now."),
            )
        case "approve":
            try_step(
                request,
                lambda: planning.approve_plan(plan=uuid, by=by, node=this_node(), at=at),
                done=_("Approved. File the plan with the upper level."),
            )
        case "return":
            try_step(
                request,
                lambda: planning.return_plan(plan=uuid, reason=why, by=by, at=at),
                done=_("Returned with the reason."),
            )
        case "file":
            try_step(
                request,
                lambda: planning.file_plan(plan=uuid, filed_with=why, by=by, at=at),
                done=_("Written down as filed."),
            )
    return redirect("supervision-plan", uuid)
