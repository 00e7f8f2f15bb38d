"""An enterprise's cases: contest a record, ask for repair, follow a case, ask for a review."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.rights.operations import appealing, documents, objecting, repairing, walking
from creditmesh.apps.sharing.rights.queries import cases, held
from creditmesh.apps.sharing.rights.rules import clocks, repairs
from creditmesh.apps.sharing.rights.rules.appeals import About
from creditmesh.apps.sharing.rights.rules.objections import LONGEST_TEXT, TRANSITIONS, Ground, State
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires, signed_in
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.rights import showing as shown

_FILE = gettext_lazy("PDF, JPEG or PNG, at most 10 MB. Only the parties of the case can open it.")


class ObjectionForm(forms.Form):
    """What is wrong with a record."""

    ground = forms.ChoiceField(label=gettext_lazy("What is wrong"), choices=())
    text = forms.CharField(
        label=gettext_lazy("Say it in your words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "What does the record say, and what would be right? Whoever decides reads this."
        ),
    )
    file = forms.FileField(label=gettext_lazy("Evidence, if you have any"), required=False, help_text=_FILE)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        told = words.VOCABULARIES["ground"]
        self.fields["ground"].choices = [(one.value, told[one]) for one in Ground]  # type: ignore[attr-defined]


class RepairForm(forms.Form):
    """The public commitment of an enterprise that asks for repair."""

    commitment = forms.CharField(
        label=gettext_lazy("Your public commitment"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "That the conduct is corrected, the duties are done, and it will not happen again."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Proof that the duties are done"), required=False, help_text=_FILE
    )


@requires(Permission.OBJECT)
@require_http_methods(["GET", "POST"])
def contest(request: HttpRequest, item: str, ref: str) -> HttpResponse:
    """Show a record and take an objection to it."""
    by, node = actor_of(request), this_node()
    record = held.find(subject=by.subject, item=item, name=ref, node=node)
    form = ObjectionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = objecting.Complaint(
            item=item, record=ref, ground=Ground(form.cleaned_data["ground"]), text=form.cleaned_data["text"]
        )
        try:
            uuid = objecting.raise_objection(complaint=said, by=by, node=node, at=timezone.now())
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            shown.keep_file(request, uuid)
            messages.success(request, _("Received. The record is marked as contested from this moment."))
            return redirect("own-objection", uuid)
    today = timezone.localdate()
    clock = clocks.regime(pack=rule_packs.load(), place=node.region, on=today)
    context = {
        "form": form,
        "item": node.catalogue.items[item],
        "record": record,
        "values": shown.values(node.catalogue.items[item], record.values),
        "rules": shown.rules_of(clock),
        "clock": clock,
    }
    return show(request, "rights/contest.html", context)


@requires(Permission.OBJECT)
@require_http_methods(["GET", "POST"])
def repair(request: HttpRequest, item: str, ref: str) -> HttpResponse:
    """Show a record with its publicity and take an application for repair."""
    by, node = actor_of(request), this_node()
    record = held.find(subject=by.subject, item=item, name=ref, node=node)
    publicity = repairs.publicity(
        record.values,
        item=node.catalogue.items[item],
        event_date=record.event_date,
        pack=rule_packs.load(),
        place=node.region,
        on=timezone.localdate(),
    )
    form = RepairForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        wanted = repairing.Application(item=item, record=ref, commitment=form.cleaned_data["commitment"])
        try:
            uuid = repairing.apply_for(application=wanted, by=by, node=node, at=timezone.now())
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            shown.keep_file(request, uuid)
            messages.success(request, _("Received. You can follow your application here."))
            return redirect("own-repair", uuid)
    context = {
        "form": form,
        "item": node.catalogue.items[item],
        "record": record,
        "values": shown.values(node.catalogue.items[item], record.values),
        "publicity": publicity,
        "today": timezone.localdate(),
    }
    return show(request, "rights/ask_repair.html", context)


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the cases of the enterprise."""
    found = shown.listed(cases.of_enterprise(actor_of(request)), names=False)
    context = {
        "open": [one for one in found if one.line.is_open],
        "done": [one for one in found if not one.line.is_open],
    }
    return show(request, "rights/cases.html", context)


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def objection(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one objection of the enterprise: where it stands, what is due, what was decided and what followed."""
    by = actor_of(request)
    row = cases.objection(uuid, by=by)
    steps, item = cases.steps(row), this_node().catalogue.items.get(row.item)
    clock = walking.regime_of(row)
    context = {
        "row": row,
        "label": shown.label_of(row.item),
        "values": shown.values(item, row.held),
        "steps": steps,
        "stages": shown.progress(row, steps, walking.days_of(row)),
        "clock": clock,
        "rules": shown.rules_of(clock),
        "paused": row.pauses.filter(ended=None).exists(),
        "followed": (followed := cases.followed(row.uuid)),
        "names": parties.organisation_names(one.institution for one in followed.told),
        "review_until": objecting.last_day_for_review(row),
        "may_act": by.may(Permission.OBJECT),
        "may_take_back": State.CLOSED in TRANSITIONS[State(row.state)] and row.decided_at is None,
        "may_review": row.state == State.NOTIFIED,
    }
    return show(request, "rights/objection.html", context)


@requires(Permission.OBJECT)
@require_POST
def act(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an objection back, accept the decision, ask for a review, or add a file."""
    by, at, done = actor_of(request), timezone.now(), request.POST.get("act", "")
    cases.objection(uuid, by=by)
    acts: dict[str, Callable[[], None]] = {
        "take_back": lambda: objecting.take_back(uuid, by=by, at=at),
        "accept": lambda: objecting.accept(uuid, by=by, at=at),
        "review": lambda: objecting.request_review(uuid, text=request.POST.get("text", ""), by=by, at=at),
    }
    if done == "file":
        if shown.keep_file(request, uuid) and request.FILES:
            messages.success(request, _("The file lies with the case."))
    else:
        _try(request, acts.get(done))
    return redirect("own-objection", uuid)


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def own_repair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one application for repair of the enterprise."""
    by = actor_of(request)
    row = cases.repair(uuid, by=by)
    context = {
        "row": row,
        "label": shown.label_of(row.item),
        "values": shown.values(this_node().catalogue.items.get(row.item), row.held),
        "followed": (followed := cases.followed(row.uuid)),
        "names": parties.organisation_names(one.institution for one in followed.told),
        "today": timezone.localdate(),
        "may_act": by.may(Permission.OBJECT),
        "is_open": row.state in repairs.UNDECIDED,
        "is_refused": row.state == repairs.State.REFUSED,
    }
    return show(request, "rights/repair.html", context)


@requires(Permission.OBJECT)
@require_POST
def act_on_repair(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Withdraw an application, add a file, or ask a person about a refused one."""
    by, at, node = actor_of(request), timezone.now(), this_node()
    cases.repair(uuid, by=by)
    done = request.POST.get("act", "")
    if done == "file":
        if shown.keep_file(request, uuid) and request.FILES:
            messages.success(request, _("The file lies with the case."))
        return redirect("own-repair", uuid)
    asked = appealing.Question(about=About.REPAIR, reference=str(uuid), text=request.POST.get("text", ""))
    acts: dict[str, Callable[[], object]] = {
        "take_back": lambda: repairing.take_back(uuid, by=by, at=at),
        "appeal": lambda: appealing.ask(question=asked, by=by, node=node, at=at),
    }
    _try(request, acts.get(done))
    return redirect("own-cases" if done == "appeal" else "own-repair", *([] if done == "appeal" else [uuid]))


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def own_appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one appeal of the enterprise, and the answer of the person."""
    row = cases.appeal(uuid, by=actor_of(request))
    return show(request, "rights/appeal.html", {"row": row, "label": shown.label_of(row.about)})


@signed_in
@require_GET
def file(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Hand a file of a case to one of its parties."""
    opened = documents.take(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    return shown.file_answer(opened)


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
