"""A system compiled and ready to score, kept for the next look: pages ask for the same few systems again and again."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.improving.levers import Score
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.targets.to_python import function

MOST = 32


class Ready(NamedTuple):
    """A plan and its function."""

    plan: Plan
    score: Score


_KEPT: OrderedDict[int, tuple[System, Ready]] = (
    OrderedDict()
)  # holds the system, so that its id stays its own
_LOCK = Lock()


def ready(system: System) -> Ready:
    """Return the plan and the function of a system, compiled once as long as the same one is asked for."""
    with _LOCK:
        kept = _KEPT.get(id(system))
        if kept is not None:
            _KEPT.move_to_end(id(system))
            return kept[1]
    plan = compile_plan(system)
    made = Ready(plan, function(plan))
    with _LOCK:
        _KEPT[id(system)] = system, made
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return made
