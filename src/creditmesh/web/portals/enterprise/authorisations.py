"""Everything the enterprise gave or is asked for: lists, one authorisation, signing and withdrawing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.sharing.authorisations import overview
from creditmesh.apps.sharing.authorisations.letters import notice
from creditmesh.apps.sharing.authorisations.letters.persons import ROLES
from creditmesh.apps.sharing.authorisations.operations import consenting, preparing, signing, withdrawing
from creditmesh.apps.sharing.authorisations.rules import State, WrongMove
from creditmesh.catalogue import purposes
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show

WIDTH = 1000  # of the time-line, in its own units
SHOWN = timedelta(days=366)  # how far the time-line reaches at most, to both sides


class CodeForm(forms.Form):
    """The second factor at signing."""

    code = forms.CharField(
        label=gettext_lazy("Code of the authenticator app"),
        min_length=6,
        max_length=8,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"}
        ),
    )


class UploadForm(forms.Form):
    """A signature made outside the platform."""

    jws = forms.CharField(
        label=gettext_lazy("Detached signature (JWS, RFC 7797)"),
        max_length=signing.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate (PEM), if the key is not registered"),
        required=False,
        max_length=70_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )


class PersonForm(forms.Form):
    """A person who is asked for the own consent."""

    role = forms.ChoiceField(
        label=gettext_lazy("Who the person is in the records"),
        choices=[(one, words.VOCABULARIES["person_role"][one]) for one in ROLES],
    )
    name = forms.CharField(label=gettext_lazy("Name as in the records"), max_length=100)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """An authorisation on the time-line."""

    line: overview.Line
    start: int
    width: int


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """When each authorisation is valid; `today` is where today stands."""

    first: date
    last: date
    today: int
    bars: tuple[Bar, ...]


@requires(Permission.SEE_OWN_AUTHORISATIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List open requests and everything the enterprise gave."""
    actor, at = actor_of(request), timezone.now()
    lines = overview.given(actor.subject, at=at)
    context = {
        "requests": overview.asked_of(actor.subject, at=at),
        "lines": lines,
        "timeline": timeline(lines, today=timezone.localdate(at)),
        "may_give": actor.may(Permission.PREPARE_AUTHORISATIONS),
        "may_sign": actor.may(Permission.SIGN_AUTHORISATIONS),
    }
    return show(request, "enterprise/authorisations.html", context)


@requires(Permission.SEE_OWN_AUTHORISATIONS)
@require_GET
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an authorisation or the draft of one."""
    return _show(request, uuid)


@requires(Permission.SIGN_AUTHORISATIONS)
@require_POST
def sign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sign a draft with the node's key, after the second factor."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            signing.sign_here(
                uuid,
                code=form.cleaned_data["code"].replace(" ", ""),
                by=actor_of(request),
                node=this_node(),
                at=timezone.now(),
                place=_place(request),
            )
        except withdrawing.UnknownAuthorisation:
            raise
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            messages.success(request, _("Signed. The institution is told, and you can withdraw at any time."))
            return redirect("authorisation", uuid)
    return _show(request, uuid, code=form)


@requires(Permission.SIGN_AUTHORISATIONS)
@require_POST
def upload(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a signature that was made outside."""
    form = UploadForm(request.POST)
    if form.is_valid():
        try:
            signing.sign_outside(
                uuid,
                upload=signing.Upload(**form.cleaned_data),
                by=actor_of(request),
                node=this_node(),
                at=timezone.now(),
                place=_place(request),
            )
        except withdrawing.UnknownAuthorisation:
            raise
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            messages.success(request, _("Signed. The institution is told, and you can withdraw at any time."))
            return redirect("authorisation", uuid)
    return _show(request, uuid, outside=form)


@requires(Permission.PREPARE_AUTHORISATIONS)
@require_POST
def discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away."""
    preparing.discard(uuid, by=actor_of(request))
    messages.success(request, _("Thrown away; nothing was given."))
    return redirect("authorisations")


@requires(Permission.WITHDRAW_AUTHORISATIONS)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask whether it is meant, then withdraw at once."""
    actor, at = actor_of(request), timezone.now()
    found = overview.detail(uuid, subject=actor.subject, at=at)
    if request.method == "GET":
        return show(request, "enterprise/authorisation_withdraw.html", {"found": found, "line": found.line})
    try:
        withdrawing.withdraw(uuid, by=actor, at=at, why=request.POST.get("why", "").strip()[:300])
    except WrongMove as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("Withdrawn at once: from now on nothing is answered on it."))
    return redirect("authorisation", uuid)


@requires(Permission.SEE_OWN_AUTHORISATIONS)
@require_GET
def document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the exact bytes that are signed."""
    found = overview.detail(uuid, subject=actor_of(request).subject, at=timezone.now())
    return attachment(found.body, name=f"authorisation-{uuid}.json", kind="application/json")


@requires(Permission.SEE_OWN_AUTHORISATIONS)
@require_GET
def signature(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand out the detached signature."""
    found = overview.detail(uuid, subject=actor_of(request).subject, at=timezone.now())
    return attachment(found.jws.encode(), name=f"authorisation-{uuid}.jws", kind="application/jose")


@requires(Permission.PREPARE_AUTHORISATIONS)
@require_POST
def ask_person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make a link and a code with which a person consents to the own data being shown."""
    form = PersonForm(request.POST)
    made = None
    if form.is_valid():
        try:
            made = consenting.ask_person(
                uuid, by=actor_of(request), node=this_node(), at=timezone.now(), **form.cleaned_data
            )
            form = PersonForm()
        except consenting.ConsentNotPossible as refusal:
            form.add_error(None, refusals.sentence(refusal))
    answer = _show(request, uuid, person=form, made=made)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def timeline(lines: tuple[overview.Line, ...], *, today: date) -> Timeline | None:
    """Return the picture of when each authorisation is valid; None when there is nothing to draw."""
    drawn = [one for one in lines if one.last_day >= today - SHOWN][:20]
    if not drawn:
        return None
    first = max(min(one.first_day for one in drawn), today - SHOWN)
    last = min(max(*(one.last_day for one in drawn), today), today + SHOWN)
    days = max(1, (last - first).days + 1)

    def place(day: date) -> int:
        return WIDTH * min(max((day - first).days, 0), days) // days

    bars = tuple(
        Bar(
            line=one,
            start=place(one.first_day),
            width=max(8, place(_end(one) + timedelta(days=1)) - place(one.first_day)),
        )
        for one in drawn
    )
    return Timeline(first=first, last=last, today=place(today), bars=bars)


def read_notice(found: overview.Detail) -> tuple[notice.Paragraph, ...]:
    """Return the notice of an authorisation in the language of the page."""
    terms = found.line.terms
    template = purposes.load().version(terms.purpose, terms.purpose_version)
    if template is None:
        return ()
    return notice.notice(
        terms,
        purpose=template,
        catalogue=this_node().catalogue,
        language=get_language() or "zh-hans",
        names=parties.organisation_names(terms.grantee.branches),
    )


def attachment(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """Return a file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _end(line: overview.Line) -> date:
    ended = timezone.localdate(line.ended_at) if line.ended_at else line.last_day
    return max(min(line.last_day, ended), line.first_day)


def _show(request: HttpRequest, uuid: UUID, **forms_: Any) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    found = overview.detail(uuid, subject=actor.subject, at=at)
    draft = found.line.state == State.DRAFT
    context = {
        "found": found,
        "line": found.line,
        "paragraphs": read_notice(found),
        "draft": draft,
        "chinese": (get_language() or "zh").startswith("zh"),
        "consents": overview.consents(uuid, subject=actor.subject),
        "keys": overview.keys(actor.subject) if draft else (),
        "protected": acting.has_second_factor(actor.user_id),
        "may_sign": actor.may(Permission.SIGN_AUTHORISATIONS),
        "may_prepare": actor.may(Permission.PREPARE_AUTHORISATIONS),
        "may_withdraw": actor.may(Permission.WITHDRAW_AUTHORISATIONS),
        "code": CodeForm(),
        "outside": UploadForm(),
        "person": PersonForm(),
        "made": None,
        **forms_,
    }
    wrong = any(isinstance(one, forms.Form) and one.errors for one in forms_.values())
    template = "enterprise/authorisation_draft.html" if draft else "enterprise/authorisation.html"
    return show(request, template, context, status=422 if wrong else 200)


def _place(request: HttpRequest) -> signing.Place:
    device = request.headers.get("User-Agent", "")
    return signing.Place(address=str(request.META.get("REMOTE_ADDR", "")), device=device)


def waiting(subject: str, *, at: datetime) -> int:
    """Return how many requests wait for an answer of the enterprise."""
    return len(overview.asked_of(subject, at=at))
