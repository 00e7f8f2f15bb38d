"""Lists that draws rest on: check items, inspectors, objects, key units and exemptions."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.evaluation.supervision.operations import listing, reading_lists
from creditmesh.apps.evaluation.supervision.queries import lists
from creditmesh.apps.evaluation.supervision.rules.codes import InspectorState, ObjectKind
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.drawing.visits.recusal import Tie
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.supervision.stepping import (
    choices,
    day_field,
    day_of,
    filled,
    told,
    try_step,
    unit_names,
)

FILE = gettext_lazy("File (.xlsx, .csv or .yml)")


class ItemsForm(forms.Form):
    """A department's item list as a file."""

    version = forms.CharField(label=gettext_lazy("Edition of the list, as 2026-1"), max_length=40)
    file = forms.FileField(label=FILE)


class PeopleForm(forms.Form):
    """Inspectors as a file."""

    file = forms.FileField(label=FILE)


class ObjectsForm(forms.Form):
    """Devices, products, projects, acts or chosen enterprises as a file."""

    name = forms.CharField(label=gettext_lazy("Name of the list"), max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of objects"))
    grades = forms.CharField(
        label=gettext_lazy("Grades from best to worst, parted by blanks"), max_length=200, required=False
    )
    public = forms.BooleanField(label=gettext_lazy("These grades are published anyway"), required=False)
    file = forms.FileField(label=FILE)

    def __init__(self, data: object = None, files: object = None) -> None:
        super().__init__(data, files)  # type: ignore[arg-type]
        self.fields["kind"].choices = choices("object_kind")  # type: ignore[attr-defined]


class MarkForm(forms.Form):
    """A key unit, or an exemption until a day."""

    object = forms.CharField(label=gettext_lazy("Code of the object"), max_length=64)
    exempt_until = day_field(
        gettext_lazy("Exempt until"), required=False, help_text=gettext_lazy("Empty: it is a key unit.")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000)


@requires(Permission.SEE_SUPERVISION)
@require_http_methods(["GET", "POST"])
def items(request: HttpRequest) -> HttpResponse:
    """Show the item lists in force; the department's planners replace their own."""
    form = ItemsForm(filled(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given, by = form.cleaned_data, actor_of(request)
        try:
            rows = reading_lists.rows(given["file"].read(), filename=given["file"].name)
            kept, ended = listing.keep_items(rows=rows, version=given["version"], by=by, at=timezone.now())
        except CreditmeshError as wrong:
            by.demand(Permission.SUPERVISION_PLAN)
            form.add_error(None, told(wrong))
        else:
            said = _("On the list: %(kept)d. Ended: %(ended)d.")
            messages.success(request, said % {"kept": kept, "ended": ended})
            return redirect("supervision-items")
    found = lists.items()
    language = get_language() or "zh-hans"
    context = {
        "rows": [(one, one.name(language)) for one in found],
        "names": unit_names(*(one.unit for one in found)),
        "form": form,
        "may_plan": actor_of(request).may(Permission.SUPERVISION_PLAN),
        "here": "items",
    }
    return show(request, "supervision/items.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_SUPERVISION)
@require_http_methods(["GET", "POST"])
def inspectors(request: HttpRequest) -> HttpResponse:
    """Show the inspector pool; personal data only to the department itself."""
    form, by = PeopleForm(filled(request), request.FILES or None), actor_of(request)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = reading_lists.rows(file.read(), filename=file.name)
            kept = listing.keep_inspectors(rows=rows, by=by, at=timezone.now())
        except CreditmeshError as wrong:
            by.demand(Permission.SUPERVISION_PLAN)
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("%(kept)d inspectors were added or renewed.") % {"kept": kept})
            return redirect("supervision-inspectors")
    found = lists.inspectors(viewer=by, on=timezone.localdate())
    context = {
        "rows": found,
        "names": unit_names(*(one.unit for one in found)),
        "form": form,
        "may_plan": by.may(Permission.SUPERVISION_PLAN),
        "states": choices("inspector_state"),
        "ties": choices("tie"),
        "here": "inspectors",
    }
    return show(request, "supervision/inspectors.html", context, status=422 if form.errors else 200)


@requires(Permission.SUPERVISION_PLAN)
@require_POST
def inspector(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether an inspector can be drawn, or write down a tie."""
    by, at, given = actor_of(request), timezone.now(), request.POST
    state = {one.value: one for one in InspectorState}.get(given.get("state", ""))
    tie = {one.value: one for one in Tie}.get(given.get("kind", ""))
    about = given.get("object", "").strip()
    if state is not None:
        try_step(
            request,
            lambda: listing.set_inspector_state(code=code, state=state, by=by, at=at),
            done=_("Kept."),
        )
    elif tie is not None and about:
        until = day_of(given.get("until", ""))
        try_step(
            request,
            lambda: listing.declare_interest(code=code, kind=tie, object_=about, until=until, by=by, at=at),
            done=_("The tie is kept; from now on the two are never drawn together."),
        )
    else:
        messages.error(request, _("State what ties the inspector, and to which object."))
    return redirect("supervision-inspectors")


@requires(Permission.SEE_SUPERVISION)
@require_http_methods(["GET", "POST"])
def objects(request: HttpRequest) -> HttpResponse:
    """Show lists of objects, key units and exemptions; bring a new list."""
    form, by = ObjectsForm(filled(request), request.FILES or None), actor_of(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rows = reading_lists.rows(given["file"].read(), filename=given["file"].name)
            listing.keep_objects(
                name=given["name"],
                kind=ObjectKind(given["kind"]),
                grades=given["grades"].split(),
                rows=rows,
                public=given["public"],
                by=by,
                at=timezone.now(),
            )
        except CreditmeshError as wrong:
            by.demand(Permission.SUPERVISION_PLAN)
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("The list is kept; tasks can draw from it."))
            return redirect("supervision-objects")
    context = {
        "rows": lists.object_lists(viewer=by),
        "specials": lists.specials(viewer=by),
        "form": form,
        "mark_form": MarkForm(),
        "may_plan": by.may(Permission.SUPERVISION_PLAN),
        "here": "objects",
    }
    return show(request, "supervision/objects.html", context, status=422 if form.errors else 200)


@requires(Permission.SUPERVISION_PLAN)
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark a key unit or an exemption, or end such a mark."""
    by, at = actor_of(request), timezone.now()
    ending = request.POST.get("end", "")
    if ending.isascii() and ending.isdigit() and len(ending) < 19:
        try_step(
            request,
            lambda: listing.end_special(number=int(ending), by=by, at=at),
            done=_("The mark has ended."),
        )
        return redirect("supervision-objects")
    form = MarkForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try_step(
            request,
            lambda: listing.mark_special(
                object_=given["object"],
                reason=given["reason"],
                exempt_until=given["exempt_until"],
                by=by,
                at=at,
            ),
            done=_("The object is marked."),
        )
    else:
        messages.error(request, _("State the object and the reason."))
    return redirect("supervision-objects")
