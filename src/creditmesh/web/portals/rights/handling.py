"""The operator's queue of cases by deadline: check, forward, decide, review; repairs; appeals."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.rights.models import Objection
from creditmesh.apps.sharing.rights.operations import (
    appealing,
    deciding,
    handling,
    objecting,
    repairing,
    walking,
)
from creditmesh.apps.sharing.rights.operations.deciding import Decision
from creditmesh.apps.sharing.rights.operations.repairing import Verdict
from creditmesh.apps.sharing.rights.queries import cases, held
from creditmesh.apps.sharing.rights.rules import repairs
from creditmesh.apps.sharing.rights.rules.appeals import Answer
from creditmesh.apps.sharing.rights.rules.clocks import Cause
from creditmesh.apps.sharing.rights.rules.objections import (
    UNDECIDED,
    Outcome,
    State,
    open_fields,
    possible_outcomes,
)
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.rights import showing as shown

_FIELD = "field-"


@requires(Permission.HANDLE_OBJECTIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show what waits, by the day it is due; or what is done."""
    done = request.GET.get("show") == "done"
    found = shown.listed(cases.queue(actor_of(request), done=done), names=True)
    context = {
        "cases": found,
        "done": done,
        "late": sum(one.is_late for one in found),
        "soon": sum(one.days_left is not None and 0 <= one.days_left <= 1 for one in found),
        "repeated": () if done else shown.listed(cases.repeated(actor_of(request)), names=True),
    }
    return show(request, "rights/staff/queue.html", context)


@requires(Permission.HANDLE_OBJECTIONS)
@require_GET
def objection(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one objection with everything needed to decide it."""
    by, node = actor_of(request), this_node()
    row = cases.objection(uuid, by=by)
    steps, item, clock = cases.steps(row), node.catalogue.items.get(row.item), walking.regime_of(row)
    now = held.now(objecting.ref(row), node=node)
    fields = held.as_delivered(item, now.values) if item and now else {}
    language_labels = {one.name: one for one in (item.fields if item else ())}
    context = {
        "row": row,
        "label": shown.label_of(row.item),
        "subject": parties.subjects(keys=[row.subject]).get(row.subject),
        "values": shown.values(item, row.held, only=held.shown_to_staff(item) if item else ()),
        "steps": steps,
        "stages": shown.progress(row, steps, walking.days_of(row)),
        "clock": clock,
        "rules": shown.rules_of(clock),
        "paused": row.pauses.filter(ended=None).exists(),
        "causes": sorted(clock.excluded),
        "followed": (followed := cases.followed(row.uuid)),
        "names": parties.organisation_names(one.institution for one in followed.told),
        "outcomes": possible_outcomes(item) if item else tuple(Outcome),
        "fields": [
            (language_labels[name], row.proposed_values.get(name) or fields.get(name, ""))
            for name in (open_fields(item) if item else ())
            if name in held.shown_to_staff(item)  # type: ignore[arg-type]
        ],
        "proposed": [
            (language_labels[name], text)
            for name, text in row.proposed_values.items()
            if name in language_labels
        ],
        "may_check": row.state == State.MARKED,
        "may_forward": row.state in {State.MARKED, State.OWN_CHECK},
        "may_decide": row.state in {State.OWN_CHECK, State.FORWARDED},
        "may_review": row.state == State.REVIEW_REQUESTED,
        "is_undecided": row.state in UNDECIDED,
        "may_extend": handling.may_extend(row, on=timezone.localdate()),
        "refused_correction": cases.awaits_correction(row, of=steps),
        "source_repeats": cases.is_repeated(steps),
        "is_decider": row.decided_by_id == by.user_id,
    }
    return show(request, "rights/staff/handle_objection.html", context)


@requires(Permission.HANDLE_OBJECTIONS)
@require_POST
def act(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take one step with an objection."""
    by, at, post = actor_of(request), timezone.now(), request.POST
    row = cases.objection(uuid, by=by)
    done = post.get("act", "")
    acts: dict[str, Callable[[], None]] = {
        "check": lambda: handling.check_oneself(uuid, by=by, at=at),
        "forward": lambda: handling.forward(uuid, by=by, at=at, note=post.get("note", "")),
        "pause": lambda: handling.pause(uuid, cause=_cause(post), by=by, at=at),
        "resume": lambda: handling.resume(uuid, by=by, at=at),
        "extend": lambda: handling.extend(uuid, why=post.get("note", ""), by=by, at=at),
        "decide": lambda: deciding.decide(
            uuid, decision=_decision(post, row), by=by, node=this_node(), at=at
        ),
        "review": lambda: _review(post, row, by=by),
        "correct": lambda: deciding.correct_again(uuid, values=_fields(post), by=by, node=this_node(), at=at),
    }
    _try(request, acts.get(done))
    return redirect("handle-objection", uuid)


@requires(Permission.HANDLE_OBJECTIONS)
@require_http_methods(["GET", "POST"])
def repair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one application for repair, accept it, grant or refuse it."""
    by, at = actor_of(request), timezone.now()
    row = cases.repair(uuid, by=by)
    if request.method == "POST":
        post, done = request.POST, request.POST.get("act", "")
        verdict = Verdict(
            grant=done == "grant",
            duties_done=post.get("duties") == "yes",
            law_allows=post.get("law") == "yes",
            reason=post.get("reason", ""),
        )
        acts: dict[str, Callable[[], None]] = {
            "accept": lambda: repairing.accept(uuid, by=by, at=at),
            "grant": lambda: repairing.decide(uuid, verdict=verdict, by=by, node=this_node(), at=at),
            "refuse": lambda: repairing.decide(uuid, verdict=verdict, by=by, node=this_node(), at=at),
        }
        _try(request, acts.get(done))
        return redirect("handle-repair", uuid)
    item = this_node().catalogue.items.get(row.item)
    today = timezone.localdate(at)
    context = {
        "row": row,
        "label": shown.label_of(row.item),
        "subject": parties.subjects(keys=[row.subject]).get(row.subject),
        "values": shown.values(item, row.held, only=held.shown_to_staff(item) if item else ()),
        "followed": (followed := cases.followed(row.uuid)),
        "names": parties.organisation_names(one.institution for one in followed.told),
        "reached": row.shortest is None or today >= row.shortest,
        "may_accept": row.state == repairs.State.RECEIVED,
        "may_decide": row.state == repairs.State.ACCEPTED,
        "today": today,
    }
    return show(request, "rights/staff/handle_repair.html", context)


@requires(Permission.HANDLE_OBJECTIONS)
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one appeal and answer it in one's own name."""
    by = actor_of(request)
    row = cases.appeal(uuid, by=by)
    if request.method == "POST":
        found = {one.value: one for one in Answer}.get(request.POST.get("found", ""))
        reason = request.POST.get("reason", "")
        _try(
            request,
            None
            if found is None
            else lambda: appealing.answer(uuid, found=found, reason=reason, by=by, at=timezone.now()),
        )
        return redirect("handle-appeal", uuid)
    context = {
        "row": row,
        "label": shown.label_of(row.about),
        "subject": parties.subjects(keys=[row.subject]).get(row.subject),
        "answers": tuple(Answer),
        "may_answer": not row.answered_by,
        "staff": True,
    }
    return show(request, "rights/appeal.html", context)


def _fields(post: QueryDict) -> dict[str, str]:
    return {name.removeprefix(_FIELD): text for name, text in post.items() if name.startswith(_FIELD)}  # type: ignore[misc]


def _decision(post: QueryDict, row: Objection) -> Decision:
    del row
    asked = post.get("outcome", "")
    if asked not in set(Outcome):
        raise _NoOutcome(_("Choose an outcome."))
    return Decision(outcome=Outcome(asked), reason=post.get("reason", ""), values=_fields(post))


def _review(post: QueryDict, row: Objection, *, by: Actor) -> None:
    instead = None if post.get("outcome", "") in {"", "upheld"} else _decision(post, row)
    deciding.review(
        row.uuid,
        reason=post.get("reason", ""),
        instead=instead,
        by=by,
        node=this_node(),
        at=timezone.now(),
    )


def _cause(post: QueryDict) -> Cause:
    asked = post.get("cause", "")
    if asked not in set(Cause):
        raise _NoOutcome(_("Choose what the clock waits for."))
    return Cause(asked)


class _NoOutcome(CreditmeshError):
    """A form came without a choice."""

    code = "no-choice"


def _try(request: HttpRequest, done: Callable[[], object] | None) -> None:
    if done is None:
        messages.error(request, _("Choose what to do."))
        return
    try:
        done()
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("Done. It is written down."))
