"""What an institution asked enterprises for, and what it was given."""

from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import access
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.letters.drafting import Wish, allowed_items
from creditmesh.apps.sharing.authorisations.letters.notice import MODES, item_label
from creditmesh.apps.sharing.authorisations.operations import requesting, settling, trying_out
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.purposes import Purpose
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.enterprise.authorisations import attachment, read_notice
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show

_NUMBERS = ("data_months", "life_days", "max_queries", "per_day", "retention_months")


class AskForm(forms.Form):
    """What an enterprise is asked for: the minimum that is necessary."""

    subject = forms.CharField(
        label=gettext_lazy("Unified social credit code of the enterprise"),
        max_length=40,
        help_text=gettext_lazy("Whether the enterprise is registered here is not told to you."),
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Information"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    modes = forms.MultipleChoiceField(label=gettext_lazy("In which way"), widget=forms.CheckboxSelectMultiple)
    data_months = forms.IntegerField(label=gettext_lazy("Information of the last months"), min_value=1)
    life_days = forms.IntegerField(label=gettext_lazy("Valid for days"), min_value=1)
    max_queries = forms.IntegerField(label=gettext_lazy("At most so many inquiries"), min_value=1)
    per_day = forms.IntegerField(label=gettext_lazy("At most so many a day"), min_value=1)
    retention_months = forms.IntegerField(label=gettext_lazy("Months kept after the end"), min_value=0)
    reference = forms.CharField(
        label=gettext_lazy("Your reference"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Number of the application or contract; the enterprise sees it."),
    )
    product = forms.CharField(label=gettext_lazy("Product"), max_length=120, required=False)
    purpose_text = forms.CharField(
        label=gettext_lazy("A word to the enterprise"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, purpose: Purpose, data: Any = None) -> None:
        bounds = purpose.bounds.model_dump()
        usual = {name: bounds[name] for name in _NUMBERS} | {"per_day": 1}
        super().__init__(data, initial={**usual, "modes": ["AUTH"]})
        self.fields["reference"].required = purpose.needs_loan  # without it the loan's end could not be told
        language, catalogue = get_language() or "zh-hans", this_node().catalogue
        self.fields["items"].choices = [  # type: ignore[attr-defined]
            (code, item_label(code, catalogue=catalogue, language=language))
            for code in allowed_items(purpose, catalogue)
        ]
        self.fields["modes"].choices = [  # type: ignore[attr-defined]
            (one.value, MODES[one].in_language(language)) for one in purpose.modes
        ]
        for name in _NUMBERS:
            self.fields[name].validators.append(MaxValueValidator(bounds[name]))
            self.fields[name].widget.attrs["max"] = bounds[name]
            self.fields[name].help_text = _("At most %(most)s.") % {"most": bounds[name]}

    def wish(self) -> Wish:
        """Return what was asked for."""
        said = {**self.cleaned_data}
        del said["subject"]
        modes = tuple(Mode(one) for one in said.pop("modes"))
        return Wish(
            **{**said, "items": tuple(said["items"]), "modes": modes, "raw_detail": Mode.RAW in modes}
        )


class SettleForm(forms.Form):
    """A loan that was settled."""

    reference = forms.CharField(label=gettext_lazy("Reference of the loan"), max_length=80)
    settled_on = forms.DateField(
        label=gettext_lazy("Settled on"), widget=forms.DateInput(attrs={"type": "date"})
    )


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List requests and authorisations; take the news that a loan was settled."""
    actor, at = actor_of(request), timezone.now()
    form = SettleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            ended = settling.settle(
                said["reference"],
                on=said["settled_on"],
                by=access.person(actor),
                region=this_node().region,
                at=at,
            )
        except settling.WrongSettlement as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            messages.success(request, _("Noted. Authorisations that end earlier: %(n)s.") % {"n": ended})
            return redirect("institution-authorisations")
    lines = overview.received(actor.organisation, at=at)
    requests = overview.asked_by(actor.organisation, at=at)
    context = {
        "lines": lines,
        "requests": requests,
        "names": _names({one.subject for one in requests if one.authorisation}),
        "form": form,
    }
    return show(request, "institution/authorisations.html", context, status=422 if form.errors else 200)


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask an enterprise: first for what purpose, then for what."""
    actor, at = actor_of(request), timezone.now()
    offered = _purposes(actor, at)
    purpose = next((one for one in offered if one.code == request.GET.get("purpose")), None)
    if purpose is None:
        return show(request, "institution/authorisation_purposes.html", {"purposes": offered})
    form = AskForm(purpose, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = trying_out.ask(
                by=access.person(actor),
                subject=form.cleaned_data["subject"],
                purpose=purpose.code,
                wish=form.wish(),
                node=this_node(),
                at=at,
            )
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            return redirect("institution-request", made.uuid)
    numbers = [form[name] for name in _NUMBERS]
    context = {"form": form, "purpose": purpose, "numbers": numbers}
    return show(request, "institution/authorisation_ask.html", context, status=422 if form.errors else 200)


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_GET
def asked(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a request with the link and the QR code to hand to the enterprise."""
    line = overview.request_by(uuid, institution=actor_of(request).organisation, at=timezone.now())
    link = request.build_absolute_uri(f"/a/{line.token}/")
    language, catalogue = get_language() or "zh-hans", this_node().catalogue
    context = {
        "line": line,
        "link": link,
        "picture": qr(link) if line.state == "open" else "",
        "items": [item_label(one, catalogue=catalogue, language=language) for one in line.items],
    }
    return show(request, "institution/authorisation_request.html", context)


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_POST
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a request back."""
    requesting.cancel(uuid, by=access.person(actor_of(request)), at=timezone.now())
    messages.success(request, _("The request is taken back; its link leads nowhere any more."))
    return redirect("institution-authorisations")


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_GET
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an authorisation that was given to the institution."""
    found = overview.detail(uuid, institution=actor_of(request).organisation, at=timezone.now())
    context = {"found": found, "line": found.line, "paragraphs": read_notice(found)}
    return show(request, "institution/authorisation.html", context)


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_GET
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the exact bytes that were signed."""
    found = overview.detail(uuid, institution=actor_of(request).organisation, at=timezone.now())
    return attachment(found.body, name=f"authorisation-{uuid}.json", kind="application/json")


@requires(Permission.REQUEST_AUTHORISATIONS)
@require_GET
def signature(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the detached signature."""
    found = overview.detail(uuid, institution=actor_of(request).organisation, at=timezone.now())
    return attachment(found.jws.encode(), name=f"authorisation-{uuid}.jws", kind="application/jose")


def qr(text: str) -> str:
    """Return a QR code as SVG to stand in a page."""
    drawn = segno.make(text, error="m").svg_inline(
        scale=4, border=2, dark="#000", light="#fff", omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308 - drawn here; the text is in its dots only


def _purposes(actor: Actor, at: datetime) -> tuple[Purpose, ...]:
    kind = parties.organisation(code=actor.organisation).kind
    found = purposes.load().in_force(on=timezone.localdate(at))
    return tuple(one for one in found if kind in one.institution_kinds)


def _names(subjects: set[str]) -> dict[str, str]:
    # Only of enterprises that gave something: of others the institution learns nothing here.
    return {key: found.name for key, found in parties.subjects(keys=sorted(subjects)).items()}
