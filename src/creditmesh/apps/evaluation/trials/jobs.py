"""What the worker does for trials: one call each."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.evaluation.trials.operations import executing, proposing
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.ground.nodes.queries import this_node


def _clock() -> datetime:
    return datetime.now(UTC)


@task()
def execute_trial(trial_id: str) -> None:
    """Carry out the trial that `trial.requested` told of; one that another worker holds is left to it."""
    executing.execute_if_free(trial=UUID(trial_id), node=this_node(), clock=_clock)


@task()
def run_shadows(run_id: str) -> None:
    """Try every version that runs in the shadow of a run that has ended."""
    proposing.run_shadows(run=UUID(run_id), node=this_node(), at=_clock())


@task()
def resume_trials() -> int:
    """Queue every trial that a worker left behind, and return how many there were."""
    left = trials.interrupted()
    for uuid in left:
        execute_trial.enqueue(str(uuid))
    return len(left)
