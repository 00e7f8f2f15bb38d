"""A department with items, inspectors, a plan, and tasks as far along as a test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from creditmesh.apps.evaluation.grading.models import RiskStanding, Run, SystemFile
from creditmesh.apps.evaluation.supervision.models import Inspector, Task, Visit
from creditmesh.apps.evaluation.supervision.operations import (
    committing,
    drawing_lots,
    finding,
    listing,
    planning,
    visiting,
)
from creditmesh.apps.evaluation.supervision.rules.codes import Found, ObjectKind
from creditmesh.apps.evaluation.supervision.rules.results import Stated
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Actor, Role

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Monday
DAY = date(2026, 3, 2)
CLOSED = NOON + timedelta(hours=3)  # when the stock exchange has closed
EVENING = NOON + timedelta(hours=5)
SAMR = "samr-qh"
FIRE = "fire-qh"
INDEX = "上证综合指数收盘 2026-03-02"
ITEMS = [
    {"code": "SP-01", "name_zh": "食品生产监督检查", "name_en": "Food production", "basis": "食品安全法"},
    {"code": "SP-02", "name_zh": "特种设备使用检查", "special_equipment": "true"},
    {"code": "SP-03", "name_zh": "危险化学品检查", "withheld": "true"},
]
GRADES = ("A", "B", "C", "D")


def person(role: Role, label: str, *, unit: str = SAMR, user_id: int = 7) -> Actor:
    return Actor(user_id=user_id, label=label, organisation=unit, roles=frozenset({role}))


OFFICER = person(Role.SUPERVISION_OFFICER, "林专员")
HEAD = person(Role.SUPERVISION_HEAD, "何局长", user_id=8)
AUDITOR = person(Role.AUDITOR, "吴审计", unit="platform", user_id=9)
STRANGER = person(Role.SUPERVISION_OFFICER, "外地专员", unit="elsewhere", user_id=10)


@dataclass
class Office:
    """The department, and its steps with what they usually need."""

    node: ThisNode
    plan: UUID
    users: dict[str, User] = field(default_factory=dict)

    def task(self, *, system: str = "general", terms: dict[str, Any] | None = None, **other: Any) -> UUID:
        new = planning.NewTask(
            **{"batch": 1, "title": "春季食品抽查", "system": system, "terms": terms or {}, **other}
        )
        return planning.draft_task(plan=self.plan, new=new, by=OFFICER, node=self.node, at=NOON)

    def committed(self, **other: Any) -> UUID:
        task = self.task(**other)
        public = committing.PublicSource(name=INDEX, after=NOON + timedelta(hours=2))
        committing.commit(
            task=task,
            public=public,
            authority="青禾县市场监督管理局（虚构）",
            by=OFFICER,
            node=self.node,
            at=NOON,
        )
        return task

    def drawn(self, **other: Any) -> Task:
        task = self.committed(**other)
        drawing_lots.draw(task=task, value="3312.58", fixed_at=CLOSED, by=OFFICER, node=self.node, at=EVENING)
        return Task.objects.get(uuid=task)

    def sent(self, **other: Any) -> Task:
        task = self.drawn(**other)
        visiting.send(task=task.uuid, by=OFFICER, at=EVENING)
        task.refresh_from_db()
        return task

    def inspector(self, visit: Visit) -> Actor:
        """The leading officer of a visit, signed in."""
        lead = visit.assignments.get(role="lead", ended_at=None).inspector
        return person(Role.INSPECTOR, lead.name, unit=lead.unit, user_id=lead.user_id)

    def record(self, visit: Visit, code: Found = Found.NOTHING, item: str = "SP-01", **other: Any) -> UUID:
        words = "" if code is Found.NOTHING else "标签不合格"
        stated = Stated(**{"item": item, "code": code, "inspected_on": DAY, "findings": words, **other})
        return finding.record(
            visit=visit.uuid, stated=stated, by=self.inspector(visit), node=self.node, at=EVENING
        )


def people_of(unit: str, number: int, *, office: Actor) -> None:
    rows = []
    for place in range(number):
        username = f"{unit}-{place}"
        User.objects.create(username=username, full_name=f"检查员{place}")
        rows.append(
            {
                "code": f"{unit}-{place:02d}",
                "name": f"检查员{place}",
                "region": "990121",
                "certificate": f"ZF{place:06d}",
                "valid_to": "2027-12-31",
                "username": username,
            }
        )
    listing.keep_inspectors(rows=rows, by=office, at=NOON)


@pytest.fixture
def classified(db: None) -> Run:
    """A finished run of risk classes: 60 A, 30 B, 20 C, 10 D."""
    file = SystemFile.objects.create(sha256="0" * 64, name="general", version="1", content=b"", kept_at=NOON)
    run = Run.objects.create(
        uuid=uuid4(),
        system="general",
        version="1",
        file=file,
        purpose="risk_classification",
        as_of=DAY,
        requested_by="test",
        requested_at=NOON,
        finished_at=NOON,
        state="done",
        stage="finished",
        progress=100,
        grades="\n".join(GRADES),
    )
    grades = "A" * 60 + "B" * 30 + "C" * 20 + "D" * 10
    RiskStanding.objects.bulk_create(
        RiskStanding(
            run=run,
            subject=f"91990121MA{number:08d}",
            name=f"青禾县第{number}食品厂",
            place=len(grades) - number,
            outcome="graded",
            grade=grade,
            rank=GRADES.index(grade),
            region="990121001",
            region_group="990121001",
            section="C",
        )
        for number, grade in enumerate(grades)
    )
    return run


@pytest.fixture
def office(node: ThisNode, classified: Run) -> Office:
    """A department with an approved plan of one batch."""
    listing.keep_items(rows=ITEMS, version="2026", by=OFFICER, at=NOON)
    people_of(SAMR, 8, office=OFFICER)
    people_of(FIRE, 4, office=replace(OFFICER, organisation=FIRE))
    return Office(node, approved(["SP-01"]))


def approved(
    items: list[str], *, joint: tuple[str, ...] = (), by: Actor = OFFICER, head: Actor = HEAD
) -> UUID:
    plan = planning.draft_plan(year=2026, title="2026年度双随机抽查计划", by=by, at=NOON)
    batch = planning.NewBatch(
        title="第一批", items=items, first=DAY, last=date(2026, 4, 30), joint_units=joint
    )
    planning.add_batch(plan=plan, batch=batch, by=by, at=NOON)
    planning.propose_plan(plan=plan, by=by, at=NOON)
    planning.approve_plan(plan=plan, by=head, node=_node(), at=NOON)
    return plan


def _node() -> ThisNode:
    from creditmesh.apps.ground.nodes.queries import this_node

    return this_node()


@pytest.fixture
def object_list(db: None) -> Callable[..., UUID]:
    """Keep a list of products, graded or not."""

    def keep(sizes: dict[str, int], *, public: bool = True, kind: ObjectKind = ObjectKind.PRODUCT) -> UUID:
        rows = [
            {
                "object": f"P-{grade}{place:03d}",
                "name": f"产品{grade}{place}",
                "grade": grade,
                "region": "990121",
            }
            for grade, size in sizes.items()
            for place in range(size)
        ]
        grades = [grade for grade in sizes if grade]
        return listing.keep_objects(
            name="产品名录", kind=kind, grades=grades, rows=rows, by=OFFICER, at=NOON, public=public
        )

    return keep


def codes(*visits: Visit) -> set[str]:
    found = Inspector.objects.filter(assignments__visit__in=visits, assignments__ended_at=None)
    return set(found.values_list("code", flat=True))
