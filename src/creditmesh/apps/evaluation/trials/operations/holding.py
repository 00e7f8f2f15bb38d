"""Who works on a trial; a worker that comes back from the dead finds its attempt fenced off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from creditmesh.apps.evaluation.grading.rules import LEASE, State, may_take
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.rules.trial import PROGRESS, Stage
from creditmesh.apps.ground.nodes import processes
from creditmesh.kernel.errors import CreditmeshError

Clock = Callable[[], datetime]


class TrialTaken(CreditmeshError):
    """Another worker holds the trial, or it has ended."""

    code = "trial-taken"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A worker's hold of a trial."""

    trial: int
    attempt: int
    clock: Clock

    def tell(self, stage: Stage, done_bp: int = 0) -> None:
        """Say that the work goes on at this stage, and how far through it; raise `TrialTaken`."""
        stages = list(PROGRESS)
        starts = PROGRESS[stage]
        ends = PROGRESS[stages[min(stages.index(stage) + 1, len(stages) - 1)]]
        self.change(
            stage=stage.value,
            progress=min(99, starts + (ends - starts) * done_bp // 10_000),
            lease_until=self.clock() + LEASE,
        )

    def change(self, **columns: object) -> None:
        """Change the trial's row while this worker holds it, or raise `TrialTaken`."""
        held = Trial.objects.filter(pk=self.trial, attempt=self.attempt, state=State.RUNNING.value)
        if not held.update(**columns):
            raise TrialTaken("Another worker took the trial over; this worker's result is dropped.")


@transaction.atomic
def take(*, uuid: UUID, clock: Clock) -> tuple[Trial, Hold]:
    """Take up a trial that is free, or raise `TrialTaken` or `UnknownTrial`."""
    found = trials.stored(uuid)
    at = clock()
    free = may_take(
        state=State(found.state),
        lease_until=found.lease_until,
        holder_is_dead=processes.is_dead(found.holder),
        at=at,
    )
    taken = free and Trial.objects.filter(pk=found.pk, attempt=found.attempt, state=found.state).update(
        state=State.RUNNING.value,
        stage=Stage.OPENING.value,
        progress=PROGRESS[Stage.OPENING],
        attempt=F("attempt") + 1,
        holder=processes.this_process()[:120],
        lease_until=at + LEASE,
        started_at=Coalesce("started_at", at),
        failure="",
    )
    if not taken:
        raise TrialTaken(f"The trial is {found.state}; there is nothing for another worker to do.")
    found.refresh_from_db()
    return found, Hold(trial=found.pk, attempt=found.attempt, clock=clock)
