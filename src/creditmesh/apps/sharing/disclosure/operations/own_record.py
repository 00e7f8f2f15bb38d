"""What an enterprise sees of itself: everything held, with source, dates, modes, marks, and who received it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.ground.records.queries import for_answers, marks
from creditmesh.apps.ground.records.queries.for_answers import Held
from creditmesh.apps.ground.records.rules import Mark
from creditmesh.apps.sharing.disclosure.queries.inquiries import Receipt, comparisons, receipts
from creditmesh.apps.sharing.disclosure.queries.standing import shelf, shown_in
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.catalogue.model import Item, Mode


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """One record as its subject sees it; values as stored: fen, basis points, ISO dates."""

    key: str
    ref: str  # how answers name the record
    event_date: date | None
    source: str
    batch: UUID | None
    landed_at: datetime | None
    values: Mapping[str, Any]
    mark: Mark | None
    modes: tuple[Mode, ...]  # in which it could leave today
    seen_by: tuple[Receipt, ...]  # newest first; also who had claims compared with it since it is here


@dataclass(frozen=True, kw_only=True)
class OwnBlock:
    """All records of one item."""

    item: Item
    lines: tuple[OwnLine, ...]


@dataclass(frozen=True, kw_only=True)
class OwnRecord:
    """Everything held on an enterprise at a moment, in the order of the catalogue."""

    subject: str
    at: datetime
    blocks: tuple[OwnBlock, ...]


def view(by: Actor, at: datetime, *, on: date, items: tuple[str, ...] = ()) -> OwnRecord:
    """Return what is held on the actor's enterprise, and write down that it was looked at.

    `items` narrows it. Raises `NotPermitted` for whoever speaks for no enterprise, `KeyError` for an unknown
    item. Nothing is masked: it is the enterprise's own.
    """
    by.demand(Permission.SEE_OWN_RECORD)
    rules = shelf()
    wanted = items or tuple(rules.catalogue.items)
    found = for_answers.held(subject=by.subject, items=wanted, catalogue=rules.catalogue)
    marked = marks.marks_of(by.subject) if found.marked else {}
    seen, compared = receipts(by.subject), comparisons(by.subject)
    audit.append(
        who=by.who(),
        act="own-record.view",
        thing=Thing("subject", by.subject),
        at=at,
        outcome=Outcome.ALLOWED,
        details={"items": list(items)},
        subject=by.subject,
    )
    return OwnRecord(
        subject=by.subject,
        at=at,
        blocks=tuple(
            OwnBlock(
                item=rules.catalogue.items[code],
                lines=tuple(
                    _line(
                        code,
                        one,
                        marked.get((code, one.key)),
                        _seen_by(
                            one, reference(code, one.key), received=seen, compared=compared.get(code, ())
                        ),
                        on=on,
                    )
                    for one in rows
                ),
            )
            for code, rows in found.records.items()
            if rows
        ),
    )


def _seen_by(
    one: Held, ref: str, *, received: Mapping[str, tuple[Receipt, ...]], compared: tuple[Receipt, ...]
) -> tuple[Receipt, ...]:
    landed = one.origin.landed_at if one.origin else None
    with_it = [each for each in compared if landed is None or each.at >= landed]
    return tuple(sorted([*received.get(ref, ()), *with_it], key=lambda each: each.at, reverse=True))


def _line(item: str, one: Held, mark: Mark | None, seen_by: tuple[Receipt, ...], *, on: date) -> OwnLine:
    origin = one.origin
    return OwnLine(
        key=one.key,
        ref=reference(item, one.key),
        event_date=one.event_date,
        source=origin.source if origin else "",
        batch=origin.batch if origin else None,
        landed_at=origin.landed_at if origin else None,
        values=one.values,
        mark=mark,
        modes=shown_in(one, item=item, mark=mark, on=on),
        seen_by=seen_by,
    )
