"""A turnstile: of the threads that answer, only a few compute at once, the others sleep.

Python lets one thread compute at a time and hands over at every statement of the database: of thirty threads
that compute at once each waits for all others at every hand-over, and the processor's caches are cold each time.
Who waits for a commit computes nothing and gives the turn back meanwhile; who comes back from there goes first.

The turnstile is for speed alone. Nothing depends on it: who waits too long goes on without a turn.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 4  # one computes, the others are in the database or in libraries that let others compute
PATIENCE_SECONDS = 1.0


class Turnstile:
    """So many turns, given in order; those who come back before those who come."""

    def __init__(self, turns: int = AT_ONCE, *, patience: float = PATIENCE_SECONDS) -> None:
        self._free = turns
        self._patience = patience
        self._guard = threading.Lock()
        self._coming: deque[threading.Lock] = deque()
        self._returning: deque[threading.Lock] = deque()
        self._own = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Compute in a turn; inside a turn of this thread's it changes nothing."""
        if self._holds():
            yield
            return
        self._own.turn = self._take(self._coming)
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others compute while this thread waits for something; without a turn it changes nothing."""
        if not self._holds():
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._own.turn = self._take(self._returning)

    def _holds(self) -> bool:
        return getattr(self._own, "turn", False)

    def _take(self, queue: deque[threading.Lock]) -> bool:
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            sleep = threading.Lock()
            sleep.acquire()
            queue.append(sleep)
        if sleep.acquire(timeout=self._patience):
            return True
        with self._guard:
            if sleep in queue:
                queue.remove(sleep)
                return False
        return True  # it was given just now

    def _give(self) -> None:
        if not self._holds():
            return
        self._own.turn = False
        with self._guard:
            queue = self._returning or self._coming
            if queue:
                queue.popleft().release()
            else:
                self._free += 1


TURNS = Turnstile()
"""The one turnstile of this process."""
