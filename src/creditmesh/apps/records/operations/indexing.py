"""Lay accepted rows into the inquiry index, part by part, unseen until the parts are made live."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.models import Max

from creditmesh.apps.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.records.rules import ROWS_OF_A_PART, bucket_bits, page_id, subject_hash
from creditmesh.catalogue.model import Item

_BYTES_OF_A_PART = 256 * 1024 * 1024
_ROWS_A_PULL = 50_000
_CODEC = pa.Codec("lz4_raw")

Page = tuple[int, int, bytes]  # number within its part, bytes before compression, body
Moved = tuple[str, str, int]  # subject, key, seq of a record that left the subject for another


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
class _Portion:
    hashes: "pa.Array[Any]"
    lines: "pa.Array[Any]"
    seq: int


def write(*, home: Home, rows: Iterable[pa.RecordBatch], moved: Sequence[Moved] = ()) -> Written:
    """Write rows of the item's lake table as parts no query sees yet, one transaction each.

    Packing one part and reading the next run side by side; memory stays bounded by the size of two parts.
    """
    written = Written()
    with ThreadPoolExecutor(max_workers=1) as packer:
        pending: tuple[_Portion, Future[list[Page]]] | None = None
        for portion in _portions(rows, home=home):
            job = packer.submit(_pages, portion)
            if pending is not None:
                _store(pending[0], pending[1].result(), home=home, written=written)
            pending = portion, job
        if pending is not None:
            _store(pending[0], pending[1].result(), home=home, written=written)
    if moved:
        portion = _moved_portion(moved)
        _store(portion, _pages(portion), home=home, written=written)
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
    """Keep only the parts of the last landed batch of a source, as a `replace` item wants it."""
    of_source = IndexPart.objects.filter(source=batch.source, item=batch.item, live=True)
    last = of_source.aggregate(last=Max("seq"))["last"]
    drop(parts=of_source.filter(seq__lt=last).values_list("id", flat=True))


def _portions(rows: Iterable[pa.RecordBatch], *, home: Home) -> Iterator[_Portion]:
    """Turn rows into JSON lines with the hash of their subject, a part's worth at a time."""
    source = iter(rows)
    first = next(source, None)
    if first is None:
        return
    reader = pa.RecordBatchReader.from_batches(first.schema, _chained(first, source))
    names = ", ".join(f'"{one.name}"' for one in home.item.fields)
    connection_ = duckdb.connect(config={"threads": 2})
    connection_.register("arriving", reader)
    # Field names come from the catalogue, which lets nothing but snake_case in.
    lines = connection_.sql(
        "SELECT ('0x' || substr(md5(_subject), 1, 8))::UINTEGER AS hash,"  # noqa: S608
        f" encode(json_array(_subject, _key, _seq, _event_date, {names})::VARCHAR || chr(10)) AS line,"
        " _seq AS seq FROM arriving"
    ).to_arrow_reader(_ROWS_A_PULL)
    held: list[pa.RecordBatch] = []
    for batch in lines:
        held.append(batch)
        if (
            sum(one.num_rows for one in held) >= ROWS_OF_A_PART
            or sum(one.nbytes for one in held) >= _BYTES_OF_A_PART
        ):
            yield _portion(held)
            held = []
    if sum(one.num_rows for one in held):
        yield _portion(held)


def _chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _portion(held: list[pa.RecordBatch]) -> _Portion:
    table = pa.Table.from_batches(held).combine_chunks()
    return _Portion(
        hashes=_whole(table.column("hash")),
        lines=_whole(table.column("line")),
        seq=pc.max(table.column("seq")).as_py(),
    )


def _whole(column: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    return pa.concat_arrays(column.chunks)


def _moved_portion(moved: Sequence[Moved]) -> _Portion:
    lines = [
        (json.dumps([subject, key, seq, None], ensure_ascii=False) + "\n").encode()
        for subject, key, seq in moved
    ]
    return _Portion(
        hashes=pa.array([subject_hash(subject) for subject, _, _ in moved], pa.uint32()),
        lines=pa.array(lines, pa.binary()),
        seq=max(seq for _, _, seq in moved),
    )


def _pages(portion: _Portion) -> list[Page]:
    """Sort the lines by hash, cut them into pages and compress each.

    Lines of one page lie side by side in one Arrow buffer, so a page is a slice and no line becomes an object.
    """
    bits = bucket_bits(len(portion.hashes))
    order = pc.sort_indices(portion.hashes)
    lines = portion.lines.take(order)
    wide = portion.hashes.take(order).cast(pa.uint64())
    runs: Any = pc.call_function("run_end_encode", [pc.shift_right(wide, pa.scalar(32 - bits, pa.uint64()))])
    _, begins, data = cast("tuple[None, pa.Buffer, pa.Buffer]", tuple(lines.buffers()))
    offsets = array("i")
    offsets.frombytes(memoryview(begins)[: 4 * (len(lines) + 1)])
    pages: list[Page] = []
    begin = 0
    for number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        size = offsets[end] - offsets[begin]
        pages.append((number, size, _CODEC.compress(data.slice(offsets[begin], size), asbytes=True)))
        begin = end
    return pages


def _store(portion: _Portion, pages: list[Page], *, home: Home, written: Written) -> None:
    with transaction.atomic():
        part = IndexPart.objects.create(
            item=home.item.code,
            source=home.source,
            batch=home.batch,
            seq=portion.seq,
            fields=" ".join(one.name for one in home.item.fields),
            rows=len(portion.hashes),
            bits=bucket_bits(len(portion.hashes)),
            written_at=home.at,
        )
        # Not bulk_create: for a million rows its objects cost more than the writing.
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO records_indexpage (id, size, body) VALUES (%s, %s, %s)",
                [(page_id(part=part.id, page=number), size, body) for number, size, body in pages],
            )
    written.parts.append(part.id)
    written.rows += part.rows
