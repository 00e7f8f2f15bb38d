"""The demonstration's chapter on supervision, and a draw from the devices a system classified."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.apps.evaluation.supervision.conftest import DAY, HEAD, NOON, OFFICER, SAMR, person

from creditmesh.apps.evaluation.grading.models import RiskStanding, Run, SystemFile
from creditmesh.apps.evaluation.grading.queries import systems
from creditmesh.apps.evaluation.supervision.models import Inspector, RecusalRequest, Result, Task
from creditmesh.apps.evaluation.supervision.operations import listing
from creditmesh.apps.evaluation.supervision.queries import auditing, published
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Role
from creditmesh.cli.examples import supervision
from creditmesh.drawing.visits.recusal import Tie

USER_UNIT = "91990121MAELEVATOR"


@pytest.fixture
def cast(db):
    user = User.objects.create(username="inspector", full_name="示例检查员")
    inspector = person(Role.INSPECTOR, "示例检查员", user_id=user.pk)
    return supervision.Cast(OFFICER, HEAD, inspector, "inspector")


@pytest.fixture
def elevators(node):
    """A finished run of ten elevators, all used by one enterprise but the last, of which nobody is told."""
    content = systems.shipped_path("elevators").read_bytes()
    file = SystemFile.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        name="elevators",
        version="1",
        content=content,
        kept_at=NOON,
    )
    run = Run.objects.create(
        uuid=uuid4(),
        system="elevators",
        version="1",
        file=file,
        purpose="risk_classification",
        as_of=DAY,
        requested_by="test",
        requested_at=NOON,
        finished_at=NOON,
        state="done",
        grades="A\nB\nC\nD",
    )
    names = [f"D:3010{number}" for number in range(10)]
    RiskStanding.objects.bulk_create(
        RiskStanding(
            run=run,
            subject=name,
            name=f"电梯{name}",
            place=place,
            outcome="graded",
            grade="D",
            rank=3,
            region="990121001",
            region_group="990121001",
            section="-",
        )
        for place, name in enumerate(names, start=1)
    )
    table = pa.table({"subject": names, "belongs_user": [USER_UNIT] * 9 + [None]})
    kept = node.home / "results.parquet"
    parquet.write_table(table, kept)
    node.lake.keep_results(system="elevators", run=str(run.uuid), file=kept)
    return run


class TestTheStory:
    def test_is_told_once_and_fills_every_page(self, node, classified, elevators, cast):
        assert supervision.tell(cast=cast, node=node, at=NOON)
        assert not supervision.tell(cast=cast, node=node, at=NOON + timedelta(minutes=5))
        states = sorted(Task.objects.values_list("state", flat=True))
        assert states == ["assigned", "assigned", "committed", "draft"]
        assert RecusalRequest.objects.get().state == "granted"
        assert Result.objects.exists()
        assert len(published.results().rows) == Result.objects.count()
        for line in published.draws():
            if line.state in {"drawn", "assigned"}:
                assert auditing.check_published(line.number).holds

    def test_waits_for_a_classification(self, node, cast):
        assert not supervision.tell(cast=cast, node=node, at=NOON)


class TestADrawOfDevices:
    def test_knows_the_enterprise_that_uses_them(self, office, elevators):
        tied = Inspector.objects.filter(unit=SAMR).first()
        listing.declare_interest(code=tied.code, kind=Tie.RELATIVE, object_=USER_UNIT, by=OFFICER, at=NOON)
        listing.mark_special(object_=USER_UNIT, reason="学校", by=OFFICER, at=NOON)
        task = office.drawn(system="elevators", terms={"ratios": {"D": 10_000}})
        found = {one.object: one for one in task.visits.all()}
        assert [found[f"D:3010{number}"].subject for number in range(10)] == [USER_UNIT] * 9 + [""]
        assert [found[f"D:3010{number}"].key for number in range(10)] == [True] * 9 + [False]
        away = [one for one in found.values() if one.subject and tied.code in _codes(one)]
        assert away == []


def _codes(visit):
    return set(visit.assignments.values_list("inspector__code", flat=True))
