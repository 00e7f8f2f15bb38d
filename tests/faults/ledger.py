"""A process that writes into a ledger as several others do at the same time, until it has done its part or dies.

    python -m tests.faults.ledger HOME COUNT THREADS

Prints one line for every place it was given, after it is durable: position and entry.
"""

import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import django


def main() -> None:
    """Write COUNT entries from each of THREADS threads, through one group commit."""
    os.environ["CREDITMESH_HOME"] = sys.argv[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    from django.db import connection

    from creditmesh.apps.ground.audit.committing import GroupCommit, Settled
    from creditmesh.apps.ground.audit.operations import append
    from creditmesh.apps.ground.audit.rules import Draft, Thing, Who
    from creditmesh.apps.ground.audit.tree import sealing

    who = Who(label=f"process {os.getpid()}")

    def settle(intents: Sequence[str]) -> list[Settled]:
        at = datetime.now(UTC)
        return [Settled(Draft(who=who, act="test.write", thing=Thing("test", one), at=at)) for one in intents]

    commit = GroupCommit(settle)

    def write(thread: int) -> None:
        try:
            for number in range(int(sys.argv[2])):
                sealed: Any = commit.submit(f"{os.getpid()}-{thread}-{number}")
                os.write(1, f"{sealed.position} {sealed.entry}\n".encode())
                if number % 5 == 0:
                    append(who=who, act="test.append", thing=Thing("test"), at=datetime.now(UTC))
                    sealing.seal_waiting()
        finally:
            connection.close()

    print("begun", flush=True)
    threads = [threading.Thread(target=write, args=(one,)) for one in range(int(sys.argv[3]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
