"""What the devices tied to an enterprise got: how many, the worst and the mean; from a run, by tie."""

from dataclasses import dataclass
from uuid import UUID

from creditmesh.apps.evaluation.grading.models import UnitTotal
from creditmesh.apps.evaluation.grading.queries import distribution
from creditmesh.apps.ground.parties.rules import Actor

LARGEST_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class TotalRow:
    """All units tied to one enterprise; scores in thousandths of a point, None where none has a score."""

    run: UUID
    tie: str
    enterprise: str
    units: int
    scored: int
    worst_score: int | None
    mean_score: int | None
    worst_grade: str


def totals(
    *,
    viewer: Actor,
    system: str,
    run: UUID | None = None,
    tie: str | None = None,
    enterprise: str | None = None,
    limit: int = 50,
) -> list[TotalRow]:
    """Return the enterprises with units in a run (the latest without one), worst first; raise as `result_run`."""
    found = distribution.result_run(viewer=viewer, system=system, uuid=run)
    rows = UnitTotal.objects.filter(run=found)
    if tie is not None:
        rows = rows.filter(tie=tie)
    if enterprise is not None:
        rows = rows.filter(enterprise=enterprise)
    order = rows.order_by("-worst_rank", "tie", "enterprise")[: max(1, min(limit, LARGEST_PAGE))]
    return [
        TotalRow(
            run=found.uuid,
            tie=one.tie,
            enterprise=one.enterprise,
            units=one.units,
            scored=one.scored,
            worst_score=one.worst_score,
            mean_score=one.mean_score,
            worst_grade=one.worst_grade,
        )
        for one in order
    ]
