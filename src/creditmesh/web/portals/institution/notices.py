"""News for an institution: read, acknowledge, and say where they are to be sent."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import calling, noticing
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.home import institution_of

SIZE = 30


class CallbackForm(forms.Form):
    """Where notices are sent."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Begins with https:// and is reached from this node. Each message is signed by the node. Empty: "
            "notices wait here and at the API alone."
        ),
    )


@requires(Permission.SEE_NOTICES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the notices of the institution, newest first."""
    return _page(request)


@requires(Permission.SEE_NOTICES)
@require_POST
def acknowledge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note that a notice was read."""
    noticing.acknowledge(by=actor_of(request), notice=uuid, at=timezone.now())
    return redirect("notices")


@requires(Permission.MANAGE_OWN_CLIENTS)
@require_POST
def callback(request: HttpRequest) -> HttpResponse:
    """Say where notices are sent."""
    form = CallbackForm(request.POST)
    if form.is_valid():
        try:
            noticing.direct(
                by=actor_of(request),
                url=form.cleaned_data["url"],
                plain_allowed=this_node().demo,
                at=timezone.now(),
            )
        except CreditmeshError as refusal:
            form.add_error("url", refusals.sentence(refusal))
        else:
            messages.success(request, _("The address is kept."))
            return redirect("notices")
    return _page(request, form=form)


@requires(Permission.MANAGE_OWN_CLIENTS)
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Send what could not be sent once more."""
    sent = calling.try_again(institution=actor_of(request).organisation, at=timezone.now())
    messages.success(request, _("Sent again: %(n)s.") % {"n": sent})
    return redirect("notices")


def _page(request: HttpRequest, *, form: CallbackForm | None = None) -> HttpResponse:
    actor = actor_of(request)
    found = institution_of(actor.organisation)
    before = request.GET.get("before", "")
    page = queries.inbox(
        institution=actor.organisation,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        size=SIZE,
    )
    context = {
        "institution": found,
        "inbox": page,
        "dead": queries.dead_letters().get(actor.organisation, 0),
        "form": form or CallbackForm({"url": found.callback if found else ""}),
        "may_direct": found is not None and actor.may(Permission.MANAGE_OWN_CLIENTS),
    }
    return show(request, "institution/notices.html", context, status=422 if form and form.errors else 200)
