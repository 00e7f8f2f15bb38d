"""Rows of entries: written many at once, and read back as what their leaves commit to."""

import json
import os
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from creditmesh.apps.audit.models import Entry
from creditmesh.apps.audit.rules import Draft, Written, entry_id, written
from creditmesh.exchange.canonical import canonical
from creditmesh.exchange.commitments import SALT_BYTES

NOISE_BYTES = 10

_COLUMNS = (
    "id, at, user_id, user_label, organisation, role, act, object_kind, object_key, why, outcome, request, "
    "uuid, salt, subject, details"
)
_INSERT = f"INSERT INTO audit_entry ({_COLUMNS}) VALUES ({', '.join(['%s'] * 16)})"  # noqa: S608 (constants)
# The sequences, not the largest id: bodies expire, and their numbers must never come again.
_SEQUENCE = "SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')) FROM generate_series(1, %s)"
_LAST = "SELECT seq FROM sqlite_sequence WHERE name = 'audit_entry'"


def drawn_up(drafts: Sequence[Draft]) -> list[tuple[Written, bytes]]:
    """Return drafts as rows to be, each with an identifier of its own and its salt."""
    noise = os.urandom((SALT_BYTES + NOISE_BYTES) * len(drafts))
    made, start = [], 0
    for draft in drafts:
        salt, own = start + SALT_BYTES, start + SALT_BYTES + NOISE_BYTES
        row = written(draft, entry=entry_id(draft.at, noise[salt:own]))
        made.append((row, noise[start:salt]))
        start = own
    return made


def insert(cursor: CursorWrapper, rows: Sequence[tuple[Written, bytes]]) -> list[int]:
    """Write rows and return their numbers."""
    numbers = _next_numbers(cursor, len(rows))
    told = [_values(number, row, salt) for number, (row, salt) in zip(numbers, rows, strict=True)]
    cursor.executemany(_INSERT, told)
    return numbers


def details_text(row: Written) -> str:
    """Return the details as their column holds them; empty when there are none."""
    return canonical(row.details).decode() if row.details else ""


def read_back(entry: Entry) -> Written:
    """Return a row as what its leaf commits to."""
    names = (name for name in Written.__dataclass_fields__ if name not in ("entry", "details"))
    details = json.loads(entry.details) if entry.details else {}
    stated: dict[str, Any] = {name: getattr(entry, name) for name in names}
    return Written(entry=str(entry.uuid), details=details, **stated)


def _next_numbers(cursor: CursorWrapper, count: int) -> list[int]:
    if connection.vendor == "postgresql":
        cursor.execute(_SEQUENCE, [count])
        return [number for (number,) in cursor.fetchall()]
    cursor.execute(_LAST)
    last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def _values(number: int, row: Written, salt: bytes) -> tuple[Any, ...]:
    return (
        number,
        _moment(row.at),
        row.user_id,
        row.user_label,
        row.organisation,
        row.role,
        row.act,
        row.object_kind,
        row.object_key,
        row.why,
        row.outcome,
        row.request,
        _uuid(row.entry),
        salt,
        row.subject,
        details_text(row),
    )


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _uuid(text: str) -> Any:
    return uuid.UUID(text) if connection.features.has_native_uuid_field else text.replace("-", "")
