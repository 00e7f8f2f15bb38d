"""What an inquiry reads before it is settled: rules made ready, authorisation, consents, records, marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.queries import for_answers, marks
from creditmesh.apps.ground.records.queries.for_answers import Found, Held
from creditmesh.apps.ground.records.rules import Mark, MarkKind
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations import queries as authorisations
from creditmesh.apps.sharing.authorisations.rules import Standing
from creditmesh.apps.sharing.disclosure.rules import publicity
from creditmesh.apps.sharing.disclosure.rules.plans import Shelf
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.model import Mode

_KEPT: list[Shelf] = []
_MOST_STANDINGS = 20_000
_STANDINGS: dict[UUID, Standing] = {}


def shelf() -> Shelf:
    """Return the rules of this node, made ready and kept for the life of the process."""
    node = this_node()
    if not _KEPT or _KEPT[0].catalogue is not node.catalogue or _KEPT[0].place != node.region:
        _KEPT[:] = [Shelf(catalogue=node.catalogue, pack=rule_packs.load(), place=node.region)]
    return _KEPT[0]


def standing_of(uuid: UUID, *, fresh: bool = False) -> Standing | None:
    """Return how an authorisation stood when it was last read here; read again when `fresh` or never read.

    Good for a first look alone: terms never change, but a withdrawal or a use since is not seen. Settling
    decides again on the row itself, under its lock, before anything leaves.
    """
    found = None if fresh else _STANDINGS.get(uuid)
    if found is None:
        found = authorisations.standing(uuid)
        if found is not None:
            if len(_STANDINGS) >= _MOST_STANDINGS:
                _STANDINGS.clear()
            _STANDINGS[uuid] = found
    return found


def is_kept(uuid: UUID | None) -> bool:
    """Return whether an authorisation was read here before, so that a first look needs no statement."""
    return uuid in _STANDINGS


def in_sight(by: Actor, subject: str) -> bool:
    """Return whether one may ask about a subject at all: sandboxes see invented ones, and nobody else does."""
    return sandbox.holds(subject) is by.sandbox


@dataclass(frozen=True, slots=True)
class Shown:
    """A record that may leave, with its mark if it is contested."""

    held: Held
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Records that may leave, by item, newest first, and the last mark there was when they were read."""

    records: dict[str, list[Shown]]
    marks_seen: int | None  # None for invented records, which nobody marks


def may_leave(
    *,
    subject: str,
    items: Sequence[str],
    mode: Mode,
    window: tuple[date, date] | None,
    on: date,
) -> Leaving:
    """Return the records of a subject that may leave in a mode on a day, newest first, by item.

    Left out: what is stopped or suspended, too old to be used, outside the window, and, in mode OPEN, what
    is not public or no longer. A record without an event date fits no window. What tells how things stand,
    such as a registration, is neither too old nor outside: it is true until a later record.
    """
    rules = shelf()
    found = _held(subject, items, rules, on=on)
    marked = marks.marks_of(subject) if found.marked else {}
    leaving = {
        item: [
            Shown(one, mark)
            for one in rows
            if (rules.catalogue.items[item].lasting or _fits(one, window))
            and _unstopped(mark := marked.get((item, one.key)))
            and _in_time(one, item=item, mode=mode, rules=rules, on=on)
        ]
        for item, rows in found.records.items()
    }
    return Leaving(leaving, found.marks_seen)


def shown_in(one: Held, *, item: str, mark: Mark | None, on: date) -> tuple[Mode, ...]:
    """Return the modes in which a record could leave on a day; none when it is stopped or too old."""
    rules = shelf()
    if not _unstopped(mark):
        return ()
    modes = rules.catalogue.items[item].modes
    return tuple(mode for mode in modes if _in_time(one, item=item, mode=mode, rules=rules, on=on))


def _held(subject: str, items: Sequence[str], rules: Shelf, *, on: date) -> Found:
    if not sandbox.holds(subject):
        return for_answers.held(subject=subject, items=items, catalogue=rules.catalogue)
    invented = sandbox.records(subject=subject, items=tuple(items), catalogue=rules.catalogue, on=on)
    records = {
        item: [Held(one.key, one.event_date, None, dict(one.values)) for one in rows]
        for item, rows in invented.items()
    }
    return Found(records=records, marked=False, marks_seen=None)


def _unstopped(mark: Mark | None) -> bool:
    return mark is None or mark.kind is MarkKind.DISPUTED


def _fits(one: Held, window: tuple[date, date] | None) -> bool:
    if window is None:
        return True
    return one.event_date is not None and window[0] <= one.event_date <= window[1]


def _in_time(one: Held, *, item: str, mode: Mode, rules: Shelf, on: date) -> bool:
    definition = rules.catalogue.items[item]
    if not rules.keeps(definition, event_date=one.event_date, on=on):
        return False
    if mode is not Mode.OPEN:
        return True
    return publicity.is_open(one.values, when=definition.open_when) and publicity.in_publicity(
        one.values, item=definition, event_date=one.event_date, pack=rules.pack, place=rules.place, on=on
    )
