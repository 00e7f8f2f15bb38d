"""Have claims about an enterprise compared with what is held: no value leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import access
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.sharing.authorisations.rules import Standing
from creditmesh.apps.sharing.disclosure.operations import verifying
from creditmesh.apps.sharing.disclosure.rules.questions import Claim, VerifyQuestion
from creditmesh.catalogue.model import Catalogue, FieldDefinition, Kind, Mode
from creditmesh.kernel import money
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.asking import own_standing

LINES = 5
_TRUE = frozenset({"true", "yes", "1", "是"})
_FALSE = frozenset({"false", "no", "0", "否"})
Choices = list[tuple[str, list[tuple[str, str]]]]


class ClaimForm(forms.Form):
    """One claim: which field, and what is said of it."""

    field = forms.ChoiceField(label=_("Field"), required=False)
    value = forms.CharField(
        label=_("What you were told"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    total = forms.BooleanField(label=_("The sum over all records"), required=False)

    def __init__(self, data: object = None, *, place: int, choices: Choices) -> None:
        super().__init__(data, prefix=f"claim-{place}")  # type: ignore[arg-type]
        self.fields["field"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """Refuse a field without a value and a value without a field."""
        said = self.cleaned_data
        if bool(said.get("field")) != bool(said.get("value")):
            raise forms.ValidationError(_("State both the field and what you were told, or neither."))
        return said


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A claim with its answer, as the page shows it."""

    item: str
    field: str
    value: str
    verdict: str


@requires(Permission.INQUIRE)
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, authorisation: UUID) -> HttpResponse:
    """Show the form for claims, or what became of them."""
    by = access.person(actor_of(request))
    standing = own_standing(by, authorisation)
    catalogue = this_node().catalogue
    choices = claimable(standing, catalogue)
    data = request.POST if request.method == "POST" else None
    lines = [ClaimForm(data, place=place, choices=choices) for place in range(LINES)]
    context: dict[str, object] = {
        "standing": standing,
        "authorisation": authorisation,
        "lines": lines,
        "nothing": not choices,
    }
    if data is None:
        return show(request, "institution/verify.html", context)
    # Every line is looked at, so that the page shows all that is wrong at once.
    sound = [one.is_valid() for one in lines]
    if not all(sound):
        return show(request, "institution/verify.html", context, status=422)
    try:
        claims = [_claim(one.cleaned_data, catalogue) for one in lines if one.cleaned_data.get("field")]
        if not claims:
            raise NothingClaimed("State at least one field and what you were told.")
        asked = VerifyQuestion(
            subject=standing.terms.subject,
            claims=tuple(claims),
            purpose=standing.terms.purpose,
            authorisation=authorisation,
        )
        answer = verifying.verify(by, asked, timezone.now(), passage=Passage(institution=by.organisation))
    except CreditmeshError as refusal:
        context["refused"] = refusals.sentence(refusal)
        return show(request, "institution/verify.html", context, status=422)
    told = [str(one["answer"]) for one in answer.content["claims"]]
    context |= {
        "answer": answer,
        "compared": [
            _compared(one, verdict, catalogue)
            for one, verdict in zip(
                [line.cleaned_data for line in lines if line.cleaned_data.get("field")], told, strict=True
            )
        ],
    }
    return show(request, "institution/verify.html", context)


class NothingClaimed(CreditmeshError):
    """A form for claims came back empty."""

    code = "nothing-claimed"


class BadValue(CreditmeshError):
    """What was claimed cannot be read as the kind of its field."""

    code = "bad-claimed-value"


def claimable(standing: Standing, catalogue: Catalogue) -> Choices:
    """Return the fields claims may be about under an authorisation, by item."""
    language = get_language() or "zh-hans"
    covered = [one for one in standing.terms.items if one in catalogue.items]
    if Mode.VERIFY not in standing.terms.modes:
        return []
    return [
        (
            catalogue.items[code].label.in_language(language),
            [(f"{code}.{one.name}", one.label.in_language(language)) for one in catalogue.items[code].fields],
        )
        for code in covered
        if Mode.VERIFY in catalogue.items[code].modes
    ]


def value_of(text: str, field: FieldDefinition) -> str | int | bool:
    """Return what a person typed as claims state it: fen, basis points, whole numbers, codes of choices.

    Raises `BadValue`.
    """
    plain = text.strip()
    try:
        if field.kind is Kind.MONEY:
            return money.parse(plain, unit="元")
        if field.kind is Kind.PERCENT:
            return money.parse(plain.rstrip("%％"), unit="元")  # hundredths of a percent are basis points
        if field.kind is Kind.INTEGER:
            return int(plain.replace(",", ""))
    except (ValueError, CreditmeshError):
        raise BadValue(f"“{plain}” is no number: write digits, such as 12000 or 3.5%.") from None
    if field.kind is Kind.BOOLEAN:
        return _yes_or_no(plain)
    if field.kind is Kind.CHOICE:
        return next(
            (code for code, words in field.choices.items() if plain in (code, words.zh, words.en)), plain
        )
    return plain


def _yes_or_no(plain: str) -> bool:
    if plain.lower() not in _TRUE | _FALSE:
        raise BadValue(f"“{plain}” is neither yes nor no: write yes or no.")
    return plain.lower() in _TRUE


def _claim(said: Mapping[str, object], catalogue: Catalogue) -> Claim:
    code, _dot, name = str(said["field"]).partition(".")
    field = catalogue.items[code].field(name)
    return Claim(
        item=code, field=name, value=value_of(str(said["value"]), field), total=bool(said.get("total"))
    )


def _compared(said: Mapping[str, object], verdict: str, catalogue: Catalogue) -> Compared:
    code, _dot, name = str(said["field"]).partition(".")
    item = catalogue.items[code]
    language = get_language() or "zh-hans"
    return Compared(
        item=item.label.in_language(language),
        field=item.field(name).label.in_language(language),
        value=str(said["value"]),
        verdict=verdict,
    )
