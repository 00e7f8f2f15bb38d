"""SQL that takes many subjects into the register at once, on SQLite and on PostgreSQL."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection

from creditmesh.apps.ground.parties.rules import SubjectRow, scheme_of
from creditmesh.kernel.names import name_grams, normalise_name

_COLUMNS = (
    "key",
    "scheme",
    "name",
    "name_normal",
    "name_grams",
    "registration_number",
    "region",
    "industry",
    "entity_type",
    "established_date",
    "status",
)
_AT_ONCE = 20_000
_MANY = 10_000  # rows after which PostgreSQL should look at the table again to plan searches well
_TABLE = "parties_creditsubject"
_STAGING = "parties_creditsubject_arriving"
_CHANGED = [name for name in _COLUMNS if name not in ("key", "scheme")]
_UNKNOWN = {"registration_number": "NULL", "established_date": "NULL"}


def take(rows: Iterable[SubjectRow]) -> int:
    """Insert or update the rows, in the caller's transaction, and return how many there were."""
    write = _sqlite if connection.vendor == "sqlite" else _postgresql
    source, taken = iter(rows), 0
    while chunk := list(islice(source, _AT_ONCE)):
        latest = {row.key: row for row in chunk}
        write(_values(latest.values()))
        taken += len(chunk)
    if taken >= _MANY and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {_TABLE}")
    return taken


def _values(rows: Iterable[SubjectRow]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield (
            row.key,
            scheme_of(row.key),
            row.name,
            normalise_name(row.name),
            name_grams(row.name),
            row.registration_number or None,
            row.region,
            row.industry,
            row.entity_type,
            row.established_date,
            row.status,
        )


def _upsert() -> str:
    """Return the ON CONFLICT clause: what arrives empty leaves what is known, and equal rows stay unwritten."""
    sets, differs = [], []
    for name in _CHANGED:
        empty = _UNKNOWN.get(name, "''")
        given = f"excluded.{name} IS NOT NULL" if empty == "NULL" else f"excluded.{name} <> ''"
        sets.append(f"{name} = CASE WHEN {given} THEN excluded.{name} ELSE {_TABLE}.{name} END")
        differs.append(f"({given} AND excluded.{name} IS DISTINCT FROM {_TABLE}.{name})")
    return f"ON CONFLICT (key) DO UPDATE SET {', '.join(sets)} WHERE {' OR '.join(differs)}"


def _sqlite(values: Iterator[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(_COLUMNS))
    # SQLite learnt IS DISTINCT FROM in 3.39; its own spelling works in all.
    upsert = _upsert().replace("IS DISTINCT FROM", "IS NOT")
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) VALUES ({marks}) {upsert}",  # noqa: S608
            [tuple(str(one) if one is not None else None for one in row) for row in values],
        )


def _postgresql(values: Iterator[tuple[Any, ...]]) -> None:
    columns = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {_STAGING} ON COMMIT DROP AS "  # noqa: S608
            f"SELECT {columns} FROM {_TABLE} LIMIT 0"
        )
        cursor.execute(f"TRUNCATE {_STAGING}")
        with cursor.copy(f"COPY {_STAGING} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        cursor.execute(
            # A fixed order of keys, so that two batches at once cannot lock each other out.
            f"INSERT INTO {_TABLE} ({columns}) SELECT {columns} FROM {_STAGING} ORDER BY key {_upsert()}"  # noqa: S608
        )
