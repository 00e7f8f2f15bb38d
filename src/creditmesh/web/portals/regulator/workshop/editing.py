"""Edit a draft: as a form, as text, and the cases beside it; checked as it is typed, or by a button."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creditmesh.apps.evaluation.systems.operations import drafting
from creditmesh.apps.evaluation.systems.queries import drafts
from creditmesh.apps.evaluation.systems.queries.checking import Checked, check
from creditmesh.apps.evaluation.systems.queries.drafts import DraftRow
from creditmesh.apps.evaluation.systems.rules import editing as texts
from creditmesh.apps.evaluation.systems.rules.standing import DraftState
from creditmesh.apps.evaluation.trials.operations import previewing
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue.reading import CatalogueRefused, Document, parse
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.rendering import show, wants_part
from creditmesh.web.portals.regulator.workshop import pictures
from creditmesh.web.portals.regulator.workshop.fields import Form, changed, sections

MOST_TEXT = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is said of a text: problems and cases, and what it would do."""

    checked: Checked
    preview: previewing.Preview | None


@requires(Permission.SEE_TRIALS)
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one part of a draft as a form; check or save what was changed in it."""
    draft = drafts.draft(uuid)
    document = _document(draft.text)
    if document is None:
        messages.warning(
            request, _("The draft is not readable as a form at the moment: mend it as text first.")
        )
        return redirect("draft-text", uuid)
    known = sections(_stated(document))
    asked = request.POST.get("section") or request.GET.get("section", "")
    here = asked if asked in {one.key for one in known} else "head"
    context: dict[str, Any] = {"sections": known, "section": here}
    if request.method == "GET":
        judged = judge(request, draft, draft.content, draft.cases, with_effect=False)
        context["blocks"] = Form(document, problems=judged.checked.problems).blocks(here)
        return _shown(request, "systems/form.html", draft, judged, context)
    return _posted(request, draft, document, context)


@requires(Permission.SEE_TRIALS)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a draft as text; check or save it."""
    draft = drafts.draft(uuid)
    return _as_text(request, draft, of_cases=False)


@requires(Permission.SEE_TRIALS)
@require_http_methods(["GET", "POST"])
def cases(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the cases beside a draft as text, and how each comes out; check or save them."""
    draft = drafts.draft(uuid)
    return _as_text(request, draft, of_cases=True)


def judge(
    request: HttpRequest, draft: DraftRow, content: bytes, beside: bytes, *, with_effect: bool
) -> Judged:
    """Return what the loader and the cases say of a text, and what it would do to the latest run."""
    node = this_node()
    today = timezone.localdate()
    checked = check(system=draft.system, content=content, cases=beside, catalogue=node.catalogue, on=today)
    preview = None
    if with_effect and checked.system is not None and actor_of(request).may(Permission.EDIT_SYSTEMS):
        preview = previewing.preview(
            draft=checked.system, node=node, by=actor_of(request), on=timezone.localdate()
        )
    return Judged(checked=checked, preview=preview)


def _posted(
    request: HttpRequest, draft: DraftRow, document: Document, context: dict[str, Any]
) -> HttpResponse:
    """Take the form: change the text in place, then check it or save it."""
    actor_of(request).demand(Permission.EDIT_SYSTEMS)
    posted = {name: one for name, one in request.POST.items() if isinstance(one, str)}
    here = context["section"]
    try:
        written = _written(draft.text, document, posted, here)
    except texts.CannotEdit as wrong:
        judged = judge(request, draft, draft.content, draft.cases, with_effect=False)
        context |= {"blocks": Form(document, posted=posted).blocks(here), "trouble": refusals.sentence(wrong)}
        return _shown(request, "systems/form.html", draft, judged, context, status=409)
    content = written.encode()
    if posted.get("act") == "check" or wants_part(request):
        judged = judge(request, draft, content, draft.cases, with_effect=True)
        changed_document = _document(written) or document
        context["blocks"] = Form(changed_document, posted=posted, problems=judged.checked.problems).blocks(
            here
        )
        context["unsaved"] = content != draft.content
        return _shown(request, "systems/form.html", draft, judged, context, part="findings")
    try:
        drafting.save(
            draft=draft.uuid,
            revision=_revision(posted),
            content=content,
            cases=draft.cases,
            by=actor_of(request),
            at=timezone.now(),
        )
    except CreditmeshError as wrong:
        judged = judge(request, draft, draft.content, draft.cases, with_effect=False)
        context |= {"blocks": Form(document, posted=posted).blocks(here), "trouble": refusals.sentence(wrong)}
        context["revision"] = posted.get("revision", "")
        return _shown(request, "systems/form.html", draft, judged, context, status=409)
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('draft', args=[draft.uuid])}?section={here}")


def _written(stood: str, document: Document, posted: Mapping[str, str], section: str) -> str:
    """Return the text with the values of the form in place, and with a line added or taken away."""
    blocks = Form(document).blocks(section)
    found = texts.with_values(stood, changed(blocks, posted))
    rows = {row.name for block in blocks for row in block.rows}
    for word, act in (("add", texts.with_copy), ("remove", texts.without_item)):
        name = posted.get(word, "")
        if name in rows:
            found = act(found, tuple(int(step) if step.isdecimal() else step for step in name.split("/")))
    return found


def _as_text(request: HttpRequest, draft: DraftRow, *, of_cases: bool) -> HttpResponse:
    stood = draft.cases_text if of_cases else draft.text
    context: dict[str, Any] = {"of_cases": of_cases, "text": stood}
    if request.method == "GET":
        judged = judge(request, draft, draft.content, draft.cases, with_effect=False)
        return _shown(request, "systems/text.html", draft, judged, context)
    actor_of(request).demand(Permission.EDIT_SYSTEMS)
    # Browsers send line ends of their own, and none at the end of a text area is lost on purpose.
    said = request.POST.get("text", "").replace("\r\n", "\n")[:MOST_TEXT]
    content, beside = (draft.content, said.encode()) if of_cases else (said.encode(), draft.cases)
    context["text"] = said
    if request.POST.get("act") == "check" or wants_part(request):
        judged = judge(request, draft, content, beside, with_effect=not of_cases)
        context["unsaved"] = said != stood
        return _shown(request, "systems/text.html", draft, judged, context, part="findings")
    try:
        drafting.save(
            draft=draft.uuid,
            revision=_revision(request.POST),
            content=content,
            cases=beside,
            by=actor_of(request),
            at=timezone.now(),
        )
    except CreditmeshError as wrong:
        judged = judge(request, draft, content, beside, with_effect=False)
        context |= {"trouble": refusals.sentence(wrong), "revision": request.POST.get("revision", "")}
        return _shown(request, "systems/text.html", draft, judged, context, status=409)
    messages.success(request, _("Saved."))
    return redirect("draft-cases" if of_cases else "draft-text", draft.uuid)


def _shown(  # noqa: PLR0913 - the page, the draft, what is said of it and how it is shown
    request: HttpRequest,
    template: str,
    draft: DraftRow,
    judged: Judged,
    context: Mapping[str, Any],
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    evidence = trials.evidence(draft.sha256)
    whole = {
        "draft": draft,
        "here": "cases" if context.get("of_cases") else "text" if "text" in context else "form",
        "revision": draft.revision,
        "checked": judged.checked,
        "preview": judged.preview,
        "matrix": pictures.of_preview(judged.preview),
        "simulation": None if evidence is None else evidence.simulation,
        "may_edit": actor_of(request).may(Permission.EDIT_SYSTEMS) and draft.state is DraftState.OPEN,
        **context,
    }
    if part and wants_part(request):
        return render(request, "systems/findings.html", whole)
    return show(request, template, whole, status=status)


def _document(text: str) -> Document | None:
    try:
        found = parse(text, file="draft")
    except CatalogueRefused:
        return None
    return found if isinstance(found.data, dict) else None


def _stated(document: Document) -> Mapping[str, Any]:
    return document.data if isinstance(document.data, dict) else {}


def _revision(posted: Mapping[str, Any]) -> int:
    said = str(posted.get("revision", ""))
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
