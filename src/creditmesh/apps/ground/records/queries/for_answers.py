"""Records of one enterprise for an answer: several items in one statement, with where each came from."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import connection

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.ground.records.rules import Line, lines_of, standing, subject_hash
from creditmesh.catalogue.model import Catalogue

_CODEC = pa.Codec("lz4_raw")
# One statement sees one state of index and marks, whatever is rebuilt or marked meanwhile; it has one row at least.
_PAGES = """
SELECT mark.last, EXISTS (SELECT 1 FROM records_markentry WHERE subject = %s) AS marked,
       part.item, part.fields, page.size, page.body, batch.seq, batch.uuid, batch.source, batch.finished_at
FROM (SELECT COALESCE(MAX(last), 0) AS last FROM records_markorder WHERE id = 1) mark
LEFT JOIN records_indexpart part ON part.live AND part.item IN ({items})
LEFT JOIN records_indexpage page ON page.id = ((part.id << 24) | (%s {cast} >> (32 - part.bits)))
LEFT JOIN records_batch batch ON batch.id = part.batch_id
"""

# On SQLite the same as one row: each row more gives Python's lock away, to be won back from all who answer beside.
_PAGES_AS_ONE = """
SELECT last, marked,
       json_group_array(json_array(item, fields, size, length(body), seq, uuid, source, finished_at)),
       CAST(group_concat(body, '') AS BLOB)
FROM ({pages})
"""

_BATCHES = "SELECT item, seq, uuid, source, finished_at, received_at FROM records_batch WHERE {places}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: a batch of a source, and when it was landed."""

    batch: UUID
    source: str
    landed_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """One record that counts now. Values are as stored: fen, basis points, ISO dates."""

    key: str
    event_date: date | None
    origin: Origin | None
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What is held on a subject: records by item, newest event first, and whether any was ever marked.

    `marks_seen` is the place of the last mark there was anywhere when the records were read, None where there
    can be none.
    """

    records: dict[str, list[Held]]
    marked: bool
    marks_seen: int | None


def held(*, subject: str, items: Sequence[str], catalogue: Catalogue) -> Found:
    """Return a subject's records of several items; items without records have an empty list.

    For disclosure alone: whoever calls this answers for who gets it. Raises `KeyError` for an unknown item.
    """
    found: dict[str, list[Line]] = defaultdict(list)
    origins: dict[tuple[str, int], Origin] = {}
    marked, marks_seen = False, 0
    for last, has_marks, item, fields, size, body, seq, uuid, source, finished in _pages(subject, items):
        marked, marks_seen = bool(has_marks), last
        if body is None:
            continue
        text = _CODEC.decompress(body, decompressed_size=size, asbytes=True)
        lines = lines_of(text, subject=subject, fields=_names(fields))
        if lines and seq is not None and finished is not None:
            origins[item, seq] = _origin(uuid, source, finished)
        found[item] += lines
    counted = {one: standing(found[one], update=catalogue.items[one].update) for one in items}
    wanted = {(item, line.seq) for item, lines in counted.items() for line in lines}
    # A rebuilt part holds rows of several batches, and names none.
    origins |= _origins(wanted - origins.keys())
    return Found(
        records={
            item: [
                Held(line.key, line.event_date, origins.get((item, line.seq)), line.values or {})
                for line in lines
            ]
            for item, lines in counted.items()
        },
        marked=marked,
        marks_seen=marks_seen,
    )


def _pages(subject: str, items: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    sqlite = connection.vendor == "sqlite"
    found = statements.rows(_statement(len(items), sqlite=sqlite), [subject, *items, subject_hash(subject)])
    if not sqlite:
        yield from found
        return
    ((last, marked, told, bodies),) = found
    place = 0
    for item, fields, size, length, *batch in json.loads(told):
        body = None if length is None else bodies[place : place + length]
        yield last, marked, item, fields, size, body, *batch
        place += length or 0


@lru_cache(maxsize=128)
def _statement(items: int, *, sqlite: bool) -> str:
    # A list of nothing is written NULL: no item is equal to it.
    places = ", ".join(["%s"] * items) or "NULL"
    pages = _PAGES.format(cast="" if sqlite else "::bigint", items=places)
    return _PAGES_AS_ONE.format(pages=pages) if sqlite else pages


@lru_cache(maxsize=1024)
def _names(fields: str) -> tuple[str, ...]:
    return tuple(fields.split())


def _origins(wanted: Set[tuple[str, int]]) -> dict[tuple[str, int], Origin]:
    if not wanted:
        return {}
    places = sorted(wanted)
    statement = _BATCHES.format(places=" OR ".join(["(item = %s AND seq = %s)"] * len(places)))
    return {
        (item, seq): _origin(uuid, source, finished or received)
        for item, seq, uuid, source, finished, received in statements.rows(
            statement, [value for place in places for value in place]
        )
    }


@lru_cache(maxsize=4096)
def _origin(uuid: UUID | str, source: str, landed: datetime | str) -> Origin:
    return Origin(UUID(str(uuid)), source, _moment(landed))


def _moment(value: datetime | str) -> datetime:
    # SQLite gives plain SQL what it keeps: a text, or a moment without its zone, both in UTC.
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)
