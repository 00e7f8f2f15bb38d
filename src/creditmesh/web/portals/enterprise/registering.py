"""Register: make an account, claim an enterprise, add evidence, hand it in; or join by invitation."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.members.enterprises.file_kinds import UnfitFile
from creditmesh.apps.members.enterprises.operations import admitting, evidence, registering
from creditmesh.apps.members.enterprises.operations.registering import Draft, NewAccount
from creditmesh.apps.members.enterprises.queries import claims
from creditmesh.apps.members.enterprises.rules import Capacity
from creditmesh.apps.members.enterprises.stored_files import EvidenceTooLarge
from creditmesh.kernel import uscc
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, open_to_all, signed_in
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show

TRIES_AN_HOUR = 20  # accounts made and codes tried from one address
_HOUR = 3600


class AccountForm(forms.Form):
    """A new account."""

    username = forms.RegexField(
        r"^[\w.@+-]{3,150}$",
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("At least three letters, digits or . @ + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    full_name = forms.CharField(
        label=gettext_lazy("Your real name"),
        max_length=100,
        help_text=gettext_lazy("As on your identity card. It is compared when you claim an enterprise."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.RegexField(
        r"^[0-9+ ()-]{5,30}$",
        label=gettext_lazy("Phone"),
        required=False,
        help_text=gettext_lazy("Only if you like: the operator may call you with questions."),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        help_text=gettext_lazy("At least twelve characters; a sentence is easy to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("Password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Refuse two passwords that differ."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two passwords are not the same."))
        return again


class ClaimForm(forms.Form):
    """Which enterprise somebody acts for, and as whom."""

    subject = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name of the enterprise"), max_length=200)
    representative = forms.CharField(
        label=gettext_lazy("Name of the legal representative"),
        max_length=100,
        help_text=gettext_lazy("As on the business licence; of an individual business, who runs it."),
    )
    capacity = forms.ChoiceField(
        label=gettext_lazy("You are"),
        widget=forms.RadioSelect,
        choices=[(one.value, words.VOCABULARIES["capacity"][one.value]) for one in Capacity],
    )

    def clean_subject(self) -> str:
        """Refuse a mistyped code: its check digit tells."""
        code = uscc.normalise(str(self.cleaned_data["subject"]))
        if not uscc.is_valid(code):
            raise forms.ValidationError(_("This is not a valid code: one of its characters is mistyped."))
        return code


class FileForm(forms.Form):
    """A file of evidence."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, JPEG or PNG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class CodeForm(forms.Form):
    """An invitation."""

    code = forms.CharField(
        label=gettext_lazy("Invitation code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "XXXX-XXXX-XXXX-XXXX"}),
    )


@open_to_all
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make an account that may do nothing yet, and sign in with it."""
    if actor_of(request).user_id is not None:
        return redirect("register-claim")
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _too_often(request, "sign-up"):
            form.add_error(
                None, _("Too many accounts were made from here in the last hour: try again later.")
            )
        elif _made(request, form):
            return redirect("register-claim")
    return show(request, "enterprise/register.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Show how one's claim stands; begin one, or change what is not handed in yet."""
    actor = actor_of(request)
    latest = claims.own(actor.user_id or 0)
    given = request.POST if request.method == "POST" else None
    form = ClaimForm(given, initial=_initial(latest))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        told = Draft(
            subject=said["subject"],
            name=said["name"],
            representative=said["representative"],
            capacity=Capacity(said["capacity"]),
        )
        try:
            registering.draft(told, by=actor, at=timezone.now())
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            return redirect("register-claim")
    return _claim_page(request, form=form, files=FileForm())


@signed_in
@require_POST
def attach(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add a file to one's draft."""
    files = FileForm(request.POST, request.FILES)
    if files.is_valid():
        file = files.cleaned_data["file"]
        try:
            evidence.attach(
                uuid,
                content=file.file if file.file is not None else file,
                filename=file.name or "",
                by=actor_of(request),
                node=this_node(),
                at=timezone.now(),
            )
        except (EvidenceTooLarge, evidence.TooMuchEvidence, UnfitFile) as refusal:
            files.add_error("file", refusals.sentence(refusal))
        else:
            return redirect("register-claim")
    return _claim_page(request, form=None, files=files)


@signed_in
@require_POST
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a file out of one's draft."""
    evidence.remove(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    return redirect("register-claim")


@signed_in
@require_POST
def hand_in(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand one's draft in."""
    try:
        registering.submit(uuid, by=actor_of(request), node=this_node(), at=timezone.now())
    except (registering.LetterMissing, registering.TooManyClaims) as refusal:
        messages.error(request, refusals.sentence(refusal))
    else:
        messages.success(request, _("Handed in. It is checked now; this page tells how it stands."))
    return redirect("register-claim")


@signed_in
@require_POST
def take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End one's claim before it is decided."""
    registering.take_back(uuid, by=actor_of(request), at=timezone.now())
    messages.success(request, _("The claim was taken back."))
    return redirect("register-claim")


@signed_in
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Join an enterprise by a code that its owner handed out."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _too_often(request, "join"):
            form.add_error(None, _("Too many codes were tried from here in the last hour: try again later."))
        else:
            try:
                admitting.join(form.cleaned_data["code"], by=actor_of(request), at=timezone.now())
            except CreditmeshError as refusal:
                form.add_error(None, refusals.sentence(refusal))
            else:
                messages.success(request, _("Welcome: you act for this enterprise now."))
                return redirect("home")
    return show(request, "enterprise/register_join.html", {"form": form}, status=422 if form.errors else 200)


def _made(request: HttpRequest, form: AccountForm) -> bool:
    said = form.cleaned_data
    new = NewAccount(
        username=said["username"], password=said["password"], full_name=said["full_name"], phone=said["phone"]
    )
    try:
        user = registering.open_account(
            new, at=timezone.now(), request=str(getattr(request, "request_id", ""))
        )
    except CreditmeshError as refusal:
        form.add_error("username" if refusal.code == "name-taken" else "password", refusals.sentence(refusal))
        return False
    get_adapter(request).login(request, user)
    return True


def _claim_page(request: HttpRequest, *, form: ClaimForm | None, files: FileForm) -> HttpResponse:
    actor = actor_of(request)
    latest = claims.own(actor.user_id or 0)
    shown = form or ClaimForm(initial=_initial(latest))
    context = {
        "form": shown,
        "files": files,
        "claim": latest,
        "stage": latest.stage if latest else "",
        "bound": bool(actor.organisation),
        "editing": shown.is_bound or "change" in request.GET,
        "demo": this_node().demo,
    }
    failed = bool(shown.errors or files.errors)
    return show(request, "enterprise/register_claim.html", context, status=422 if failed else 200)


def _initial(latest: claims.OwnClaim | None) -> dict[str, str]:
    if latest is None or latest.stage != "draft":
        return {}
    return {
        "subject": latest.subject,
        "name": latest.name,
        "representative": latest.representative,
        "capacity": latest.capacity.value,
    }


def _too_often(request: HttpRequest, act: str) -> bool:
    """Return whether an address has used up its tries of this hour; each call is a try."""
    key = f"register:{act}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, timeout=_HOUR)
    return bool(cache.incr(key) > TRIES_AN_HOUR)
