"""What the worker does for rights: one call each; every one is safe to repeat."""

from datetime import UTC, datetime
from uuid import UUID

from django_tasks import task

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.sharing.rights.operations import deciding, documents, repairing, telling, watching


def _now() -> datetime:
    return datetime.now(UTC)


@task()
def finish_objection(objection: str) -> None:
    """After `objection.decided`: tell the enterprise and every holder, evaluate again."""
    deciding.finish_decision(UUID(objection), node=this_node(), at=_now())


@task()
def finish_repair(repair: str) -> None:
    """After `repair.decided`: tell every holder, evaluate again."""
    repairing.finish(UUID(repair), node=this_node(), at=_now())


@task()
def finish_correction(batch: str) -> None:
    """After `batch.landed`: if the batch carries a correction, lift the mark, tell holders, evaluate again.

    If it answers corrections made before it, say so.
    """
    deciding.finish_correction(UUID(batch), node=this_node(), at=_now())
    deciding.note_answers(UUID(batch), at=_now())


@task()
def note_refused_correction(batch: str) -> None:
    """After `batch.refused`: if the batch carried a correction, say so where the objection is handled."""
    deciding.note_refused_correction(UUID(batch), node=this_node(), at=_now())


@task()
def evaluate_again(news: str = "") -> int:
    """After `marks.written` and `run.done`: ask for the runs that wait; return how many."""
    del news
    return len(telling.evaluate_again(node=this_node(), at=_now()))


@task()
def watch_days() -> int:
    """Tell missed days, close what nobody contests, end publicity that is over; return how much was done."""
    at = _now()
    done = watching.tell_breaches(at=at) + watching.close_uncontested(at=at)
    return done + watching.end_publicity(node=this_node(), at=at)


@task()
def forget_files() -> int:
    """Delete the files of cases that are over, past their keeping; return how many went."""
    return documents.expire(node=this_node(), at=_now())
