"""What the worker does when a run was asked for, and after another worker died."""

import pytest
from django_tasks_db.models import DBTaskResult
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading import jobs
from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import executing, requesting
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import State


@pytest.fixture
def waiting(db, tmp_path, monkeypatch, noon, regulator):
    """A run of the small system, asked for on a small node that is this node."""
    node = small.small_node(tmp_path)
    monkeypatch.setattr(jobs, "this_node", lambda: node)
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    asked = requesting.request_run(
        system="small",
        as_of=noon.date(),
        by=regulator,
        node=node,
        at=noon,
        file=small.system_file(node.home),
    )
    return asked.uuid


def test_a_run_that_was_asked_for_is_executed_once_however_often_the_task_comes(waiting) -> None:
    jobs.execute_run.call(str(waiting))
    jobs.execute_run.call(str(waiting))
    done = runs.run(waiting)
    assert (done.state, done.attempt, done.subjects) == (State.DONE, 1, 5)


def test_runs_that_a_worker_left_behind_are_queued_and_others_are_not(waiting) -> None:
    assert jobs.resume_runs.call() == 0
    Run.objects.update(state=State.RUNNING)
    assert jobs.resume_runs.call() == 1
    task = DBTaskResult.objects.get(task_path=jobs.execute_run.module_path)
    assert task.args_kwargs["args"] == [str(waiting)]
