"""Who works on a run: one worker at a time, another when it is dead, and the late one is refused."""

import platform
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import holding
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import LEASE, PROGRESS, Stage, State


@pytest.fixture
def waiting(keep_run) -> Run:
    return keep_run(state=State.REQUESTED, stage=Stage.WAITING, progress=0, finished_at=None)


@pytest.fixture
def clock(noon) -> Callable[[], datetime]:
    return lambda: noon


class TestTaking:
    def test_a_requested_run_starts_with_a_lease(self, waiting, clock, noon) -> None:
        run, hold = holding.take(uuid=waiting.uuid, clock=clock)
        assert (run.state, run.attempt, run.started_at) == (State.RUNNING, 1, noon)
        assert run.lease_until == noon + LEASE
        assert hold.attempt == 1

    def test_a_second_worker_is_turned_away(self, waiting, clock) -> None:
        holding.take(uuid=waiting.uuid, clock=clock)
        with pytest.raises(holding.RunTaken):
            holding.take(uuid=waiting.uuid, clock=clock)

    def test_a_second_worker_takes_over_when_the_lease_is_over(self, waiting, clock, noon) -> None:
        holding.take(uuid=waiting.uuid, clock=clock)
        run, hold = holding.take(uuid=waiting.uuid, clock=lambda: noon + LEASE)
        assert (hold.attempt, run.started_at) == (2, noon)

    def test_or_at_once_when_the_first_is_dead(self, waiting, clock) -> None:
        holding.take(uuid=waiting.uuid, clock=clock)
        Run.objects.update(holder=f"{platform.node()}:999999999:1")
        _, hold = holding.take(uuid=waiting.uuid, clock=clock)
        assert hold.attempt == 2

    def test_a_finished_run_is_not_taken(self, keep_run, clock) -> None:
        with pytest.raises(holding.RunTaken, match="done"):
            holding.take(uuid=keep_run().uuid, clock=clock)

    def test_an_unknown_run_is_said_to_be_unknown(self, db, clock) -> None:
        with pytest.raises(runs.UnknownRun):
            holding.take(uuid=uuid4(), clock=clock)


class TestAHold:
    def test_tells_how_far_it_is_and_renews_its_lease(self, waiting, clock, noon) -> None:
        _, hold = holding.take(uuid=waiting.uuid, clock=clock)
        later = noon + timedelta(minutes=3)
        late = holding.Hold(run=hold.run, uuid=hold.uuid, attempt=1, clock=lambda: later)

        late.tell(stage=Stage.WRITING, done_bp=5000)

        run = Run.objects.get(pk=hold.run)
        assert run.stage == Stage.WRITING
        assert PROGRESS[Stage.WRITING] < run.progress < PROGRESS[Stage.FINISHED]
        assert run.lease_until == later + LEASE

    def test_is_lost_when_another_took_over(self, waiting, clock, noon) -> None:
        _, first = holding.take(uuid=waiting.uuid, clock=clock)
        _, second = holding.take(uuid=waiting.uuid, clock=lambda: noon + LEASE)
        with pytest.raises(holding.LeaseLost):
            first.tell(stage=Stage.KEEPING)
        with pytest.raises(holding.LeaseLost):
            first.finish(subjects=1)
        first.fail(sentence="too late to say")
        second.finish(subjects=2)
        run = Run.objects.get(pk=waiting.pk)
        assert (run.state, run.subjects, run.failure, run.progress) == (State.DONE, 2, "", 100)

    def test_says_why_it_failed(self, waiting, clock) -> None:
        _, hold = holding.take(uuid=waiting.uuid, clock=clock)
        hold.fail(sentence="The disk is full.")
        run = Run.objects.get(pk=waiting.pk)
        assert (run.state, run.failure, run.lease_until) == (State.FAILED, "The disk is full.", None)
