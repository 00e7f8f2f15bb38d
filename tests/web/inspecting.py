"""Double random on a node to look at: a plan, a draw under way with results, one announced, one drafted."""

from datetime import datetime, timedelta

from django.utils import timezone

from creditmesh.apps.evaluation.supervision.models import Task, Visit
from creditmesh.apps.evaluation.supervision.operations import (
    committing,
    disclosing,
    drawing_lots,
    finding,
    following,
    listing,
    planning,
    recusing,
    visiting,
)
from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, Found, ObjectKind
from creditmesh.apps.evaluation.supervision.rules.results import Stated
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Actor

INDEX = "上证综合指数当日收盘点位（上海证券交易所公布，精确到小数点后两位）"
ITEMS = [
    {
        "code": "SP-01",
        "name_zh": "食品生产企业落实食品安全主体责任情况监督检查",
        "name_en": "Food production: duties of the enterprise",
        "basis": "食品安全法第一百一十条",
        "kind": "key",
    },
    {"code": "GS-02", "name_zh": "企业公示信息检查", "name_en": "Published information of enterprises"},
    {"code": "TS-03", "name_zh": "电梯使用管理检查", "object_kind": "device", "special_equipment": "true"},
]
CODES = (Found.NOTHING, Found.ORDERED_TO_CORRECT, Found.UNREACHABLE)


def open_up(node: ThisNode, *, at: datetime) -> dict[str, str]:
    """Lead a department through its year up to `at`; return the ids its pages are looked up by."""
    planner, head, inspector = (
        people.actor(User.objects.get(username=name)) for name in ("planner", "head", "inspector")
    )
    _lists(planner, at=at)
    plan = _plan(planner, head, node, at=at)
    sent = _task(planner, plan, node, title="春季食品生产企业跨部门联合双随机抽查（第一批）", at=at)
    drawn = Task.objects.get(uuid=sent)
    visiting.send(task=sent, by=planner, at=at)
    mine = Visit.objects.filter(task=drawn, assignments__inspector__user=inspector.user_id).distinct()
    own = [*mine.order_by("place")]
    for visit, code in zip(own[1:4], CODES, strict=False):
        _result(visit, code, inspector, head, node, at=at)
    open_visit = own[0]
    recusing.ask(
        visit=own[-1].uuid,
        inspector=own[-1].assignments.get(inspector__user=inspector.user_id).inspector.code,
        reason="亲属在该企业任职",
        by=inspector,
        at=at,
    )
    announced = _draft(planner, plan, title="企业公示信息抽查（已公告，待抽取）", at=at)
    _commit(planner, announced, node, at=at, wait=timedelta(hours=2))
    draft = _draft(planner, plan, title="尚未冻结名录的任务草稿", at=at)
    return {
        "plan": str(plan),
        "task": str(sent),
        "draw": drawn.number,
        "announced": str(announced),
        "announced_draw": Task.objects.get(uuid=announced).number,
        "drafted": str(draft),
        "visit": str(own[1].uuid),
        "own_visit": str(open_visit.uuid),
    }


def _lists(planner: Actor, *, at: datetime) -> None:
    listing.keep_items(rows=ITEMS, version="2026-1", by=planner, at=at)
    rows = [
        {
            "code": f"QH-{place:03d}",
            "name": name,
            "region": "990121",
            "certificate": f"ZF9901{place:04d}",
            "valid_to": f"{at.year + 1}-12-31",
            "username": "inspector" if not place else "",
        }
        for place, name in enumerate(("冯检查", "褚巡查", "卫稽查"))
    ]
    listing.keep_inspectors(rows=rows, by=planner, at=at)
    lifts = [
        {"object": f"T-{place:04d}", "name": f"河西商贸城{place}号电梯", "grade": grade, "region": "990121"}
        for place, grade in enumerate("AAABBC")
    ]
    listing.keep_objects(
        name="电梯名录", kind=ObjectKind.DEVICE, grades=("A", "B", "C"), rows=lifts, by=planner, at=at
    )
    listing.mark_special(object_="T-0001", reason="人员密集场所", by=planner, at=at)


def _plan(planner: Actor, head: Actor, node: ThisNode, *, at: datetime):
    today = timezone.localdate(at)
    plan = planning.draft_plan(
        year=today.year, title=f"{today.year}年度双随机抽查工作计划", by=planner, at=at
    )
    batch = planning.NewBatch(title="第一批", items=["SP-01"], first=today, last=today + timedelta(days=30))
    planning.add_batch(plan=plan, batch=batch, by=planner, at=at)
    planning.propose_plan(plan=plan, by=planner, at=at)
    planning.approve_plan(plan=plan, by=head, node=node, at=at)
    return plan


def _draft(planner: Actor, plan, *, title: str, at: datetime):
    # So many that the inspector of the town is drawn for several of them, whatever the lot says.
    terms = {"load": 500, "control": 2, "ratios": {"A": 1500, "B": 2500, "C": 4000, "D": 10_000}}
    new = planning.NewTask(batch=1, title=title, system="general", terms=terms)
    return planning.draft_task(plan=plan, new=new, by=planner, node=this_node(), at=at)


def _commit(planner: Actor, task, node: ThisNode, *, at: datetime, wait: timedelta) -> None:
    public = committing.PublicSource(name=INDEX, after=at + wait)
    committing.commit(
        task=task, public=public, authority="青禾县信用监管办公室（虚构）", by=planner, node=node, at=at
    )


def _task(planner: Actor, plan, node: ThisNode, *, title: str, at: datetime):
    task = _draft(planner, plan, title=title, at=at)
    before = at - timedelta(minutes=3)
    _commit(planner, task, node, at=before, wait=timedelta(minutes=1))
    drawing_lots.draw(
        task=task, value="3312.58", fixed_at=at - timedelta(minutes=1), by=planner, node=node, at=at
    )
    return task


def _result(
    visit: Visit, code: Found, inspector: Actor, head: Actor, node: ThisNode, *, at: datetime
) -> None:
    today = timezone.localdate(at)
    ordered = code is Found.ORDERED_TO_CORRECT
    stated = Stated(
        item="SP-01",
        code=code,
        inspected_on=today,
        findings=""
        if code is Found.NOTHING
        else "现场检查发现原料进货查验记录不完整，部分批次缺少供货方资质。",
        rectify_by=today + timedelta(days=15) if ordered else None,
    )
    made = finding.record(visit=visit.uuid, stated=stated, by=inspector, node=node, at=at)
    if ordered:
        following.begin(
            result=made, kind=FollowUpKind.TRANSFER, to="消防救援大队", note="疏散通道堵塞", by=head, at=at
        )
    if code is Found.NOTHING:
        disclosing.disclose_one(result=made, by=head, at=at)
