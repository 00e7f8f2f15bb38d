"""Finished work and news that was passed on are forgotten, as long after as the rule pack says; the rest stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from creditmesh.apps.ground.audit.models import Event
from creditmesh.apps.ground.audit.operations import announce, mark_handled
from creditmesh.apps.ground.nodes import jobs, tidying

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LONG_AGO, LATELY = AT - timedelta(days=40), AT - timedelta(days=29)


@pytest.mark.parametrize(
    ("rule", "moment"),
    [
        (tidying.WORK, datetime(2026, 10, 22, tzinfo=UTC)),
        ("retention.evidence", datetime(2023, 11, 21, tzinfo=UTC)),
        ("retention.network-log", datetime(2026, 5, 21, tzinfo=UTC)),
    ],
)
def test_what_is_older_than_the_rule_says_may_go(rule: str, moment: datetime) -> None:
    assert tidying.kept_since(rule, region="990121", at=AT) == moment


def task(status: TaskResultStatus, ended: datetime | None) -> DBTaskResult:
    jobs.forget_work.enqueue()
    row = DBTaskResult.objects.order_by("enqueued_at").last()
    assert row is not None
    row.status, row.finished_at = status, ended
    row.save()
    return row


def event(announced: datetime, handled: datetime | None) -> Event:
    made = announce(event="batch.landed", key="1", at=announced)
    if handled is not None:
        mark_handled(events=[made.id], at=handled)
    return made


@pytest.mark.django_db
class TestForgetting:
    def test_takes_finished_work_and_handled_news_past_their_keeping_alone(self) -> None:
        stays = {
            task(TaskResultStatus.READY, None).id,
            task(TaskResultStatus.RUNNING, None).id,
            task(TaskResultStatus.SUCCESSFUL, LATELY).id,
            task(TaskResultStatus.FAILED, LATELY).id,
        }
        task(TaskResultStatus.SUCCESSFUL, LONG_AGO)
        task(TaskResultStatus.FAILED, LONG_AGO)
        waits, late, _ = event(LONG_AGO, None), event(LONG_AGO, LATELY), event(LONG_AGO, LONG_AGO)

        assert tidying.forget_work(region="990121", at=AT) == 3
        assert set(DBTaskResult.objects.values_list("id", flat=True)) == stays
        assert set(Event.objects.values_list("id", flat=True)) == {waits.id, late.id}
        assert tidying.forget_work(region="990121", at=AT) == 0

    def test_takes_so_many_at_a_time(self) -> None:
        for _ in range(3):
            event(LONG_AGO, LONG_AGO)
        assert tidying.forget_work(region="990121", at=AT, most=2) == 2
        assert tidying.forget_work(region="990121", at=AT, most=2) == 1
