"""The heads the node has signed, and how the ledger stands."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from creditmesh.apps.ground.audit.models import Entry, Head, Log, Stamp, Waiting
from creditmesh.apps.ground.audit.rules import Outcome, moment
from creditmesh.apps.ground.audit.tree import growing
from creditmesh.exchange.canonical import JSON
from creditmesh.exchange.merkle import EMPTY
from creditmesh.kernel.errors import CreditmeshError

LATE = timedelta(hours=2)


class UnknownHead(CreditmeshError):
    """There is no head of that number."""

    code = "unknown-head"

    def __init__(self) -> None:
        super().__init__("There is no tree head of that number.")


@dataclass(frozen=True)
class StampLine:
    """A time stamp over a head."""

    at: datetime
    authority: str
    serial: str
    token: bytes  # TimeStampResp in DER


@dataclass(frozen=True)
class HeadLine:
    """A signed tree head as pages and programs get it."""

    number: int
    size: int
    root: str  # hexadecimal
    at: datetime
    key_id: str
    document: str  # canonical JSON, as it was signed
    signature: str
    stamp: StampLine | None


class Alert(StrEnum):
    """Why somebody should look after the ledger; nothing stops because of it."""

    HEAD_LATE = "tree-head-late"
    NOT_SEALED = "entries-not-sealed"
    NOT_STAMPED = "not-time-stamped"
    NOT_VERIFIED = "does-not-verify"


@dataclass(frozen=True)
class Verification:
    """What a verification of the whole ledger found."""

    at: datetime
    holds: bool
    size: int
    root: str
    problems: tuple[str, ...]  # kinds of what is wrong


@dataclass(frozen=True)
class State:
    """How the ledger stands now."""

    size: int
    root: str
    waiting: int  # entries without a place yet
    head: HeadLine | None
    stamped: HeadLine | None  # the last head with a time stamp
    stamp_trouble: str  # why the last try to have a head stamped failed; empty when it did not


def heads(*, before: int | None = None, size: int = 50) -> list[HeadLine]:
    """Return heads, newest first, older than number `before` when it is given."""
    rows = Head.objects.order_by("-number")
    if before is not None:
        rows = rows.filter(number__lt=before)
    return _lines(list(rows[:size]))


def head(number: int) -> HeadLine:
    """Return a head by its number; raise `UnknownHead`."""
    found = _lines(list(Head.objects.filter(number=number)))
    if not found:
        raise UnknownHead
    return found[0]


def latest_head() -> HeadLine | None:
    """Return the head signed last."""
    return next(iter(heads(size=1)), None)


def head_for(position: int) -> HeadLine:
    """Return the first stamped head over a position, the latest head when none is; raise `UnknownHead`."""
    stamped = Head.objects.filter(size__gt=position, number__in=Stamp.objects.values("head_number"))
    latest = Head.objects.filter(size__gt=position).order_by("-number")[:1]
    found = _lines(list(stamped.order_by("number")[:1]) or list(latest))
    if not found:
        raise UnknownHead
    return found[0]


def state() -> State:
    """Return how the ledger stands: a few rows are read, however large it is."""
    log = Log.objects.filter(id=1).first()
    edge = growing.edge(log.size, bytes(log.peaks)) if log else None
    stamped = Stamp.objects.order_by("-head_number").values_list("head_number", flat=True).first()
    tried = Entry.objects.filter(act="ledger.stamp").order_by("-id").first()
    return State(
        size=edge.size if edge else 0,
        root=(edge.root if edge else EMPTY).hex(),
        waiting=Waiting.objects.count(),
        head=latest_head(),
        stamped=head(stamped) if stamped else None,
        stamp_trouble=tried.why if tried and tried.outcome == Outcome.FAILED else "",
    )


def alerts(*, at: datetime, stamps_wanted: bool) -> tuple[Alert, ...]:
    """Return what somebody should look after; three small queries."""
    found = []
    last = Head.objects.order_by("-number").values_list("at", flat=True).first()
    if last is None or at - last > LATE:
        found.append(Alert.HEAD_LATE)
    oldest = Entry.objects.filter(id__in=Waiting.objects.order_by("entry_id").values("entry_id")[:1]).first()
    if oldest is not None and at - oldest.at > LATE:
        found.append(Alert.NOT_SEALED)
    if stamps_wanted:
        tried = (
            Entry.objects.filter(act="ledger.stamp").order_by("-id").values_list("outcome", flat=True).first()
        )
        if tried == Outcome.FAILED:
            found.append(Alert.NOT_STAMPED)
    checked = (
        Entry.objects.filter(act="ledger.verify").order_by("-id").values_list("outcome", flat=True).first()
    )
    if checked == Outcome.FAILED:
        found.append(Alert.NOT_VERIFIED)
    return tuple(found)


def last_verification() -> Verification | None:
    """Return what the last verification of the whole ledger found, None when there was none."""
    entry = Entry.objects.filter(act="ledger.verify").order_by("-id").first()
    if entry is None:
        return None
    details = json.loads(entry.details or "{}")
    return Verification(
        at=entry.at,
        holds=entry.outcome == Outcome.DONE,
        size=int(details.get("size", 0)),
        root=str(details.get("root", "")),
        problems=tuple(details.get("problems", ())),
    )


def sizes(*, since: datetime) -> list[tuple[datetime, int]]:
    """Return moment and size of the heads since a moment, oldest first, with the one before it.

    Where there was none before, the ledger begins with nothing at the moment of its first head.
    """
    earlier = Head.objects.filter(at__lt=since).order_by("-number").values_list("number", flat=True).first()
    rows = Head.objects.filter(Q(at__gte=since) | Q(number=earlier)).order_by("number")
    found = list(rows.values_list("at", "size"))
    return [(found[0][0], 0), *found] if found and earlier is None else found


def published(line: HeadLine) -> dict[str, JSON]:
    """Return a head as programs and other nodes get it: what `exchange.proofs` and the verifier script read."""
    told: dict[str, JSON] = {
        "number": line.number,
        "document": json.loads(line.document),
        "signature": line.signature,
    }
    if line.stamp is not None:
        token = base64.b64encode(line.stamp.token).decode()
        told["stamps"] = [{"token": token, "at": moment(line.stamp.at), "authority": line.stamp.authority}]
    return told


def _lines(rows: Sequence[Head]) -> list[HeadLine]:
    stamps = {
        one.head_number: one for one in Stamp.objects.filter(head_number__in=[row.number for row in rows])
    }
    return [_line(row, stamps.get(row.number)) for row in rows]


def _line(row: Head, stamp: Stamp | None) -> HeadLine:
    told = None
    if stamp is not None:
        told = StampLine(
            at=stamp.at, authority=stamp.authority, serial=stamp.serial, token=bytes(stamp.token)
        )
    return HeadLine(
        number=row.number,
        size=row.size,
        root=bytes(row.root).hex(),
        at=row.at,
        key_id=row.key_id,
        document=row.document,
        signature=row.signature,
        stamp=told,
    )
