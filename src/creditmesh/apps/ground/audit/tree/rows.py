"""Rows of entries: written many at once, and read back as what their leaves commit to."""

import json
import os
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.audit.rules import Draft, Written, moment, timed_id, written
from creditmesh.exchange.canonical import canonical
from creditmesh.exchange.commitments import SALT_BYTES

NOISE_BYTES = 10
SAME = tuple(name for name in Written.__dataclass_fields__ if name not in ("entry", "at", "details"))

COLUMNS = (
    "id, at, user_id, user_label, organisation, role, act, object_kind, object_key, why, outcome, request, "
    "uuid, salt, subject, details"
)
_INSERT = f"INSERT INTO audit_entry ({COLUMNS}) VALUES"
# The sequence, not the largest id: bodies expire, and their numbers must never come again.
_LAST = "SELECT seq FROM sqlite_sequence WHERE name = 'audit_entry'"
# One statement with one parameter: sixteen thousand parameters take longer than the rows.
_INSERT_JSON = """
    INSERT INTO audit_entry (at, user_id, user_label, organisation, role, act, object_kind, object_key, why,
        outcome, request, uuid, salt, subject, details)
    SELECT at, user_id, user_label, organisation, role, act, object_kind, object_key, why,
        outcome, request, uuid, decode(salt, 'hex'), subject, details
    FROM json_to_recordset(%s::json) AS given (at timestamptz, user_id bigint, user_label text,
        organisation text, role text, act text, object_kind text, object_key text, why text, outcome text,
        request text, uuid uuid, salt text, subject text, details text)
    RETURNING uuid, id
"""


def drawn_up(drafts: Sequence[Draft]) -> list[tuple[Written, bytes]]:
    """Return drafts as rows to be, each with an identifier of its own and its salt."""
    noise = os.urandom((SALT_BYTES + NOISE_BYTES) * len(drafts))
    made, start = [], 0
    for draft in drafts:
        salt, own = start + SALT_BYTES, start + SALT_BYTES + NOISE_BYTES
        row = written(draft, entry=timed_id(draft.at, noise[salt:own]))
        made.append((row, noise[start:salt]))
        start = own
    return made


def insert(cursor: CursorWrapper, rows: Sequence[tuple[Written, bytes]]) -> list[int]:
    """Write rows and return their numbers, in the order of the rows."""
    if connection.vendor == "postgresql":
        given = json.dumps([_as_json(row, salt) for row, salt in rows], ensure_ascii=False)
        cursor.execute(_INSERT_JSON, [given])
        numbers = dict(cursor.fetchall())
        return [numbers[uuid.UUID(row.entry)] for row, _ in rows]
    last = (statements.rows(_LAST) or [(0,)])[0][0]
    given_numbers = list(range(last + 1, last + 1 + len(rows)))
    told = [as_stored(number, row, salt) for number, (row, salt) in zip(given_numbers, rows, strict=True)]
    statements.insert(_INSERT, told)
    return given_numbers


def details_text(row: Written) -> str:
    """Return the details as their column holds them; empty when there are none."""
    return canonical(row.details).decode() if row.details else ""


def read_back(entry: Entry) -> Written:
    """Return a row as what its leaf commits to."""
    details = json.loads(entry.details) if entry.details else {}
    stated: dict[str, Any] = {name: getattr(entry, name) for name in SAME}
    return Written(entry=str(entry.uuid), at=entry.at, details=details, **stated)


def _as_json(row: Written, salt: bytes) -> dict[str, object]:
    told = {name: getattr(row, name) for name in SAME}
    return {**told, "at": moment(row.at), "uuid": row.entry, "salt": salt.hex(), "details": details_text(row)}


def as_stored(number: int, row: Written, salt: bytes) -> tuple[Any, ...]:
    """Return the values of a row as SQLite holds them, in the order of `COLUMNS`."""
    return (
        number,
        connection.ops.adapt_datetimefield_value(row.at),
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
        row.entry.replace("-", ""),
        salt,
        row.subject,
        details_text(row),
    )
