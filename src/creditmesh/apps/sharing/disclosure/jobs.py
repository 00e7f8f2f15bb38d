"""What the worker does for disclosure: one call each."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.sharing.disclosure.operations import batches, guessing


def _clock() -> datetime:
    return datetime.now(UTC)


@task()
def answer_batch(uuid: str) -> int:
    """Answer the waiting lines of the list that `inquiry-batch.received` told of."""
    return batches.run(UUID(uuid), clock=_clock)


@task()
def resume_batches() -> int:
    """Queue every list a worker left behind; remove answers and counted claims past their time."""
    at = _clock()
    batches.forget_answers(at=at)
    guessing.forget(at=at)
    left = batches.unfinished()
    for uuid in left:
        answer_batch.enqueue(str(uuid))
    return len(left)
