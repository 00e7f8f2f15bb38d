"""Rows that name nobody clearly: who it may be, side by side, decided with a reason."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.queries import SubjectLine
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.ground.records.operations import reviewing
from creditmesh.apps.ground.records.queries import reviews
from creditmesh.apps.ground.records.rules import CaseState
from creditmesh.catalogue.model import FieldDefinition, Item, Text
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.names import normalise_name
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import paging, refusals
from creditmesh.web.portals.frame.rendering import show


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A subject a row may be about, with what agrees."""

    subject: SubjectLine
    sureness: int
    same_name: bool
    same_number: bool


@dataclass(frozen=True, kw_only=True)
class DeliveredValue:
    """A value of the row, under the name the catalogue gives it; `kind` says how it is written."""

    label: str
    value: object
    kind: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row with its proposals."""

    line: reviews.CaseLine
    item_label: Text | None
    values: tuple[DeliveredValue, ...]
    proposals: tuple[Proposal, ...]


@requires(Permission.DECIDE_REVIEWS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show rows that wait for a decision, oldest first, or those that were decided."""
    asked = request.GET.get("state", "")
    state = {one.value: one for one in CaseState}.get(asked, CaseState.OPEN)
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    found = reviews.review_cases(viewer=actor_of(request), state=state, page=page)
    context = {
        "cases": [_case(one) for one in found.cases],
        "pages": paging.Pages(number=found.page, total=found.total, size=reviews.PAGE),
        "state": state,
        "states": tuple(CaseState),
    }
    return show(request, "collection/reviews.html", context)


@requires(Permission.DECIDE_REVIEWS)
@require_POST
def decide(request: HttpRequest, case: int) -> HttpResponse:
    """Tie a row to a subject, or refuse it."""
    subject = request.POST.get("subject", "").strip() or request.POST.get("other", "").strip().upper()
    decision = reviewing.Decision(
        case=case,
        subject=None if request.POST.get("act") == "refuse" else subject,
        why=request.POST.get("why", ""),
    )
    if decision.subject == "":
        messages.error(request, _("Choose an enterprise, or refuse the row."))
        return redirect("reviews")
    try:
        reviewing.decide_review(decision=decision, by=actor_of(request), node=this_node(), at=timezone.now())
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("Decided. The ledger keeps the reason."))
    return redirect("reviews")


def _case(line: reviews.CaseLine) -> Case:
    item: Item | None = this_node().catalogue.items.get(line.item)
    fields = {one.name: one for one in item.fields} if item else {}
    known = parties.subjects(keys=[one.subject for one in line.candidates])
    return Case(
        line=line,
        item_label=item.label if item else None,
        values=tuple(
            _delivered(name, value, fields.get(name))
            for name, value in line.values.items()
            if value not in (None, "")
        ),
        proposals=tuple(
            Proposal(
                subject=known[one.subject],
                sureness=one.sureness,
                same_name=normalise_name(known[one.subject].name) == normalise_name(line.name),
                same_number=bool(line.registration_number)
                and known[one.subject].registration_number == line.registration_number,
            )
            for one in line.candidates
            if one.subject in known
        ),
    )


def _delivered(name: str, value: object, field: FieldDefinition | None) -> DeliveredValue:
    if field is None:
        return DeliveredValue(label=name, value=value, kind="text")
    language = get_language() or "zh-hans"
    choice = field.choices.get(str(value))
    return DeliveredValue(
        label=field.label.in_language(language),
        value=choice.in_language(language) if choice else value,
        kind="text" if choice else field.kind.value,
    )
