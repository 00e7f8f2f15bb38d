"""How a batch moves from state to state, who may deliver what, and how rows lie in the inquiry index."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Protocol

from pydantic_core import from_json

from creditmesh.apps.ground.parties.rules import Actor, NotPermitted, Permission
from creditmesh.catalogue.model import Catalogue, Item, Source, Update
from creditmesh.kernel.errors import CreditmeshError

LEASE = timedelta(minutes=5)
"""How long a worker may be silent about a batch before another one takes it over."""

ATTEMPTS = 20
"""How often a batch is taken up by itself; after that a person must ask for it."""

ROWS_OF_A_PART = 100_000
ROWS_OF_A_PAGE = 64
ROWS_OF_A_MERGED_PAGE = 12  # written once and read for years: a page is one piece of the database's file
PARTS_BEFORE_MERGING = 4
MOST_BITS = 24

KEY_LENGTH = 200
SUFFIXES = frozenset(
    {".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".jsonl", ".ndjson", ".json", ".parquet"}
)


class UnknownItem(CreditmeshError):
    """The item stands in no list of this node."""

    code = "unknown-item"


class UnknownSource(CreditmeshError):
    """The source stands in no list of this node."""

    code = "unknown-source"


class SourceMayNotDeliver(CreditmeshError):
    """The item names its sources and this one is not among them."""

    code = "source-may-not-deliver"


class NotYourSource(NotPermitted):
    """The one who delivers or looks may not do so for this source."""

    def __init__(self, source: str) -> None:
        super().__init__(Permission.DELIVER)
        self.sentence = f"Source {source} is not one your organisation delivers for. Ask the operator of the node to admit it."


class WrongState(CreditmeshError):
    """A batch cannot make this step from where it stands."""

    code = "wrong-state"


class BadDelivery(CreditmeshError):
    """A delivery says something about itself that cannot be right."""

    code = "bad-delivery"


class State(StrEnum):
    """Where a batch stands."""

    RECEIVED = "received"
    VALIDATED = "validated"
    LANDING = "landing"
    LANDED = "landed"
    REFUSED = "refused"


class Stage(StrEnum):
    """What is being done with a batch just now; the words beside its progress bar."""

    WAITING = "waiting"
    READING = "reading"
    CHECKED = "checked"
    LAKE = "lake"
    INDEX = "index"
    SUBJECTS = "subjects"
    FINISHED = "finished"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.VALIDATED, State.REFUSED}),
    State.VALIDATED: frozenset({State.LANDING}),
    # Landing to landing is a worker that takes over from a dead one.
    State.LANDING: frozenset({State.LANDING, State.LANDED}),
    State.LANDED: frozenset(),
    State.REFUSED: frozenset(),
}
UNFINISHED = frozenset(state for state, following in TRANSITIONS.items() if following)


class MarkKind(StrEnum):
    """What a mark does to a record; the later one is the stronger."""

    DISPUTED = "disputed"  # contested: shared with the mark
    SUSPENDED = "suspended"  # contested where the jurisdiction's rules say: not shared meanwhile
    STOPPED = "stopped"  # repaired or annulled: neither shared nor used


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The strongest mark that stands on a record: since when, why, and by which case of which kind."""

    kind: MarkKind
    since: datetime
    why: str
    case: str


@dataclass(frozen=True, kw_only=True)
class RecordRef:
    """One record of one subject, by its key within the item."""

    subject: str
    item: str
    key: str


@dataclass(frozen=True, kw_only=True)
class MarkStep:
    """A case put a mark on a record, or took it off (`kind` None)."""

    record: RecordRef
    case: str
    kind: MarkKind | None
    why: str
    at: datetime


def standing_marks(steps: Iterable[MarkStep]) -> dict[RecordRef, Mark]:
    """Return the strongest mark on each record from all that was ever done, oldest step first.

    Each case has one mark on a record: its last step counts. Of equally strong ones the older is told.
    """
    last: dict[tuple[RecordRef, str], MarkStep] = {(step.record, step.case): step for step in steps}
    found: dict[RecordRef, Mark] = {}
    for step in sorted(last.values(), key=lambda one: one.at):
        if step.kind is None:
            continue
        before = found.get(step.record)
        if before is None or STRENGTH[step.kind] > STRENGTH[before.kind]:
            found[step.record] = Mark(kind=step.kind, since=step.at, why=step.why, case=step.case)
    return found


STRENGTH = {kind: strength for strength, kind in enumerate(MarkKind)}


class CaseState(StrEnum):
    """Where a row that could not be tied to a subject stands."""

    OPEN = "open"
    TIED = "tied"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a deliverer says of a file: which item it holds, for which source, and under which key it is sent."""

    item: str
    source: str
    filename: str
    idempotency_key: str
    corrects: bool = False
    """It is not what the source delivers: it puts single rows right that are held, in the name of the source."""
    subject: str = ""
    """Whose the rows of a correction are where they name no usable code: they stay with whom they were tied to."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A subject a row may be about, and how sure the matcher is (basis points)."""

    subject: str
    name: str
    sureness: int


class SubjectMatcher(Protocol):
    """The seam for linkage that weighs evidence: who may a row be about that names no usable code."""

    def candidates(self, *, name: str, registration_number: str, region: str) -> Sequence[Candidate]:
        """Return subjects the row may be about, surest first; none when nobody comes near."""


def require_step(*, state: State, to: State) -> None:
    """Let a batch step from one state to another, or raise `WrongState`."""
    if to not in TRANSITIONS[state]:
        raise WrongState(f"A batch that is {state} cannot become {to}.")


def require_delivery(*, delivery: Delivery, catalogue: Catalogue, by: Actor) -> tuple[Item, Source]:
    """Return the item and source of a delivery that is in order.

    Raises `UnknownItem`, `UnknownSource`, `SourceMayNotDeliver`, `NotYourSource` or `BadDelivery`.
    """
    item = catalogue.items.get(delivery.item)
    if item is None:
        raise UnknownItem(
            f"There is no item '{delivery.item[:60]}' in the catalogue of this node. "
            "Look up the code on the page of the sharing lists."
        )
    source = catalogue.sources.get(delivery.source)
    if source is None:
        raise UnknownSource(
            f"There is no source '{delivery.source[:60]}' in the catalogue of this node. "
            "Look up the code on the page of the sharing lists, or ask the operator to add it."
        )
    if item.sources and source.code not in item.sources:
        raise SourceMayNotDeliver(
            f"Item {item.code} is delivered by {', '.join(item.sources)}, not by {source.code}. "
            "Choose the item your department answers for."
        )
    if not by.may_deliver(source.code):
        raise NotYourSource(source.code)
    if not 1 <= len(delivery.idempotency_key) <= KEY_LENGTH:
        raise BadDelivery(f"The idempotency key must have 1 to {KEY_LENGTH} characters.")
    return item, source


def require_permission(*, actor: Actor, permission: Permission) -> None:
    """Let those go on whose roles grant the permission, or raise `NotPermitted`."""
    if not actor.may(permission):
        raise NotPermitted(permission)


def safe_filename(name: str) -> str:
    """Return a file's own name without folders, control characters or excess length."""
    plain = "".join(char for char in PurePath(name.replace("\\", "/")).name if char.isprintable())
    return plain[-200:] or "delivery"


def suffix(filename: str) -> str:
    """Return the ending that says how a file is read; an unknown one is read as CSV."""
    ending = PurePath(filename).suffix.lower()
    return ending if ending in SUFFIXES else ".csv"


def may_take(*, lease_until: datetime | None, holder_is_dead: bool, at: datetime) -> bool:
    """Tell whether a worker may take up a batch: nobody holds it, or who held it is gone."""
    return lease_until is None or lease_until <= at or holder_is_dead


_FULL = ("no space left", "disk is full", "file too large", "disk quota", "could not extend file", "errno 28")


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error, or one behind it, says that no more could be written."""
    seen: BaseException | None = error
    while seen is not None:
        if any(words in str(seen).lower() for words in _FULL):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def bucket_bits(rows: int, *, of_a_page: int = ROWS_OF_A_PAGE) -> int:
    """Return how many leading bits of a subject's hash choose its page, so that a page has so many rows or up to
    twice as many.
    """
    return min(MOST_BITS, max(0, (rows // of_a_page).bit_length() - 1))


def subject_hash(subject: str) -> int:
    """Return 32 bits that place a subject in the index; DuckDB computes the same from `md5`."""
    digest = hashlib.md5(subject.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big")


def bucket(subject: str, *, bits: int) -> int:
    """Return the page of a part in which a subject's rows lie."""
    return subject_hash(subject) >> (32 - bits)


def page_id(*, part: int, page: int) -> int:
    """Return the key of a page of a part; no part has more than 2^24 pages."""
    return (part << 24) | page


def worth_merging(rows: Sequence[int]) -> int:
    """Return how many of an item's parts, smallest first, to merge into one; 0 when they are few enough.

    A part is merged with smaller ones only when they have at least a quarter of its rows, so that a row is
    written anew a few times in its life, however many batches come.

    >>> worth_merging([50, 100, 100, 100]), worth_merging([10, 10, 10, 10, 1000]), worth_merging([10, 1000])
    (4, 4, 0)
    """
    for count in range(len(rows), PARTS_BEFORE_MERGING - 1, -1):
        if rows[count - 1] <= 4 * sum(rows[: count - 1]):
            return count
    return 0


def last_of_each(lines: Iterable[bytes]) -> list[bytes]:
    """Return of several lines about one record the one that landed last, as it counts for an `upsert` item.

    >>> last_of_each([b'["91A","k",1,null]', b'["91A","k",3,null]', b'["91A","k",2,null]'])
    [b'["91A","k",3,null]']
    """
    last: dict[tuple[str, str], tuple[int, bytes]] = {}
    for line in lines:
        subject, key, seq, *_ = json.loads(line)
        if seq >= last.get((subject, key), (seq, b""))[0]:
            last[subject, key] = seq, line
    return [line for _, line in last.values()]


def subject_of(line: bytes) -> str:
    """Return whose a line of the inquiry index is.

    >>> subject_of(b'["91A","k",1,null]'), subject_of(b'["a\\\\",b","k",1,null]')
    ('91A', 'a",b')
    """
    quoted = line[2 : line.find(b'",', 2)]
    return str(json.loads(line)[0]) if b"\\" in quoted else quoted.decode()


@dataclass(slots=True)  # not frozen: made by the thousand, and those are made at a third of the speed
class Line:
    """One row of the inquiry index; `values` is None where a key left this subject, or its row was corrected."""

    subject: str
    key: str
    seq: int
    event_date: date | None
    values: dict[str, Any] | None


def lines_of(text: bytes, *, subject: str, fields: Sequence[str]) -> list[Line]:
    """Return the lines of one page that are about a subject."""
    opening = _opening(subject)
    found: list[Line] = []
    # A page has dozens of lines and an inquiry reads dozens of pages: the others are stepped over unseen.
    place = 0 if text.startswith(opening[1:]) else text.find(opening) + 1
    while place or (not found and text.startswith(opening[1:])):
        end = text.find(b"\n", place)
        found.append(_line(from_json(text[place : end if end >= 0 else None]), fields))
        place = text.find(opening, end if end >= 0 else len(text)) + 1
    return found


@lru_cache(maxsize=64)
def _opening(subject: str) -> bytes:
    return b"\n[" + json.dumps(subject, ensure_ascii=False).encode() + b","


def _line(parts: list[Any], fields: Sequence[str]) -> Line:
    subject, key, seq, event_date, *values = parts
    return Line(
        subject,
        key,
        seq,
        date.fromisoformat(event_date) if event_date else None,
        dict(zip(fields, values, strict=True)) if values else None,
    )


def standing(lines: Iterable[Line], *, update: Update) -> list[Line]:
    """Return the lines that count now, newest event first: one per key, by the way the item is updated.

    The last line of a key counts; of an `append` item only a correction brings a second one. A line without values
    ends those that landed before it, of a `replace` item the one in whose place it stands.
    """
    lines = list(lines)
    if len(lines) == 1:
        return lines if lines[0].values is not None else []
    held: dict[tuple[str, int], Line] = {}
    for line in lines:
        # The lists of several sources stand beside each other: of `replace` items old parts are dropped instead.
        place = line.key, line.seq if update is Update.REPLACE else 0
        before = held.get(place)
        if before is None or (line.seq, line.values is None) > (before.seq, before.values is None):
            held[place] = line
    counted = [line for line in held.values() if line.values is not None]
    return sorted(counted, key=lambda line: (line.event_date or date.min, line.key, line.seq), reverse=True)
