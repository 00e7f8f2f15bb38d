"""What a run says, where it may be a run of changes: its own rows first, then those of the full run at its base."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from creditmesh.apps.evaluation.grading.models import STANDINGS, Run, RunChange, StandingColumns
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.scoring.definition.parts import Purpose


def standings(run: Run) -> QuerySet[StandingColumns]:
    """Return where everyone stands after a run."""
    table = STANDINGS[Purpose(run.purpose)]._default_manager
    if run.base_id is None:
        return table.filter(run=run)
    changed = RunChange.objects.filter(run=run, subject=OuterRef("subject"))
    return table.filter(Q(run=run) | Q(run=run.base_id) & ~Exists(changed))


def standing(run: Run, subject: str) -> StandingColumns | None:
    """Return where one subject stands after a run, None where the run says nothing about it."""
    table = STANDINGS[Purpose(run.purpose)]._default_manager
    return table.filter(run=_said_by(run, subject), subject=subject).first()


def result(run: Run, subject: str, *, node: ThisNode) -> dict[str, Any] | None:
    """Return the whole result row of one subject, None where the run says nothing about it."""
    source = _said_by(run, subject)
    return node.lake.result(source.system, str(source.uuid), subject)


def changed(run: Run, *, fresh: bool | None = None) -> list[str]:
    """Return the subjects on whom a run and not its base speaks; of a run of changes alone."""
    found = RunChange.objects.filter(run=run)
    if fresh is not None:
        found = found.filter(fresh=fresh)
    return list(found.order_by("subject").values_list("subject", flat=True))


def _said_by(run: Run, subject: str) -> Run:
    if run.base is None or RunChange.objects.filter(run=run, subject=subject).exists():
        return run
    return run.base
