"""Who acts for an enterprise: admitted by invitation, ended by an owner."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission, Role
from creditmesh.apps.members.enterprises.operations import admitting
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.apps.members.enterprises.rules import LastOwner
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals, words
from creditmesh.web.portals.frame.rendering import show


class InvitationForm(forms.Form):
    """An invitation: for whom, and in which role."""

    note = forms.CharField(
        label=gettext_lazy("For whom"), max_length=100, help_text=gettext_lazy("Such as: Ms Li, accounting.")
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(one.value, words.ROLES[one.value]) for one in admitting.INVITED_AS],
        help_text=gettext_lazy("A user prepares, objects and withdraws; a viewer reads. Only owners sign."),
    )


@requires(Permission.SEE_OWN_RECORD)
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Show who acts for the enterprise; an owner makes invitations, each code shown once."""
    actor = actor_of(request)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    code = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            code = admitting.invite(
                role=Role(said["role"]), note=said["note"], by=actor, node=this_node(), at=timezone.now()
            )
            form = InvitationForm()
        except (admitting.NoSecondFactor, admitting.WrongInvitation) as refusal:
            form.add_error(None, refusals.sentence(refusal))
    context = {
        "people": acting.people(actor.subject),
        "invitations": acting.invitations(actor.subject, at=timezone.now()),
        "contests": claims.contests(viewer=actor),
        "form": form,
        "code": code,
        "owner": actor.may(Permission.MANAGE_OWN_PEOPLE),
        "protected": acting.has_second_factor(actor.user_id),
    }
    answer = show(request, "enterprise/people.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@requires(Permission.MANAGE_OWN_PEOPLE)
@require_POST
def take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make an invitation void."""
    admitting.take_back(uuid, by=actor_of(request), at=timezone.now())
    messages.success(request, _("The invitation is void."))
    return redirect("enterprise-people")


@requires(Permission.SEE_OWN_RECORD)
@require_POST
def end(request: HttpRequest, user: int) -> HttpResponse:
    """End what somebody may do for the enterprise, or leave it oneself."""
    actor = actor_of(request)
    try:
        admitting.end(user, by=actor, at=timezone.now())
    except (admitting.NoSecondFactor, LastOwner) as refusal:
        messages.error(request, refusals.sentence(refusal))
        return redirect("enterprise-people")
    messages.success(request, _("Ended at once: that person acts for the enterprise no longer."))
    return redirect("home" if user == actor.user_id else "enterprise-people")
