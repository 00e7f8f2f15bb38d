"""A node in a process of its own, to be killed: receives a file (or takes up what waits) and lands it.

    python -m tests.faults.delivering HOME [FILE] [--die-at EVENT COUNT] [--slowly]

`--die-at` kills the process by SIGKILL when the named call is entered for the COUNT-th time; `--slowly` makes
every step of landing take a while, so that a random moment falls into any of them. Parts of the index are
small here, so that a batch has several.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django


def main() -> None:
    """Land whatever waits, or what FILE brings."""
    home = Path(sys.argv[1])
    os.environ["CREDITMESH_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from tests.apps.ground.records.words import a_node

    from creditmesh.apps.ground.parties.rules import COMMAND_LINE
    from creditmesh.apps.ground.records.operations import advancing, indexing, receiving
    from creditmesh.apps.ground.records.rules import Delivery

    indexing.ROWS_OF_A_PART, indexing._ROWS_A_PULL = 1_000, 500
    if "--slowly" in sys.argv:
        for event in SLOW:
            _before(event, lambda: time.sleep(0.06))
    if "--die-at" in sys.argv:
        place = sys.argv.index("--die-at")
        _die_at(sys.argv[place + 1], int(sys.argv[place + 2]))
    node = a_node(home)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
    if len(sys.argv) > 2 and not sys.argv[2].startswith("--"):
        file = Path(sys.argv[2])
        delivery = Delivery(item="PEN", source="market", filename=file.name, idempotency_key=file.name)
        receiving.receive_file(delivery=delivery, file=file, by=COMMAND_LINE, node=node, at=clock())
    print("begun", flush=True)
    advancing.advance_unfinished(node=node, clock=clock)


SLOW = (
    "creditmesh.apps.ground.records.operations.validating:_write_down",
    "creditmesh.apps.ground.records.operations.landing:_begin",
    "creditmesh.lake.landing:_write",
    "creditmesh.lake.landing:_commit",
    "creditmesh.apps.ground.records.operations.indexing:discard",
    "creditmesh.apps.ground.records.operations.indexing:_store",
    "creditmesh.apps.ground.records.operations.landing:_finish",
    "creditmesh.apps.ground.records.operations.indexing:show",
)


def _die_at(event: str, count: int) -> None:
    """Kill this process by SIGKILL at the COUNT-th call of something, named as module:attribute."""
    left = [count]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    _before(event, die)


def _before(event: str, do: Callable[[], None]) -> None:
    from importlib import import_module

    module_name, _, path = event.partition(":")
    holder: object = import_module(module_name)
    *middle, name = path.split(".")
    for part in middle:
        holder = getattr(holder, part)
    plain = getattr(holder, name)

    def preceded(*args: object, **more: object) -> object:
        do()
        return plain(*args, **more)

    setattr(holder, name, preceded)


if __name__ == "__main__":
    main()
