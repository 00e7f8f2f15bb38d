"""How good deliveries are: a matrix of sources and items, with the months behind each cell."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import QualityMeasure
from creditmesh.apps.ground.records.rules import State, require_permission

MONTHS = 24
MEASURES = ("accuracy_bp", "completeness_bp", "continuity_bp", "timeliness_bp")


@dataclass(frozen=True, kw_only=True)
class QualityPoint:
    """The measures of one month in basis points, weighted by rows; None where nothing can be measured."""

    month: date
    batches: int
    received: int
    accuracy_bp: int | None
    completeness_bp: int | None
    continuity_bp: int | None
    timeliness_bp: int | None


@dataclass(frozen=True, kw_only=True)
class QualityCell:
    """One source and item: the latest month and the months before it, oldest first."""

    source: str
    item: str
    latest: QualityPoint
    trend: tuple[QualityPoint, ...]
    last_received_at: datetime


def matrix(*, viewer: Actor, source: str = "", item: str = "") -> tuple[QualityCell, ...]:
    """Return the quality of every source and item a viewer may see, ordered by source and item.

    Raises `NotPermitted`.
    """
    require_permission(actor=viewer, permission=Permission.SEE_BATCHES)
    rows = _seen_by(viewer).filter(batch__state=State.LANDED)
    if source:
        rows = rows.filter(source=source)
    if item:
        rows = rows.filter(item=item)
    points: dict[tuple[str, str], list[QualityPoint]] = {}
    for group in _by_month(rows):
        points.setdefault((group["source"], group["item"]), []).append(_point(group))
    arrived = {
        (one["source"], one["item"]): one["at"]
        for one in rows.values("source", "item")
        .annotate(at=Max("batch__received_at"))
        .order_by("source", "item")
    }
    return tuple(
        QualityCell(
            source=key[0],
            item=key[1],
            latest=series[-1],
            trend=tuple(series[-MONTHS:]),
            last_received_at=arrived[key],
        )
        for key, series in points.items()
    )


def trend(*, viewer: Actor, source: str, item: str) -> tuple[QualityPoint, ...]:
    """Return the months of one source and item, oldest first; empty when nothing was landed or may be seen."""
    cells = matrix(viewer=viewer, source=source, item=item)
    return cells[0].trend if cells else ()


def _seen_by(viewer: Actor) -> QuerySet[QualityMeasure]:
    rows = QualityMeasure.objects.all()
    return rows if viewer.may(Permission.SEE_ALL_BATCHES) else rows.filter(source__in=viewer.sources)


def _by_month(rows: QuerySet[QualityMeasure]) -> list[dict[str, Any]]:
    sums: dict[str, Sum] = {}
    for name in MEASURES:
        sums[f"{name}_sum"] = Sum(F(name) * F("received"))
        sums[f"{name}_rows"] = Sum("received", filter=Q(**{f"{name}__isnull": False}))
    months = rows.values("source", "item", "month").annotate(
        batches=Count("id"), rows=Sum("received"), **sums
    )
    return [dict(one) for one in months.order_by("source", "item", "month")]


def _point(group: dict[str, Any]) -> QualityPoint:
    means = {
        name: None if not group[f"{name}_rows"] else group[f"{name}_sum"] // group[f"{name}_rows"]
        for name in MEASURES
    }
    return QualityPoint(month=group["month"], batches=group["batches"], received=group["rows"], **means)
