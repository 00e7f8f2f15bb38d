"""Build the inquiry index and the register of subjects anew from the lake, which is the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import Thing
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties import operations as parties
from creditmesh.apps.parties.rules import Actor, Permission
from creditmesh.apps.records.models import IndexPart
from creditmesh.apps.records.operations import indexing
from creditmesh.apps.records.operations.holding import Clock
from creditmesh.apps.records.operations.landing import described
from creditmesh.apps.records.rules import PARTS_BEFORE_TIDYING, require_permission
from creditmesh.catalogue.model import Item


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

    Raises `NotPermitted`; `KeyError` for an unknown item.
    """
    require_permission(actor=by, permission=Permission.REINDEX)
    chosen = list(node.catalogue.items) if items is None else list(items)
    done = tuple(_rebuild(item=node.catalogue.items[code], node=node, at=clock()) for code in chosen)
    told = ", ".join(f"{one.item} {one.rows}" for one in done if one.rows)
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
    written = indexing.write(home=indexing.Home(item=item, batch=None, at=at), rows=node.lake.current(item))
    subjects = 0
    if item.describes is not None:
        subjects = parties.register_subjects(rows=described(item=item, rows=node.lake.current(item)))
    with transaction.atomic():
        indexing.show(written=written)
        indexing.drop(parts=old)
    return Rebuilt(item=item.code, rows=written.rows, subjects=subjects)
