"""What the worker does for records: one call each."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.records.operations import advancing, marking, reindexing


def _clock() -> datetime:
    return datetime.now(UTC)


@task()
def advance_batch(batch: str) -> None:
    """Check and land the batch that `batch.received` told of; one that another worker has is left to it."""
    advancing.advance_if_free(batch=UUID(batch), node=this_node(), clock=_clock)


@task()
def resume_batches() -> int:
    """Go on with every batch whose worker died; return how many were finished."""
    return advancing.advance_unfinished(node=this_node(), clock=_clock)


@task()
def tidy_index(batch: str) -> None:
    """After `batch.landed`: merge the parts of the index of items that lie in many."""
    del batch
    reindexing.tidy(node=this_node(), clock=_clock)


@task()
def write_marks(mark: str = "") -> int:
    """After `record.marked`: copy every mark the lake does not hold yet; return how many."""
    del mark
    return marking.write_to_lake(node=this_node(), at=_clock())
