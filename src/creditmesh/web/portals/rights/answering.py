"""A department's side of objections: what was forwarded to its sources, to be answered in time."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.rights.operations import acknowledging, handling, objecting, walking
from creditmesh.apps.sharing.rights.queries import cases, duty_notices, held
from creditmesh.apps.sharing.rights.rules.objections import Outcome, State, open_fields, possible_outcomes
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.rights import showing as shown

_FIELD = "field-"


@requires(Permission.ANSWER_OBJECTIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the objections that wait for the department's answer, or those it has answered."""
    answered = request.GET.get("show") == "answered"
    found = shown.listed(cases.forwarded(actor_of(request), answered=answered), names=True)
    return show(request, "rights/staff/answers.html", {"cases": found, "answered": answered})


@requires(Permission.ANSWER_OBJECTIONS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an objection to a record of the department and take its answer."""
    by, node = actor_of(request), this_node()
    row = cases.objection(uuid, by=by)
    if request.method == "POST":
        _answer(request, uuid)
        return redirect("answer-objection", uuid)
    item = node.catalogue.items.get(row.item)
    steps = cases.steps(row)
    now = held.now(objecting.ref(row), node=node)
    fields = held.as_delivered(item, now.values) if item and now else {}
    context = {
        "row": row,
        "label": shown.label_of(row.item),
        "subject": parties.subjects(keys=[row.subject]).get(row.subject),
        "values": shown.values(item, row.held),
        "stages": shown.progress(row, steps, walking.days_of(row)),
        "documents": cases.followed(row.uuid).documents,
        "outcomes": possible_outcomes(item) if item else tuple(Outcome),
        "fields": [
            (one, row.proposed_values.get(one.name) or fields.get(one.name, ""))
            for one in (item.fields if item else ())
            if item and one.name in open_fields(item)
        ],
        "may_answer": row.state == State.FORWARDED,
    }
    return show(request, "rights/staff/answer.html", context)


@requires(Permission.INQUIRE_FOR_DUTY)
@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """Show the department which records it was given were corrected, stopped or restored since."""
    before = request.GET.get("before", "")
    page = duty_notices.inbox(
        actor_of(request), before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    found = parties.subjects(keys=sorted({one.about["subject"] for one in page.notices}))
    told = [(one, shown.label_of(one.about["item"]), found.get(one.about["subject"])) for one in page.notices]
    return show(request, "rights/staff/news.html", {"inbox": page, "told": told})


@requires(Permission.INQUIRE_FOR_DUTY)
@require_POST
def read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note that a notice was read."""
    acknowledging.acknowledge(uuid, by=actor_of(request), at=timezone.now())
    return redirect("duty-news")


def _answer(request: HttpRequest, uuid: UUID) -> None:
    by, post = actor_of(request), request.POST
    asked, node = post.get("proposed", ""), this_node()
    row = cases.objection(uuid, by=by)
    item = node.catalogue.items.get(row.item)
    now = held.now(objecting.ref(row), node=node)
    before = held.as_delivered(item, now.values) if item and now else {}
    changed = {
        name.removeprefix(_FIELD): str(text).strip()
        for name, text in post.items()
        if name.startswith(_FIELD) and str(text).strip() != before.get(name.removeprefix(_FIELD), "")
    }
    said = handling.Answer(
        text=post.get("text", ""), proposed=Outcome(asked) if asked in set(Outcome) else None, values=changed
    )
    try:
        handling.answer(uuid, said=said, by=by, at=timezone.now())
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
        return
    if shown.keep_file(request, uuid):
        messages.success(request, _("Answered. The operator decides with it."))
