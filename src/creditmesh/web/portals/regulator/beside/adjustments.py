"""Move a grade by hand: propose with evidence, let a colleague decide, take it back."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.evaluation.grading.operations import adjusting
from creditmesh.apps.evaluation.grading.queries import adjustments, runs, systems
from creditmesh.apps.evaluation.grading.queries.adjustments import AdjustmentRow, Asked
from creditmesh.apps.evaluation.grading.rules import AdjustmentState
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import chosen


@dataclass(frozen=True, kw_only=True)
class Line:
    """An adjustment with what it does today, in words."""

    one: AdjustmentRow
    moves: str
    counts: bool


class ProposalForm(forms.Form):
    """By how much, why, until when, and the file that shows it."""

    steps = forms.TypedChoiceField(label=gettext_lazy("Move the class"), coerce=int)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Ends on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = forms.FileField(
        label=gettext_lazy("Evidence (PDF, JPEG or PNG)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, data: object = None, files: object = None, *, steps: list[int]) -> None:
        super().__init__(data, files)  # type: ignore[arg-type]
        self.fields["steps"].choices = [(one, moves(one)) for one in steps]  # type: ignore[attr-defined]


def moves(steps: int) -> str:
    """Return in words by how many classes an adjustment moves, and which way."""
    if steps < 0:
        return ngettext("%(n)d class better", "%(n)d classes better", -steps) % {"n": -steps}
    return ngettext("%(n)d class worse", "%(n)d classes worse", steps) % {"n": steps}


def allowed_steps(system: str) -> list[int]:
    """Return by how many classes the system lets people move a grade: below 0 is better; none when it does not."""
    latest = runs.latest_run(system=system)
    if latest is None:
        return []
    node = this_node()
    found = systems.archived(latest.sha256, home=node.home, catalogue=node.catalogue).definition.adjustments
    if found is None:
        return []
    return [*range(-found.better, 0), *range(1, found.worse + 1)]


def line(one: AdjustmentRow) -> Line:
    """Return an adjustment as pages show it."""
    return Line(one=one, moves=moves(one.steps), counts=one.counts(timezone.localdate()))


@requires(Permission.PROPOSE_ADJUSTMENTS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show adjustments, newest first."""
    viewer = actor_of(request)
    state = {one.value: one for one in AdjustmentState}.get(request.GET.get("state", ""))
    found = adjustments.listing(viewer=viewer, state=state, limit=adjustments.MOST)
    context = {
        "rows": [line(one) for one in found],
        "state": state.value if state else "",
        "states": list(words.VOCABULARIES["adjustment_state"].items()),
    }
    return show(request, "regulator/adjustments.html", context)


@requires(Permission.PROPOSE_ADJUSTMENTS)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, subject: str) -> HttpResponse:
    """Propose to move the grade of one subject, with a file as evidence."""
    choice, by = chosen(request.GET.get("system", "")), actor_of(request)
    steps = allowed_steps(choice.system)
    posted = request.method == "POST"
    form = ProposalForm(request.POST if posted else None, request.FILES if posted else None, steps=steps)
    if posted and form.is_valid():
        given = form.cleaned_data
        asked = Asked(
            system=choice.system,
            subject=subject,
            steps=given["steps"],
            reason=given["reason"],
            expires_on=given["expires_on"],
        )
        file = given["file"]
        try:
            made = adjusting.propose(
                asked=asked, content=file, filename=file.name, by=by, node=this_node(), at=timezone.now()
            )
        except CreditmeshError as wrong:
            form.add_error(None, refusals.sentence(wrong))
        else:
            messages.success(request, _("Proposed. A colleague decides on it."))
            return redirect("adjustment", made.uuid)
    context = {
        "choice": choice,
        "subject": subject,
        "name": known.name if (known := parties.subjects(keys=[subject]).get(subject)) else subject,
        "form": form,
        "allowed": bool(steps),
        "earlier": [
            line(one) for one in adjustments.listing(viewer=by, system=choice.system, subject=subject)
        ],
    }
    return show(request, "regulator/adjust.html", context, status=422 if form.errors else 200)


@requires(Permission.PROPOSE_ADJUSTMENTS)
@require_GET
def adjustment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one adjustment, and what may become of it."""
    viewer = actor_of(request)
    found = adjustments.one(uuid, viewer=viewer)
    context = {
        "line": line(found),
        "one": found,
        "open": found.state is AdjustmentState.PROPOSED,
        "may_decide": viewer.may(Permission.DECIDE_ADJUSTMENTS),
        "may_withdraw": found.state in {AdjustmentState.PROPOSED, AdjustmentState.APPROVED},
    }
    return show(request, "regulator/adjustment.html", context)


@requires(Permission.PROPOSE_ADJUSTMENTS)
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve, refuse or withdraw an adjustment."""
    by, at, why = actor_of(request), timezone.now(), request.POST.get("why", "")[:2000]
    try:
        match request.POST.get("act", ""):
            case "approve":
                adjusting.approve(adjustment=uuid, by=by, at=at, why=why)
                messages.success(request, _("Approved; runs as of today and later count it."))
            case "refuse":
                adjusting.refuse(adjustment=uuid, by=by, at=at, why=why)
                messages.success(request, _("Refused."))
            case "withdraw":
                adjusting.withdraw(adjustment=uuid, by=by, at=at, why=why)
                messages.success(request, _("Withdrawn; it ends today."))
    except adjustments.UnknownAdjustment:
        raise
    except CreditmeshError as wrong:
        messages.error(request, refusals.sentence(wrong))
    return redirect("adjustment", uuid)


@requires(Permission.PROPOSE_ADJUSTMENTS)
@require_GET
def evidence(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Hand out the evidence so that no browser runs or shows it as a page of the node."""
    opened = adjusting.open_evidence(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    answer = FileResponse(
        opened.path.open("rb"),
        as_attachment=True,
        filename=opened.filename,
        content_type=opened.media_type.value,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
