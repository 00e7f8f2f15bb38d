"""What the worker does for grading: one call each."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.evaluation.grading.operations import classifying
from creditmesh.apps.evaluation.grading.operations.changes import cadence, following
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.ground.nodes.queries import this_node


def _clock() -> datetime:
    return datetime.now(UTC)


@task()
def execute_run(run_id: str) -> None:
    """Execute the run that `run.requested` told of, with those of the cadence that wait for the same day."""
    classifying.execute_due(run=UUID(run_id), node=this_node(), clock=_clock)


@task()
def resume_runs() -> int:
    """Queue every run that a worker left behind, and return how many there were; living workers keep theirs."""
    left = runs.interrupted()
    for uuid in left:
        execute_run.enqueue(str(uuid))
    return len(left)


@task()
def follow_changes(news: str = "") -> int:
    """After records, marks, adjustments or parts changed: ask for runs of changes, and return how many."""
    del news
    node = this_node()
    return len(following.follow(node=node, at=_clock())) if node.by_itself else 0


@task()
def keep_cadence(news: str = "") -> int:
    """Ask for the full runs of the month that are due, and return how many; after a run, for those that waited for it."""
    del news
    node = this_node()
    return len(cadence.keep(node=node, at=_clock())) if node.by_itself else 0
