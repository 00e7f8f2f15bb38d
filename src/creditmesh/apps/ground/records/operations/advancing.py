"""Take a batch as far as it goes: whatever is next is done, until it is landed or refused."""

from datetime import datetime
from uuid import UUID

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes import processes
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.operations import holding, landing, validating
from creditmesh.apps.ground.records.operations.holding import Clock, DiskFull, HeldByAnother
from creditmesh.apps.ground.records.queries import batches
from creditmesh.apps.ground.records.rules import State


def advance(*, batch: UUID, node: ThisNode, clock: Clock) -> batches.BatchLine:
    """Check and land a batch, going on where an earlier attempt stopped; of a finished one nothing changes.

    `clock` tells the time whenever the worker says that it is alive. Raises `UnknownBatch`, `HeldByAnother`
    while another worker has the batch, `DiskFull` when it must wait for space.
    """
    with holding.held(batch=batch, clock=clock) as hold:
        row = Batch.objects.get(uuid=batch)
        if row.state == State.RECEIVED:
            validating.validate(hold=hold, node=node)
            row.refresh_from_db()
        if row.state in (State.VALIDATED, State.LANDING):
            landing.land(hold=hold, node=node)
    return batches.line(Batch.objects.get(uuid=batch))


def advance_if_free(*, batch: UUID, node: ThisNode, clock: Clock) -> bool:
    """Advance a batch unless another worker has it or it must wait for space; return whether it is finished now.

    Raises `UnknownBatch`.
    """
    try:
        return advance(batch=batch, node=node, clock=clock).finished
    except (HeldByAnother, DiskFull):
        return False


def advance_unfinished(*, node: ThisNode, clock: Clock) -> int:
    """Go on with every batch whose worker died or that nobody took up; return how many were finished."""
    waiting = batches.unfinished(at=clock(), is_dead=processes.is_dead)
    return sum(advance_if_free(batch=uuid, node=node, clock=clock) for uuid in waiting)


def continue_batch(*, batch: UUID, by: Actor, at: datetime) -> None:
    """Ask for a batch that waits to be taken up again, such as after a full disk was cleared.

    Raises `UnknownBatch`.
    """
    line = batches.progress(uuid=batch, viewer=by)
    if line.finished:
        return
    Batch.objects.filter(uuid=batch).update(tries=0, trouble="")
    audit.append(who=by.who(), act="batch.continue", thing=Thing("batch", str(batch)), at=at)
    audit.announce(event="batch.received", key=str(batch), at=at)
