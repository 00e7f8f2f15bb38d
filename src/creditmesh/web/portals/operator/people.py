"""Organisations and people: who belongs where, and what each may do."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.rules import OrganisationKind, Permission, Role, roles_for_kind
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show

CODE = r"^[A-Za-z0-9][A-Za-z0-9-]{1,39}$"


class OrganisationForm(forms.Form):
    """A new organisation."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    code = forms.RegexField(
        CODE,
        label=gettext_lazy("Code"),
        help_text=gettext_lazy(
            "Letters, digits and hyphens; for an enterprise its unified social credit code."
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    region = forms.RegexField(r"^\d{2,12}$", label=gettext_lazy("Region code"), required=False)
    sources = forms.MultipleChoiceField(
        label=gettext_lazy("Delivers for"),
        required=False,
        help_text=gettext_lazy("Sources of the catalogue. Hold Ctrl to choose several."),
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        language = get_language() or "zh-hans"
        kinds = [(one.value, words.ORGANISATION_KINDS[one.value]) for one in OrganisationKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["sources"].choices = [  # type: ignore[attr-defined]
            (one.code, f"{one.label.in_language(language)} ({one.code})")
            for one in this_node().catalogue.sources.values()
        ]


class PersonForm(forms.Form):
    """A new person of an organisation; a password is made and shown once."""

    username = forms.RegexField(r"^[\w.@+-]{2,150}$", label=gettext_lazy("User name"))
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=100)
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, data: object = None, *, kind: OrganisationKind) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        roles = [(one.value, words.ROLES[one.value]) for one in sorted(roles_for_kind(kind))]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show every organisation, and make a new one."""
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        new = operations.NewOrganisation(
            code=given["code"],
            name=given["name"],
            kind=OrganisationKind(given["kind"]),
            region=given["region"],
            sources=tuple(given["sources"]),
        )
        try:
            operations.create_organisation(by=actor_of(request), new=new, at=timezone.now())
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal, about=new.code))
        else:
            messages.success(request, _("The organisation was added. Now add its people."))
            return redirect("organisation", new.code)
    counted: dict[str, int] = {}
    for one in queries.members():
        counted[one.organisation] = counted.get(one.organisation, 0) + 1
    context = {"form": form, "organisations": queries.organisations(), "counted": counted}
    return show(request, "operator/organisations.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Show one organisation with its people, and add a person."""
    found = queries.organisation(code=code)
    kind = OrganisationKind(found.kind)
    form = PersonForm(request.POST if request.method == "POST" else None, kind=kind)
    made: dict[str, str] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = _person(request, code, form.cleaned_data)
            form = PersonForm(kind=kind)
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
    line = next(one for one in queries.organisations() if one.code == code)
    context = {
        "organisation": line,
        "members": queries.members(organisation=code),
        "form": form,
        "made": made,
    }
    return show(request, "operator/organisation.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_PEOPLE)
@require_POST
def end_membership(request: HttpRequest, code: str) -> HttpResponse:
    """Take a role from a person."""
    role = {one.value: one for one in Role}.get(request.POST.get("role", ""))
    if role is not None:
        operations.end_membership(
            by=actor_of(request),
            username=request.POST.get("username", ""),
            organisation=code,
            role=role,
            at=timezone.now(),
        )
        messages.success(request, _("The role was taken away."))
    return redirect("organisation", code)


@requires(Permission.MANAGE_PEOPLE)
@require_POST
def new_password(request: HttpRequest, code: str) -> HttpResponse:
    """Give a person a new password, shown once."""
    username = request.POST.get("username", "")
    password = operations.fresh_password(username=username)
    operations.set_password(by=actor_of(request), username=username, password=password, at=timezone.now())
    line = next((one for one in queries.organisations() if one.code == code), None)
    context = {
        "organisation": line or queries.organisation(code=code),
        "members": queries.members(organisation=code),
        "form": PersonForm(kind=OrganisationKind(queries.organisation(code=code).kind)),
        "made": {"username": username, "password": password},
    }
    return show(request, "operator/organisation.html", context)


def _person(request: HttpRequest, code: str, given: dict[str, str]) -> dict[str, str]:
    by, at = actor_of(request), timezone.now()
    password = operations.fresh_password(username=given["username"])
    operations.create_user(
        by=by, username=given["username"], password=password, full_name=given["full_name"], at=at
    )
    operations.add_membership(
        by=by, username=given["username"], organisation=code, role=Role(given["role"]), at=at
    )
    return {"username": given["username"], "password": password}
