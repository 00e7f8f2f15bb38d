"""Who works on a batch: taking it up, saying so, letting go; and what a full disk means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from creditmesh.apps.ground.nodes import processes
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.queries.batches import UnknownBatch
from creditmesh.apps.ground.records.rules import LEASE, UNFINISHED, Stage, State, is_disk_full, may_take
from creditmesh.kernel.errors import CreditmeshError

Clock = Callable[[], datetime]


class HeldByAnother(CreditmeshError):
    """Another worker is at work on the batch."""

    code = "held-by-another"


class DiskFull(CreditmeshError):
    """The node's disk is full; the batch waits as it was."""

    code = "disk-full"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A worker's claim on a batch; `attempt` tells it from an earlier claim of a worker thought dead."""

    batch: UUID
    attempt: int
    clock: Clock

    def row(self) -> Batch:
        """Return the batch, locked in the caller's transaction; raise `HeldByAnother` when the claim is lost."""
        row = Batch.objects.select_for_update().get(uuid=self.batch)
        if row.attempt != self.attempt:
            raise HeldByAnother("Another worker took this batch over; it goes on there.")
        return row

    def say(self, *, stage: Stage, progress: int) -> None:
        """Tell how far the work is and renew the claim; raise `HeldByAnother` when it is lost."""
        told = Batch.objects.filter(uuid=self.batch, attempt=self.attempt).update(
            stage=stage, progress=min(100, max(0, progress)), lease_until=self.clock() + LEASE
        )
        if not told:
            raise HeldByAnother("Another worker took this batch over; it goes on there.")


def take(*, batch: UUID, clock: Clock) -> Hold:
    """Claim a batch for this process.

    Raises `UnknownBatch`, or `HeldByAnother` while a living worker has it.
    """
    at = clock()
    with transaction.atomic():
        row = Batch.objects.select_for_update().filter(uuid=batch).order_by("id").first()
        if row is None:
            raise UnknownBatch("There is no such batch on this node.")
        if State(row.state) in UNFINISHED and not may_take(
            lease_until=row.lease_until, holder_is_dead=processes.is_dead(row.worker), at=at
        ):
            raise HeldByAnother("A worker is at work on this batch; look again in a few minutes.")
        row.attempt += 1
        row.tries = min(row.tries + 1, 30_000)
        row.worker = processes.this_process()
        row.lease_until = at + LEASE
        row.save(update_fields=["attempt", "tries", "worker", "lease_until"])
    return Hold(batch=batch, attempt=row.attempt, clock=clock)


def let_go(*, hold: Hold, trouble: str = "") -> None:
    """Give the claim up, saying what stands in the way if anything does."""
    Batch.objects.filter(uuid=hold.batch, attempt=hold.attempt).update(
        worker="", lease_until=None, trouble=trouble
    )


@contextmanager
def held(*, batch: UUID, clock: Clock) -> Iterator[Hold]:
    """Work on a batch under a claim that is given up at the end, whatever happens.

    Raises `DiskFull` when no more could be written: the batch is as it was and can be taken up again.
    """
    hold = take(batch=batch, clock=clock)
    trouble = ""
    try:
        yield hold
    except Exception as error:
        if not is_disk_full(error):
            trouble = "" if isinstance(error, CreditmeshError) else f"{type(error).__name__}: {error}"[:2000]
            raise
        trouble = (
            "The disk of the node is full. Nothing of this batch was lost: "
            "free some space, then continue the batch."
        )
        raise DiskFull(trouble) from error
    finally:
        _let_go_if_possible(hold=hold, trouble=trouble)


def _let_go_if_possible(*, hold: Hold, trouble: str) -> None:
    try:
        let_go(hold=hold, trouble=trouble)
    except DatabaseError as error:
        # A full disk refuses this too; the claim then ends with the process or by its time.
        if not is_disk_full(error):
            raise
