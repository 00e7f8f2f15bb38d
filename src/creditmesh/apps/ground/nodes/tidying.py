"""Forget finished background work and news that was passed on, as long after as the rule pack says."""

from datetime import UTC, datetime, time, timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from creditmesh.apps.ground.audit.models import Event
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.periods import add_months

WORK = "retention.background-work"
MOST = 20_000  # of each at a time, so that nobody waits for it long
_MONTHS = {"year": 12, "month": 1}


def kept_since(rule: str, *, region: str, at: datetime) -> datetime:
    """Return the moment before which a rule on keeping lets things go: the midnight after the whole day has passed.

    Raises `rule_packs.UnknownRule`, `KeyError` for a unit that cannot be counted back.
    """
    today = at.astimezone(UTC).date()
    found = rule_packs.load().rule(rule, on=today, jurisdiction=region)
    value = int(found.value)
    day = (
        today - timedelta(days=value)
        if found.unit == "calendar_day"
        else add_months(today, -value * _MONTHS[found.unit])
    )
    return datetime.combine(day - timedelta(days=1), time(), UTC)


def forget_work(*, region: str, at: datetime, most: int = MOST) -> int:
    """Delete finished tasks and handled events past their keeping and return how many went; what waits stays."""
    before = kept_since(WORK, region=region, at=at)
    ended = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)
    tasks = DBTaskResult.objects.filter(status__in=ended, finished_at__lt=before).order_by("finished_at")
    gone = DBTaskResult.objects.filter(id__in=list(tasks.values_list("id", flat=True)[:most])).delete()[0]
    # In the order they came: the oldest are looked at, never the whole table.
    oldest = Event.objects.order_by("id").values_list("id", "handled_at")[:most]
    past = [event for event, handled in oldest if handled is not None and handled < before]
    return gone + Event.objects.filter(id__in=past).delete()[0]
