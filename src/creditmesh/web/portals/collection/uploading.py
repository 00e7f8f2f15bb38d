"""Hand in a file: choose the item and the source, send it, and be led to its receipt."""

import secrets

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.operations import receiving
from creditmesh.apps.ground.records.rules import Delivery
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show, wants_part

ENDINGS = ".csv,.txt,.xlsx,.xls,.jsonl,.json,.parquet"


class UploadForm(forms.Form):
    """What the file holds, for whom it is sent, and the file."""

    item = forms.ChoiceField(label=_("Item"))
    source = forms.ChoiceField(label=_("Source"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8 or GB18030), Excel, JSON lines or Parquet. The first row names the columns."),
        widget=forms.ClearableFileInput(attrs={"accept": ENDINGS}),
    )
    # The same form sent twice by a nervous click is one batch.
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, data: object = None, files: object = None, *, by: Actor, item: str = "") -> None:
        super().__init__(data, files, initial={"item": item, "key": secrets.token_urlsafe(16)})  # type: ignore[arg-type]
        language = get_language() or "zh-hans"
        catalogue = this_node().catalogue
        sources = [one for one in catalogue.sources.values() if by.may_deliver(one.code)]
        codes = {one.code for one in sources}
        items = [one for one in catalogue.items.values() if not one.sources or codes & set(one.sources)]
        choices = [(one.code, f"{one.code} {one.label.in_language(language)}") for one in items]
        self.fields["item"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        told = [(one.code, f"{one.label.in_language(language)} ({one.code})") for one in sources]
        self.fields["source"].choices = told if len(told) == 1 else [("", "—"), *told]  # type: ignore[attr-defined]
        self.has_sources = bool(sources)


@requires(Permission.DELIVER)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Show the form, or take a file and lead to its receipt."""
    by = actor_of(request)
    if request.method == "GET":
        form = UploadForm(by=by, item=request.GET.get("item", ""))
        return show(request, "collection/upload.html", {"form": form})
    form = UploadForm(request.POST, request.FILES, by=by)
    if form.is_valid():
        try:
            return _received(request, form, by)
        except CreditmeshError as refusal:
            about = f"{form.cleaned_data['item']}，{form.cleaned_data['source']}"
            form.add_error(None, refusals.sentence(refusal, about=about))
    # A script swaps in the form of a good answer only.
    status = 200 if wants_part(request) else 422
    return show(request, "collection/upload.html", {"form": form}, part="form", status=status)


def _received(request: HttpRequest, form: UploadForm, by: Actor) -> HttpResponse:
    file = form.cleaned_data["file"]
    delivery = Delivery(
        item=form.cleaned_data["item"],
        source=form.cleaned_data["source"],
        filename=file.name or "",
        idempotency_key=form.cleaned_data["key"] or secrets.token_urlsafe(16),
    )
    content = file.file if file.file is not None else file
    received = receiving.receive(
        delivery=delivery, content=content, by=by, node=this_node(), at=timezone.now()
    )
    there = reverse("batch", args=[received.uuid])
    if received.again:
        there += "?again=1"
    return HttpResponseClientRedirect(there) if wants_part(request) else redirect(there)
