"""The chapter on supervision: a plan, draws anyone can check, visits, a recusal, results, their disclosure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from creditmesh.apps.evaluation.supervision.queries.visits import VisitLine
    from creditmesh.apps.ground.nodes.rules import ThisNode
    from creditmesh.apps.ground.parties.rules import Actor

ITEMS: list[dict[str, Any]] = [
    {
        "code": "GS-01",
        "name_zh": "公示信息监督检查（示例）",
        "name_en": "Published information (sample)",
        "basis": "企业信息公示暂行条例",
    },
    {
        "code": "SP-01",
        "name_zh": "食品安全监督检查（示例）",
        "name_en": "Food safety (sample)",
        "basis": "食品安全法",
        "kind": "key",
    },
    {
        "code": "TS-01",
        "name_zh": "电梯使用安全检查（示例）",
        "name_en": "Elevators in use (sample)",
        "basis": "特种设备安全监督检查办法",
        "kind": "key",
        "object_kind": "device",
        "special_equipment": True,
    },
]
# Which system's classes each batch draws from, after the general one: only where it was run.
FURTHER = (
    ("food-production-2022", "SP-01", "食品安全专项抽查（示例）"),
    ("elevators", "TS-01", "电梯安全专项抽查（示例）"),
)
NAMES = ("示例检查员", "齐检查", "鲁检查", "晋检查")
WINDOW_DAYS = 40
DRAWN = 24  # visits of the first task
OTHERS = 8  # of each other
INDEX = "示例指数当日收盘值（虚构）"
MOMENT = timedelta(seconds=5)  # between one step and the next


@dataclass(frozen=True)
class Cast:
    """Who acts: the officer, the head, and the inspector with an account of his own."""

    officer: "Actor"
    head: "Actor"
    inspector: "Actor"
    username: str


def tell(*, cast: Cast, node: "ThisNode", at: datetime) -> bool:
    """Let the department plan, draw, visit and publish; return False where it did, or nothing is classified yet.

    `at` is a moment a few minutes past; the steps follow it in seconds. Django must have been started.
    """
    from django.db import transaction

    from creditmesh.apps.evaluation.grading.queries import runs
    from creditmesh.apps.evaluation.supervision.queries import planned

    if runs.latest_run(system="general") is None or planned.plans(viewer=cast.officer):
        return False
    run = [one for one in FURTHER if runs.latest_run(system=one[0]) is not None]
    with transaction.atomic():
        plan = _plan(cast, node, at, further=[(item, title) for _, item, title in run])

        def drafted(batch: int, system: str, title: str, size: int) -> UUID:
            return _draft(cast, node, at, (plan, batch), (system, title, size))

        first = _draw(cast, node, at + MOMENT, drafted(1, "general", "第一批公示信息抽查（示例）", DRAWN))
        _visits(cast, node, at + 4 * MOMENT, first)
        for number, (system, _, title) in enumerate(run, start=2):
            _draw(cast, node, at + MOMENT, drafted(number, system, title, OTHERS))
        # One that is announced and waits for its public half, one that is still a draft.
        _commit(cast, node, at + MOMENT, drafted(1, "general", "第二批公示信息抽查（示例）", OTHERS))
        drafted(1, "general", "第三批公示信息抽查（示例）", OTHERS)
    return True


def _plan(cast: Cast, node: "ThisNode", at: datetime, *, further: list[tuple[str, str]]) -> UUID:
    from django.utils import timezone

    from creditmesh.apps.evaluation.supervision.operations import listing, planning

    officer, today = cast.officer, timezone.localdate(at)
    listing.keep_items(rows=ITEMS, version=f"{today.year}（示例）", by=officer, at=at)
    people = [
        {
            "code": f"JC-{place:02d}",
            "name": name,
            "region": node.region[:6],
            "certificate": f"SL{place:06d}",
            "valid_to": (today + timedelta(days=700)).isoformat(),
            "username": "" if place else cast.username,
        }
        for place, name in enumerate(NAMES)
    ]
    listing.keep_inspectors(rows=people, by=officer, at=at)
    plan = planning.draft_plan(
        year=today.year, title=f"{today.year}年度双随机抽查计划（示例）", by=officer, at=at
    )
    last = today + timedelta(days=WINDOW_DAYS)
    for item, title in [("GS-01", "公示信息抽查（示例）"), *further]:
        batch = planning.NewBatch(title=title, items=[item], first=today, last=last)
        planning.add_batch(plan=plan, batch=batch, by=officer, at=at)
    planning.propose_plan(plan=plan, by=officer, at=at)
    planning.approve_plan(plan=plan, by=cast.head, node=node, at=at)
    planning.file_plan(plan=plan, filed_with="示例市市场监督管理局", by=officer, at=at)
    return plan


def _draft(
    cast: Cast, node: "ThisNode", at: datetime, batch: "tuple[UUID, int]", drawn: tuple[str, str, int]
) -> UUID:
    """Draft a task of a batch of a plan; drawn are the system, the title and how many."""
    from creditmesh.apps.evaluation.supervision.operations import planning

    system, title, size = drawn
    terms = {"budget": size, "control": 1}
    new = planning.NewTask(batch=batch[1], title=title, system=system, terms=terms)
    return planning.draft_task(plan=batch[0], new=new, by=cast.officer, node=node, at=at)


def _commit(cast: Cast, node: "ThisNode", at: datetime, task: UUID) -> UUID:
    from creditmesh.apps.evaluation.supervision.operations import committing

    public = committing.PublicSource(name=INDEX, after=at + MOMENT)
    committing.commit(
        task=task, public=public, authority="示例市场监督管理局", by=cast.officer, node=node, at=at
    )
    return task


def _draw(cast: Cast, node: "ThisNode", at: datetime, task: UUID) -> UUID:
    from creditmesh.apps.evaluation.supervision.operations import drawing_lots, visiting

    _commit(cast, node, at, task)
    late = at + 2 * MOMENT
    drawing_lots.draw(task=task, value="3312.58", fixed_at=late, by=cast.officer, node=node, at=late)
    visiting.send(task=task, by=cast.officer, at=late)
    return task


def _visits(cast: Cast, node: "ThisNode", at: datetime, task: UUID) -> None:
    """Let the inspector recuse once, then write down what half of the own visits found; publish it."""
    from creditmesh.apps.evaluation.supervision.operations import disclosing, recusing
    from creditmesh.apps.evaluation.supervision.queries import visits

    own = [one for one in visits.own(viewer=cast.inspector) if one.task == task]
    if own:
        code = next(one.code for one in own[-1].team if one.name == NAMES[0])
        asked = recusing.ask(
            visit=own[-1].uuid,
            inspector=code,
            reason="与该单位负责人有亲属关系（示例）",
            by=cast.inspector,
            at=at,
        )
        recusing.decide(request=asked, grant=True, answer="同意回避（示例）", by=cast.head, node=node, at=at)
    for place, visit in enumerate(own[: len(own) // 2]):
        _find(cast, node, at, visit, place)
    disclosing.disclose(task=task, by=cast.officer, at=at + MOMENT)


def _find(cast: Cast, node: "ThisNode", at: datetime, visit: "VisitLine", place: int) -> None:
    from django.utils import timezone

    from creditmesh.apps.evaluation.supervision.operations import finding, following
    from creditmesh.apps.evaluation.supervision.rules.codes import FollowUpKind, Found
    from creditmesh.apps.evaluation.supervision.rules.results import Stated

    today = timezone.localdate(at)
    code, words, days = (
        (Found.NOTHING, "", None),
        (Found.ORDERED_TO_CORRECT, "未按规定公示行政许可信息，责令限期改正（示例）", 15),
        (Found.UNREACHABLE, "通过登记的住所无法联系（示例）", None),
    )[place % 3]
    until = None if days is None else today + timedelta(days=days)
    stated = Stated(item=visit.items[0], code=code, inspected_on=today, findings=words, rectify_by=until)
    made = finding.record(visit=visit.uuid, stated=stated, by=cast.inspector, node=node, at=at)
    if code is Found.UNREACHABLE:
        kind = FollowUpKind.ABNORMAL_LISTING
        following.begin(result=made, kind=kind, note="列入经营异常名录（示例）", by=cast.officer, at=at)
