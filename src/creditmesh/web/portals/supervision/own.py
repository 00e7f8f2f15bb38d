"""An inspector's own pages, made for a telephone: where to go, with whom, and what was found there."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.supervision.operations import finding, listing, recusing
from creditmesh.apps.evaluation.supervision.queries import lists, visits
from creditmesh.apps.evaluation.supervision.queries.visits import VisitLine
from creditmesh.apps.evaluation.supervision.rules.codes import Found, VisitState
from creditmesh.apps.evaluation.supervision.rules.results import LONGEST, Stated
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
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


class ResultForm(forms.Form):
    """What was found about one item."""

    item = forms.ChoiceField(label=gettext_lazy("Check item"))
    code = forms.ChoiceField(
        label=gettext_lazy("Result"), widget=forms.RadioSelect(attrs={"class": "check-list"})
    )
    inspected_on = day_field(gettext_lazy("Day of the inspection"))
    findings = forms.CharField(
        label=gettext_lazy("What was found"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Needed with every result but the first."),
    )
    rectify_by = day_field(
        gettext_lazy("Correct by"), required=False, help_text=gettext_lazy("With result 5, and only there.")
    )

    def __init__(self, data: object = None, *, left: list[tuple[str, str]], initial: object = None) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        self.fields["item"].choices = left  # type: ignore[attr-defined]
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, f"{code} {word}") for code, word in choices("inspection_result")
        ]


@requires(Permission.SUPERVISION_INSPECT)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show one's own visits, the most urgent first."""
    by = actor_of(request)
    done = request.GET.get("show") == "done"
    found = visits.own(viewer=by, done=done)
    me = lists.inspectors(viewer=by, on=timezone.localdate())
    context = {
        "rows": found,
        "done": done,
        "me": me,
        "today": timezone.localdate(),
        "ties": choices("tie"),
    }
    return show(request, "supervision/own.html", context)


@requires(Permission.SUPERVISION_INSPECT)
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one of one's own visits, and record a result."""
    by, at = actor_of(request), timezone.now()
    found = visits.visit(uuid, viewer=by)
    names = _item_names(found)
    form = ResultForm(
        filled(request),
        left=[(code, names[code]) for code in found.items_left],
        initial={"inspected_on": timezone.localdate(at)},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            finding.record(
                visit=uuid,
                stated=Stated(**{**given, "code": Found(given["code"])}),
                by=by,
                node=this_node(),
                at=at,
            )
        except CreditmeshError as wrong:
            form.add_error(None, told(wrong))
        else:
            messages.success(request, _("The result is kept."))
            return redirect("own-visit", uuid)
    context = {
        "visit": found,
        "item_names": names,
        "names": unit_names(*(one.unit for one in found.team)),
        "form": form,
        "open": found.state == VisitState.PLANNED and bool(found.items_left),
        "my_codes": _my_codes(by),
    }
    return show(request, "supervision/own_visit.html", context, status=422 if form.errors else 200)


@requires(Permission.SUPERVISION_INSPECT)
@require_POST
def recusal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask not to go to an object."""
    by, reason = actor_of(request), request.POST.get("why", "")
    inspector = next(
        (one.code for one in visits.visit(uuid, viewer=by).team if one.code in _my_codes(by)), ""
    )
    try_step(
        request,
        lambda: recusing.ask(visit=uuid, inspector=inspector, reason=reason, by=by, at=timezone.now()),
        done=_("Asked; the head of the department decides."),
    )
    return redirect("own-visit", uuid)


@requires(Permission.SUPERVISION_INSPECT)
@require_POST
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a tie to an object, so as never to be drawn for it."""
    by, given = actor_of(request), request.POST
    tie = {one.value: one for one in Tie}.get(given.get("kind", ""))
    about = given.get("object", "").strip()
    mine = _my_codes(by)
    if tie is None or not about or not mine:
        messages.error(request, _("State what ties you, and to which object."))
        return redirect("own-visits")
    until = day_of(given.get("until", ""))
    try_step(
        request,
        lambda: listing.declare_interest(
            code=mine[0], kind=tie, object_=about, until=until, by=by, at=timezone.now()
        ),
        done=_("The tie is kept; from now on the two are never drawn together."),
    )
    return redirect("own-visits")


def _my_codes(by: Actor) -> list[str]:
    return [one.code for one in lists.inspectors(viewer=by, on=timezone.localdate())]


def _item_names(found: VisitLine) -> dict[str, str]:
    language = get_language() or "zh-hans"
    known = {one.code: f"{one.code} {one.name(language)}" for one in lists.items() if one.code in found.items}
    return {code: known.get(code, code) for code in found.items}
