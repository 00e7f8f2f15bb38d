"""What the worker does for oversight: one call each."""

from datetime import UTC, datetime

from django_tasks import task

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.sharing.oversight.operations import judging


@task()
def judge_institutions() -> int:
    """Warn and suspend where the rules ask for it; return how many institutions it was."""
    return len(judging.judge_all(node=this_node(), at=datetime.now(UTC)))
