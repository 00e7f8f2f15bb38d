"""What the worker does for institutions: send notices, and forget what is too old to matter."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import calling, settling
from creditmesh.apps.members.institutions.operations.calling import Caller

_PRUNE_EVERY = timedelta(minutes=10)
_MOST_AT_ONCE = 20_000


def _now() -> datetime:
    return datetime.now(UTC)


@task()
def send_notice(uuid: str) -> None:
    """Try to send the notice that `notice.made` told of; a failed one is tried again after a pause."""
    node = this_node()
    caller = Caller(
        key=node.signer.key,
        key_id=node.signer.key_id,
        networks=node.callback_networks,
        plain_allowed=node.demo,
    )
    again = calling.deliver(notice=UUID(uuid), caller=caller, at=_now())
    if again is not None:
        send_notice.using(run_after=again).enqueue(uuid)


@task()
def resume_notices() -> int:
    """Queue every notice whose time has come, and return how many there were; one being sent is left alone."""
    left = queries.due(at=_now())
    for uuid in left:
        send_notice.enqueue(str(uuid))
    return len(left)


@task()
def prune() -> int:
    """Forget nonces and counters that are too old to matter, now and every ten minutes; return how many went."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=prune.module_path)
    if not waiting.exists():  # however many workers were started, there is one next time
        prune.using(run_after=_now() + _PRUNE_EVERY).enqueue()
    return settling.prune(at=_now(), most=_MOST_AT_ONCE)
