"""Ask about many enterprises at once, such as those with a loan: hand in a list, watch it, take the answers."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundWidget
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import access
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Standing
from creditmesh.apps.sharing.disclosure.operations import batches
from creditmesh.apps.sharing.disclosure.operations.batches import AskedBatch, AskedLine
from creditmesh.apps.sharing.disclosure.queries import lists
from creditmesh.apps.sharing.disclosure.queries.lists import ResultLine
from creditmesh.apps.sharing.disclosure.rules.batches import BatchState, ListOfAnother
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show

_MOST_TEXT = 400_000


class BadList(CreditmeshError):
    """A line of a list names no authorisation."""

    code = "bad-list-of-inquiries"


class ListForm(forms.Form):
    """Authorisations of one purpose: ticked among those in force, or pasted by number."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    mode = forms.ChoiceField(label=_("Mode"))
    chosen = forms.MultipleChoiceField(
        label=_("Enterprises to ask about"), widget=forms.CheckboxSelectMultiple, required=False
    )
    lines = forms.CharField(
        label=_("Numbers of authorisations"),
        max_length=_MOST_TEXT,
        required=False,
        help_text=_("One number a line, such as your own system kept them."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def __init__(self, data: object = None, *, given: Sequence[overview.Line] = ()) -> None:
        self.given = {str(one.uuid): one for one in given}
        most = Counter(one.terms.purpose for one in given).most_common(1)
        super().__init__(data, initial={"purpose": most[0][0] if most else "post-loan"})  # type: ignore[arg-type]
        language = get_language() or "zh-hans"
        known = purposes.load().in_force(on=timezone.localdate())
        self.fields["purpose"].choices = [(one.code, one.label.in_language(language)) for one in known]  # type: ignore[attr-defined]
        self.fields["mode"].choices = [(one.value, words.MODES[one.value]) for one in (Mode.AUTH, Mode.RAW)]  # type: ignore[attr-defined]
        self.fields["chosen"].choices = [(key, one.terms.authoriser.name) for key, one in self.given.items()]  # type: ignore[attr-defined]

    @property
    def boxes(self) -> tuple[tuple[BoundWidget, overview.Line], ...]:
        """Return each box to tick with its authorisation."""
        return tuple(zip(self["chosen"], self.given.values(), strict=True))

    @property
    def numbers(self) -> list[str]:
        """Return the number of every authorisation wanted, each once."""
        return list(dict.fromkeys([*self.cleaned_data["chosen"], *self.cleaned_data["lines"].split()]))

    def clean(self) -> dict[str, object]:
        """Refuse an empty list, and authorisations ticked that were given for another purpose."""
        held: dict[str, object] = super().clean() or {}
        ticked = [self.given[one] for one in self.cleaned_data.get("chosen", ())]
        others = [one for one in ticked if one.terms.purpose != held.get("purpose")]
        if not ticked and not str(held.get("lines", "")).strip():
            self.add_error("chosen", _("Tick at least one enterprise, or paste numbers of authorisations."))
        elif others:
            self.add_error(
                "chosen",
                gettext(
                    "%(name)s gave its authorisation for another purpose. Untick it or change the purpose."
                )
                % {"name": others[0].terms.authoriser.name},
            )
        return held


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """A line of a list with how many records its answer holds."""

    line: ResultLine
    name: str
    records: int


@requires(Permission.INQUIRE)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the lists of the institution and the form for another, or take one in."""
    by, at = access.person(actor_of(request)), timezone.now()
    given = [one for one in overview.received(by.organisation, at=at) if one.live]
    if request.method == "GET":
        form = ListForm(given=given)
    else:
        form = ListForm(request.POST, given=given)
        if form.is_valid():
            try:
                uuid = batches.hand_in(by, _asked(by, form), at=at)
                return redirect("institution-list", uuid)
            except CreditmeshError as refusal:
                form.add_error(None, refusals.sentence(refusal))
    context = {"form": form, "found": lists.batches(institution=by.organisation)}
    return show(request, "institution/lists.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def one_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show how far a list is and what became of each line."""
    by = actor_of(request)
    found = lists.batch(uuid=uuid, institution=by.organisation)
    at = timezone.now()
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdecimal() and len(after) < 9 else 0
    gone = found.kept_until <= at
    lines: list[ResultLine] = []
    others = False
    if not gone:
        try:
            lines = list(lists.results(uuid=uuid, by=by, at=at, after=start))
        except ListOfAnother:
            others = True
    names = parties.subjects(keys=[line.subject for line in lines if line.answer])
    context = {
        "one": found,
        "lines": [
            ShownLine(
                line=line,
                name=names[line.subject].name if line.subject in names else "",
                records=_records(line),
            )
            for line in lines
        ],
        "more": lines[-1].number if lines and lines[-1].number < found.total else None,
        "gone": gone,
        "others": others,
        "under_way": found.state is not BatchState.DONE,
    }
    return show(request, "institution/list.html", context, part="state")


@requires(Permission.SEE_OWN_INQUIRIES)
@require_GET
def answers(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Hand out the answers of a list as JSON lines."""
    by = actor_of(request)
    lists.results(uuid=uuid, by=by, at=timezone.now(), size=1)
    answer = StreamingHttpResponse(_pieces(uuid, by), content_type="application/jsonl")
    answer.headers["Content-Disposition"] = f'attachment; filename="{uuid}.jsonl"'
    return answer


def _asked(by: Actor, form: ListForm) -> AskedBatch:
    mode = Mode(form.cleaned_data["mode"])
    given = [_uuid(one) for one in form.numbers]
    found = {uuid: one for uuid, one in authorisations.standings(given).items() if _is_ours(by, one)}
    catalogue = this_node().catalogue
    lines = []
    for number, uuid in enumerate(given, start=1):
        standing = found.get(uuid)
        if standing is None:
            # The same for another's authorisation and for one that never was.
            raise BadList(f"Line {number}: your institution has no such authorisation. Take the line away.")
        items = [one for one in standing.terms.items if one in catalogue.items]
        allowed = tuple(one for one in items if mode in catalogue.items[one].modes)
        lines.append(AskedLine(subject=standing.terms.subject, authorisation=uuid, items=allowed))
    return AskedBatch(mode=mode, purpose=form.cleaned_data["purpose"], lines=tuple(lines))


def _is_ours(by: Actor, standing: Standing) -> bool:
    return by.organisation in (standing.terms.institution, *standing.terms.grantee.branches)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadList(f"“{text[:60]}” is no number of an authorisation: copy it from the list.") from None


def _records(line: ResultLine) -> int:
    if not line.answer:
        return 0
    return sum(len(block["records"]) for block in json.loads(line.answer)["blocks"])


def _pieces(uuid: UUID, by: Actor) -> Iterator[str]:
    after = 0
    while lines := lists.results(uuid=uuid, by=by, at=timezone.now(), after=after):
        for one in lines:
            told = {
                "line": one.number,
                "subject": one.subject,
                "authorisation": str(one.authorisation),
                "state": one.state.value,
                "inquiry": str(one.inquiry) if one.inquiry else None,
                "refusal": one.refusal or None,
                "answer": json.loads(one.answer) if one.answer else None,
            }
            yield json.dumps(told, ensure_ascii=False) + "\n"
        after = lines[-1].number
