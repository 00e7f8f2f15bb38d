"""Plain statements with little between them and the driver: for what stands in the way of every answer.

Where somebody looks at the statements (tests, debugging) or the database is PostgreSQL they go the usual way; on
SQLite the usual way takes several times as long as a small statement itself.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

_MOST_ROWS = 16  # of one statement on SQLite
_MOST_PARAMETERS = 60_000  # of one statement on PostgreSQL


def rows(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a plain statement, whose places for values are written `%s`."""
    if connection.vendor != "sqlite" or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            return list(cursor.fetchall())
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        found: list[tuple[Any, ...]] = connection.connection.execute(_own(statement), values).fetchall()
    return found


def insert(into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of values; `into` is the statement up to where the rows begin, `INSERT INTO x (a, b) VALUES`.

    Few statements of many rows: after each row of its own the driver lets other threads compute, and has to wait
    until it may go on.
    """
    if connection.vendor != "sqlite" or connection.queries_logged:
        for part in _parts(rows, _MOST_PARAMETERS // max(1, len(rows[0]) if rows else 1)):
            with connection.cursor() as cursor:
                cursor.execute(_of_rows(into, len(part), len(part[0])), [one for row in part for one in row])
        return
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        start = 0
        for size in _sizes(len(rows)):
            part = rows[start : start + size]
            own = _own(_of_rows(into, size, len(part[0])))
            connection.connection.execute(own, [one for row in part for one in row])
            start += size


def _parts(rows: Sequence[Sequence[Any]], size: int) -> Iterator[Sequence[Sequence[Any]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _sizes(count: int) -> list[int]:
    # Powers of two, so that the statements are few and stay prepared.
    whole, rest = divmod(count, _MOST_ROWS)
    return [_MOST_ROWS] * whole + [
        1 << bit for bit in range(rest.bit_length() - 1, -1, -1) if rest >> bit & 1
    ]


@lru_cache(maxsize=512)
def _of_rows(into: str, rows: int, columns: int) -> str:
    row = f"({', '.join(['%s'] * columns)})"
    return f"{into} {', '.join([row] * rows)}"


@lru_cache(maxsize=512)
def _own(statement: str) -> str:
    return statement.replace("%s", "?")
