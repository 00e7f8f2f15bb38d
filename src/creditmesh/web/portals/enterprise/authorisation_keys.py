"""Keys the enterprise signs with outside the platform; and the page on which a person answers for the own data."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import ANONYMOUS, Permission
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.operations import consenting, registering
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, open_to_all, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show


class KeyForm(forms.Form):
    """A public key of the enterprise."""

    name = forms.CharField(
        label=gettext_lazy("What the key is for"),
        max_length=100,
        help_text=gettext_lazy("Such as: electronic seal of the finance department."),
    )
    pem = forms.CharField(
        label=gettext_lazy("Public key (PEM)"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Ed25519, ES256 (P-256) or SM2. Never send the private key."),
    )


class ProofForm(forms.Form):
    """The challenge signed with the key, and a second factor."""

    jws = forms.CharField(
        label=gettext_lazy("Detached signature over the text (JWS)"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code of the authenticator app"),
        min_length=6,
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class AnswerForm(forms.Form):
    """A person's answer."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=100)
    code = forms.CharField(
        label=gettext_lazy("The six digits the operator gave you"),
        min_length=6,
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class RepresentativeForm(forms.Form):
    """The answer of the legal representative, who is signed in."""

    code = forms.CharField(
        label=gettext_lazy("Code of your authenticator app"),
        min_length=6,
        max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


@requires(Permission.SIGN_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the enterprise's keys; take a new one."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            registering.offer_key(by=actor_of(request), at=timezone.now(), **form.cleaned_data)
        except CreditmeshError as refusal:
            form.add_error("pem", refusals.sentence(refusal))
        else:
            return redirect("enterprise-keys")
    return _keys(request, form=form)


@requires(Permission.SIGN_AUTHORISATIONS)
@require_POST
def prove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a key into force."""
    form = ProofForm(request.POST)
    if form.is_valid():
        try:
            registering.prove_key(
                uuid,
                jws=form.cleaned_data["jws"],
                code=form.cleaned_data["code"].replace(" ", ""),
                by=actor_of(request),
                at=timezone.now(),
            )
        except registering.UnknownEnterpriseKey:
            raise
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            messages.success(request, _("The key is in force: you can sign with it from now on."))
            return redirect("enterprise-keys")
    return _keys(request, proof=form, proving=uuid)


@requires(Permission.SIGN_AUTHORISATIONS)
@require_POST
def revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a key at once."""
    registering.revoke_key(uuid, by=actor_of(request), at=timezone.now())
    messages.success(request, _("The key is revoked. What was signed with it before stays signed."))
    return redirect("enterprise-keys")


@open_to_all
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a person whether the own name may be shown, and take the answer.

    Whoever is not the legal representative, signed in, needs no account, but a code of the operator.
    """
    at = timezone.now()
    try:
        asked = consenting.question(token[:100], at=at)
    except consenting.UnknownConsent as refusal:
        return show(
            request,
            "enterprise/authorisation_consent.html",
            {"wrong": refusals.sentence(refusal)},
            status=404,
        )
    by = actor_of(request) if request.user.is_authenticated else ANONYMOUS
    in_person = consenting.is_of(token[:100], by=by)
    kind = RepresentativeForm if in_person else AnswerForm
    form = kind(request.POST if request.method == "POST" else None)
    done = ""
    if request.method == "POST" and form.is_valid():
        agrees = request.POST.get("answer") == "yes"
        try:
            if in_person:
                code = form.cleaned_data["code"].replace(" ", "")
                consenting.answer_signed_in(token, code=code, agrees=agrees, by=by, node=this_node(), at=at)
            else:
                consenting.answer(token, agrees=agrees, node=this_node(), at=at, **form.cleaned_data)
            done = "given" if agrees else "refused"
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
    context = {
        "asked": asked,
        "terms": asked.standing.terms,
        "purpose": overview.purpose_label(asked.standing.terms.purpose),
        "fields": _fields(asked.fields),
        "form": form,
        "done": done,
        "in_person": in_person,
    }
    answer = show(
        request, "enterprise/authorisation_consent.html", context, status=422 if form.errors else 200
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _keys(request: HttpRequest, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "keys": overview.keys(actor.subject),
        "form": KeyForm(),
        "proof": ProofForm(),
        "protected": acting.has_second_factor(actor.user_id),
        **more,
    }
    wrong = any(isinstance(one, forms.Form) and one.errors for one in more.values())
    return show(request, "enterprise/authorisation_keys.html", context, status=422 if wrong else 200)


def _fields(names: tuple[str, ...]) -> list[str]:
    language, items = get_language() or "zh-hans", this_node().catalogue.items
    told = []
    for name in names:
        code, _dot, field = name.partition(".")
        if code in items:
            item = items[code]
            label = next((one.label for one in item.fields if one.name == field), item.label)
            told.append(f"{item.label.in_language(language)} · {label.in_language(language)}")
    return told
