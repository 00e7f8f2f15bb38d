"""The records a case is about: found by subject, item and the name that answers give them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.queries import subject_records
from creditmesh.apps.ground.records.rules import RecordRef
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.catalogue.model import Item, Kind, Sensitivity
from creditmesh.kernel.errors import CreditmeshError

_AT_ONCE = 500


class UnknownRecord(CreditmeshError):
    """No such record is held on this enterprise."""

    code = "unknown-record"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A record as it is held now."""

    ref: RecordRef
    source: str
    event_date: date | None
    values: dict[str, Any]


def find(*, subject: str, item: str, name: str, node: ThisNode) -> Held:
    """Return a record of a subject by the name that answers give it (`OwnLine.ref`); raise `UnknownRecord`."""
    for one in _all(subject, item, node):
        if reference(item, one.ref.key) == name:
            return one
    raise UnknownRecord("There is no such record of this enterprise. Open it from the page of your record.")


def now(ref: RecordRef, *, node: ThisNode) -> Held | None:
    """Return how a record stands now; None when it is not held any more."""
    return next((one for one in _all(ref.subject, ref.item, node) if one.ref == ref), None)


def as_delivered(item: Item, values: dict[str, Any]) -> dict[str, str]:
    """Return stored values as a department would write them, for forms and for correcting batches."""
    return {one.name: _text(one.kind, values.get(one.name)) for one in item.fields}


def shown_to_staff(item: Item) -> tuple[str, ...]:
    """Return the fields a case shows to those who handle it: all but personal ones of the highest sensitivity."""
    return tuple(one.name for one in item.fields if not (one.personal and one.sensitivity is Sensitivity.L4))


def _all(subject: str, item: str, node: ThisNode) -> list[Held]:
    if item not in node.catalogue.items:
        return []
    records = list[subject_records.HeldRecord]()
    while True:
        page = subject_records.records_of(
            subject=subject, item=item, catalogue=node.catalogue, offset=len(records), limit=_AT_ONCE
        )
        records += page.records
        if not page.records or len(records) >= page.total:
            break
    return [
        Held(
            ref=RecordRef(subject=one.subject, item=one.item, key=one.key),
            source=one.source,
            event_date=one.event_date,
            values=one.values,
        )
        for one in records
    ]


def _text(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    match kind:
        case Kind.MONEY:
            return f"{value // 100}.{value % 100:02d}元" if value >= 0 else f"-{-value / 100:.2f}元"
        case Kind.PERCENT:
            return f"{value / 100:.2f}%"
        case Kind.BOOLEAN:
            return "是" if value else "否"
        case _:
            return str(value)
