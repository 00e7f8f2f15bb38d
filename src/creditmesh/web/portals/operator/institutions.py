"""Institutions for the operator: admit, limit, suspend, resume; their programs, keys and use."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import admitting, keys, programs, suspending
from creditmesh.apps.members.institutions.rules.standing import ROLE_OF_KIND, Limits
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.home import gauges, history

GUARD = requires(Permission.MANAGE_INSTITUTIONS)


class AdmitForm(forms.Form):
    """An organisation to admit."""

    organisation = forms.ChoiceField(
        label=gettext_lazy("Organisation"),
        help_text=gettext_lazy(
            "Banks, guarantors and insurers on the page of people that are not admitted yet."
        ),
    )
    sandbox = forms.BooleanField(
        label=gettext_lazy("Sandbox: sees invented enterprises only"), required=False
    )

    def __init__(self, data: object = None, *, open_to: list[tuple[str, str]]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["organisation"].choices = open_to  # type: ignore[attr-defined]


class LimitsForm(forms.Form):
    """What an institution may ask."""

    requests_per_minute = forms.IntegerField(
        label=gettext_lazy("Requests a minute"), min_value=1, max_value=admitting.MOST
    )
    inquiries_per_day = forms.IntegerField(
        label=gettext_lazy("Inquiries a day"), min_value=1, max_value=admitting.MOST
    )
    raw_per_day = forms.IntegerField(
        label=gettext_lazy("Of them for raw detail, a day"), min_value=1, max_value=admitting.MOST
    )


class WhyForm(forms.Form):
    """Why an institution is suspended or resumed."""

    why = forms.CharField(label=gettext_lazy("Why"), max_length=500)


@GUARD
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show every institution, and admit another one."""
    admitted = queries.institutions()
    known = {one.code for one in admitted}
    open_to = [
        (one.code, f"{one.name} ({one.code})")
        for one in parties.organisations(kinds=ROLE_OF_KIND.keys())
        if one.code not in known
    ]
    form = AdmitForm(request.POST if request.method == "POST" else None, open_to=open_to)
    if request.method == "POST" and form.is_valid():
        made = admitting.admit(
            by=actor_of(request),
            organisation=form.cleaned_data["organisation"],
            sandbox=form.cleaned_data["sandbox"],
            at=timezone.now(),
        )
        messages.success(request, _("The institution is admitted, with the usual limits."))
        return redirect("institution", made.code)
    lines = [{"institution": one, "gauges": gauges(one, at=timezone.now())} for one in admitted]
    context = {"lines": lines, "form": form, "open_to": open_to, "dead": queries.dead_letters()}
    return show(request, "operator/institutions.html", context, status=422 if form.errors else 200)


@GUARD
@require_http_methods(["GET", "POST"])
def institution(request: HttpRequest, code: str) -> HttpResponse:
    """Show one institution with its programs, keys and use, and change its limits."""
    found = queries.institution(code)
    form = LimitsForm(request.POST if request.method == "POST" else vars(found.limits))
    if request.method == "POST" and form.is_valid():
        admitting.limit(
            by=actor_of(request), institution=code, limits=Limits(**form.cleaned_data), at=timezone.now()
        )
        messages.success(request, _("The limits are changed and hold from now on."))
        return redirect("institution", code)
    context = {
        "institution": found,
        "form": form,
        "why": WhyForm(),
        "gauges": gauges(found, at=timezone.now()),
        "history": history(code),
        "programs": queries.programs(institution=code),
        "dead": queries.dead_letters().get(code, 0),
    }
    return show(request, "operator/institution.html", context, status=422 if form.errors else 200)


@GUARD
@require_POST
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Suspend an institution, or resume it."""
    form = WhyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: it goes into the ledger, and to the institution."))
        return redirect("institution", code)
    act = suspending.resume if request.POST.get("act") == "resume" else suspending.suspend
    act(institution=code, why=form.cleaned_data["why"], by=actor_of(request).who(), at=timezone.now())
    return redirect("institution", code)


@GUARD
@require_POST
def end_program(request: HttpRequest, code: str, client: str) -> HttpResponse:
    """End a program of an institution."""
    programs.end(by=actor_of(request), institution=code, client=client, at=timezone.now())
    messages.success(request, _("The program is ended; nobody gets in with it any more."))
    return redirect("institution", code)


@GUARD
@require_POST
def revoke_key(request: HttpRequest, code: str, uuid: UUID) -> HttpResponse:
    """Revoke a key of an institution."""
    try:
        keys.revoke(by=actor_of(request), institution=code, key=uuid, at=timezone.now())
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("The key is revoked; nothing signed with it is taken any more."))
    return redirect("institution", code)
