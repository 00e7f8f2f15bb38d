"""Departments ask for their duties: the law and the duty are stated, and the enterprise sees both."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.disclosure.operations import inquiring
from creditmesh.apps.sharing.disclosure.rules.questions import Question
from creditmesh.apps.sharing.rights.queries import duty_notices
from creditmesh.catalogue.model import Catalogue, Mode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import answers, refusals
from creditmesh.web.portals.frame.answers import Shown
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.institution.asking import OpenForm, item_choices


class DutyForm(OpenForm):
    """An enterprise, the items wanted, and what entitles the department to them."""

    basis = forms.CharField(
        label=_("Legal basis"), max_length=300, help_text=_("Law and article that entitle your department.")
    )
    duty = forms.CharField(
        label=_("Duty"), max_length=300, help_text=_("What it is needed for, such as the number of a case.")
    )

    def __init__(self, data: object = None, *, catalogue: Catalogue, code: str = "") -> None:
        super().__init__(data, catalogue=catalogue, code=code)
        allowed = [one for one, item in catalogue.items.items() if Mode.GOV in item.modes]
        self.fields["items"].choices = item_choices(allowed, catalogue)  # type: ignore[attr-defined]
        self.initial["items"] = []


@requires(Permission.INQUIRE_FOR_DUTY)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form, or the answer."""
    catalogue = this_node().catalogue
    if request.method == "GET":
        news = duty_notices.inbox(actor_of(request), size=1).waiting
        return show(request, "collection/duty.html", {"form": DutyForm(catalogue=catalogue), "news": news})
    form = DutyForm(request.POST, catalogue=catalogue)
    if form.is_valid():
        question = Question(
            subject=form.cleaned_data["code"],
            items=tuple(form.cleaned_data["items"]),
            mode=Mode.GOV,
            basis=form.cleaned_data["basis"],
            duty=form.cleaned_data["duty"],
        )
        try:
            answer = inquiring.inquire(actor_of(request), question, timezone.now())
        except CreditmeshError as refusal:
            form.add_error(None, refusals.sentence(refusal))
        else:
            shown = Shown(
                answer=answer,
                blocks=answers.blocks_of(answer.content, catalogue=catalogue),
                subject=question.subject,
                mode=question.mode.value,
                text=answer.body.decode(),
            )
            return show(request, "institution/answer.html", {"shown": shown, "duty": True})
    return show(request, "collection/duty.html", {"form": form}, status=422)
