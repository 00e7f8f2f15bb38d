"""What the worker does for supervision: one call each; every one is safe to repeat."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.evaluation.supervision.operations import delivering
from creditmesh.apps.ground.nodes.queries import this_node


@task()
def deliver_results(key: str) -> str:
    """After `inspection.recorded` and `inspection.disclosed`: hand the results of the task to the records."""
    batch = delivering.deliver(task=UUID(key), node=this_node(), at=datetime.now(UTC))
    return str(batch or "")


@task()
def deliver_waiting() -> int:
    """Hand in the results that an earlier try left behind."""
    return delivering.deliver_waiting(node=this_node(), at=datetime.now(UTC))
