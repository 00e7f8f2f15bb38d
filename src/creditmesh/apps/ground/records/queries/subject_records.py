"""What is held on one subject, item by item: read from the inquiry index."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.rules import Line, bucket, lines_of, page_id, standing
from creditmesh.catalogue.model import Catalogue, Text, Update

_CODEC = pa.Codec("lz4_raw")
_PAGES_A_QUERY = 500


@dataclass(frozen=True, kw_only=True)
class HeldRecord:
    """One record that counts now, with where it came from. Values are as stored: fen, basis points, ISO dates."""

    item: str
    key: str
    subject: str
    event_date: date | None
    batch: str
    source: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ItemCount:
    """How many records of one item are held on a subject."""

    item: str
    label: Text
    records: int
    latest: date | None


@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """One page of a subject's records of one item."""

    records: tuple[HeldRecord, ...]
    total: int


def records_of(
    *, subject: str, item: str, catalogue: Catalogue, offset: int = 0, limit: int = 50
) -> RecordPage:
    """Return a subject's records of one item, newest event first.

    For evidence behind a result only: records leave the node through disclosure alone.
    Raises `KeyError` for an unknown item.
    """
    lines = _standing(subject=subject, items={item: catalogue.items[item].update}).get(item, [])
    shown = lines[offset : offset + min(limit, 500)]
    origins = {
        batch.seq: batch
        for batch in Batch.objects.filter(item=item, seq__in={line.seq for line in shown}).order_by("seq")
    }
    return RecordPage(
        records=tuple(_held(item, line, origins.get(line.seq)) for line in shown), total=len(lines)
    )


def item_counts(*, subject: str, catalogue: Catalogue) -> tuple[ItemCount, ...]:
    """Return the items of which a subject has records, in the order of the catalogue."""
    items = catalogue.items
    held = _standing(subject=subject, items={code: item.update for code, item in items.items()})
    return tuple(
        ItemCount(item=code, label=item.label, records=len(held[code]), latest=held[code][0].event_date)
        for code, item in items.items()
        if held.get(code)
    )


def _held(item: str, line: Line, origin: Batch | None) -> HeldRecord:
    return HeldRecord(
        item=item,
        key=line.key,
        subject=line.subject,
        event_date=line.event_date,
        batch=str(origin.uuid) if origin else "",
        source=origin.source if origin else "",
        values=line.values or {},
    )


def _standing(*, subject: str, items: dict[str, Update]) -> dict[str, list[Line]]:
    """Return the lines that count now, by item: one page of each part is read."""
    parts = _live(items)
    while True:
        found = _lines(subject=subject, parts=parts)
        # A rebuild or a replacing batch may have put others in their place meanwhile, pages and all.
        now = _live(items)
        if {part.id for part in parts} <= {part.id for part in now}:
            return {item: standing(lines, update=items[item]) for item, lines in found.items()}
        parts = now


def _live(items: Iterable[str]) -> list[IndexPart]:
    return list(IndexPart.objects.filter(item__in=items, live=True).order_by("id"))


def _lines(*, subject: str, parts: list[IndexPart]) -> dict[str, list[Line]]:
    by_page = {page_id(part=part.id, page=bucket(subject, bits=part.bits)): part for part in parts}
    found: dict[str, list[Line]] = defaultdict(list)
    keys = sorted(by_page)
    for start in range(0, len(keys), _PAGES_A_QUERY):
        for page in IndexPage.objects.filter(id__in=keys[start : start + _PAGES_A_QUERY]).order_by("id"):
            part = by_page[page.id]
            text = _CODEC.decompress(bytes(page.body), decompressed_size=page.size, asbytes=True)
            found[part.item] += lines_of(text, subject=subject, fields=part.fields.split())
    return found
