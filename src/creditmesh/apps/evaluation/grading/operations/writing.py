"""Write standings into the database as fast as it takes them: COPY on PostgreSQL, prepared rows on SQLite."""

from collections.abc import Sequence
from typing import Any

from django.db import connections, router

from creditmesh.apps.evaluation.grading.models import StandingColumns
from creditmesh.apps.evaluation.grading.operations.results import COLUMNS


def insert(*, table: type[StandingColumns], run: int, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert standings of a run, in the caller's transaction; the values stand in the order of `COLUMNS`."""
    connection = connections[router.db_for_write(table)]
    quote = connection.ops.quote_name
    name = quote(table._meta.db_table)
    columns = ", ".join(quote(one) for one in ("run_id", *COLUMNS))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row((run, *row))
        else:
            marks = ", ".join(["%s"] * (len(COLUMNS) + 1))
            sql = f"INSERT INTO {name} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own tables
            cursor.executemany(sql, [(run, *row) for row in rows])
