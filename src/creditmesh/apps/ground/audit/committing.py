"""Group commit: many acts that come at once are settled and written into the ledger in one transaction.

Nobody is answered before the entry is durable, and one durable write serves everybody who waits. There is no
thread of its own: the first who comes leads, does the work for all who wait by then, wakes them, and leaves the
lead to the first who came meanwhile. Questions worked out at a desk (`desk.py`) are a group already.
"""

import fcntl
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from django.db import OperationalError, connection, transaction

from creditmesh.apps.ground.audit.desk import put_aside
from creditmesh.apps.ground.audit.rules import Draft
from creditmesh.apps.ground.audit.tree import growing, rows
from creditmesh.apps.ground.audit.tree.leaves import leaf_of

T = TypeVar("T")


@dataclass(frozen=True)
class Settled:
    """What became of an intent: the entry to write, and what its caller gets back."""

    draft: Draft
    result: object = None


@dataclass(frozen=True)
class Sealed:
    """The place of an entry in the ledger, durable."""

    position: int
    entry: str  # uuid
    leaf: str  # hash of the leaf, in hexadecimal
    result: object


class _Waiter(Generic[T]):
    """An intent on its way; its caller sleeps on the lock until it is woken as done or as leader."""

    __slots__ = ("error", "intent", "leads", "sealed", "sleep")

    def __init__(self, intent: T) -> None:
        self.intent = intent
        self.sealed: Sealed | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.sleep = threading.Lock()
        self.sleep.acquire()


@contextmanager
def _turn() -> Iterator[None]:
    """Queue with other processes for SQLite's one writer: its own waiting sleeps ever longer, and is not fair."""
    file = Path(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or not file.is_file():
        yield
        return
    with file.with_name(f"{file.name}.turn").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)  # given back when the file is closed, also by a process that dies
        yield


class GroupCommit(Generic[T]):
    """Settle intents and write their entries, as many in one transaction as wait.

    `settle` runs inside the transaction with the intents of everybody who waits, and returns one `Settled` for
    each, in order: what it writes is there exactly when the entries are. One instance serves all threads of a
    process; processes are kept apart by the database.
    """

    def __init__(self, settle: Callable[[Sequence[T]], Sequence[Settled]], largest: int = 256) -> None:
        self._settle = settle
        self._largest = largest
        self._guard = threading.Lock()
        self._queue: deque[_Waiter[T]] = deque()
        self._led = False

    def submit(self, intent: T) -> Sealed:
        """Settle one intent and return its place in the ledger once that is durable.

        Inside a transaction of the caller's it joins that transaction alone, and is durable when that is. What
        `settle` or the database raises is raised here; an intent that fails does not make others fail, unless
        the database itself is away, and then nothing was written of any.
        """
        if connection.in_atomic_block:
            return self._write([intent])[0]
        own = _Waiter(intent)
        if not put_aside(self, own):
            self._queue_up(own)
        if own.error is not None:
            raise own.error
        return cast("Sealed", own.sealed)

    def settle_together(self, waiting: Sequence[_Waiter[T]]) -> None:
        """Settle what others wait for; whatever happens, each learns what became of its own."""
        try:
            self._serve(waiting)
        except BaseException as stopped:  # noqa: BLE001 (raised again where it belongs to)
            for one in waiting:
                if one.sealed is None and one.error is None:
                    one.error = stopped

    def _queue_up(self, own: _Waiter[T]) -> None:
        with self._guard:
            self._queue.append(own)
            leads = not self._led
            self._led = True
        if not leads:
            own.sleep.acquire()
            leads = own.leads
        if leads:
            self._lead()

    def submit_all(self, intents: Sequence[T]) -> list[Sealed]:
        """Settle many intents of one caller, in transactions of at most `largest`, and return their places.

        When one transaction fails, those before it stand and the error is raised.
        """
        sealed: list[Sealed] = []
        for start in range(0, len(intents), self._largest):
            sealed += self._write(intents[start : start + self._largest])
        return sealed

    def _lead(self) -> None:
        with self._guard:
            group = [self._queue.popleft() for _ in range(min(len(self._queue), self._largest))]
        self.settle_together(group)
        with self._guard:
            heir = self._queue[0] if self._queue else None
            self._led = heir is not None
        if heir is not None:
            heir.leads = True
            heir.sleep.release()
        for one in group:
            if not one.leads:
                one.sleep.release()

    def _serve(self, group: Sequence[_Waiter[T]]) -> None:
        try:
            places = self._write([one.intent for one in group])
        except OperationalError as away:
            for one in group:
                one.error = away
        except Exception as refused:  # noqa: BLE001 (raised again in the thread it belongs to)
            if len(group) == 1:
                group[0].error = refused
                return
            for one in group:
                self._serve([one])
        else:
            for one, place in zip(group, places, strict=True):
                one.sealed = place

    def _write(self, intents: Sequence[T]) -> list[Sealed]:
        with _turn(), transaction.atomic(), connection.cursor() as cursor:
            settled = self._settle(intents)
            drawn = rows.drawn_up([one.draft for one in settled])
            leaves = [leaf_of(row, salt) for row, salt in drawn]
            numbers = rows.insert(cursor, drawn)
            edge = growing.lock_edge(cursor)
            growing.extend(cursor, at_edge=edge, entries=numbers, hashes=leaves)
        return [
            Sealed(position=position, entry=row.entry, leaf=leaf.hex(), result=one.result)
            for position, ((row, _), leaf, one) in enumerate(
                zip(drawn, leaves, settled, strict=True), start=edge.size
            )
        ]
