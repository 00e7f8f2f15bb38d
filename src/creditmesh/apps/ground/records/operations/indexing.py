"""Lay accepted rows into the inquiry index, part by part, unseen until the parts are made live."""

import json
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.models import Max

from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.rules import ROWS_OF_A_PART, bucket_bits, page_id, subject_hash
from creditmesh.catalogue.model import Item
from creditmesh.lake import engines

_BYTES_OF_A_PART = 256 * 1024 * 1024
_ROWS_A_PULL = 50_000
_PACKERS = 1
_CODEC = pa.Codec("lz4_raw")

Page = tuple[int, int, bytes]  # number within its part, bytes before compression, body
Ended = tuple[str, str, int]  # subject, key and seq of a record that left the subject, or was corrected


@dataclass(frozen=True, kw_only=True)
class Home:
    """Whose rows are laid down: the item, the batch they came with (None on a rebuild), the source, and when."""

    item: Item
    batch: Batch | None
    source: str  # empty: of several sources
    at: datetime


@dataclass
class Written:
    """What was laid into the index: ids of the parts, and how many rows they hold."""

    parts: list[int] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class _Packed:
    pages: list[Page]
    rows: int
    bits: int
    seq: int


def write(*, home: Home, rows: Iterable[pa.RecordBatch], ended: Sequence[Ended] = ()) -> Written:
    """Write rows of the item's lake table as parts no query sees yet, one transaction each.

    Packing parts and reading the next run side by side; memory stays bounded by the size of a few parts.
    """
    written = Written()
    pending: deque[Future[_Packed]] = deque()
    with ThreadPoolExecutor(max_workers=_PACKERS) as packers:
        for held in _portions(rows, home=home):
            pending.append(packers.submit(_packed, held))
            if len(pending) > _PACKERS:
                _store(pending.popleft().result(), home=home, written=written)
        while pending:
            _store(pending.popleft().result(), home=home, written=written)
    if ended:
        last = IndexPart.objects.filter(id__in=written.parts).aggregate(last=Max("seq"))["last"]
        packed = _packed(_ended_rows(ended))
        # What ends rows of a list stays as long as what took their place.
        _store(replace(packed, seq=last or packed.seq), home=home, written=written)
    return written


def discard(*, batch: Batch) -> None:
    """Delete what an interrupted landing of a batch left in the index."""
    drop(parts=IndexPart.objects.filter(batch=batch, live=False).values_list("id", flat=True))


def drop(*, parts: Iterable[int]) -> None:
    """Delete parts with their pages."""
    for part in list(parts):
        IndexPage.objects.filter(
            id__gte=page_id(part=part, page=0), id__lt=page_id(part=part + 1, page=0)
        ).delete()
        IndexPart.objects.filter(id=part).delete()


def show(*, written: Written) -> None:
    """Let queries see the parts, in the caller's transaction."""
    IndexPart.objects.filter(id__in=written.parts).update(live=True)


def supersede(*, batch: Batch) -> None:
    """Keep only the last list of a source and the corrections since, as a `replace` item wants it.

    A correction that a newer list overtook on the way goes again itself.
    """
    one_at_a_time(item=batch.item)
    of_source = IndexPart.objects.filter(source=batch.source, item=batch.item, live=True)
    # Parts of several batches may hold a list, or corrections alone: what they end is left to the next list.
    lists = of_source.exclude(batch__corrects=True)
    if batch.corrects:
        mine = of_source.filter(batch=batch)
        if lists.filter(seq__gt=mine.aggregate(last=Max("seq"))["last"]).exists():
            drop(parts=mine.values_list("id", flat=True))
        return
    last = lists.aggregate(last=Max("seq"))["last"]
    drop(parts=of_source.filter(seq__lt=last).values_list("id", flat=True))


def bind(*, written: Written) -> None:
    """Have the parts of a rebuilt list one place in the order of landing: that of the last row read for it.

    A list that is still landing then goes as a whole or stays as a whole, wherever the corrections since lie.
    """
    parts = IndexPart.objects.filter(id__in=written.parts)
    parts.update(seq=parts.aggregate(last=Max("seq"))["last"] or 0)


def overtake(*, written: Written) -> None:
    """Drop what landed while a list was rebuilt and had been read for it: corrections of it are in the new parts."""
    new = IndexPart.objects.filter(id__in=written.parts).order_by("id").first()
    if new is not None:
        same = IndexPart.objects.filter(item=new.item, source=new.source, live=True, seq__lte=new.seq)
        drop(parts=same.exclude(id__in=written.parts).values_list("id", flat=True))


def one_at_a_time(*, item: str) -> None:
    """Let one transaction at a time exchange parts of an item for others, until it ends."""
    # What replaces parts must see those another transaction put in their place. SQLite has one writer.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [item])


def page_of(number: int, text: bytes) -> Page:
    """Return lines as a page of a part."""
    return number, len(text), _CODEC.compress(text, asbytes=True)


def text_of(body: bytes, size: int) -> bytes:
    """Return the lines of a page."""
    return _CODEC.decompress(body, decompressed_size=size, asbytes=True)


def lay(*, part: int, pages: Sequence[Page]) -> None:
    """Write pages of a part, in the caller's transaction."""
    # Not bulk_create: for a million rows its objects cost more than the writing.
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO records_indexpage (id, size, body) VALUES (%s, %s, %s)",
            [(page_id(part=part, page=number), size, body) for number, size, body in pages],
        )


def _portions(rows: Iterable[pa.RecordBatch], *, home: Home) -> Iterator[list[pa.RecordBatch]]:
    """Turn rows into JSON lines with the hash of their subject, a part's worth at a time."""
    source = iter(rows)
    first = next(source, None)
    if first is None:
        return
    reader = pa.RecordBatchReader.from_batches(first.schema, _chained(first, source))
    names = ", ".join(f'"{one.name}"' for one in home.item.fields)
    with engines.opened() as engine:
        engine.register("arriving", reader)
        # Field names come from the catalogue, which lets nothing but snake_case in.
        lines = engine.sql(
            "SELECT ('0x' || substr(md5(_subject), 1, 8))::UINTEGER AS hash,"  # noqa: S608
            f" encode(json_array(_subject, _key, _seq, _event_date, {names})::VARCHAR || chr(10)) AS line,"
            " _seq AS seq FROM arriving"
        ).to_arrow_reader(_ROWS_A_PULL)
        yield from _parts(lines)


def _parts(lines: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    held: list[pa.RecordBatch] = []
    for batch in lines:
        held.append(batch)
        if (
            sum(one.num_rows for one in held) >= ROWS_OF_A_PART
            or sum(one.nbytes for one in held) >= _BYTES_OF_A_PART
        ):
            yield held
            held = []
    if sum(one.num_rows for one in held):
        yield held


def _chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _ended_rows(ended: Sequence[Ended]) -> list[pa.RecordBatch]:
    lines = [
        (json.dumps([subject, key, seq, None], ensure_ascii=False) + "\n").encode()
        for subject, key, seq in ended
    ]
    hashes = [subject_hash(subject) for subject, _, _ in ended]
    return [
        pa.record_batch(
            {
                "hash": pa.array(hashes, pa.uint32()),
                "line": pa.array(lines, pa.binary()),
                "seq": pa.array([seq for _, _, seq in ended], pa.int64()),
            }
        )
    ]


def _packed(held: list[pa.RecordBatch]) -> _Packed:
    """Sort the lines by hash, cut them into pages and compress each.

    Lines of one page lie side by side in one Arrow buffer, so a page is a slice and no line becomes an object.
    """
    table = pa.Table.from_batches(held)
    rows = table.num_rows
    bits = bucket_bits(rows)
    hashes = pa.concat_arrays(table.column("hash").chunks)
    order = pc.sort_indices(hashes)
    lines = pa.concat_arrays(table.column("line").chunks).take(order)
    wide = hashes.take(order).cast(pa.uint64())
    runs: Any = pc.call_function("run_end_encode", [pc.shift_right(wide, pa.scalar(32 - bits, pa.uint64()))])
    _, begins, data = cast("tuple[None, pa.Buffer, pa.Buffer]", tuple(lines.buffers()))
    offsets = array("i")
    offsets.frombytes(memoryview(begins)[: 4 * (rows + 1)])
    pages: list[Page] = []
    begin = 0
    for number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        size = offsets[end] - offsets[begin]
        pages.append((number, size, _CODEC.compress(data.slice(offsets[begin], size), asbytes=True)))
        begin = end
    return _Packed(pages=pages, rows=rows, bits=bits, seq=pc.max(table.column("seq")).as_py())


def _store(packed: _Packed, *, home: Home, written: Written) -> None:
    with transaction.atomic():
        part = IndexPart.objects.create(
            item=home.item.code,
            source=home.source,
            batch=home.batch,
            seq=packed.seq,
            fields=" ".join(one.name for one in home.item.fields),
            rows=packed.rows,
            bits=packed.bits,
            written_at=home.at,
        )
        lay(part=part.id, pages=packed.pages)
    written.parts.append(part.id)
    written.rows += part.rows
