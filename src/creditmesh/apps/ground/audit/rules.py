"""Who acted on what with which outcome: the words of the ledger, and the body an entry commits to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from creditmesh.exchange.canonical import JSON
from creditmesh.kernel.errors import CreditmeshError

DETAIL = "details."
"""How the field of a detail is named in the body: each detail can be shown or withheld for itself."""


class Outcome(StrEnum):
    """How an act ended: permitted, refused, carried out, or tried in vain."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Who:
    """Someone who acts: a user, an API key, or the node itself (`user_id` is None)."""

    label: str
    user_id: int | None = None
    organisation: str = ""
    role: str = ""
    request: str = ""  # id of the request it came with, to tell acts of one request together


@dataclass(frozen=True)
class Thing:
    """What was acted on: a kind of object and its key, such as ("batch", "17")."""

    kind: str
    key: str = ""


@dataclass(frozen=True)
class Draft:
    """An entry before it is written. Texts longer than their column are cut."""

    who: Who
    act: str  # a verb with its subject, such as `batch.receive`
    thing: Thing
    at: datetime
    why: str = ""
    outcome: Outcome = Outcome.DONE
    details: Mapping[str, JSON] = field(default_factory=dict)  # digests and codes, never record values
    subject: str = ""  # key of the enterprise the entry is about


@dataclass(frozen=True)
class Written:
    """The text of an entry exactly as its row holds it: what its leaf commits to."""

    entry: str  # the uuid by which the world knows the entry
    at: datetime
    user_id: int | None
    user_label: str
    organisation: str
    role: str
    act: str
    object_kind: str
    object_key: str
    why: str
    outcome: str
    request: str
    subject: str
    details: Mapping[str, JSON]


COMMAND_LINE = Who(label="command line", role="operator")
WORKER = Who(label="worker")
NOBODY = Who(label="anonymous")


class NoTimeZone(CreditmeshError):
    """A moment without a time zone is no moment."""

    code = "no-time-zone"


def moment(at: datetime) -> str:
    """Return a moment as the ledger commits to it: UTC, microseconds, `Z`; raise `NoTimeZone`."""
    if at.tzinfo is None:
        raise NoTimeZone(f"{at} has no time zone: the ledger needs to know which moment is meant.")
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def timed_id(at: datetime, noise: bytes) -> str:
    """Return a UUID of version 7 (RFC 9562): begins with the time, so that an index of them grows at its end.

    `noise` is ten bytes from a secure source.
    """
    milliseconds = int(at.timestamp() * 1000)
    text = f"{milliseconds & 0xFFFFFFFFFFFF:012x}7{noise.hex()}"
    variant = "89ab"[noise[1] & 3]
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{variant}{text[17:20]}-{text[20:32]}"


def written(draft: Draft, *, entry: str) -> Written:
    """Return a draft as the table can hold it."""
    who = draft.who
    return Written(
        entry=entry,
        at=draft.at,
        user_id=who.user_id,
        user_label=who.label[:200],
        organisation=who.organisation[:200],
        role=who.role[:200],
        act=draft.act[:100],
        object_kind=draft.thing.kind[:60],
        object_key=draft.thing.key[:300],
        why=draft.why,
        outcome=draft.outcome.value,
        request=who.request[:64],
        subject=draft.subject[:64],
        details=draft.details,
    )


def body(row: Written) -> dict[str, JSON]:
    """Return the fields an entry commits to; what is not stated has no field."""
    fields: dict[str, JSON] = {
        "entry": row.entry,
        "at": moment(row.at),
        "user": row.user_label,
        "organisation": row.organisation,
        "role": row.role,
        "act": row.act,
        "object_kind": row.object_kind,
        "object_key": row.object_key,
        "why": row.why,
        "outcome": row.outcome,
        "request": row.request,
        "subject": row.subject,
    }
    stated: dict[str, JSON] = {name: value for name, value in fields.items() if value}
    if row.user_id is not None:
        stated["user_id"] = row.user_id
    for name, value in row.details.items():
        stated[DETAIL + name] = value
    return stated
