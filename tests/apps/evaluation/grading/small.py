"""A node with two items, six enterprises and a small index system, in a folder of its own."""

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.catalogue.model import (
    Cadence,
    Catalogue,
    Describes,
    FieldDefinition,
    InfoClass,
    Item,
    Kind,
    Level,
    Mode,
    Sensitivity,
    SharingList,
    Source,
    Status,
    SubjectBy,
    Text,
    Update,
)
from creditmesh.lake import columns
from creditmesh.lake.store import Lake

SYSTEM = """
id: small
version: "1"
label: {zh: 小型指标体系, en: Small index system}
owner: {zh: 示例市（虚构）, en: Example city (fictitious)}
purpose: risk_classification
lifecycle: draft
status: fictitious
source: made up for the tests of this project
effective_from: 2026-01-01
direction: higher_is_worse
scale: 1000
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
insufficient: {not_better_than: B}
minimum_coverage: 0
population: {items: [TST-01]}
relations:
  same_legal_rep:
    label: {zh: 同一法定代表人, en: Same legal representative}
    item: TST-01
    field: legal_representative
features:
  status: {label: {zh: 登记状态, en: Registration status}, item: TST-01, take: latest, of: status}
  penalties: {label: {zh: 处罚次数, en: Penalties}, item: TST-02, take: count, within: 36 months, worse: more}
  revoked_licence:
    {label: {zh: 吊销许可, en: Licence revoked}, item: TST-02, take: exists, where: "kind == 'revocation'", worse: more}
  related_bad:
    label: {zh: 关联高风险, en: Related at high risk}
    take: related_count
    relations: [same_legal_rep]
    where: "previous_grade in ['D']"
    worse: more
exclusions:
  - {id: deregistered, label: {zh: 已注销, en: Deregistered}, when: "status == 'deregistered'"}
triggers:
  - {id: licence_revoked, label: {zh: 许可被吊销, en: Licence revoked}, when: revoked_licence, grade: D}
groups:
  - id: regulatory
    label: {zh: 监管信息, en: Regulatory information}
    weight: 7000
    indicators:
      - id: penalty_count
        label: {zh: 行政处罚, en: Penalties}
        weight: 10000
        value: penalties
        bands: [{up_to: 0, points: 0}, {up_to: 2, points: 500}, {points: 1000}]
        missing: skip
        reason: {zh: "受到{value}次行政处罚", en: "{value} penalties"}
        improve: {zh: 履行处罚决定, en: Comply with the decisions}
  - id: associations
    label: {zh: 关联关系, en: Associations}
    weight: 3000
    indicators:
      - id: related
        label: {zh: 关联企业风险, en: Related enterprises}
        weight: 10000
        value: related_bad
        bands: [{up_to: 0, points: 0}, {points: 1000}]
        missing: {score: 0}
        reason: {zh: "{value}家关联企业风险高", en: "{value} related enterprises at high risk"}
        actionable: false
grades:
  - {symbol: A, label: {zh: 低, en: Low}, up_to: 200}
  - {symbol: B, label: {zh: 一般, en: General}, up_to: 450}
  - {symbol: C, label: {zh: 较高, en: Higher}, up_to: 700}
  - {symbol: D, label: {zh: 高, en: High}}
"""


def _item(code: str, fields: tuple[FieldDefinition, ...], **other: Any) -> Item:
    return Item(
        code=code,
        class_code="TST",
        label=Text(zh=f"测试{code}", en=f"Test {code}"),
        authority=Text(zh="示例局", en="Example office"),
        level=Level.LOCAL,
        status=Status.FICTITIOUS,
        evidence="made up",
        fields=fields,
        modes=(Mode.GOV,),
        sensitivity=Sensitivity.L2,
        cadence=Cadence.MONTHLY,
        deliver_within_days=30,
        **other,
    )


def _field(name: str, kind: Kind = Kind.TEXT, **other: Any) -> FieldDefinition:
    return FieldDefinition(name=name, label=Text(zh=name, en=name), kind=kind, **other)


REGISTER = _item(
    "TST-01",
    (
        _field("code", Kind.USCC, required=True),
        _field("name", required=True),
        _field("region", Kind.REGION),
        _field("industry", Kind.INDUSTRY),
        _field("status"),
        _field("legal_representative", personal=True, sensitivity=Sensitivity.L4),
    ),
    update=Update.UPSERT,
    record_key=("code",),
    subject=SubjectBy(code="code"),
    describes=Describes(name="name", region="region", industry="industry", status="status"),
)
PENALTIES = _item(
    "TST-02",
    (
        _field("code", Kind.USCC, required=True),
        _field("number", required=True),
        _field("kind"),
        _field("fine", Kind.MONEY, unit="元"),
        _field("decided_on", Kind.DATE),
    ),
    update=Update.UPSERT,
    record_key=("number",),
    subject=SubjectBy(code="code"),
    event_date="decided_on",
)
CATALOGUE = Catalogue(
    lists=(
        SharingList(
            id="test",
            version="1",
            status=Status.FICTITIOUS,
            label=Text(zh="测试清单", en="Test list"),
            origin="made up",
            effective_from=date(2026, 1, 1),
            classes=(InfoClass(code="TST", label=Text(zh="测试", en="Test")),),
            sources=(Source(code="reg", label=Text(zh="登记局", en="Registry"), regions=("",)),),
            items=(REGISTER, PENALTIES),
        ),
    )
)

ENTERPRISES = [
    {
        "code": "E1",
        "name": "青禾乳业",
        "region": "990121001",
        "industry": "C1441",
        "legal_representative": "王一",
    },
    {
        "code": "E2",
        "name": "河湾饭店",
        "region": "990121002",
        "industry": "H6210",
        "legal_representative": "王一",
    },
    {
        "code": "E3",
        "name": "山口农机",
        "region": "990121002",
        "industry": "C3572",
        "legal_representative": "李二",
    },
    {"code": "E4", "name": "旧厂", "region": "990121003", "industry": None, "status": "deregistered"},
    {"code": "E5", "name": "=1+1", "region": None, "industry": "F5212", "legal_representative": "张三"},
]
DECISIONS = [
    {"code": "E1", "number": "P1", "kind": "revocation", "fine": 500_000, "decided_on": date(2026, 1, 10)},
    {"code": "E3", "number": "P2", "kind": "fine", "fine": 100_000, "decided_on": date(2025, 11, 3)},
    {"code": "E3", "number": "P3", "kind": "fine", "fine": 200_000, "decided_on": date(2025, 12, 3)},
]


def land(lake: Lake, item: Item, rows: Sequence[dict[str, Any]], *, seq: int) -> None:
    """Land rows as an accepted batch, as `collecting` writes it."""
    path = Path(lake.place.root).parent / f"accepted-{item.code}-{seq}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in columns.schema(item) if one.name not in {"_source", "_batch", "_seq", "_change"}]
    made = [
        {
            "_key": "|".join(str(row[name]) for name in item.record_key),
            "_subject": row["code"],
            "_row": number,
            "_digest": int.from_bytes(hashlib.sha256(repr(row).encode()).digest()[:7], "big"),
            "_event_date": row.get(item.event_date) if item.event_date else None,
            "_warnings": None,
            **row,
        }
        for number, row in enumerate(rows, start=1)
    ]
    table = pa.table({one.name: pa.array([row.get(one.name) for row in made], one.type) for one in wanted})
    pq.write_table(table, path)
    lake.land(item=item, batch=f"{item.code}-{seq}", seq=seq, source="reg", accepted=path)


def usual(lake: Lake) -> None:
    """Land the enterprises and decisions above."""
    land(lake, REGISTER, ENTERPRISES, seq=1)
    land(lake, PENALTIES, DECISIONS, seq=2)


@cache
def _landed(fill: Callable[[Lake], None]) -> Path:
    """Return a folder with a lake filled once in this process; landing costs far more than a copy."""
    folder = Path(tempfile.mkdtemp(prefix="creditmesh-lake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fill(Lake(str(folder / "lake")))
    return folder


def small_node(home: Path, fill: Callable[[Lake], None] = usual) -> ThisNode:
    """Return a node whose lake holds the enterprises and decisions above, or what else is said."""
    shutil.copytree(_landed(fill), home, dirs_exist_ok=True)
    lake = Lake(str(home / "lake"))
    return ThisNode(
        name="test", region="990121", home=home, lake=lake, catalogue=CATALOGUE, demo=False, fictitious=True
    )


def system_file(home: Path, text: str = SYSTEM) -> Path:
    """Write the small system to a file and return it."""
    path = home / "small.yml"
    path.write_text(text, encoding="utf-8")
    return path
