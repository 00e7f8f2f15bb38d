"""The background worker: it does queued tasks, passes on news, and takes up what dead workers left.

One thread works; another gives signs of life, hands event rows to the tasks that `wiring.EVENTS` names,
and puts tasks of silent workers back into the queue. Tasks are safe to do again.
"""

import logging
import os
import secrets
import signal
import threading
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.ground.nodes import ledger as node_ledger
from creditmesh.apps.ground.nodes import operations as nodes
from creditmesh.apps.ground.nodes import queries as node_queries
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web import wiring

MOST_ATTEMPTS = 5  # a task that took this many workers with it is given up
_TICK_SECONDS = 0.5
_WORTH_RETRYING = timedelta(days=2)
_MOST_RETRIED = 200
_PAUSE = timedelta(minutes=1)  # before the second try; four times as long before each one after
_ROUND = timedelta(hours=1)  # how often what the passing of time brings about is looked for

logger = logging.getLogger(__name__)


def pass_on_news() -> int:
    """Queue the tasks of every waiting event and return how many events there were.

    Tasks are queued in the transaction that marks the event: it is passed on exactly once.
    """
    if not ledger.news_waits():
        return 0  # on SQLite a transaction takes the lock for writing, which nobody should do twice a second
    with transaction.atomic():
        waiting = ledger.unhandled_events()
        for event in waiting:
            if event.name not in wiring.EVENTS:
                logger.error("Nobody in wiring.EVENTS knows the event %s", event.name)
            for task in wiring.EVENTS.get(event.name, []):
                task.enqueue(event.key)
        audit.mark_handled(events=[event.id for event in waiting], at=timezone.now())
    return len(waiting)


def take_back_orphans(*, lease: timedelta) -> int:
    """Queue again the tasks whose worker has been silent for longer than the lease; return how many.

    A task that outlived too many workers is given up, and the ledger says so.
    """
    at = timezone.now()
    nodes.forget_silent(at=at, lease=lease)
    alive = node_queries.live_workers()
    orphans = 0
    with transaction.atomic():
        # A worker's first sign of life comes before its first task, so an unknown worker is a dead one.
        for task in DBTaskResult.objects.running().select_for_update(skip_locked=True):
            if task.worker_ids and task.worker_ids[-1] in alive:
                continue
            _queue_again(task)
            orphans += 1
    return orphans


def retry_failed(*, at: datetime) -> int:
    """Queue tasks again that failed, after a pause that grows, and return how many; the last failure stays.

    What a task does may be owed to somebody: who holds a stopped record must be told, whatever was away.
    """
    again = 0
    with transaction.atomic():
        failed = DBTaskResult.objects.filter(
            status=TaskResultStatus.FAILED, finished_at__gt=at - _WORTH_RETRYING
        ).order_by("finished_at")
        for task in failed.select_for_update(skip_locked=True)[:_MOST_RETRIED]:
            tries = len(task.worker_ids)
            if not 0 < tries < MOST_ATTEMPTS or task.finished_at + _PAUSE * 4 ** (tries - 1) > at:
                continue
            task.status, task.finished_at = TaskResultStatus.READY, None
            task.save(update_fields=["status", "finished_at"])
            again += 1
    return again


def queue_resuming() -> None:
    """Queue the tasks that take up interrupted work, unless they wait already."""
    _queue(wiring.RESUMING)


def queue_rounds() -> None:
    """Queue the tasks that look for what the passing of time brought about, unless they wait already."""
    _queue(wiring.ROUNDS)


def _queue(tasks: "list[Task[..., Any]]") -> None:
    for task in tasks:
        if not DBTaskResult.objects.ready().filter(task_path=task.module_path).exists():
            task.enqueue()


class NodeWorker:
    """One worker process, until it is told to stop."""

    def __init__(
        self, *, lease: timedelta, interval: float = 0.5, batch: bool = False, with_parent: bool = False
    ) -> None:
        self.lease = lease
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self.batch = batch
        self._stopping = threading.Event()
        self._next_round = timezone.now() + _ROUND
        self._parent = os.getppid() if with_parent else None
        self._worker = Worker(
            queue_names=["*"],
            interval=interval,
            batch=batch,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
            excluded_queue_names=[],
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; the task under way is finished first."""
        nodes.beat(worker=self.name, at=timezone.now())
        take_back_orphans(lease=self.lease)
        queue_resuming()
        queue_rounds()
        pass_on_news()
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        keeper.start()
        try:
            self._worker.run()
            while self.batch and pass_on_news():
                self._worker.run()
        finally:
            self._stopping.set()
            keeper.join(timeout=5)
            nodes.leave(worker=self.name)

    def stop_on_signals(self) -> None:
        """Finish the task under way and stop when the process is told to; a second signal stops at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def stop(self) -> None:
        """Stop after the task under way."""
        self._worker.running = False

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if not self._worker.running:
            raise SystemExit(128 + number)
        self.stop()

    def _keep(self) -> None:
        ticks = 0
        every = max(1, int(self.lease.total_seconds() / 4 / _TICK_SECONDS))
        while not self._stopping.wait(_TICK_SECONDS):
            close_old_connections()
            try:
                self._tick(housekeeping=ticks % every == 0)
            except Exception:
                # Whatever the matter is, a worker that fell silent would lose its tasks to others.
                logger.exception("The worker's keeper could not do its round; it tries again")
            ticks += 1
        connection.close()

    def _tend_ledger(self) -> None:
        try:
            node_ledger.tend(node=node_queries.this_node(), at=timezone.now())
        except CreditmeshError as trouble:
            # A ledger that does not hold must not keep the worker from its other work; the pages warn.
            logger.error("The ledger cannot be sealed or signed: %s", trouble.sentence)  # noqa: TRY400

    def _tick(self, *, housekeeping: bool) -> None:
        if self._parent is not None and os.getppid() != self._parent:
            self.stop()  # the server died without a word: the next one brings workers of its own
        pass_on_news()
        self._tend_ledger()
        if housekeeping:
            nodes.beat(worker=self.name, at=timezone.now())
            if take_back_orphans(lease=self.lease):
                queue_resuming()
            retry_failed(at=timezone.now())
            if timezone.now() >= self._next_round:
                self._next_round = timezone.now() + _ROUND
                queue_rounds()


def _queue_again(task: "DBTaskResult[..., object]") -> None:
    if len(task.worker_ids) >= MOST_ATTEMPTS:
        task.status = TaskResultStatus.FAILED
        task.finished_at = timezone.now()
        task.save(update_fields=["status", "finished_at"])
        why = f"given up after {MOST_ATTEMPTS} workers died on it"
        thing = Thing("task", f"{task.task_path} {task.id}")
        audit.append(
            who=WORKER, act="task.give_up", thing=thing, at=timezone.now(), why=why, outcome=Outcome.FAILED
        )
        return
    task.status = TaskResultStatus.READY
    task.save(update_fields=["status"])
