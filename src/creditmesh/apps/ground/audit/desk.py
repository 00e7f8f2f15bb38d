"""A desk: one thread works out many questions at a time, and one commit serves them all.

Threads that compute at once take turns at Python's interpreter and wake each other at every statement of the
database; that cost as much as the answers themselves. So whoever brings a question sleeps, and one thread takes all
that wait, works each out up to its commit, settles them in one transaction and finishes each. A question is an
ordinary function: it is put aside where it commits (`GroupCommit.submit`) and goes on from there (greenlets).
"""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar, cast

from django.db import OperationalError, connection
from greenlet import getcurrent, greenlet

T = TypeVar("T")
W_contra = TypeVar("W_contra", contravariant=True)

LARGEST = 64
"""Questions taken at a time: the last of them waits for all others."""

AT_ONCE = {"sqlite": 1}
"""Desks of a process by database; SQLite has one writer, and answers before another thread could begin."""
ELSEWHERE_AT_ONCE = 4  # a database on another machine keeps its askers waiting

PATIENCE_SECONDS = 90.0
"""How long an asker waits: longer than the database makes anyone wait for a lock."""


class Door(Protocol[W_contra]):
    """What settles many intents at once and tells each what became of it."""

    def settle_together(self, waiting: Sequence[W_contra]) -> None:
        """Settle them; never raise."""


class _Question(Generic[T]):
    """A question somebody sleeps for."""

    __slots__ = ("error", "found", "left", "sleep", "work")

    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.found: T | None = None
        self.error: BaseException | None = None
        self.left = False  # nobody sleeps for it any more
        self.sleep = threading.Lock()
        self.sleep.acquire()

    def answer(self) -> None:
        if self.left:
            return
        try:
            self.found = self.work()
        except BaseException as error:  # noqa: BLE001 (raised again in the thread it belongs to)
            self.error = error


class _UnderWay(greenlet):
    """A question in the middle of its work."""


def put_aside(door: Door[W_contra], waiting: W_contra) -> bool:
    """At a desk: have an intent settled together with those of the other questions, and return True.

    Elsewhere nothing is done and False returned. Never to be called inside a transaction.
    """
    here = getcurrent()
    if not isinstance(here, _UnderWay) or here.parent is None:
        return False
    here.parent.switch((door, waiting))
    return True


class Desks:
    """The desks of a process, and the questions that wait for one."""

    def __init__(self, *, largest: int = LARGEST, patience: float = PATIENCE_SECONDS) -> None:
        self._largest = largest
        self._patience = patience
        self._waiting: SimpleQueue[_Question[Any] | None] = SimpleQueue()  # None ends a desk
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []

    def close(self) -> None:
        """Let the desks end once nothing waits; the next question opens them again."""
        with self._guard:
            for _ in self._threads:
                self._waiting.put(None)
            for thread in self._threads:
                thread.join()
            self._threads = []

    def ask(self, work: Callable[[], T]) -> T:
        """Return what a function returns or raise what it raises, worked out at a desk.

        A caller in a transaction of its own is answered where it stands: only there what it wrote can be seen.
        Raises `OperationalError` when no answer comes within the patience; what was under way may still be written.
        """
        if connection.in_atomic_block:
            return work()
        question = _Question(work)
        with self._guard:
            if not self._threads:
                self._begin()
            self._waiting.put(question)
        if not question.sleep.acquire(timeout=self._patience):
            question.left = True
            raise OperationalError(f"No desk answered within {self._patience:.0f} seconds.")
        if question.error is not None:
            raise question.error
        return cast("T", question.found)

    def _begin(self) -> None:
        for number in range(AT_ONCE.get(connection.vendor, ELSEWHERE_AT_ONCE)):
            thread = threading.Thread(target=self._serve, name=f"desk-{number}", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the machine has no thread left: fewer desks serve as well
                if not self._threads:
                    raise
                return
            self._threads.append(thread)

    def _serve(self) -> None:
        while self._answered(self._next()):
            pass  # nothing of the last group is kept here while the desk waits
        connection.close()

    def _answered(self, group: Sequence[_Question[Any]]) -> bool:
        """Answer a group, if there is one, and return whether there was."""
        try:
            if group:
                connection.close_if_unusable_or_obsolete()
                connection.ensure_connection()  # once for all, when the database is slow to be away
                _work_out([one.answer for one in group])
        except BaseException as stopped:  # noqa: BLE001 (each asker is told; the desk stays open)
            for one in group:
                one.error = one.error or stopped
        for one in group:
            one.sleep.release()
        return bool(group)

    def _next(self) -> list[_Question[Any]]:
        """Return what waits, once something does; nothing when the desk is to end."""
        group: list[_Question[Any]] = []
        wanted = self._waiting.get()
        while wanted is not None:
            group.append(wanted)
            if len(group) == self._largest:
                return group
            try:
                wanted = self._waiting.get_nowait()
            except Empty:
                return group
        if group:
            self._waiting.put(None)  # after these
        return group


def _work_out(works: Sequence[Callable[[], None]]) -> None:
    """Do pieces of work side by side: whenever all that are left wait for a commit, there is one."""
    waiting = _go_on([_UnderWay(one) for one in works])
    while waiting:
        by_door: dict[Door[Any], list[Any]] = {}
        for _, (door, intent) in waiting:
            by_door.setdefault(door, []).append(intent)
        for door, intents in by_door.items():
            door.settle_together(intents)
        waiting = _go_on([one for one, _ in waiting])


def _go_on(under_way: Sequence[_UnderWay]) -> list[tuple[_UnderWay, tuple[Door[Any], Any]]]:
    """Let each go on until it waits for a commit or ends; return those that wait, each with what for."""
    left = []
    for one in under_way:
        wanted = one.switch()
        if not one.dead:
            left.append((one, wanted))
    return left
