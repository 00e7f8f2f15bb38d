"""A small town to look at: one person per role, batches of every kind, a run with results, rows to decide."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from creditmesh.apps.evaluation.grading.models import RiskStanding, Run, RunCell, RunTable, SystemFile
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role, SubjectRow
from creditmesh.apps.ground.records.models import Batch, BatchReason, QualityMeasure, ReviewCase

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PASSWORD = "quiet-river-under-stone-bridges"
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
SYSTEM = "general"

ORGANISATIONS = (
    ("OPERATOR", "青禾县信用信息平台运营中心（虚构）", OrganisationKind.OPERATOR, ()),
    ("MARKET", "青禾县市场监督管理局（虚构）", OrganisationKind.DEPARTMENT, ("market",)),
    ("REGULATOR", "青禾县信用监管办公室（虚构）", OrganisationKind.REGULATOR, ()),
    ("BANK", "青禾农村商业银行（虚构）", OrganisationKind.BANK, ()),
    ("GUARANTOR", "青禾融资担保公司（虚构）", OrganisationKind.GUARANTOR, ()),
    ("INSURER", "青禾财产保险公司（虚构）", OrganisationKind.INSURER, ()),
    ("91990121MA00000002", "青禾县东兴食品加工有限公司（虚构）", OrganisationKind.ENTERPRISE, ()),
)
PEOPLE = (
    ("operator", "周运营", "OPERATOR", Role.OPERATOR),
    ("auditor", "吴审计", "OPERATOR", Role.AUDITOR),
    ("officer", "李数据", "MARKET", Role.DATA_OFFICER),
    ("regulator", "王监管", "REGULATOR", Role.REGULATOR),
    ("editor", "沈编制", "REGULATOR", Role.SYSTEM_EDITOR),
    ("approver", "韩审批", "REGULATOR", Role.SYSTEM_APPROVER),
    ("planner", "林专员", "REGULATOR", Role.SUPERVISION_OFFICER),
    ("head", "何局长", "REGULATOR", Role.SUPERVISION_HEAD),
    ("inspector", "冯检查", "REGULATOR", Role.INSPECTOR),
    ("banker", "郑信贷", "BANK", Role.BANK_STAFF),
    ("guarantor", "孙担保", "GUARANTOR", Role.GUARANTOR_STAFF),
    ("insurer", "钱保险", "INSURER", Role.INSURER_STAFF),
    ("enterprise", "赵企业", "91990121MA00000002", Role.ENTERPRISE_USER),
)
ROLE_OF = {username: role for username, _, _, role in PEOPLE}
NAMES = (
    "青禾县东兴食品加工有限公司",
    "青禾县红土岭高原特色农产品仓储物流与冷链配送有限责任公司",
    "示例市大河口建筑劳务分包有限公司青禾第一分公司",
    "青禾县河西商贸行",
    "青禾县北坡养殖专业合作社",
    "青禾县天际线电子商务有限公司",
)
GRADES = "ABCD"
MARK = "FOR-REGULATORS-"  # stands in the names of standings only: whoever reads it has read a risk class
MARKS = (MARK, "924137", "924.1", "chart-grades", '"share_bp": 4643')


def marks_in(said: str) -> set[str]:
    """Return the marks an answer shows: whole numbers, not six digits within the random name of a request."""
    return {
        one
        for one in MARKS
        if (re.search(rf"(?<![\w.-]){re.escape(one)}(?![\w-])", said) if one[0].isdigit() else one in said)
    }


def subject_key(number: int) -> str:
    """Return the key of the town's n-th enterprise."""
    return f"91990121MA{number:08d}"


def build(*, source: str, item: str, enterprises: int = 60) -> None:
    """Fill the database with the town. `source` and `item` are codes of the node's catalogue."""
    people(source=source)
    subjects(enterprises)
    batches(source=source, item=item)
    reviews(source=source, item=item)
    first = run(as_of=date(2026, 5, 31), number=1, previous=None, enterprises=enterprises)
    run(as_of=date(2026, 10, 31), number=2, previous=first, enterprises=enterprises)
    audit.append(
        who=COMMAND_LINE.who(),
        act="access.refuse",
        thing=Thing("page", "GET /enterprises/"),
        at=NOON,
        why="see_risk_classes",
        outcome=Outcome.REFUSED,
    )


def people(*, source: str) -> None:
    """Make the organisations and one person for each role."""
    for code, name, kind, sources in ORGANISATIONS:
        new = parties.NewOrganisation(
            code=code, name=name, kind=kind, region="990121", sources=(source,) if sources else ()
        )
        parties.create_organisation(by=COMMAND_LINE, new=new, at=NOON)
    for username, full_name, organisation, role in PEOPLE:
        parties.create_user(
            by=COMMAND_LINE, username=username, password=PASSWORD, full_name=full_name, at=NOON
        )
        parties.add_membership(
            by=COMMAND_LINE, username=username, organisation=organisation, role=role, at=NOON
        )
    parties.issue_api_key(
        by=COMMAND_LINE, user=User.objects.get(username="officer"), name="业务系统", days=90, at=NOON
    )


def subjects(count: int) -> None:
    """Put enterprises on the register."""
    parties.register_subjects(
        rows=[
            SubjectRow(
                key=subject_key(number),
                name=f"{NAMES[number % len(NAMES)]}{number}",
                region=f"9901210{1 + number % 12:02d}"[:9],
                industry=("A0111", "C1391", "F5211", "E4790")[number % 4],
            )
            for number in range(count)
        ]
    )


def batches(*, source: str, item: str) -> None:
    """Make batches in every state, with reasons and half a year of quality."""
    for month in range(6):
        at = NOON - timedelta(days=31 * (6 - month))
        made = _batch(number=month, item=item, source=source, state="landed", at=at, rows=1_200 + 37 * month)
        QualityMeasure.objects.create(
            batch=made,
            source=source,
            item=item,
            month=at.date().replace(day=1),
            received=made.received or 0,
            accuracy_bp=9_310 + 110 * month,
            completeness_bp=8_800 + 60 * month,
            continuity_bp=None if month == 0 else 10_000,
            timeliness_bp=7_600 + 300 * month,
        )
    for rule, field, zh, en, example in (
        (
            "check-digit",
            "uscc",
            "统一社会信用代码的校验码不对：应为 R，可能最后一位写错。",
            "The check digit of the code is wrong: it should be R; probably the last character is mistyped.",
            "91350211M0000XUF46",
        ),
        (
            "unknown-choice",
            "kind",
            "这个值不在可选范围内。",
            "The value is none of the choices.",
            "罚款+警告（旧）",
        ),
    ):
        _reason(made, rule=rule, field=field, sentence_zh=zh, sentence_en=en, example=example)
    _batch(number=20, item=item, source=source, state="received", at=NOON, rows=None)
    refused = _batch(number=21, item=item, source=source, state="refused", at=NOON, rows=None)
    Batch.objects.filter(pk=refused.pk).update(
        refusal="文件没有表头行，无法识别各列。请在第一行写上列名后重新报送。"
    )


def reviews(*, source: str, item: str) -> None:
    """Leave a row whose enterprise is unclear."""
    batch = Batch.objects.filter(state="landed").order_by("-id")[0]
    ReviewCase.objects.create(
        batch=batch,
        row=17,
        item=item,
        source=source,
        name=f"{NAMES[0]}0",
        registration_number="990121000000017",
        values=json.dumps({"name": f"{NAMES[0]}0", "reason": "未按规定公示年度报告"}, ensure_ascii=False),
    )


def run(*, as_of: date, number: int, previous: Run | None, enterprises: int) -> Run:
    """Make a finished run with the standing of every enterprise."""
    file, _ = SystemFile.objects.get_or_create(
        sha256="0" * 63 + "1", defaults={"name": SYSTEM, "version": "1", "content": b"", "kept_at": NOON}
    )
    made = Run.objects.create(
        uuid=uuid5(SPACE, f"run-{number}"),
        system=SYSTEM,
        version="1",
        file=file,
        purpose="risk_classification",
        as_of=as_of,
        requested_by="王监管",
        requested_at=NOON,
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=3),
        state="done",
        stage="finished",
        progress=100,
        engine="duckdb 2.0",
        rule_pack="default@1",
        catalogue="national-2024@1",
        previous=previous,
        grades=_joined(GRADES),
        subjects=enterprises,
        insufficient=sum(place % 15 == 14 for place in range(enterprises)),
        excluded=0,
        milliseconds=3_210,
        digest="ab" * 32,
    )
    RunTable.objects.create(run=made, item="ENT-01", lake_version=4)
    cells: dict[tuple[str, str, str, str, str], int] = {}
    for place in range(enterprises):
        standing = _standing(made, place, number)
        key = (
            standing.region_group,
            standing.section,
            standing.outcome,
            standing.grade,
            standing.previous_grade,
        )
        cells[key] = cells.get(key, 0) + 1
        standing.save(force_insert=True)
    for (region, section, outcome, grade, before), total in cells.items():
        RunCell.objects.create(
            run=made,
            region_group=region,
            section=section,
            outcome=outcome,
            grade=grade,
            previous_grade=before,
            subjects=total,
        )
    return made


def _standing(made: Run, place: int, number: int) -> RiskStanding:
    enough = place % 15 != 14
    now, before = _grade(place, number), _grade(place, number - 1) if number > 1 else ""
    return RiskStanding(
        run=made,
        subject=subject_key(place),
        name=f"{MARK}{NAMES[place % len(NAMES)]}{place}",
        place=place + 1,
        outcome="graded" if enough else "insufficient",
        grade=now if enough else "",
        rank=GRADES.index(now) if enough else None,
        previous_grade=before if enough else "",
        score=(60 - place) * 15_400 + 137 if enough else None,
        coverage=4_000 + 97 * place,
        region="990121001001",
        region_group=f"9901210{1 + place % 12:02d}"[:9],
        industry="C1391",
        section="ACFE"[place % 4],
        triggers="serious_list" if place == 0 else "",
    )


def _grade(place: int, number: int) -> str:
    worse = 4 if number == 2 else 2
    return "D" if place < worse else "C" if place < 14 else "B" if place < 32 else "A"


def _joined(symbols: str) -> str:
    return "\n".join(symbols)


def _batch(*, number: int, item: str, source: str, state: str, at: datetime, rows: int | None) -> Batch:
    return Batch.objects.create(
        uuid=uuid5(SPACE, f"batch-{number}"),
        item=item,
        source=source,
        list_version="national-2024@1",
        filename=f"青禾县行政处罚信息_{at:%Y年%m月}_第{number}批（由业务系统自动导出，含补报）.csv",
        size=812_345,
        sha256=f"{number:064d}",
        idempotency_key=f"key-{number}",
        state=state,
        stage="finished" if state in {"landed", "refused"} else "reading",
        progress=100 if state in {"landed", "refused"} else 40,
        seq=number + 1 if state == "landed" else None,
        received=rows,
        accepted=None if rows is None else rows - 60,
        added=None if rows is None else rows - 100,
        updated=None if rows is None else 30,
        unchanged=None if rows is None else 10,
        duplicates=None if rows is None else 21,
        quarantined=None if rows is None else 38,
        unresolved=None if rows is None else 1,
        warned=None if rows is None else 12,
        delivered_by="李数据",
        received_at=at,
        finished_at=at if state in {"landed", "refused"} else None,
    )


def _reason(batch: Batch, **stated: str) -> None:
    values: dict[str, object] = {"batch": batch, "rows": 19, **stated}
    known = {field.name for field in BatchReason._meta.get_fields()}
    if "row" in known:
        values["row"] = 4
    if "refused" in known:
        values["refused"] = True
    BatchReason.objects.create(**values)
