"""Build the inquiry index and the register of subjects anew from the lake, which is the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Count

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import Thing
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties import operations as parties
from creditmesh.apps.parties.rules import Actor, Permission
from creditmesh.apps.records.models import Batch, IndexPart
from creditmesh.apps.records.operations import indexing, marking
from creditmesh.apps.records.operations.holding import Clock
from creditmesh.apps.records.operations.landing import described
from creditmesh.apps.records.rules import PARTS_BEFORE_TIDYING, State, require_permission
from creditmesh.catalogue.model import Item, Update


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


def tidy(*, node: ThisNode, clock: Clock) -> tuple[Rebuilt, ...]:
    """Rebuild items whose index lies in many small parts, for each part costs an inquiry a page."""
    scattered = (
        IndexPart.objects.filter(live=True)
        .values("item")
        .annotate(parts=Count("id"))
        .filter(parts__gt=PARTS_BEFORE_TIDYING)
        .order_by("item")
        .values_list("item", flat=True)
    )
    known = [node.catalogue.items[code] for code in scattered if code in node.catalogue.items]
    return tuple(_rebuild(item=item, node=node, at=clock()) for item in known)


def _rebuild(*, item: Item, node: ThisNode, at: datetime) -> Rebuilt:
    # Batches that land from here on bring parts of their own, which stay beside the new ones.
    old = list(IndexPart.objects.filter(item=item.code, live=True).values_list("id", flat=True))
    abandoned = IndexPart.objects.filter(item=item.code, live=False, batch=None, written_at__lt=at)
    indexing.drop(parts=abandoned.values_list("id", flat=True))
    written = indexing.Written()
    for source in _sources(item):
        home = indexing.Home(item=item, batch=None, source=source, at=at)
        laid = indexing.write(home=home, rows=_of_source(node.lake.current(item), source))
        written.parts += laid.parts
        written.rows += laid.rows
    subjects = 0
    if item.describes is not None:
        subjects = parties.register_subjects(rows=described(item=item, rows=node.lake.current(item)))
    with transaction.atomic():
        indexing.show(written=written)
        indexing.drop(parts=old)
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
