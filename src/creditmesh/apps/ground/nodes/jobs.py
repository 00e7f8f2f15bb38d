"""What the worker does for the node: one call each."""

from datetime import UTC, datetime

from django_tasks import task

from creditmesh.apps.ground.audit.evidence import stamping
from creditmesh.apps.ground.audit.rules import Who
from creditmesh.apps.ground.nodes import ledger, tidying
from creditmesh.apps.ground.nodes.queries import this_node


@task()
def stamp_head(_number: str) -> bool:
    """Have the last tree head time-stamped, where an authority is configured and a stamp is due."""
    node = this_node()
    if not node.tsa_url:
        return False
    authority = stamping.Authority(node.tsa_url, node.stamp_roots)
    return stamping.stamp_if_due(authority=authority, at=datetime.now(UTC)) is not None


@task()
def verify_ledger(label: str, organisation: str) -> bool:
    """Verify the whole ledger, as a person asked for on a page; return whether it holds."""
    who = Who(label=label, organisation=organisation)
    return ledger.verify(node=this_node(), by=who, at=datetime.now(UTC)).holds


@task()
def forget_work() -> int:
    """Delete finished tasks and handled events past their keeping; return how many went."""
    return tidying.forget_work(region=this_node().region, at=datetime.now(UTC))
