"""Workers in processes of their own, each killed at a named point of one run; the driver of `test_dying.py`.

Called as `dying.py everyone POINT ...` or `dying.py changes POINT ...`; the data folder is CREDITMESH_HOME. Each worker
is forked before anything is opened, so that the program is imported once. Says how each ended and what the last told.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.db import connections

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
        executing.evaluating.evaluate_changes = after(executing.evaluating.evaluate_changes)
    if point == "kept":
        Lake.keep_results = after(Lake.keep_results)  # type: ignore[method-assign]
    if point == "written-a-little":
        writing.insert = after(writing.insert, times=2)
    if point == "before-the-end":
        Hold.finish = die  # type: ignore[method-assign]


def the_node() -> ThisNode:
    return ThisNode(
        name="test",
        region="990121",
        home=HOME,
        lake=Lake(str(HOME / "lake")),
        catalogue=small.CATALOGUE,
        demo=False,
        fictitious=True,
    )


def prepare() -> str:
    node = the_node()
    small.usual(node.lake)
    run = requesting.request_run(
        system="small", as_of=DAY, by=COMMAND_LINE, node=node, at=now(), file=small.system_file(HOME)
    )
    return str(run.uuid)


def prepare_changes() -> str:
    """Run everything once, let a penalty land, and ask for the run of changes."""
    node = the_node()
    small.usual(node.lake)
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
    return str(run.uuid)


def execute(run: UUID, point: str) -> str:
    arm(point)
    done = executing.execute_run(run=run, node=the_node(), clock=now)
    told = distribution.distribution(viewer=COMMAND_LINE, run=run)
    return json.dumps(
        {
            "state": done.state,
            "attempt": done.attempt,
            "digest": done.digest,
            "subjects": told.subjects,
            "grades": {one.grade: one.subjects for one in told.grades},
        }
    )


def apart(work: Callable[[], str]) -> tuple[int, str]:
    """Do some work in a process of its own and return how that ended, and its answer."""
    connections.close_all()
    reading, writing_ = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing_, work().encode())
            status = 0
        except Exception:  # noqa: BLE001 - whatever it is, the parent says so
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing_)
    with os.fdopen(reading, encoding="utf-8") as said:
        answer = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), answer


if __name__ == "__main__":
    prepared, run_ = apart({"everyone": prepare, "changes": prepare_changes}[sys.argv[1]])
    ended = [apart(partial(execute, UUID(run_), point))[0] for point in sys.argv[2:]]
    last, told_ = apart(partial(execute, UUID(run_), "never"))
    sys.stdout.write(json.dumps({"ended": [prepared, *ended, last], "told": json.loads(told_ or "null")}))
