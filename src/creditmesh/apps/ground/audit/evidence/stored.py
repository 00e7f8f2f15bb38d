"""Rows of the ledger as the database really holds them, so that a change of any byte of them shows."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from creditmesh.apps.ground.audit.rules import Written
from creditmesh.apps.ground.audit.tree import rows
from creditmesh.apps.ground.audit.tree.leaves import leaf_of
from creditmesh.exchange import commitments
from creditmesh.exchange.canonical import canonical

_BODY = rows.COLUMNS.split(", ")
_TILES = "SELECT id, hashes FROM audit_tile WHERE id IN ({})"
_EXPIRED = ("uuid", "opening", "names", "digests")


@dataclass(frozen=True)
class Held:
    """What stands at a position: a body, what remains of one, or nothing; `leaf` is None if it is damaged."""

    position: int
    entry: int
    found: bool
    expired: bool
    leaf: bytes | None


def held(first: int, end: int) -> Iterator[Held]:
    """Return what the rows say about the positions from `first` up to `end`, those that have one."""
    body = ", ".join(_moment(f"e.{name}") if name == "at" else f"e.{name}" for name in _BODY)
    gone = ", ".join(f"x.{name}" for name in _EXPIRED)
    query = f"""
        SELECT l.position, l.entry_id, x.entry_id, {body}, {gone} FROM audit_leaf l
        LEFT JOIN audit_entry e ON e.id = l.entry_id LEFT JOIN audit_expired x ON x.entry_id = l.entry_id
        WHERE l.position >= %s AND l.position < %s ORDER BY l.position
    """  # noqa: S608 (constants)
    with connection.cursor() as cursor:
        cursor.execute(query, [first, end])
        for position, entry, remains, *values in cursor.fetchall():
            split = len(_BODY)
            body_found, gone_found = values[0] is not None, remains is not None
            leaf = None
            if body_found != gone_found:
                leaf = _of_body(values[:split]) if body_found else _of_expired(values[split:])
            yield Held(position, entry, body_found or gone_found, gone_found, leaf)


def fetch(query: str, *values: int | str) -> list[tuple[Any, ...]]:
    """Return rows as the database holds them; `{at}` in the query stands for the column of that name."""
    for column in ("at", "before"):
        query = query.replace(f"{{{column}}}", _moment(column))
    with connection.cursor() as cursor:
        cursor.execute(query, list(values))
        return list(cursor.fetchall())


def fetch_tiles(numbers: Collection[int]) -> dict[int, bytes]:
    """Return tiles by their number."""
    listed = ",".join(str(int(one)) for one in numbers)
    return {number: bytes(hashes) for number, hashes in fetch(_TILES.format(listed))} if listed else {}


def as_held(at: datetime) -> Any:
    """Return a moment as the database holds it."""
    return connection.ops.adapt_datetimefield_value(at.astimezone(UTC))


def remains(names: Sequence[str], digests: Sequence[str]) -> tuple[str, bytes]:
    """Return names and digests of a commitment as their columns hold them."""
    return canonical(list(names)).decode(), bytes.fromhex("".join(digests))


def _moment(column: str) -> str:
    # Else Django reads many spellings of a moment as the same.
    return f"CAST({column} AS TEXT)" if connection.vendor == "sqlite" else column


def _of_body(values: Sequence[Any]) -> bytes | None:
    given = dict(zip(_BODY, values, strict=True))
    try:
        at = given["at"] if isinstance(given["at"], datetime) else _parsed(given["at"])
        row = Written(
            **{name: given[name] for name in rows.SAME},
            at=at,
            entry=str(UUID(str(given["uuid"]))),
            details=json.loads(given["details"]) if given["details"] else {},
        )
        salt = bytes(given["salt"])
        leaf = leaf_of(row, salt)
        exact = rows.as_stored(given["id"], row, salt)
        same = connection.vendor != "sqlite" or tuple(values) == exact
        return leaf if same and rows.details_text(row) == given["details"] else None
    except Exception:  # noqa: BLE001 (whatever a changed byte may lead to, the row is not what it was)
        return None


def _of_expired(values: Sequence[Any]) -> bytes | None:
    given = dict(zip(_EXPIRED, values, strict=True))
    try:
        names, digests = json.loads(given["names"]), bytes(given["digests"])
        parts = [digests[at : at + 32].hex() for at in range(0, len(digests), 32)]
        fields = dict(zip(names, parts, strict=True))
        named = commitments.field_digest(str(UUID(str(given["uuid"]))), salt=bytes(given["opening"]))
        told = given["uuid"] if isinstance(given["uuid"], UUID) else UUID(given["uuid"]).hex
        same = remains(names, parts) == (given["names"], digests) and told == given["uuid"]
        return commitments.leaf_of(fields) if same and fields["entry"] == named else None
    except Exception:  # noqa: BLE001 (as above)
        return None


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
