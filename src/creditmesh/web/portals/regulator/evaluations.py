"""Public credit evaluations for regulators: how they are spread, who stands where, and one in full.

A page of its own: an evaluation may be shared, a risk class never (design.md §1), and the two must not be
taken for each other.
"""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.grading.operations import viewing
from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings
from creditmesh.apps.evaluation.grading.queries.distribution import Distribution
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.definition.system import Definition
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart, Series
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import definition, systems
from creditmesh.web.portals.reports.document import verdict
from creditmesh.web.portals.reports.pictures import COLOURS

SIZE = 50
TONES = ("a", "b", "c", "d")


def evaluation_systems() -> tuple[str, ...]:
    """Return the systems that make public credit evaluations."""
    return tuple(one.id for one in systems(purpose=Purpose.PUBLIC_CREDIT_EVALUATION))


@requires(Permission.SEE_EVALUATIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show how evaluations are spread, and one page of who stands where."""
    run = _latest()
    context: dict[str, object] = {"run": run}
    if run is not None:
        viewer, told = actor_of(request), definition(run.system)
        found = distribution.distribution(viewer=viewer, run=run.uuid)
        filters = standings.Filters(
            text=request.GET.get("q", "").strip()[:100],
            grade=request.GET.get("grade", "")[:12],
            outcome=request.GET.get("outcome", "")[:12],
        )
        context |= {
            "system": told,
            "grades": grades(told),
            "spread": found,
            "picture": _by_grade(found, told),
            "filters": filters,
            "page_of": standings.listing(
                viewer=viewer,
                run=run.uuid,
                filters=filters,
                sort=standings.Sort.WORST_FIRST,
                after=request.GET.get("after", "")[:80],
                size=SIZE,
                language=get_language() or "zh",
            ),
        }
    return show(request, "reports/evaluations.html", context)


@requires(Permission.SEE_EVALUATIONS)
@require_GET
def one(request: HttpRequest, subject: str) -> HttpResponse:
    """Show one enterprise's evaluation; the look is written to the ledger."""
    found = _seen(actor_of(request), subject)
    if found is None:
        raise Http404(_("No evaluation says anything about this enterprise."))
    context = {"subject": subject, "verdict": verdict(found), "name": found["name"]}
    return show(request, "reports/evaluated.html", context)


def grades(told: Definition) -> tuple[tuple[str, str, str], ...]:
    """Return the grades of a system, best first: symbol, words, colour."""
    language = get_language() or "zh"
    return tuple(
        (band.symbol, band.label.in_language(language), COLOURS[min(place, len(COLOURS) - 1)])
        for place, band in enumerate(told.grades)
    )


def _seen(viewer: Actor, subject: str) -> Mapping[str, Any] | None:
    run = _latest()
    if run is None:
        return None
    return viewing.view_evaluation(viewer=viewer, subject=subject, node=this_node(), at=timezone.now())


def _latest() -> runs.RunRow | None:
    found = (runs.latest_run(system=name) for name in evaluation_systems())
    return next((one for one in found if one is not None), None)


def _by_grade(found: Distribution, told: Definition) -> Chart:
    words = {symbol: label for symbol, label, _colour in grades(told)}
    return Chart(
        key="evaluations",
        title=_("Enterprises by evaluation"),
        category_label=_("Evaluation"),
        with_shares=False,
        categories=tuple(f"{one.grade} {words.get(one.grade, '')}".strip() for one in found.grades),
        series=(
            Series(
                name=_("Enterprises"),
                values=tuple(one.subjects for one in found.grades),
                tones=tuple(TONES[min(place, 3)] for place in range(len(found.grades))),
            ),
        ),
    )
