"""The first page of supervision: what is due, and whether the grades tell the truth."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.supervision.queries import measuring, overdue, planned, visits
from creditmesh.apps.evaluation.supervision.queries.measuring import Measure
from creditmesh.apps.evaluation.supervision.rules.codes import PlanState, TaskState
from creditmesh.apps.evaluation.supervision.rules.figures import Figures, figures
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.catalogue import rule_packs
from creditmesh.drawing.measuring import Share
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart, Series, tone_of
from creditmesh.web.portals.frame.rendering import show

GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True, kw_only=True)
class Whisker:
    """A share with its interval on a picture, in hundredths of its width."""

    low: float
    width: float
    dot: float
    share: Share


@dataclass(frozen=True, kw_only=True)
class MeasuredRow:
    """One grade: what the random quota found, and what else was drawn; None where nothing was."""

    grade: str
    tone: str
    control: Whisker | None
    risk: Whisker | None


@requires(Permission.SEE_SUPERVISION)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits, what is late, how grades and findings go together, and the ratios in force."""
    viewer, today = actor_of(request), timezone.localdate()
    plans, tasks = planned.plans(viewer=viewer), planned.tasks(viewer=viewer)
    late = overdue.overdue(viewer=viewer, on=today)
    measured = measuring.measure(viewer=viewer)
    known = figures(pack=rule_packs.load(), grades=GRADES, on=today, jurisdiction=this_node().region)
    context = {
        "to_approve": [one for one in plans if one.state == PlanState.PROPOSED],
        "to_draw": [one for one in tasks if one.state == TaskState.COMMITTED],
        "to_send": [one for one in tasks if one.state == TaskState.DRAWN],
        "under_way": [one for one in tasks if one.state == TaskState.ASSIGNED],
        "to_go": sum(one.visits - one.done for one in tasks if one.state == TaskState.ASSIGNED),
        "unstaffed": sum(one.unstaffed for one in tasks),
        "recusals": len(visits.recusals(viewer=viewer)),
        "late": late[:30],
        "late_all": len(late),
        "has_plan": bool(plans),
        "measured": measured_rows(measured),
        "ordered": measured.ordered,
        "contradicted": is_contradicted(measured),
        "ratios": ratio_chart(known),
        "figures": known.shown(),
        "may_plan": viewer.may(Permission.SUPERVISION_PLAN),
        "may_approve": viewer.may(Permission.SUPERVISION_APPROVE),
        "here": "home",
    }
    return show(request, "supervision/home.html", context)


def measured_rows(found: Measure) -> tuple[MeasuredRow, ...]:
    """Return the shares of findings as a picture of dots and whiskers draws them."""
    return tuple(
        MeasuredRow(
            grade=one.grade,
            tone=tone_of(one.grade),
            control=_whisker(one.control),
            risk=_whisker(one.risk),
        )
        for one in found.rows
    )


def is_contradicted(found: Measure) -> bool:
    """Return whether a better class has surely more findings than a worse one: their intervals are apart."""
    shares = [one.control for one in found.rows if one.control.of]
    return any(
        better.low > worse.high for place, better in enumerate(shares) for worse in shares[place + 1 :]
    )


def ratio_chart(known: Figures) -> Chart:
    """Return which share of each grade is drawn, by the rule packs in force."""
    by_grade = known.ratios.by_grade
    key = known.ratios.key
    names = [*by_grade, *([_("Key units")] if key else [])]
    values = [*by_grade.values(), *([key] if key else [])]
    return Chart(
        key="ratios",
        title=_("Share drawn of each risk class"),
        note=_("No class is spared, and none is drawn more rarely than a better one."),
        category_label=_("Risk class"),
        unit="%",
        maximum=100,
        categories=tuple(names),
        series=(
            Series(
                name=_("Share drawn"),
                values=tuple(value / 100 for value in values),
                tones=(*(tone_of(one) for one in by_grade), *(["1"] if key else [])),
            ),
        ),
    )


def _whisker(share: Share) -> Whisker | None:
    if share.share is None:
        return None
    return Whisker(
        low=share.low / 100, width=(share.high - share.low) / 100, dot=share.share / 100, share=share
    )
