"""The regulator's first page: how risk is spread, where, and what has changed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator import pictures
from creditmesh.web.portals.regulator.choosing import Choice, chosen, grade_labels


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """What the latest run of a system says, ready to show."""

    spread: distribution.Distribution
    by_grade: Chart
    by_region: Chart
    by_industry: Chart
    moves: tuple[distribution.Move, ...]
    newly_worst: standings.StandingPage
    run: runs.RunRow


@requires(Permission.SEE_RISK_CLASSES)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the latest run of the chosen system."""
    choice = chosen(request.GET.get("system", ""))
    as_shares = request.GET.get("figures") == "shares"
    board = _dashboard(actor_of(request), choice, as_shares=as_shares)
    waiting = runs.unfinished()
    context = {"choice": choice, "board": board, "waiting": waiting, "as_shares": as_shares}
    return show(request, "regulator/home.html", context | {"grade_labels": grade_labels(choice.system)})


def _dashboard(viewer: Actor, choice: Choice, *, as_shares: bool) -> Dashboard | None:
    if choice.latest is None:
        return None
    language = get_language() or "zh"
    run = choice.latest.uuid
    spread = distribution.distribution(viewer=viewer, run=run)
    regions = distribution.by_region(viewer=viewer, run=run, language=language)
    sections = distribution.by_industry(viewer=viewer, run=run, language=language)
    moved = [one for one in distribution.movements(viewer=viewer, run=run) if one.steps]
    return Dashboard(
        spread=spread,
        by_grade=pictures.by_grade(spread),
        by_region=pictures.by_group(
            regions,
            key="regions",
            title=_("By region"),
            label=_("Region"),
            hrefs=[pictures.list_address(system=spread.system, region=one.key) for one in regions.rows],
            as_shares=as_shares,
            system=spread.system,
        ),
        by_industry=pictures.by_group(
            sections,
            key="industries",
            title=_("By industry"),
            label=_("Industry"),
            hrefs=[pictures.list_address(system=spread.system, section=one.key) for one in sections.rows],
            as_shares=as_shares,
            system=spread.system,
        ),
        moves=tuple(moved),
        newly_worst=standings.newly_worst(viewer=viewer, run=run, size=8),
        run=choice.latest,
    )
