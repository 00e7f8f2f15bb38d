"""The worker: news reaches its tasks exactly once, and what a dead worker left is done by another."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes import operations as nodes
from creditmesh.apps.ground.nodes import queries as node_queries
from creditmesh.web import wiring
from creditmesh.web.serving import worker

LEASE = timedelta(seconds=60)
DONE: list[str] = []


@task()
def note(key: str) -> None:
    DONE.append(key)
    if key == "first":
        audit.announce(event="second-step", key="second", at=timezone.now())


@task()
def resume() -> None:
    DONE.append("resumed")


@pytest.fixture(autouse=True)
def _wired(monkeypatch):
    DONE.clear()
    monkeypatch.setattr(wiring, "EVENTS", {"first-step": [note, note], "second-step": [note], "quiet": []})
    monkeypatch.setattr(wiring, "RESUMING", [resume])
    monkeypatch.setattr(wiring, "ROUNDS", [resume])


def queued():
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


class TestTheWiring:
    def test_names_only_news_that_someone_announces(self):
        assert all(isinstance(tasks, list) for tasks in wiring.EVENTS.values())


@pytest.mark.django_db
class TestNews:
    def test_is_handed_to_every_task_that_listens_and_only_once(self, noon):
        audit.announce(event="first-step", key="17", at=noon)
        audit.announce(event="quiet", key="18", at=noon)

        assert worker.pass_on_news() == 2
        assert worker.pass_on_news() == 0
        assert queued() == [TaskResultStatus.READY] * 2

    def test_that_nobody_knows_is_said_and_does_not_stop_the_rest(self, noon, caplog):
        audit.announce(event="misspelt", key="17", at=noon)
        audit.announce(event="second-step", key="18", at=noon)

        assert worker.pass_on_news() == 2
        assert "misspelt" in caplog.text
        assert len(queued()) == 1

    def test_is_not_passed_on_when_queueing_fails(self, noon, monkeypatch):
        class Broken:
            def enqueue(self, _key):
                raise OSError("disk full")

        monkeypatch.setattr(wiring, "EVENTS", {"first-step": [note, Broken()]})
        audit.announce(event="first-step", key="17", at=noon)
        with pytest.raises(OSError, match="disk full"), transaction.atomic():
            worker.pass_on_news()

        assert queued() == []
        assert len(ledger.unhandled_events()) == 1


@pytest.mark.django_db
class TestADeadWorker:
    def orphan(self, worker_ids):
        note.enqueue("left")
        row = DBTaskResult.objects.get()
        row.status, row.worker_ids = TaskResultStatus.RUNNING, worker_ids
        row.save()
        return row

    def test_loses_its_task_to_others(self):
        row = self.orphan(["dead"])
        nodes.beat(worker="dead", at=timezone.now() - LEASE * 2)

        assert worker.take_back_orphans(lease=LEASE) == 1
        row.refresh_from_db()
        assert row.status == TaskResultStatus.READY
        assert node_queries.live_workers() == {}

    def test_that_left_no_trace_counts_as_dead(self):
        self.orphan(["never-seen"])
        assert worker.take_back_orphans(lease=LEASE) == 1

    def test_is_not_one_that_beats(self):
        row = self.orphan(["alive"])
        nodes.beat(worker="alive", at=timezone.now())

        assert worker.take_back_orphans(lease=LEASE) == 0
        row.refresh_from_db()
        assert row.status == TaskResultStatus.RUNNING

    def test_after_five_of_them_the_task_is_given_up_and_the_ledger_says_so(self):
        row = self.orphan([str(number) for number in range(worker.MOST_ATTEMPTS)])

        worker.take_back_orphans(lease=LEASE)
        row.refresh_from_db()
        assert row.status == TaskResultStatus.FAILED
        assert row.finished_at is not None
        (line,) = ledger.ledger_page().lines
        assert (line.act, line.outcome) == ("task.give_up", "failed")

    def test_a_failed_task_is_tried_again_after_a_pause_that_grows_and_not_for_ever(self):
        row = self.orphan(["a"])
        failed_at = timezone.now()
        for tries, minutes in ((1, 1), (2, 4), (3, 16), (4, 64)):
            row.status, row.finished_at, row.worker_ids = TaskResultStatus.FAILED, failed_at, ["a"] * tries
            row.save()
            pause = timedelta(minutes=minutes)
            assert worker.retry_failed(at=failed_at + pause - timedelta(seconds=1)) == 0
            assert worker.retry_failed(at=failed_at + pause) == 1
            row.refresh_from_db()
            assert row.status == TaskResultStatus.READY
        row.status, row.finished_at, row.worker_ids = TaskResultStatus.FAILED, failed_at, ["a"] * 5
        row.save()
        assert worker.retry_failed(at=failed_at + timedelta(days=1)) == 0

    def test_a_round_is_queued_once(self):
        worker.queue_rounds()
        worker.queue_rounds()
        assert len(queued()) == 1

    def test_resuming_is_queued_once(self):
        worker.queue_resuming()
        worker.queue_resuming()
        assert len(queued()) == 1


@pytest.mark.django_db(transaction=True)
class TestTheLoop:
    def test_does_everything_that_follows_from_the_news_and_leaves(self, noon):
        audit.announce(event="first-step", key="first", at=noon)
        worker.NodeWorker(lease=LEASE, batch=True, interval=0).run()

        assert sorted(DONE) == ["first", "first", "resumed", "second", "second"]
        assert set(queued()) == {TaskResultStatus.SUCCESSFUL}
        assert node_queries.live_workers() == {}

    def test_takes_up_what_a_dead_worker_was_at(self):
        note.enqueue("left")
        DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=["dead"])
        worker.NodeWorker(lease=LEASE, batch=True, interval=0).run()
        assert "left" in DONE

    def test_beats_while_it_works(self, monkeypatch):
        seen = []
        monkeypatch.setattr(worker, "_TICK_SECONDS", 0.01)
        slow = worker.NodeWorker(lease=timedelta(seconds=1), interval=0)
        monkeypatch.setattr(
            slow, "_tick", lambda *, housekeeping: (seen.append(housekeeping), len(seen) > 3 and slow.stop())
        )
        slow.run()
        assert seen[0] is True


def _beats(database):
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        return connection.execute("SELECT count(*) FROM nodes_workerbeat").fetchone()[0] > 0


@pytest.mark.faults
def test_a_worker_process_stops_when_told_to(tmp_path, migrated):
    shutil.copytree(migrated, tmp_path / "node")
    # A node of its own: the process must not share a test's transaction.
    environment = {
        **os.environ,
        "CREDITMESH_HOME": str(tmp_path / "node"),
        "DJANGO_SETTINGS_MODULE": "creditmesh.web.settings",
    }
    environment.pop("CREDITMESH_DATABASE_URL", None)
    program = [sys.executable, "-m", "creditmesh.cli.main"]
    # Nobody looks at a page of this node: without DEBUG its style sheets would be compressed first.
    subprocess.run(
        [*program, "init"], env={**environment, "CREDITMESH_DEBUG": "true"}, check=True, capture_output=True
    )
    process = subprocess.Popen([*program, "worker"], env=environment)
    try:
        while not _beats(tmp_path / "node" / "node.sqlite3"):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
