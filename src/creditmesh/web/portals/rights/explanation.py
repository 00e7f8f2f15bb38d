"""The public credit evaluation explained to the enterprise it is about, with a person to turn to."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.apps.sharing.disclosure.operations import results
from creditmesh.apps.sharing.rights.operations import appealing
from creditmesh.apps.sharing.rights.rules.appeals import About
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import charts, refusals
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.reports import pictures


@requires(Permission.SEE_OWN_RECORD)
@require_GET
def explanation(request: HttpRequest) -> HttpResponse:
    """Show the latest evaluation with its parts, reasons and what would improve it."""
    by = actor_of(request)
    told = results.evaluation(by, by.subject, None, timezone.now()).content
    if told is not None:
        told = {**told, "day": date.fromisoformat(told["as_of"])}
    context = {
        "told": told,
        "parts": None if told is None else _parts(told),
        "v": None if told is None or told["score"] is None else _scale(told),
        "may_ask": by.may(Permission.OBJECT),
    }
    return show(request, "rights/explanation.html", context)


@requires(Permission.OBJECT)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a person to look at the evaluation, or at an automatic refusal named by its reference."""
    about = About.REFUSAL if request.POST.get("about") == About.REFUSAL else About.EVALUATION
    question = appealing.Question(
        about=about, reference=request.POST.get("reference", "")[:200], text=request.POST.get("text", "")
    )
    try:
        uuid = appealing.ask(question=question, by=actor_of(request), node=this_node(), at=timezone.now())
    except CreditmeshError as refusal:
        messages.error(request, refusals.sentence(refusal))
        return redirect("own-evaluation")
    messages.success(request, _("Received. A person answers in her or his own name."))
    return redirect("own-appeal", uuid)


def _scale(told: dict[str, Any]) -> dict[str, object]:
    return {"bands": pictures.scale(told), "scale": told["scale"], "mark": pictures.mark(told)}


def _parts(told: dict[str, Any]) -> charts.Chart:
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    groups = told["groups"]
    return charts.Chart(
        key="evaluation-parts",
        title=_("Points of each part"),
        category_label=_("Part"),
        categories=tuple(one["label"][language] for one in groups),
        series=(
            charts.Series(
                name=_("points"), values=tuple((one.get("points") or 0) / 1000 for one in groups), tone="1"
            ),
        ),
        across=True,
        maximum=told["scale"],
    )
