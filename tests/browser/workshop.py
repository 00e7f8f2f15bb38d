"""A draft that was simulated and looked back with, and a proposal that waits: what the workshop's pages show."""

from datetime import date

from tests.web import town

from creditmesh.apps.evaluation.systems.operations import drafting
from creditmesh.apps.evaluation.systems.queries.drafts import DraftRow
from creditmesh.apps.evaluation.systems.rules import editing
from creditmesh.apps.evaluation.trials.operations import executing, proposing, requesting
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.cli import starting

DAY = date(2025, 10, 31)
CHANGED = {
    ("grades", 0, "up_to"): 80,
    ("grades", 2, "up_to"): 300,
}  # no case beside the system stands on these


def open_up(node: ThisNode) -> dict[str, str]:
    """Let the editor write two drafts, try one and propose the other; return where they are."""
    editor = people.actor(User.objects.get(username="editor"))
    at, today = starting.now(), starting.today()
    tried = _drafted(editor, "分级界限收紧", version="2026.2")
    asked = requesting.simulate(draft=tried.uuid, by=editor, node=node, at=at)
    executing.execute(trial=asked.uuid, node=node, clock=starting.now)
    past = requesting.backtest(
        content=tried.content, on=DAY, months=12, outcome="penalties", by=editor, node=node, at=at
    )
    executing.execute(trial=past.uuid, node=node, clock=starting.now)
    made = _drafted(editor, "分级界限收紧（送审）", version="2026.2")
    version = proposing.propose(
        draft=made.uuid, why="后续问题集中在界限附近", starts=today, by=editor, node=node, at=at
    )
    return {
        "draft": str(tried.uuid),
        "simulation": str(asked.uuid),
        "backtest": str(past.uuid),
        "version": str(version.uuid),
    }


def _drafted(editor, title: str, *, version: str) -> DraftRow:
    made = drafting.copy(system=town.SYSTEM, by=editor, at=starting.now(), on=starting.today(), title=title)
    changed = editing.with_values(made.text, {**CHANGED, ("version",): version})
    return drafting.save(
        draft=made.uuid,
        revision=made.revision,
        content=changed.encode(),
        cases=made.cases,
        by=editor,
        at=starting.now(),
    )
