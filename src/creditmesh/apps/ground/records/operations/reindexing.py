"""Build the inquiry index and the register of subjects anew from the lake, which is the truth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Count, Q

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.operations import indexing, marking
from creditmesh.apps.ground.records.operations.holding import Clock
from creditmesh.apps.ground.records.operations.landing import described
from creditmesh.apps.ground.records.rules import (
    PARTS_BEFORE_MERGING,
    ROWS_OF_A_MERGED_PAGE,
    State,
    bucket,
    bucket_bits,
    last_of_each,
    page_id,
    require_permission,
    subject_of,
    worth_merging,
)
from creditmesh.catalogue.model import Item, Update

_PAGES_A_REGION_BITS = 11  # two thousand pages are read, sorted and written at once
_LONGEST_MERGING = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What came of rebuilding one item: rows now in the index, subjects described by it."""

    item: str
    rows: int
    subjects: int


def reindex(
    *, by: Actor, node: ThisNode, clock: Clock, items: Sequence[str] | None = None
) -> tuple[Rebuilt, ...]:
    """Rebuild the index of the items named, or of all, item by item; queries see the old rows until the new stand.

    The marks of all records are restored from the lake too.

    Raises `NotPermitted`; `KeyError` for an unknown item.
    """
    require_permission(actor=by, permission=Permission.REINDEX)
    restored = marking.restore(node=node)
    marking.write_to_lake(node=node, at=clock())
    chosen = list(node.catalogue.items) if items is None else list(items)
    done = tuple(_rebuild(item=node.catalogue.items[code], node=node, at=clock()) for code in chosen)
    told = ", ".join(f"{one.item} {one.rows}" for one in done if one.rows)
    told += f"; {restored} marks restored" if restored else ""
    audit.append(who=by.who(), act="records.reindex", thing=Thing("index"), why=told[:2000], at=clock())
    return done


def tidy(*, node: ThisNode, clock: Clock) -> tuple[str, ...]:
    """Merge parts of the index into one where an item lies in many, for each part costs an inquiry a page.

    Items that are landing are left for later. Return the items of which parts were merged. What an
    interrupted merging left behind goes, and it is begun anew; queries see the old parts until the new one stands.
    """
    landing = Batch.objects.filter(state__in=(State.VALIDATED, State.LANDING)).values_list("item", flat=True)
    scattered = (
        IndexPart.objects.filter(live=True)
        .exclude(item__in=list(landing))
        .values_list("item", flat=True)
        .annotate(parts=Count("id"))
        .filter(parts__gte=PARTS_BEFORE_MERGING)
        .order_by("item")
    )
    done = []
    for code in [row[0] for row in scattered.values_list("item", "parts")]:
        item = node.catalogue.items.get(code)
        if item is None:
            continue
        _drop_leftovers(code, at=clock())
        done += [code for parts in _groups(item) if _merge(parts, update=item.update, at=clock())]
    return tuple(done)


def _drop_leftovers(item: str, *, at: datetime) -> None:
    unseen = IndexPart.objects.filter(item=item, live=False)
    left = Q(batch__state=State.LANDED) | Q(batch=None, written_at__lt=at - _LONGEST_MERGING)
    indexing.drop(parts=unseen.filter(left).values_list("id", flat=True))


def _groups(item: Item) -> list[list[IndexPart]]:
    """Return the parts to merge with each other: of the same fields and, where lists replace each other, source."""
    found: dict[tuple[str, str], list[IndexPart]] = defaultdict(list)
    for part in IndexPart.objects.filter(item=item.code, live=True).order_by("rows", "id"):
        found[part.fields, part.source if item.update is Update.REPLACE else ""].append(part)
    chosen = [parts[: worth_merging([one.rows for one in parts])] for parts in found.values()]
    return [parts for parts in chosen if parts]


def _merge(parts: Sequence[IndexPart], *, update: Update, at: datetime) -> bool:
    """Write the rows of parts as one part and let queries see it instead; False when the parts are gone meanwhile."""
    rows = sum(one.rows for one in parts)
    bits = bucket_bits(rows, of_a_page=ROWS_OF_A_MERGED_PAGE)
    sources, batches = {one.source for one in parts}, {one.batch_id for one in parts}
    new = IndexPart.objects.create(
        item=parts[0].item,
        source=sources.pop() if len(sources) == 1 else "",
        batch=None,
        seq=max(one.seq for one in parts),
        fields=parts[0].fields,
        rows=rows,
        bits=bits,
        written_at=at,
    )
    region_bits = max(0, bits - _PAGES_A_REGION_BITS)
    kept = 0
    for region in range(1 << region_bits):
        pages = _region(parts, region, region_bits, bits=bits, update=update)
        kept += sum(map(len, pages.values()))
        with transaction.atomic():
            indexing.lay(
                part=new.id, pages=[indexing.page_of(one, b"".join(pages[one])) for one in sorted(pages)]
            )
    ids = [one.id for one in parts]
    with transaction.atomic():
        indexing.one_at_a_time(item=new.item)
        stand = IndexPart.objects.filter(id__in=ids, live=True).count() == len(ids)
        if stand:
            IndexPart.objects.filter(id__in=ids).update(live=False)
            # Rows that all came with one batch need not look up theirs one by one.
            batch = batches.pop() if len(batches) == 1 else None
            stand = IndexPart.objects.filter(id=new.id).update(live=True, rows=kept, batch=batch) == 1
        transaction.set_rollback(not stand)
    indexing.drop(parts=ids if stand else [new.id])
    return stand


def _region(
    parts: Sequence[IndexPart], region: int, region_bits: int, *, bits: int, update: Update
) -> dict[int, list[bytes]]:
    """Return the lines whose hashes begin with the bits of a region, by the pages of a merged part."""
    pages: dict[int, list[bytes]] = defaultdict(list)
    numbers: dict[str, int] = {}
    for part in sorted(parts, key=lambda one: one.seq):
        apart = part.bits - region_bits
        first, last = (
            (region << apart, (region + 1) << apart)
            if apart >= 0
            else (region >> -apart, (region >> -apart) + 1)
        )
        held = IndexPage.objects.filter(
            id__gte=page_id(part=part.id, page=first), id__lt=page_id(part=part.id, page=last)
        )
        for page in held.order_by("id"):
            for line in indexing.text_of(bytes(page.body), page.size).split(b"\n"):
                subject = subject_of(line) if line else ""
                number = numbers.get(subject)
                if number is None:
                    number = numbers[subject] = bucket(subject, bits=bits)
                if line and number >> (bits - region_bits) == region:
                    pages[number].append(line + b"\n")
    if update is Update.UPSERT and len({one.batch_id for one in parts}) > 1:
        pages = {number: last_of_each(lines) for number, lines in pages.items()}
    return pages


def _rebuild(*, item: Item, node: ThisNode, at: datetime) -> Rebuilt:
    # Batches that land from here on bring parts of their own, which stay beside the new ones.
    old = list(IndexPart.objects.filter(item=item.code, live=True).values_list("id", flat=True))
    abandoned = IndexPart.objects.filter(item=item.code, live=False, batch=None, written_at__lt=at)
    indexing.drop(parts=abandoned.values_list("id", flat=True))
    written = indexing.Written()
    lists = list[indexing.Written]()
    for source in _sources(item):
        home = indexing.Home(item=item, batch=None, source=source, at=at)
        laid = indexing.write(home=home, rows=_of_source(node.lake.current(item), source))
        if item.update is Update.REPLACE:
            indexing.bind(written=laid)
            lists.append(laid)
        written.parts += laid.parts
        written.rows += laid.rows
    subjects = 0
    if item.describes is not None:
        subjects = parties.register_subjects(rows=described(item=item, rows=node.lake.current(item)))
    with transaction.atomic():
        indexing.one_at_a_time(item=item.code)
        indexing.show(written=written)
        indexing.drop(parts=old)
        for laid in lists:
            indexing.overtake(written=laid)
    return Rebuilt(item=item.code, rows=written.rows, subjects=subjects)


def _sources(item: Item) -> list[str]:
    """Return the sources to write apart: those of a `replace` item, whose next list replaces only its own."""
    if item.update is not Update.REPLACE:
        return [""]
    landed = Batch.objects.filter(item=item.code, state=State.LANDED)
    return sorted(set(landed.values_list("source", flat=True)))


def _of_source(rows: Iterator[pa.RecordBatch], source: str) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        yield batch if not source else batch.filter(pc.equal(batch.column("_source"), pa.scalar(source)))
