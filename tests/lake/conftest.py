"""Batches of accepted rows, made by hand, and a lake to land them in."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditmesh.catalogue.model import Catalogue, Item, SharingList, Text, Update
from creditmesh.lake import columns
from creditmesh.lake.store import Lake

Row = tuple[str, str, int]  # key, subject, amount
Batch = Callable[[Sequence[Row]], Path]


def an_item(update: Update = Update.APPEND, code: str = "PEN-01", fields: Sequence[str] = ("fine",)) -> Item:
    words = {"zh": "词", "en": "word"}
    return Item.model_validate(
        {
            "code": code, "class_code": "PEN", "label": words, "authority": words, "level": "national",
            "status": "reconstructed", "evidence": "", "update": update, "record_key": ("fine",),
            "subject": {"code": "fine"}, "modes": ("OPEN",), "sensitivity": "L1", "cadence": "daily",
            "deliver_within_days": 7,
            "fields": [{"name": name, "label": words, "kind": "money"} for name in fields],
        }
    )  # fmt: skip


def a_catalogue(*items: Item) -> Catalogue:
    words = Text(zh="单", en="list")
    return Catalogue(
        lists=(
            SharingList(id="x", version="1", status="local", label=words, origin="here", effective_from=date(2024, 1, 1),
                        classes=(), sources=(), items=items),
        )
    )  # fmt: skip


def write(file: Path, rows: Sequence[Row], item: Item) -> Path:
    """Write accepted rows as collecting does."""
    schema = pa.schema([one for one in columns.schema(item) if one.name not in dict(columns.LANDED)])
    values = [
        {"_key": key, "_subject": subject, "_row": number, "_digest": amount, "_event_date": date(2026, 1, 5)}
        | {field.name: amount for field in item.fields}
        for number, (key, subject, amount) in enumerate(rows, start=1)
    ]
    pq.write_table(pa.Table.from_pylist(values, schema=schema), file)
    return file


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    count = iter(range(1_000))
    return lambda rows, item=None: write(tmp_path / f"{next(count)}.parquet", rows, item or an_item())


@pytest.fixture(params=["folder", "object store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake in a folder, and the same reached as an object store is, through the Delta library alone."""
    root = tmp_path / "lake"
    root.mkdir()
    return Lake(str(root) if request.param == "folder" else f"file://{root}")


def current(lake: Lake, item: Item) -> dict[str, tuple[str, int]]:
    """Subject and amount by key, as the item reads today; a key must not stand twice."""
    rows = [row for one in lake.current(item) for row in one.to_pylist()]
    found = {row["_key"]: (row["_subject"], row["fine"]) for row in rows}
    assert len(found) == len(rows)
    return found
