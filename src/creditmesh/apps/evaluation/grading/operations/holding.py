"""Who works on a run: taking it, keeping hold of it, and losing it to another worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import LEASE, PROGRESS, Stage, State, may_take
from creditmesh.apps.ground.nodes import processes
from creditmesh.kernel.errors import CreditmeshError

Clock = Callable[[], datetime]


class RunTaken(CreditmeshError):
    """Another worker holds the run, or it has ended."""

    code = "run-taken"


class LeaseLost(CreditmeshError):
    """While this worker was silent another took the run over, or somebody gave it up."""

    code = "lease-lost"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A worker's hold of a run. `attempt` fences it off: who took over raised the number."""

    run: int  # primary key
    uuid: UUID
    attempt: int
    clock: Clock

    def tell(self, *, stage: Stage, done_bp: int = 0) -> None:
        """Say that the work goes on at this stage (and how far through it), or raise `LeaseLost`.

        In a transaction this also locks the run's row, so that nobody takes over before it ends.
        """
        stages = list(PROGRESS)
        starts = PROGRESS[stage]
        ends = PROGRESS[stages[min(stages.index(stage) + 1, len(stages) - 1)]]
        self._change(
            stage=stage,
            progress=min(99, starts + (ends - starts) * done_bp // 10_000),
            lease_until=self.clock() + LEASE,
        )

    def finish(self, **columns: object) -> None:
        """Mark the run as done with its results, or raise `LeaseLost`."""
        self._change(
            state=State.DONE,
            stage=Stage.FINISHED,
            progress=PROGRESS[Stage.FINISHED],
            lease_until=None,
            finished_at=self.clock(),
            **columns,
        )

    def fail(self, *, sentence: str) -> None:
        """Mark the run as failed for this reason; nothing happens when another worker has it."""
        Run.objects.filter(pk=self.run, attempt=self.attempt, state=State.RUNNING).update(
            state=State.FAILED, failure=sentence, lease_until=None, finished_at=self.clock()
        )

    def _change(self, **columns: object) -> None:
        held = Run.objects.filter(pk=self.run, attempt=self.attempt, state=State.RUNNING)
        if not held.update(**columns):
            raise LeaseLost(f"Run {self.uuid} was taken over or given up; this worker's results are dropped.")


@transaction.atomic
def take(*, uuid: UUID, clock: Clock) -> tuple[Run, Hold]:
    """Take up a run that is free, or raise `RunTaken` or `UnknownRun`."""
    found = runs.stored(uuid)
    at = clock()
    free = may_take(
        state=State(found.state),
        lease_until=found.lease_until,
        holder_is_dead=processes.is_dead(found.holder),
        at=at,
    )
    taken = free and Run.objects.filter(pk=found.pk, attempt=found.attempt, state=found.state).update(
        state=State.RUNNING,
        stage=Stage.OPENING,
        progress=PROGRESS[Stage.OPENING],
        attempt=F("attempt") + 1,
        holder=processes.this_process()[:120],
        lease_until=at + LEASE,
        started_at=Coalesce("started_at", at),
        failure="",
    )
    if not taken:
        raise RunTaken(f"Run {uuid} is {found.state}; there is nothing for another worker to do.")
    found.refresh_from_db()
    return found, Hold(run=found.pk, uuid=uuid, attempt=found.attempt, clock=clock)
