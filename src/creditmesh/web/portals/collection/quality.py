"""Quality of deliveries: a matrix of sources and items, and the months of one of them as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.queries import batches, quality
from creditmesh.catalogue.model import Cadence, Text
from creditmesh.web.access import actor_of, requires
from creditmesh.web.portals.frame import words
from creditmesh.web.portals.frame.charts import Chart, Kind, Series, polyline
from creditmesh.web.portals.frame.rendering import show

# How long a source may be silent by its cadence; the item's own days for delivery come on top.
PERIODS = {
    Cadence.DAILY: 1,
    Cadence.WEEKLY: 7,
    Cadence.MONTHLY: 31,
    Cadence.QUARTERLY: 92,
    Cadence.YEARLY: 366,
}
# Only to colour the figures; the figures stand beside the colour.
GOOD, FAIR = 9_800, 9_000


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a cell: the latest figure, its colour, and its months as a line."""

    name: str
    value_bp: int | None
    tone: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One source and item, ready to show."""

    source: str
    source_label: Text | None
    item: str
    item_label: Text | None
    received: int
    measures: tuple[Measure, ...]
    late_days: int
    last: date


@dataclass(frozen=True, kw_only=True)
class SourceBlock:
    """The items of one source."""

    source: str
    label: Text | None
    cells: tuple[Cell, ...]


@requires(Permission.SEE_BATCHES)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Show every source and item this person may see, with the four measures and their trend."""
    viewer = actor_of(request)
    source = request.GET.get("source", "")[:60]
    known = cells(viewer=viewer, today=timezone.localdate())
    sources = {one.source: one.source_label for one in known}
    late = request.GET.get("late") == "1"
    shown = [one for one in known if (not source or one.source == source) and (not late or one.late_days > 0)]
    context = {
        "blocks": _by_source(shown),
        "sources": sources,
        "source": source,
        "late": late,
        "any": bool(known),
    }
    return show(request, "collection/quality.html", context, part="results")


@requires(Permission.SEE_BATCHES)
@require_GET
def trend(request: HttpRequest, source: str, item: str) -> HttpResponse:
    """Show the months of one source and item, and its latest batches."""
    viewer = actor_of(request)
    months = quality.trend(viewer=viewer, source=source, item=item)
    catalogue = this_node().catalogue
    latest = batches.batches(viewer=viewer, filter_by=batches.Filter(item=item, source=source), size=10)
    context = {
        "months": months,
        "picture": _picture(months) if months else None,
        "source": catalogue.sources.get(source),
        "source_code": source,
        "item": catalogue.items.get(item),
        "item_code": item,
        "batches": latest.batches,
    }
    return show(request, "collection/quality_trend.html", context)


def cells(*, viewer: Actor, today: date) -> tuple[Cell, ...]:
    """Return the quality of every source and item the viewer may see."""
    catalogue = this_node().catalogue
    found = []
    for one in quality.matrix(viewer=viewer):
        source, item = catalogue.sources.get(one.source), catalogue.items.get(one.item)
        last = timezone.localdate(one.last_received_at)
        found.append(
            Cell(
                source=one.source,
                source_label=source.label if source else None,
                item=one.item,
                item_label=item.label if item else None,
                received=one.latest.received,
                measures=tuple(_measure(one, name) for name in words.MEASURES),
                late_days=days_late(item.cadence, item.deliver_within_days, last=last, today=today)
                if item
                else 0,
                last=last,
            )
        )
    return tuple(found)


def _by_source(cells: Sequence[Cell]) -> tuple[SourceBlock, ...]:
    found: dict[str, list[Cell]] = {}
    for one in cells:
        found.setdefault(one.source, []).append(one)
    return tuple(
        SourceBlock(source=source, label=several[0].source_label, cells=tuple(several))
        for source, several in found.items()
    )


def days_late(cadence: Cadence, grace: int, *, last: date, today: date) -> int:
    """Return how many days the next delivery is overdue; 0 when it is not, or when it comes on request."""
    period = PERIODS.get(cadence)
    if period is None:
        return 0
    return max(0, (today - (last + timedelta(days=period + grace))).days)


def _measure(cell: quality.QualityCell, name: str) -> Measure:
    value: int | None = getattr(cell.latest, f"{name}_bp")
    series = [getattr(point, f"{name}_bp") for point in cell.trend]
    return Measure(
        name=name,
        value_bp=value,
        tone="" if value is None else "good" if value >= GOOD else "fair" if value >= FAIR else "warn",
        line=polyline(series, top=10_000) if len(series) > 1 else "",
    )


def _picture(months: tuple[quality.QualityPoint, ...]) -> Chart:
    return Chart(
        key="quality",
        title=_("Quality by month"),
        category_label=_("Month"),
        kind=Kind.LINE,
        unit="%",
        maximum=100,
        categories=tuple(f"{one.month:%Y-%m}" for one in months),
        series=tuple(
            Series(
                name=str(label),
                tone=str(place + 1),
                values=tuple(_in_percent(getattr(one, f"{name}_bp")) for one in months),
            )
            for place, (name, label) in enumerate(words.MEASURES.items())
        ),
    )


def _in_percent(basis_points: int | None) -> float | None:
    return None if basis_points is None else basis_points / 100
