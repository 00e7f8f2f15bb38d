"""What the sharing lists ask for, and what of it this node has received."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q, Sum

from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.rules import State, require_permission
from creditmesh.catalogue.model import Catalogue, InfoClass, Item, Status, Text, Update
from creditmesh.kernel.errors import CreditmeshError


class UnknownItem(CreditmeshError):
    """The item stands in no list of this node."""

    code = "unknown-item"


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """An item of a sharing list, with what has come of it."""

    code: str
    label: Text
    class_code: str
    class_label: Text
    list_id: str
    list_version: str
    list_status: Status
    status: Status
    authority: Text
    sources: tuple[str, ...]
    batches: int
    records: int  # rows held now, as landing counted them
    last_landed_at: datetime | None
    latest_event: date | None

    @property
    def delivered(self) -> bool:
        """Tell whether anything of the item was ever landed."""
        return self.batches > 0


@dataclass(frozen=True)
class _Held:
    batches: int
    records: int
    last_landed_at: datetime | None
    latest_event: date | None


_NOTHING = _Held(0, 0, None, None)


def overview(*, viewer: Actor, catalogue: Catalogue) -> tuple[ItemLine, ...]:
    """Return every item in the order of the lists; figures only of what a viewer may see. Raises `NotPermitted`."""
    require_permission(actor=viewer, permission=Permission.SEE_CATALOGUE)
    held = _held(viewer=viewer, catalogue=catalogue)
    lines = []
    for its_list in catalogue.lists:
        labels = {one.code: one.label for one in (*_classes(catalogue), *its_list.classes)}
        for item in its_list.items:
            has = held.get(item.code, _NOTHING)
            lines.append(
                ItemLine(
                    code=item.code,
                    label=item.label,
                    class_code=item.class_code,
                    class_label=labels.get(item.class_code, item.label),
                    list_id=its_list.id,
                    list_version=its_list.version,
                    list_status=its_list.status,
                    status=item.status,
                    authority=item.authority,
                    sources=item.sources,
                    batches=has.batches,
                    records=has.records,
                    last_landed_at=has.last_landed_at,
                    latest_event=has.latest_event,
                )
            )
    return tuple(lines)


def item(*, code: str, catalogue: Catalogue) -> Item:
    """Return an item of the catalogue; raise `UnknownItem`."""
    found = catalogue.items.get(code)
    if found is None:
        raise UnknownItem("There is no such item in the catalogue of this node.")
    return found


def collected(*, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return (item, region prefix) for every item ever landed and every region its sources speak for."""
    pairs = Batch.objects.filter(state=State.LANDED).values_list("item", "source").distinct().order_by()
    sources = catalogue.sources
    found = {
        (code, region) for code, source in pairs if source in sources for region in sources[source].regions
    }
    return tuple(sorted(found))


def _classes(catalogue: Catalogue) -> list[InfoClass]:
    return [one for its_list in catalogue.lists for one in its_list.classes]


def _held(*, viewer: Actor, catalogue: Catalogue) -> dict[str, _Held]:
    if not viewer.may(Permission.SEE_BATCHES):
        return {}
    landed = Batch.objects.filter(state=State.LANDED)
    if not viewer.may(Permission.SEE_ALL_BATCHES):
        landed = landed.filter(source__in=viewer.sources)
    whole = [code for code, one in catalogue.items.items() if one.update is Update.REPLACE]
    lists = landed.filter(item__in=whole, corrects=False)
    last = lists.values("item", "source").annotate(last=Max("turn")).values("last")
    groups = landed.values("item").annotate(
        batches=Count("id"),
        added_=Sum("added"),
        whole=Sum("accepted", filter=Q(turn__in=last)),
        at=Max("finished_at"),
        latest=Max("latest_event"),
    )
    return {
        one["item"]: _Held(
            batches=one["batches"],
            records=(one["whole"] if one["item"] in whole else one["added_"]) or 0,
            last_landed_at=one["at"],
            latest_event=one["latest"],
        )
        for one in groups.order_by("item")
    }
