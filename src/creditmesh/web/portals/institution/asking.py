"""Ask about an enterprise: what is open, or what it authorised; the answer is shown once and kept nowhere."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import access
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.operations.withdrawing import UnknownAuthorisation
from creditmesh.apps.sharing.authorisations.rules import Standing
from creditmesh.apps.sharing.disclosure.operations import inquiring
from creditmesh.apps.sharing.disclosure.rules.questions import Question
from creditmesh.catalogue.model import Catalogue, Mode
from creditmesh.kernel import uscc
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import answers, refusals, words
from creditmesh.web.portals.frame.rendering import show

MOST_CODE = 40


class ItemsField(forms.MultipleChoiceField):
    """Items of the catalogue as check boxes, by class."""

    widget = forms.CheckboxSelectMultiple


class OpenForm(forms.Form):
    """An enterprise and the open items wanted of it."""

    code = forms.CharField(
        label=_("Enterprise code"),
        max_length=MOST_CODE,
        help_text=_("The unified social credit code, 18 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    items = ItemsField(label=_("Items"))

    def __init__(self, data: object = None, *, catalogue: Catalogue, code: str = "") -> None:
        choices = item_choices(
            [one for one, item in catalogue.items.items() if Mode.OPEN in item.modes], catalogue
        )
        codes = [one for one, _label in choices]
        super().__init__(data, initial={"code": code, "items": codes})  # type: ignore[arg-type]
        self.fields["items"].choices = choices  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        """Return the code as codes are written."""
        return uscc.normalise(str(self.cleaned_data["code"]))


class AuthorisedForm(forms.Form):
    """What is wanted under one authorisation."""

    mode = forms.ChoiceField(label=_("Mode"), widget=forms.RadioSelect)
    items = ItemsField(label=_("Items"))
    data_from = forms.DateField(
        label=_("Records from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    data_to = forms.DateField(
        label=_("Records until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: object = None, *, standing: Standing, catalogue: Catalogue) -> None:
        terms = standing.terms
        modes = [one for one in (Mode.AUTH, Mode.RAW) if one in terms.modes]
        choices = item_choices([one for one in terms.items if one in catalogue.items], catalogue)
        first = modes[0] if modes else Mode.AUTH
        allowed = [one for one, _label in choices if first in catalogue.items[one].modes]
        super().__init__(data, initial={"mode": first.value, "items": allowed})  # type: ignore[arg-type]
        self.fields["mode"].choices = [(one.value, words.MODES[one.value]) for one in modes]  # type: ignore[attr-defined]
        self.fields["items"].choices = choices  # type: ignore[attr-defined]


@requires(Permission.INQUIRE)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form for open information, or the answer."""
    catalogue = this_node().catalogue
    by = access.person(actor_of(request))
    if request.method == "GET":
        form = OpenForm(catalogue=catalogue, code=request.GET.get("code", "")[:MOST_CODE])
        return show(request, "institution/ask.html", {"form": form})
    form = OpenForm(request.POST, catalogue=catalogue)
    if form.is_valid():
        question = Question(
            subject=form.cleaned_data["code"], items=tuple(form.cleaned_data["items"]), mode=Mode.OPEN
        )
        return _answered(request, form, by=by, question=question, template="institution/ask.html")
    return show(request, "institution/ask.html", {"form": form}, status=422)


@requires(Permission.INQUIRE)
@require_http_methods(["GET", "POST"])
def ask_authorised(request: HttpRequest, authorisation: UUID) -> HttpResponse:
    """Show the form for what one authorisation of one's own institution covers, or the answer."""
    catalogue = this_node().catalogue
    by = access.person(actor_of(request))
    standing = own_standing(by, authorisation)
    context: dict[str, object] = {"standing": standing, "authorisation": authorisation}
    template = "institution/ask_authorised.html"
    if request.method == "GET":
        return show(
            request, template, context | {"form": AuthorisedForm(standing=standing, catalogue=catalogue)}
        )
    form = AuthorisedForm(request.POST, standing=standing, catalogue=catalogue)
    if not form.is_valid():
        return show(request, template, context | {"form": form}, status=422)
    question = Question(
        subject=standing.terms.subject,
        items=tuple(form.cleaned_data["items"]),
        mode=Mode(form.cleaned_data["mode"]),
        purpose=standing.terms.purpose,
        authorisation=authorisation,
        data_from=form.cleaned_data["data_from"],
        data_to=form.cleaned_data["data_to"],
    )
    return _answered(request, form, by=by, question=question, template=template, context=context)


def own_standing(by: Actor, authorisation: UUID) -> Standing:
    """Return an authorisation given to one's own institution; raise `UnknownAuthorisation` for any other."""
    standing = authorisations.standing(authorisation)
    if standing is None or by.organisation not in (
        standing.terms.institution,
        *standing.terms.grantee.branches,
    ):
        raise UnknownAuthorisation
    return standing


def item_choices(codes: Sequence[str], catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return items as choices, in the order of the classes of the sharing list."""
    language = get_language() or "zh-hans"
    place = {code: number for number, code in enumerate(catalogue.classes)}
    wanted = sorted(
        (catalogue.items[one] for one in codes), key=lambda one: (place[one.class_code], one.code)
    )
    return [(one.code, _named(one.label.in_language(language), one.code)) for one in wanted]


def _named(label: str, code: str) -> str:
    # The words are read; the code is there for who looks it up, in one piece.
    return format_html('<span>{} <span class="code quiet small nowrap">{}</span></span>', label, code)


def _answered(
    request: HttpRequest,
    form: forms.Form,
    *,
    by: Actor,
    question: Question,
    template: str,
    context: dict[str, object] | None = None,
) -> HttpResponse:
    held = context or {}
    try:
        owed = Passage(institution=by.organisation)
        answer = inquiring.inquire(by, question, timezone.now(), passage=owed)
    except CreditmeshError as refusal:
        form.add_error(None, refusals.sentence(refusal))
        return show(request, template, held | {"form": form}, status=422)
    shown = answers.Shown(
        answer=answer,
        blocks=answers.blocks_of(answer.content, catalogue=this_node().catalogue),
        subject=question.subject,
        mode=question.mode.value,
        text=answer.body.decode(),
    )
    return show(request, "institution/answer.html", held | {"shown": shown})
