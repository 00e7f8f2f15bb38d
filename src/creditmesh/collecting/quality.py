"""How good a delivered batch is, in basis points."""

from datetime import date

import duckdb

from creditmesh.catalogue.model import Cadence, Item
from creditmesh.collecting.outcome import Quality

PERIODS = {
    Cadence.WEEKLY: "week",
    Cadence.MONTHLY: "month",
    Cadence.QUARTERLY: "quarter",
    Cadence.YEARLY: "year",
}


def measure(
    connection: duckdb.DuckDBPyConnection, *, item: Item, rows: str, received: int, on: date
) -> Quality:
    """Return the four measures of a batch; `rows` is SQL for its accepted rows, `on` the day it arrived.

    - accuracy = rows accepted without a warning / rows received;
    - completeness = cells stated / cells of all fields of the item, over accepted rows;
    - continuity = periods of the item's cadence with at least one event / periods from the first event to
      the last, both included (a daily item counts Monday to Friday only); None without events or cadence;
    - timeliness = rows that arrived within `deliver_within_days` of their event / rows with an event date.
    """
    stated = " + ".join(f'count("{field.name}")' for field in item.fields)
    total, clean, cells, dated, timely = connection.execute(
        f"SELECT count(*), count(*) - count(_warnings), {stated}, count(_event_date), "
        f"count(*) FILTER (_event_date >= DATE '{on}' - {item.deliver_within_days}) FROM {rows}"
    ).fetchall()[0]
    return Quality(
        accuracy_bp=_share(clean, received),
        completeness_bp=_share(cells, total * len(item.fields)),
        continuity_bp=_continuity(connection, item=item, rows=rows),
        timeliness_bp=_share(timely, dated),
    )


def _share(part: int, whole: int) -> int | None:
    return None if whole == 0 else (part * 10_000 + whole // 2) // whole


def _continuity(connection: duckdb.DuckDBPyConnection, *, item: Item, rows: str) -> int | None:
    if item.cadence is Cadence.ON_REQUEST or item.event_date is None:
        return None
    days = f"(SELECT DISTINCT _event_date AS day FROM {rows} WHERE _event_date IS NOT NULL)"
    if item.cadence is Cadence.DAILY:
        found, expected = connection.execute(
            "SELECT count(*) FILTER (isodow(day) < 6), (SELECT count(*) FROM range(min(day), max(day) + 1, "
            f"INTERVAL 1 DAY) AS t(one) WHERE isodow(one) < 6) FROM {days}"
        ).fetchall()[0]
        return _share(found, expected or 0)
    period = PERIODS[item.cadence]
    found, expected = connection.execute(
        f"SELECT count(DISTINCT date_trunc('{period}', day)), "
        f"date_diff('{period}', min(day), max(day)) + 1 FROM {days}"
    ).fetchall()[0]
    return _share(found, expected or 0)
