"""Plain statements with little between them and the driver: for what stands in the way of every answer.

Where somebody looks at the statements (tests, debugging) or the database is PostgreSQL they go the usual way; on
SQLite the usual way takes several times as long as a small statement itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection


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


@lru_cache(maxsize=512)
def _own(statement: str) -> str:
    return statement.replace("%s", "?")
