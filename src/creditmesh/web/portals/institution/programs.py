"""Programs of an institution: make one, register its keys, revoke them, end it."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import keys, programs
from creditmesh.apps.members.institutions.operations.programs import IssuedProgram
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.frame.vocabulary.institutions import SCOPES
from creditmesh.web.portals.institution.home import institution_of

GUARD = requires(Permission.MANAGE_OWN_CLIENTS)


class ProgramForm(forms.Form):
    """A new program."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Such as the name of the loan system that asks."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        initial=["inquire", "verify"],
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["scopes"].choices = [(one.value, SCOPES[one.value]) for one in Scope]  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """A new signing key of a program."""

    material = forms.CharField(
        label=gettext_lazy("Public key, as PEM or JWK"),
        max_length=keys.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("Ed25519, P-256 or SM2. The private half never leaves your system."),
    )


@GUARD
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the programs of the institution; make a new one, whose secret is shown once."""
    form = ProgramForm(request.POST if request.method == "POST" else None)
    issued = None
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        scopes = [Scope(one) for one in chosen["scopes"]]
        try:
            issued = programs.create(
                by=actor_of(request), name=chosen["name"], scopes=scopes, at=timezone.now()
            )
            form = ProgramForm()
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
    code = actor_of(request).organisation
    context = {
        "institution": institution_of(code),
        "programs": queries.programs(institution=code),
        "form": form,
        "issued": issued,
        "now": timezone.now(),
        "user_id": actor_of(request).user_id,
    }
    answer = show(request, "institution/programs.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@GUARD
@require_http_methods(["GET", "POST"])
def program(request: HttpRequest, client: str) -> HttpResponse:
    """Show a program with its keys, and register a key for it."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            keys.register(
                by=actor_of(request), client=client, material=form.cleaned_data["material"], at=timezone.now()
            )
        except CreditmeshError as refusal:
            form.add_error("material", refusals.sentence(refusal))
        else:
            messages.success(
                request, _("The key is registered. It is in force once it is proven or confirmed, see below.")
            )
            return redirect("program", client)
    return _page(request, client, form=form)


@GUARD
@require_POST
def renew(request: HttpRequest, client: str) -> HttpResponse:
    """Give a program a new secret, shown once."""
    issued = programs.renew_secret(by=actor_of(request), client=client, at=timezone.now())
    return _page(request, client, form=KeyForm(), issued=issued)


@GUARD
@require_POST
def end(request: HttpRequest, client: str) -> HttpResponse:
    """End a program at once."""
    actor = actor_of(request)
    programs.end(by=actor, institution=actor.organisation, client=client, at=timezone.now())
    messages.success(request, _("The program is ended; nobody gets in with it any more."))
    return redirect("programs")


@GUARD
@require_POST
def prove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Bring a key into force by a signature over its challenge."""
    try:
        line = keys.prove(
            by=actor_of(request), key=uuid, signature=request.POST.get("signature", ""), at=timezone.now()
        )
    except (keys.NotProven, keys.NotWaiting) as refusal:
        return _back(request, uuid, refusal)
    messages.success(request, _("The key is in force."))
    return redirect("program", line.program)


@GUARD
@require_POST
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Bring a key into force as a second person."""
    try:
        line = keys.confirm(by=actor_of(request), key=uuid, at=timezone.now())
    except (keys.SamePerson, keys.NotWaiting) as refusal:
        return _back(request, uuid, refusal)
    messages.success(request, _("The key is in force."))
    return redirect("program", line.program)


@GUARD
@require_POST
def revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a key at once."""
    actor = actor_of(request)
    keys.revoke(by=actor, institution=actor.organisation, key=uuid, at=timezone.now())
    messages.success(request, _("The key is revoked; nothing signed with it is taken any more."))
    line = next(one for one in queries.signing_keys(institution=actor.organisation) if one.uuid == uuid)
    return redirect("program", line.program)


def _back(request: HttpRequest, uuid: UUID, refusal: CreditmeshError) -> HttpResponse:
    messages.error(request, refusals.sentence(refusal))
    held = queries.signing_keys(institution=actor_of(request).organisation)
    line = next(one for one in held if one.uuid == uuid)
    return redirect("program", line.program)


def _page(
    request: HttpRequest, client: str, *, form: KeyForm, issued: IssuedProgram | None = None
) -> HttpResponse:
    actor = actor_of(request)
    at = timezone.now()
    found = queries.program(institution=actor.organisation, client=client)
    context = {
        "institution": institution_of(actor.organisation),
        "program": found,
        "keys": [{"line": one, "in_force": one.in_force(at), "counts": one.counts(at)} for one in found.keys],
        "form": form,
        "issued": issued,
        "node": request.build_absolute_uri("/").rstrip("/"),
        "user_id": actor.user_id,
    }
    answer = show(request, "institution/program.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
