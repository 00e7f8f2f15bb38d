"""An item like the penalties of the national list, and a department that delivers it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest

from creditmesh.catalogue.model import (
    Cadence,
    Check,
    FieldDefinition,
    Item,
    Kind,
    Source,
    SubjectBy,
    Text,
    Update,
)
from creditmesh.collecting.outcome import Outcome
from creditmesh.collecting.run import collect

ON = date(2026, 3, 2)
CODES = ("91350100M000100Y43", "91110000101623741K", "911101066976941872", "91310115MA1K3CUM7M")
WRONG = "91350211M0000XUF46"  # a real code, says its publisher, whose check character is wrong
SHORT_NAMES = {"name": "名称", "code": "代码", "document": "文书号", "decided": "决定日期"}


def text(words: str) -> Text:
    return Text(zh=words, en=words)


def field(name: str, label: str, kind: Kind = Kind.TEXT, **rest: object) -> FieldDefinition:
    return FieldDefinition.model_validate(
        {"name": name, "label": Text(zh=label, en=name.replace("_", " ")), "kind": kind, **rest}
    )


FIELDS = (
    field("name", "名称", aliases=("CF_XDR_MC",), required=True),
    field("code", "代码", Kind.USCC, aliases=("CF_XDR_SHXYM",)),
    field("number", "注册号", Kind.REGISTRATION_NUMBER),
    field("document", "文书号", aliases=("CF_WSH",), required=True),
    field("kind", "类别", Kind.CHOICE, choices={"fine": Text(zh="罚款", en="fine"), "warning": Text(zh="警告", en="warning")},
          choice_aliases={"01": "warning"}),
    field("fine", "罚款金额", Kind.MONEY, unit="万元", minimum=0, maximum=10**12),
    field("decided", "决定日期", Kind.DATE, required=True, earliest=date(1990, 1, 1), not_in_future=True),
    field("public", "是否公示", Kind.BOOLEAN),
    field("share", "比例", Kind.PERCENT),
    field("people", "人数", Kind.INTEGER, unit="人", minimum=0),
    field("region", "区划", Kind.REGION),
    field("industry", "行业", Kind.INDUSTRY),
    field("authority_code", "处罚机关代码", Kind.USCC, check=Check.WARN),
    field("remarks", "备注", max_length=50, empty_values=("无", "N/A")),
)  # fmt: skip


def an_item(**changes: object) -> Item:
    return Item.model_validate(
        {
            "code": "PEN-01", "class_code": "PEN", "label": text("处罚"), "authority": text("各部门"),
            "level": "national", "status": "reconstructed", "evidence": "", "update": Update.APPEND,
            "record_key": ("document",), "subject": SubjectBy(code="code", name="name", registration_number="number"),
            "event_date": "decided", "fields": FIELDS, "modes": ("OPEN",), "sensitivity": "L1",
            "cadence": Cadence.WEEKLY, "deliver_within_days": 7,
        } | changes
    )  # fmt: skip


SOURCE = Source(code="qinghe-samr", label=text("青禾县市场监管局"))
ROW = {
    "名称": "青禾县麦香食品有限公司",
    "代码": CODES[0],
    "文书号": "青监罚〔2026〕1号",
    "决定日期": "2026-01-05",
}


def nobody(pairs: Sequence[tuple[str | None, str | None]]) -> list[str | None]:
    return [None] * len(pairs)


def as_csv(rows: Sequence[Mapping[str, str]], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO()
    headings = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(stream, headings, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode(encoding)


class Desk:
    """A data officer's desk: files are delivered from here and their outcomes read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.delivered = 0

    def deliver(
        self,
        content: bytes | Path | Sequence[Mapping[str, str]],
        *,
        item: Item | None = None,
        resolve: Callable[[Sequence[tuple[str | None, str | None]]], list[str | None]] = nobody,
    ) -> Outcome:
        self.delivered += 1
        file = content if isinstance(content, Path) else self.folder / f"delivered-{self.delivered}"
        if not isinstance(content, Path):
            file.write_bytes(content if isinstance(content, bytes) else as_csv(content))
        return collect(
            file=file, item=item or an_item(), source=SOURCE, folder=self.folder / f"batch-{self.delivered}",
            on=ON, resolve=resolve, progress=lambda rows: None,
        )  # fmt: skip


def accepted(outcome: Outcome) -> list[dict[str, object]]:
    with duckdb.connect() as connection:
        rows = connection.sql(f"SELECT * FROM read_parquet('{outcome.accepted_file}') ORDER BY _row")
        found: list[dict[str, object]] = rows.to_arrow_table().to_pylist()
        return found


def refused(outcome: Outcome) -> list[dict[str, str]]:
    assert outcome.refused_file is not None
    with outcome.refused_file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rules(outcome: Outcome) -> set[tuple[str | None, str]]:
    return {(one.field, one.rule) for one in outcome.reasons}


def same_count(outcome: Outcome) -> bool:
    """Nothing is lost: every row received went to exactly one place."""
    return (
        outcome.received == outcome.accepted + outcome.quarantined + outcome.duplicates + outcome.unresolved
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
