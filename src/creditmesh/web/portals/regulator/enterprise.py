"""One enterprise: its class, why it has it, and the records behind every point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.evaluation.grading.operations import viewing
from creditmesh.apps.evaluation.grading.queries import systems as kept
from creditmesh.apps.evaluation.grading.queries.detail import HistoryPoint, SubjectDetail
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Permission
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.explain import Branch
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame.charts import Chart, Kind, Series
from creditmesh.web.portals.frame.rendering import show
from creditmesh.web.portals.regulator.choosing import chosen
from creditmesh.web.portals.regulator.pictures import grade_name
from creditmesh.web.portals.regulator.records import record_sets
from creditmesh.web.portals.regulator.systems import ranges

WIDTH = 1000  # of the picture of the scale, in its own units
ABSENT = frozenset({"not_collected", "missing"})


@dataclass(frozen=True, kw_only=True)
class Band:
    """A class on the picture of the scale."""

    symbol: str
    start: int
    width: int
    middle: int
    end: int
    limit: int


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The scale with its classes and where this enterprise stands; `mark` is None without a score."""

    bands: tuple[Band, ...]
    mark: int | None
    scale: int


@dataclass(frozen=True, kw_only=True)
class TreeLine:
    """A line of the table of points; `depth` 0 is a group."""

    branch: Branch
    depth: int


@requires(Permission.SEE_RISK_CLASSES)
@require_GET
def enterprise(request: HttpRequest, subject: str) -> HttpResponse:
    """Show where one enterprise stands and why; the look is written to the ledger."""
    choice = chosen(request.GET.get("system", ""))
    seen = viewing.view_subject(
        viewer=actor_of(request),
        subject=subject,
        node=this_node(),
        at=timezone.now(),
        system=choice.system,
        run=choice.latest.uuid if choice.latest else None,
        why=request.GET.get("why", "").strip()[:200],
        language=get_language() or "zh",
    )
    definition = kept.archived(
        seen.run.sha256, home=this_node().home, catalogue=this_node().catalogue
    ).definition
    language = get_language() or "zh-hans"
    lines = tuple(_lines(seen.explanation.groups, depth=0))
    context = {
        "choice": choice,
        "seen": seen,
        "told": seen.explanation,
        "standing": seen.standing,
        "scale": scale(definition, score=seen.explanation.score),
        "by_points": _by_points(definition, seen) if seen.explanation.decided else "",
        "groups": _by_group(seen),
        "lines": lines,
        "absent": [one.branch for one in lines if one.branch.state in ABSENT],
        "history": _history(seen.history) if len(seen.history) > 1 else None,
        "records": record_sets(evidence=seen.evidence, branches=seen.explanation.groups),
        "past": tuple(reversed(seen.history)),
        "grade_labels": {one.symbol: one.label.in_language(language) for one in definition.grades},
        "may_runs": actor_of(request).may(Permission.REQUEST_RUNS),
        "may_adjust": definition.adjustments is not None
        and actor_of(request).may(Permission.PROPOSE_ADJUSTMENTS),
    }
    return show(request, "regulator/enterprise.html", context)


def scale(definition: Definition, *, score: int | None) -> Scale:
    """Return the picture of the scale of a system; the score is in thousandths of a point."""
    whole = definition.scale
    bands = []
    for one in ranges(definition):
        start, end = WIDTH * one.above // whole, WIDTH * one.to // whole
        bands.append(
            Band(
                symbol=one.band.symbol,
                start=start,
                width=end - start,
                middle=(start + end) // 2,
                end=end,
                limit=one.to,
            )
        )
    mark = None if score is None else max(0, min(WIDTH, WIDTH * score // (whole * 1000)))
    return Scale(bands=tuple(bands), mark=mark, scale=whole)


def _by_points(definition: Definition, seen: SubjectDetail) -> str:
    """Return the class the points alone would give where it is another than the one in force, else nothing."""
    score, grade = seen.explanation.score, seen.explanation.grade
    if score is None or grade is None:
        return ""
    for one in ranges(definition):
        if (
            one.above * 1000 < score < one.to * 1000
        ):  # on a limit the system's own rule decides: not told here
            return "" if one.band.symbol == grade else one.band.symbol
    return ""


def _lines(branches: Sequence[Branch], *, depth: int) -> Iterator[TreeLine]:
    for one in branches:
        yield TreeLine(branch=one, depth=depth)
        yield from _lines(one.parts, depth=depth + 1)


def _by_group(seen: SubjectDetail) -> Chart:
    language = get_language() or "zh-hans"
    groups = seen.explanation.groups
    return Chart(
        key="groups",
        title=_("Where the points come from"),
        note=_("points of the score from each group"),
        category_label=_("Group"),
        kind=Kind.BARS,
        across=True,
        categories=tuple(one.label.in_language(language) for one in groups),
        series=(
            Series(
                name=_("Points"), values=tuple(round(one.contribution / 1000, 1) for one in groups), tone="1"
            ),
        ),
    )


def _history(points: tuple[HistoryPoint, ...]) -> Chart:
    return Chart(
        key="history",
        title=_("Score over the runs"),
        category_label=_("As of"),
        kind=Kind.LINE,
        categories=tuple(f"{one.as_of.isoformat()} {grade_name(one.grade)[:1]}".strip() for one in points),
        series=(
            Series(
                name=_("Score"),
                values=tuple(None if one.score is None else one.score / 1000 for one in points),
                tone="1",
            ),
        ),
    )
