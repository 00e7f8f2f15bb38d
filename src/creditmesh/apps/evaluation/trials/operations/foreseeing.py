"""Whether grades of a past day foresaw what followed: AUC, KS, lift by grade, share found early, days gained."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from creditmesh.apps.evaluation.trials.operations.rescoring import Connection, quoted
from creditmesh.apps.evaluation.trials.queries.outcomes import Outcome
from creditmesh.apps.evaluation.trials.rules import measures
from creditmesh.apps.evaluation.trials.rules.measures import Step
from creditmesh.catalogue.model import Item
from creditmesh.scoring.definition.loaded import fields, table
from creditmesh.scoring.language.building import column
from creditmesh.scoring.language.parsing import parse
from creditmesh.scoring.language.sql import Writer
from creditmesh.scoring.language.tree import Type

WORST_PERCENT = (5, 10, 20, 30, 50)

ORDERED = """
CREATE OR REPLACE TEMP TABLE ordered AS
SELECT r.subject, g.rank, r.grade, CASE WHEN {higher_is_worse} THEN r.score ELSE -r.score END AS severity,
       h.first_on
FROM {result} AS r JOIN grades AS g ON g.symbol = r.grade LEFT JOIN hits AS h ON h.subject = r.subject
"""
EARLIER = """
WITH placed AS (
    SELECT first_on, (rank() OVER w + (count(*) OVER (PARTITION BY rank, severity) - 1) / 2.0) AS place,
           count(*) OVER () AS whole
    FROM ordered WINDOW w AS (ORDER BY rank DESC, severity DESC NULLS LAST)
)
SELECT count(*), avg(date_diff('day', $start::DATE, first_on) - $days * (place - 0.5) / whole),
       avg(date_diff('day', $start::DATE, first_on) - $days / 2.0)
FROM placed WHERE first_on IS NOT NULL
"""


def find_hits(
    connection: Connection, *, outcome: Outcome, item: Item, after: date, until: date, into: str
) -> None:
    """Write whom the outcome befell after one day and up to another, each with the first day, to a Parquet file."""
    condition = ""
    if outcome.where:
        node = parse(outcome.where, names=fields(item), wanted=Type.TRUTH)
        condition = f" AND {Writer(_named).surely(node).sql(dialect='duckdb')}"
    connection.execute(
        f"COPY (SELECT _subject AS subject, min(_event_date) AS first_on FROM {table(item.code)}"  # noqa: S608
        f" WHERE _event_date > DATE '{after}' AND _event_date <= DATE '{until}'{condition}"
        f" GROUP BY _subject ORDER BY 1) TO {quoted(into)} (FORMAT parquet)"
    )


def foresight(
    connection: Connection,
    *,
    result: str,
    symbols: Sequence[str],
    higher_is_worse: bool,
    start: date,
    days: int,
) -> dict[str, Any]:
    """Return how well a result, from the worst grade and score to the best, put those first whom it befell.

    `days` is how long was looked ahead. Days gained: if all were visited evenly over that time in this order, by how
    many days before what befell them they would have been visited, on average; and the same in a random order.
    """
    rows = ", ".join(f"({quoted(one)}, {place})" for place, one in enumerate(symbols))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE grades AS SELECT * FROM (VALUES {rows}) AS t(symbol, rank)"  # noqa: S608
    )
    connection.execute(ORDERED.format(result=result, higher_is_worse=higher_is_worse))
    steps = [
        Step(hits=hits, others=others)
        for hits, others in connection.execute(
            "SELECT count(first_on), count(*) - count(first_on) FROM ordered GROUP BY rank, severity"
            " ORDER BY rank DESC, severity DESC NULLS LAST"
        ).fetchall()
    ]
    told = measures.ordering(steps)
    hits, size = sum(one.hits for one in steps), sum(one.hits + one.others for one in steps)
    return {
        "subjects": size,
        "hits": hits,
        "auc_bp": told.auc_bp,
        "ks_bp": told.ks_bp,
        "curve": [list(one) for one in told.curve],
        "found": {str(percent): measures.found_in_worst(steps, percent=percent) for percent in WORST_PERCENT},
        "grades": _by_grade(connection, symbols, hits, size),
        "days": _days(connection, start, days),
    }


def _by_grade(connection: Connection, symbols: Sequence[str], hits: int, size: int) -> list[dict[str, Any]]:
    counted = {
        grade: (number, followed)
        for grade, number, followed in connection.execute(
            "SELECT grade, count(*), count(first_on) FROM ordered GROUP BY grade"
        ).fetchall()
    }
    found = []
    for symbol in symbols:
        number, followed = counted.get(symbol, (0, 0))
        lift = measures.lift_bp(hits=followed, size=number, all_hits=hits, all_size=size)
        found.append({"grade": symbol, "lift_bp": lift, **vars(measures.share(part=followed, whole=number))})
    return found


def _days(connection: Connection, start: date, days: int) -> dict[str, Any]:
    [(number, gained, at_random)] = connection.execute(EARLIER, {"start": start, "days": days}).fetchall()
    if not number:
        return {"hits": 0, "gained": None, "at_random": None}
    return {"hits": number, "gained": round(gained, 1), "at_random": round(at_random, 1)}


def _named(name: str) -> Any:
    return column("_event_date" if name == "event_date" else name)
