"""Do the grades tell the truth? Shares of findings in each grade, by the fixed random quota alone, and beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from creditmesh.apps.evaluation.supervision.models import Visit
from creditmesh.apps.evaluation.supervision.queries import sight
from creditmesh.apps.evaluation.supervision.rules.codes import FINDINGS, VisitState
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.drawing.measuring import Share, share
from creditmesh.drawing.selecting import CONTROL


@dataclass(frozen=True, kw_only=True)
class GradeMeasure:
    """What was found in one grade. `control` stands for the grade as a whole; `risk` is what else was drawn."""

    grade: str
    control: Share
    risk: Share


@dataclass(frozen=True, kw_only=True)
class Measure:
    """All grades, best first as far as one task says; `ordered` tells whether the quota's shares rise with risk."""

    rows: tuple[GradeMeasure, ...]
    ordered: bool


def measure(
    *, viewer: Actor, system: str = "", task: UUID | None = None, since: date | None = None
) -> Measure:
    """Return the shares of inspected objects with a finding, with their 95 % intervals.

    Only the quota is drawn from everyone in a grade alike, so only its share may be read as that of the grade;
    the others over-represent key units. Raises `NotPermitted`.
    """
    found = sight.visits(viewer).filter(state=VisitState.DONE.value)
    if system:
        found = found.filter(task__system=system)
    if task is not None:
        found = found.filter(task__uuid=task)
    if since is not None:
        found = found.filter(results__inspected_on__gte=since)
    bad = set(found.filter(results__code__in=sorted(FINDINGS)).values_list("pk", flat=True))
    counts: dict[str, dict[bool, list[int]]] = {}
    for key, grade, part in found.values_list("pk", "grade", "part").distinct():
        cell = counts.setdefault(grade, {}).setdefault(part == CONTROL, [0, 0])
        cell[0] += key in bad
        cell[1] += 1
    rows = tuple(
        GradeMeasure(
            grade=grade,
            control=share(*parts.get(True, (0, 0))),
            risk=share(*parts.get(False, (0, 0))),
        )
        for grade, parts in sorted(counts.items())
    )
    return Measure(rows=rows, ordered=_rises([one.control for one in rows]))


def visits_measured(*, viewer: Actor) -> int:
    """Return how many visits are done in one's sight. Raises `NotPermitted`."""
    seen: int = Visit.objects.filter(pk__in=sight.visits(viewer), state=VisitState.DONE.value).count()
    return seen


def _rises(shares: Sequence[Share]) -> bool:
    known = [one.share for one in shares if one.share is not None]
    return known == sorted(known)
