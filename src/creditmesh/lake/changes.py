"""Whose records another version of the lake tells otherwise: by the batches that came since, and the marks."""

from collections.abc import Mapping

import duckdb

from creditmesh.catalogue.model import Item, Update
from creditmesh.lake import marks, tables, views
from creditmesh.lake.tables import Place


def changed(
    connection: duckdb.DuckDBPyConnection,
    place: Place,
    item: Item,
    *,
    before: Mapping[str, int],
    now: Mapping[str, int],
) -> frozenset[str]:
    """Return every subject on which an item, or a mark on a record of it, says something new between two versions.

    No subject is left out; some may be named whose records come to the same. A table a version does not name had
    no rows.
    """
    found = _landed(connection, place, item, before.get(item.code), now.get(item.code))
    return found | _marked(connection, place, item, before.get(marks.TABLE), now.get(marks.TABLE))


def _landed(
    connection: duckdb.DuckDBPyConnection, place: Place, item: Item, before: int | None, now: int | None
) -> frozenset[str]:
    if now is None or before == now:
        return frozenset()
    later = _rows(connection, place, item.code, now, "changes_now")
    if later is None:
        return frozenset()
    earlier = None if before is None else _rows(connection, place, item.code, before, "changes_before")
    if earlier is None:
        return _subjects(connection, f"SELECT DISTINCT _subject FROM {later}")
    new = (
        f"SELECT _subject, _key, _source, _change FROM {later} WHERE _batch NOT IN "
        f"(SELECT DISTINCT _batch FROM {earlier})"
    )
    if item.update is Update.REPLACE:
        # the last batch of a source stands for all of it: who left the list is concerned too
        also = (
            f"SELECT _subject FROM {earlier} WHERE _source IN (SELECT _source FROM new "
            f"WHERE _change <> '{views.CORRECTED}') OR _key IN (SELECT _key FROM new "
            f"WHERE _change = '{views.CORRECTED}')"
        )
    else:
        also = f"SELECT _subject FROM {earlier} WHERE _key IN (SELECT _key FROM new WHERE _change <> 'new')"
    return _subjects(connection, f"WITH new AS ({new}) SELECT _subject FROM new UNION {also}")


def _marked(
    connection: duckdb.DuckDBPyConnection, place: Place, item: Item, before: int | None, now: int | None
) -> frozenset[str]:
    if now is None or before == now:
        return frozenset()
    earlier = None if before is None else marks.opened(place, version=before)
    since = 0 if earlier is None else marks.last(earlier)
    table = marks.opened(place, version=now)
    source = table and tables.relation(connection, table, place=place, name="changes_marks")
    if not source:
        return frozenset()
    found = connection.execute(
        f"SELECT DISTINCT subject FROM {source} WHERE seq > ? AND item = ?",
        [since, item.code],
    ).fetchall()
    return frozenset(subject for (subject,) in found)


def _rows(
    connection: duckdb.DuckDBPyConnection, place: Place, code: str, version: int, name: str
) -> str | None:
    table = place.opened(code, version=version)
    return None if table is None else tables.relation(connection, table, place=place, name=name)


def _subjects(connection: duckdb.DuckDBPyConnection, query: str) -> frozenset[str]:
    return frozenset(subject for (subject,) in connection.execute(query).fetchall() if subject is not None)
