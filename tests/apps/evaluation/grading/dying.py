"""A worker in a process of its own that is killed at a named point of a run; the driver of `test_dying.py`.

Called as `dying.py prepare` (or `prepare-changes`) and `dying.py execute RUN POINT`; the data folder is
CREDITMESH_HOME.
"""

import json
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "creditmesh.web.settings"
django.setup()

from tests.apps.evaluation.grading import small  # noqa: E402

from creditmesh.apps.evaluation.grading.operations import executing, requesting, results, writing  # noqa: E402
from creditmesh.apps.evaluation.grading.operations.changes import reaching  # noqa: E402
from creditmesh.apps.evaluation.grading.operations.holding import Hold  # noqa: E402
from creditmesh.apps.evaluation.grading.queries import distribution  # noqa: E402
from creditmesh.apps.ground.nodes.rules import ThisNode  # noqa: E402
from creditmesh.apps.ground.parties.rules import COMMAND_LINE  # noqa: E402
from creditmesh.lake.store import Lake  # noqa: E402

HOME = Path(os.environ["CREDITMESH_HOME"])
DAY = date(2026, 3, 1)


def now() -> datetime:
    return datetime.now(UTC)


def die(*_args: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Any, *, times: int = 1) -> Any:
    """Return the function as it is, except that the process dies after so many calls."""
    calls = []

    def counted(*args: Any, **named: Any) -> Any:
        answer = function(*args, **named)
        calls.append(None)
        if len(calls) == times:
            die()
        return answer

    return counted


def arm(point: str) -> None:
    results.CHUNK = 2
    executing.collected = lambda *, catalogue: [(code, "") for code in catalogue.items]
    reaching._most = lambda before, on: 4
    if point == "reached":
        reaching.keep = after(reaching.keep)
    if point == "evaluated":
        executing.evaluating.evaluate = after(executing.evaluating.evaluate)
    if point == "kept":
        Lake.keep_results = after(Lake.keep_results)  # type: ignore[method-assign]
    if point == "written-a-little":
        writing.insert = after(writing.insert, times=2)
    if point == "before-the-end":
        Hold.finish = die  # type: ignore[method-assign]


def prepare() -> None:
    node = small.small_node(HOME)
    run = requesting.request_run(
        system="small", as_of=DAY, by=COMMAND_LINE, node=node, at=now(), file=small.system_file(HOME)
    )
    sys.stdout.write(str(run.uuid))


def prepare_changes() -> None:
    """Run everything once, let a penalty land, and ask for the run of changes."""
    node = small.small_node(HOME)
    arm("never")
    asked = {
        "system": "small",
        "as_of": DAY,
        "by": COMMAND_LINE,
        "node": node,
        "file": small.system_file(HOME),
    }
    base = requesting.request_run(**asked, at=now())
    executing.execute_run(run=base.uuid, node=node, clock=now)
    decisions = [
        {"code": code, "number": f"X{code}", "kind": "revocation", "fine": 1, "decided_on": date(2026, 2, 1)}
        for code in ("E2", "E3")
    ]
    small.land(node.lake, small.PENALTIES, decisions, seq=7)
    run = requesting.request_run(**asked, at=now(), changes_only=True)
    sys.stdout.write(str(run.uuid))


def execute(run: UUID, point: str) -> None:
    node = ThisNode(
        name="test",
        region="990121",
        home=HOME,
        lake=Lake(str(HOME / "lake")),
        catalogue=small.CATALOGUE,
        demo=False,
        fictitious=True,
    )
    arm(point)
    done = executing.execute_run(run=run, node=node, clock=now)
    told = distribution.distribution(viewer=COMMAND_LINE, run=run)
    sys.stdout.write(
        json.dumps(
            {
                "state": done.state,
                "attempt": done.attempt,
                "digest": done.digest,
                "subjects": told.subjects,
                "grades": {one.grade: one.subjects for one in told.grades},
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare()
    elif sys.argv[1] == "prepare-changes":
        prepare_changes()
    else:
        execute(UUID(sys.argv[2]), sys.argv[3])
