"""One's own account: who one is here, sign-in protection, API keys."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires, signed_in
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=gettext_lazy("What the key is for"),
        max_length=100,
        help_text=gettext_lazy("Such as the name of the system that sends files."),
    )
    days = forms.IntegerField(label=gettext_lazy("Valid for days"), min_value=1, max_value=366, initial=180)


@signed_in
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show who one is here and what protects the sign-in."""
    actor = actor_of(request)
    context = {"actor": actor, "may_hold_keys": actor.may(Permission.MANAGE_KEYS)}
    return show(request, "public/account.html", context)


@requires(Permission.MANAGE_KEYS)
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show one's API keys; make a new one, whose secret is shown once."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    issued = None
    if request.method == "POST" and form.is_valid():
        try:
            issued = operations.issue_api_key(
                by=actor_of(request), user=_user(request), at=timezone.now(), **form.cleaned_data
            )
            form = KeyForm()
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
    context = {
        "form": form,
        "issued": issued,
        "keys": queries.api_keys(user_id=_user(request).pk),
        "now": timezone.now(),
    }
    answer = show(request, "public/keys.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@requires(Permission.MANAGE_KEYS)
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End one of one's keys at once."""
    operations.revoke_api_key(
        by=actor_of(request), user=_user(request), prefix=request.POST.get("prefix", ""), at=timezone.now()
    )
    messages.success(request, _("The key is revoked; no program gets in with it any more."))
    return redirect("keys")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):  # the guard lets nobody else through
        raise TypeError("nobody is signed in")
    return request.user
