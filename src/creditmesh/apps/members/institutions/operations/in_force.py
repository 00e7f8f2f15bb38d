"""The lock between whoever is being answered and whoever is being ended: no end overtakes an answer under way.

SQLite has one writer, who holds the whole file. On PostgreSQL this lock is fair, those of rows are not: answers
without end would keep a suspension waiting. It is taken after the rows of institutions and programs, and before
those of keys.
"""

from django.db import connection

_LOCK = 0x696E666F


def hold() -> None:
    """Have everybody stay in force, or not, until the caller's transaction ends; many hold at once."""
    _take("pg_advisory_xact_lock_shared")


def end() -> None:
    """Wait until nobody holds, and keep others from holding until the caller's transaction ends."""
    _take("pg_advisory_xact_lock")


def _take(function: str) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])
