"""Reports for an institution: issued on an authorisation in force, read while it stands."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import access
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.credit_reports.operations import issuing
from creditmesh.apps.sharing.credit_reports.queries import reports
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.reports import reading

HOME = "institution-reports"


class AuthorisationForm(forms.Form):
    """On which authorisation a report is issued."""

    authorisation = forms.ChoiceField(label=_("Authorisation"))

    def __init__(self, data: object = None, *, live: tuple[overview.Line, ...], picked: str = "") -> None:
        super().__init__(data, initial={"authorisation": picked})  # type: ignore[arg-type]
        self.fields["authorisation"].choices = [  # type: ignore[attr-defined]
            (
                str(one.uuid),
                f"{one.terms.authoriser.name} · {one.label.in_language(get_language() or 'zh')}",
            )
            for one in live
        ]


@requires(Permission.INQUIRE)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the reports issued to the institution, and issue one more."""
    by, at = access.person(actor_of(request)), timezone.now()
    live = tuple(one for one in overview.received(by.organisation, at=at) if one.live)
    form = AuthorisationForm(
        request.POST if request.method == "POST" else None,
        live=live,
        picked=request.GET.get("authorisation", "")[:40],
    )
    if request.method == "POST" and form.is_valid():
        try:
            serial = _issue(request, form.cleaned_data["authorisation"], live=live, by=by)
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            return redirect("institution-report", serial)
    context = {"form": form, "live": live, "reports": reports.listing(viewer=by)}
    return show(request, "reports/for_institutions.html", context, status=422 if form.errors else 200)


@requires(Permission.INQUIRE)
@require_GET
def report(request: HttpRequest, serial: str) -> HttpResponse:
    """Show one report."""
    return reading.page(request, serial, by=access.person(actor_of(request)), home=HOME)


@requires(Permission.INQUIRE)
@require_GET
def file(request: HttpRequest, serial: str) -> HttpResponse:
    """Hand out one report as PDF."""
    return reading.file(request, serial, by=access.person(actor_of(request)), home=HOME)


def _issue(request: HttpRequest, picked: str, *, live: tuple[overview.Line, ...], by: Actor) -> str:
    chosen = next(one for one in live if one.uuid == UUID(picked))
    return issuing.issue_for_institution(
        by,
        subject=chosen.terms.subject,
        authorisation=chosen.uuid,
        purpose=chosen.terms.purpose,
        place=reading.place(request),
        at=timezone.now(),
    )
