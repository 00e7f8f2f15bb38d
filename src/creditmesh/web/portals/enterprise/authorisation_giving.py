"""What others ask of the enterprise: read in plain words, narrowed, prepared, or declined; and giving unasked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.letters.drafting import BeyondBounds, Choice, LoanNotNamed
from creditmesh.apps.sharing.authorisations.letters.notice import branch, item_label
from creditmesh.apps.sharing.authorisations.operations import preparing, requesting
from creditmesh.apps.sharing.authorisations.operations.preparing import Offer
from creditmesh.catalogue import purposes
from creditmesh.catalogue.purposes import EVALUATION
from creditmesh.web.access import actor_of, requires, signed_in
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show


class ChoiceForm(forms.Form):
    """What the enterprise gives: at most what was asked for."""

    items = forms.MultipleChoiceField(
        label=gettext_lazy("Information"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    raw_detail = forms.BooleanField(
        label=gettext_lazy("Also give raw detail: the records themselves, without bands"), required=False
    )
    life_days = forms.IntegerField(label=gettext_lazy("Valid for days"), min_value=1)
    data_months = forms.IntegerField(label=gettext_lazy("Information of the last months"), min_value=1)
    max_queries = forms.IntegerField(label=gettext_lazy("At most so many inquiries"), min_value=1)
    per_day = forms.IntegerField(label=gettext_lazy("At most so many a day"), min_value=1)
    starts_on = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: today."),
    )
    clause_confirmed = forms.BooleanField(
        label=gettext_lazy(
            "I have read who gets which information, for what, how long and how often, and what happens with "
            "personal data. I know that I can withdraw at any time."
        ),
        error_messages={"required": gettext_lazy("Read it and confirm, or leave without giving anything.")},
    )

    def __init__(self, offer: Offer, data: Any = None) -> None:
        wish = offer.wish
        named = ("life_days", "data_months", "max_queries", "per_day")
        # Who asked named what is needed; unasked, one chooses oneself.
        chosen = list(wish.items) if offer.request else []
        initial = {name: getattr(wish, name) for name in named} | {"items": chosen}
        super().__init__(data, initial=initial)
        self.fields["items"].choices = _named(wish.items)  # type: ignore[attr-defined]
        for name in named:
            most = getattr(wish, name)
            self.fields[name].validators.append(MaxValueValidator(most))
            self.fields[name].widget.attrs["max"] = most
            self.fields[name].help_text = _("At most %(most)s.") % {"most": most}
        if not wish.raw_detail:
            del self.fields["raw_detail"]

    def choice(self) -> Choice:
        """Return what was chosen."""
        said = self.cleaned_data
        return Choice(
            items=tuple(said["items"]),
            raw_detail=bool(said.get("raw_detail")),
            data_months=said["data_months"],
            life_days=said["life_days"],
            max_queries=said["max_queries"],
            per_day=said["per_day"],
            starts_on=said["starts_on"],
            clause_confirmed=said["clause_confirmed"],
        )


class GiveForm(forms.Form):
    """To whom one gives unasked, and for what."""

    institution = forms.ChoiceField(label=gettext_lazy("Institution"))
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    reference = forms.CharField(
        label=gettext_lazy("Reference at the institution"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Such as the number of your loan application, if you know it."),
    )

    def __init__(self, data: Any = None, *, at: datetime) -> None:
        super().__init__(data)
        language = get_language() or "zh-hans"
        known = [one for one in institutions.institutions() if one.active and not one.sandbox]
        self.fields["institution"].choices = [(one.code, one.name) for one in known]  # type: ignore[attr-defined]
        self.fields["purpose"].choices = [  # type: ignore[attr-defined]
            (one.code, one.label.in_language(language))
            for one in purposes.load().in_force(on=timezone.localdate(at))
        ]


@signed_in
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead from the link or QR code an institution handed over to the request, for whom it is meant.

    Everybody else sees one and the same page, so that a link tells nothing about anybody.
    """
    actor = actor_of(request)
    try:
        found = overview.request_behind(token, subject=actor.subject, at=timezone.now())
    except requesting.UnknownRequest:
        return show(request, "enterprise/authorisation_link.html", {}, status=404)
    return redirect("authorisation-request", found.uuid)


@requires(Permission.SEE_OWN_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def asked(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what is asked of the enterprise; prepare the document when it says what it gives."""
    offer = preparing.from_request(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    return _choose(request, offer)


@requires(Permission.PREPARE_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """Give unasked: choose institution and purpose, then what."""
    at = timezone.now()
    if "purpose" not in request.GET:
        return show(request, "enterprise/authorisation_give.html", {"form": GiveForm(at=at)})
    form = GiveForm(request.GET, at=at)
    if not form.is_valid():
        return show(request, "enterprise/authorisation_give.html", {"form": form}, status=422)
    said = form.cleaned_data
    try:
        offer = preparing.unasked(
            said["institution"],
            purpose=said["purpose"],
            reference=said["reference"],
            node=this_node(),
            at=at,
        )
    except institutions.UnknownInstitution:
        form.add_error("purpose", _("This institution cannot be given this purpose. Choose another one."))
        return show(request, "enterprise/authorisation_give.html", {"form": form}, status=422)
    except LoanNotNamed as refusal:
        form.add_error("reference", refusals.sentence(refusal))
        return show(request, "enterprise/authorisation_give.html", {"form": form}, status=422)
    return _choose(request, offer)


@requires(Permission.PREPARE_AUTHORISATIONS)
@require_POST
def decline(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say no to a request."""
    why = request.POST.get("why", "").strip()
    requesting.decline(uuid, by=actor_of(request), at=timezone.now(), why=why)
    messages.success(request, _("Declined; the institution is told. Nothing was given."))
    return redirect("authorisations")


def _choose(request: HttpRequest, offer: Offer) -> HttpResponse:
    actor = actor_of(request)
    form = ChoiceForm(offer, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = preparing.prepare(
                offer, choice=form.choice(), by=actor, node=this_node(), at=timezone.now()
            )
        except BeyondBounds as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            return redirect("authorisation", made.uuid)
    names, language = parties.organisation_names(offer.wish.branches), get_language() or "zh-hans"
    context = {
        "offer": offer,
        "branches": [branch(one, names=names, language=language) for one in offer.wish.branches],
        "items": [label for _code, label in _named(offer.wish.items)],
        "form": form,
        "numbers": [
            form[name] for name in ("life_days", "data_months", "max_queries", "per_day", "starts_on")
        ],
        "may": actor.may(Permission.PREPARE_AUTHORISATIONS),
    }
    template = "enterprise/authorisation_request.html"
    return show(request, template, context, status=422 if form.errors else 200)


def _named(codes: Sequence[str]) -> list[tuple[str, str]]:
    language, catalogue = get_language() or "zh-hans", this_node().catalogue
    known = [one for one in codes if one == EVALUATION or one in catalogue.items]
    return [(one, item_label(one, catalogue=catalogue, language=language)) for one in known]
