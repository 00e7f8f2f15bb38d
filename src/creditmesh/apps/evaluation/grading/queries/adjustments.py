"""Adjustments of grades by people: proposed, in force, refused, withdrawn, over."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from creditmesh.apps.evaluation.grading.models import Adjustment, Run, RunAdjustment
from creditmesh.apps.evaluation.grading.rules import (
    SIGHT,
    AdjustmentState,
    require_any_sight,
)
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.errors import CreditmeshError

MOST = 200


class UnknownAdjustment(CreditmeshError):
    """There is no such adjustment among those one may see."""

    code = "unknown-adjustment"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person wants moved, by how many grades (above zero is worse), why and until when."""

    system: str
    subject: str
    steps: int
    reason: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class AdjustmentRow:
    """An adjustment as pages and the API show it."""

    uuid: UUID
    system: str
    subject: str
    name: str
    steps: int
    reason: str
    run: UUID
    file_name: str
    file_size: int
    file_sha256: str
    state: AdjustmentState
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    starts_on: date | None
    expires_on: date
    ended_on: date | None
    ended_by: str
    ended_why: str

    def counts(self, on: date) -> bool:
        """Tell whether a run as of this day takes it along."""
        if self.starts_on is None or not self.starts_on <= on < self.expires_on:
            return False
        return self.ended_on is None or on < self.ended_on


def row(found: Adjustment) -> AdjustmentRow:
    """Return what may be shown of an adjustment."""
    return AdjustmentRow(
        uuid=found.uuid,
        system=found.system,
        subject=found.subject,
        name=found.name,
        steps=found.steps,
        reason=found.reason,
        run=found.run.uuid,
        file_name=found.file_name,
        file_size=found.file_size,
        file_sha256=found.file_sha256,
        state=AdjustmentState(found.state),
        proposed_by=found.proposed_by_label,
        proposed_at=found.proposed_at,
        decided_by=found.decided_by_label,
        decided_at=found.decided_at,
        decision=found.decision,
        starts_on=found.starts_on,
        expires_on=found.expires_on,
        ended_on=found.ended_on,
        ended_by=found.ended_by_label,
        ended_why=found.ended_why,
    )


def in_force(*, system: str, on: date) -> QuerySet[Adjustment]:
    """Return the adjustments that a run of a system as of a day takes along."""
    lasts = Q(ended_on=None) | Q(ended_on__gt=on)
    return Adjustment.objects.filter(
        lasts, system=system, starts_on__lte=on, expires_on__gt=on, starts_on__isnull=False
    ).order_by("subject", "id")


def listing(
    *,
    viewer: Actor,
    system: str | None = None,
    subject: str | None = None,
    state: AdjustmentState | None = None,
    limit: int = 50,
) -> list[AdjustmentRow]:
    """Return adjustments, newest first, of results this viewer may see; raise `NotPermitted`."""
    found = _seen(viewer).order_by("-proposed_at", "-id")
    if system is not None:
        found = found.filter(system=system)
    if subject is not None:
        found = found.filter(subject=subject)
    if state is not None:
        found = found.filter(state=state.value)
    return [row(one) for one in found[: max(1, min(limit, MOST))]]


def one(adjustment: UUID, *, viewer: Actor) -> AdjustmentRow:
    """Return one adjustment; raise `NotPermitted`, `UnknownAdjustment`."""
    return row(stored(adjustment, viewer=viewer))


def stored(adjustment: UUID, *, viewer: Actor) -> Adjustment:
    """Return the row of an adjustment this viewer may see; raise `NotPermitted`, `UnknownAdjustment`."""
    return _found(_seen(viewer), adjustment)


def locked(adjustment: UUID, *, viewer: Actor) -> Adjustment:
    """Return the same, held until the transaction ends."""
    return _found(_seen(viewer).select_for_update(of=("self",)), adjustment)


def counted(run: Run) -> dict[str, int]:
    """Return the steps a run froze, by subject."""
    found = RunAdjustment.objects.filter(run=run).order_by("subject")
    return dict(found.values_list("subject", "steps"))


def of_result(*, run: Run, subject: str) -> AdjustmentRow | None:
    """Return the adjustment a run counted for a subject, None without one."""
    found = RunAdjustment.objects.filter(run=run, subject=subject).select_related("adjustment__run").first()
    return None if found is None else row(found.adjustment)


def _seen(viewer: Actor) -> QuerySet[Adjustment]:
    require_any_sight(viewer=viewer)
    purposes = [purpose.value for purpose, permission in SIGHT.items() if viewer.may(permission)]
    return Adjustment.objects.filter(run__purpose__in=purposes).select_related("run")


def _found(rows: QuerySet[Adjustment], adjustment: UUID) -> Adjustment:
    found = rows.filter(uuid=adjustment).first()
    if found is None:
        raise UnknownAdjustment("There is no such adjustment: look it up in the list.")
    return found
