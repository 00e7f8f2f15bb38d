"""Who moves from which grade to which, and why: two results of the same enterprises side by side."""

from collections import Counter
from typing import Any

from creditmesh.apps.evaluation.trials.operations.rescoring import Connection, quoted
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.definition.system import Definition

MOST_NAMED = 200
ABSENT = "absent"
UNGRADED = ("insufficient", "excluded", ABSENT)

PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT coalesce(a.subject, b.subject) AS subject, coalesce(a.name, b.name) AS name,
       coalesce(a.region, b.region, '') AS region, coalesce(a.industry, b.industry, '') AS industry,
       coalesce(b.grade, b.outcome, 'absent') AS was, coalesce(a.grade, a.outcome, 'absent') AS is_now,
       gb.rank AS was_rank, ga.rank AS now_rank, b.score AS was_score, a.score AS now_score,
       {decided_b} AS was_decided, {decided_a} AS now_decided
FROM {after} AS a FULL JOIN {before} AS b ON a.subject = b.subject
LEFT JOIN grades_after AS ga ON ga.symbol = a.grade LEFT JOIN grades_before AS gb ON gb.symbol = b.grade
"""
DIRECTION = (
    "CASE WHEN now_rank > was_rank THEN 'worse' WHEN now_rank < was_rank THEN 'better' ELSE 'other' END"
)
DECIDED = "list_filter(string_split(concat_ws(',', {one}.exclusions, {one}.triggers, {one}.caps), ','), lambda x: x <> '')"

WHY = """
CREATE OR REPLACE TEMP TABLE movers AS
WITH moved AS (SELECT *, {direction} AS direction FROM pairs WHERE was <> is_now),
ruled AS (
    SELECT *, CASE
        WHEN direction = 'worse' AND len(list_filter(now_decided, lambda x: NOT list_contains(was_decided, x))) > 0
            THEN list_filter(now_decided, lambda x: NOT list_contains(was_decided, x))[1]
        WHEN direction = 'better' AND len(list_filter(was_decided, lambda x: NOT list_contains(now_decided, x))) > 0
            THEN list_filter(was_decided, lambda x: NOT list_contains(now_decided, x))[1]
        WHEN direction = 'other' AND len(now_decided) > 0 THEN now_decided[1]
        WHEN direction = 'other' AND len(was_decided) > 0 THEN was_decided[1]
        WHEN was_score IS NOT DISTINCT FROM now_score AND len(now_decided) > 0 THEN now_decided[1]
    END AS rule
    FROM moved
),
pointed AS (
    SELECT subject, arg_max(change.id, change.by) AS id, max(change.by) AS by FROM (
        SELECT r.subject, unnest({changes}) AS change
        FROM ruled AS r JOIN {after} AS a ON a.subject = r.subject JOIN {before} AS b ON b.subject = r.subject
        WHERE r.rule IS NULL AND r.direction <> 'other' AND r.was_score IS DISTINCT FROM r.now_score
    ) GROUP BY subject
)
SELECT ruled.*, CASE
    WHEN rule IS NOT NULL THEN 'rule'
    WHEN direction = 'other' THEN 'scope'
    WHEN was_score IS NOT DISTINCT FROM now_score THEN 'cut_offs'
    WHEN pointed.by > 0 THEN 'indicator'
    ELSE 'weights' END AS reason_kind,
    coalesce(rule, CASE WHEN pointed.by > 0 THEN pointed.id END, '') AS reason_id
FROM ruled LEFT JOIN pointed USING (subject)
"""


def compare(
    connection: Connection, *, before: str, after: str, old: System, new: System, named: bool = True
) -> dict[str, Any]:
    """Return the migration matrix of two results, who moves, why, and the list of those newly worst.

    Leaves the tables `pairs` and `movers` on the connection. The reason of a mover is the first rule that came or
    went; else the indicator whose part of the score changed most in the direction of the move; else the cut-offs,
    where the score is the same, or the weights.
    """
    _grades(connection, "grades_before", old.definition)
    _grades(connection, "grades_after", new.definition)
    connection.execute(
        PAIRS.format(
            before=before,
            after=after,
            decided_a=DECIDED.format(one="a"),
            decided_b=DECIDED.format(one="b"),
        )
    )
    connection.execute(
        WHY.format(direction=DIRECTION, before=before, after=after, changes=_changes(old, new))
    )
    matrix = connection.execute(
        "SELECT was, is_now, count(*) FROM pairs GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    moved = Counter(
        dict(connection.execute("SELECT direction, count(*) FROM movers GROUP BY ALL").fetchall())
    )
    subjects = sum(number for _, _, number in matrix)
    result: dict[str, Any] = {
        "subjects": subjects,
        "grades_before": list(old.definition.symbols),
        "grades_after": list(new.definition.symbols),
        "matrix": [list(one) for one in matrix],
        "moved": {
            "worse": moved["worse"],
            "better": moved["better"],
            "other": moved["other"],
            "same": subjects - sum(moved.values()),
        },
        "reasons": _reasons(connection),
    }
    if named:
        result["newly_worst"] = _newly_worst(connection, new.definition.symbols[-1])
        result["movers"] = _named(connection, "true")
    return result


def _grades(connection: Connection, table: str, definition: Definition) -> None:
    rows = ", ".join(f"({quoted(one)}, {place})" for place, one in enumerate(definition.symbols))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM (VALUES {rows}) AS t(symbol, rank)"  # noqa: S608
    )


def importance(definition: Definition) -> dict[str, float]:
    """Return which part of the whole score each indicator can make, by its weights alone."""
    found = {}
    for group in definition.groups:
        for one in group.indicators:
            found[one.id] = group.weight * one.weight / 1e8
        for sub in group.sub_groups:
            for one in sub.indicators:
                found[one.id] = group.weight * sub.weight * one.weight / 1e12
    return found


def _changes(old: System, new: System) -> str:
    """Return the SQL of a list: each indicator with how much its part of the score changed for the move."""
    before, after = importance(old.definition), importance(new.definition)
    turned = -1 if new.definition.direction is Direction.HIGHER_IS_BETTER else 1
    parts = []
    for one in dict.fromkeys([*after, *before]):
        now = f"coalesce(a.points_{one}, 0) * {after[one]!r}" if one in after else "0"
        then = f"coalesce(b.points_{one}, 0) * {before[one]!r}" if one in before else "0"
        change = f"({now} - {then}) * {turned} * CASE r.direction WHEN 'worse' THEN 1 ELSE -1 END"
        parts.append(f"{{'id': {quoted(one)}, 'by': round(({change})::DOUBLE, 6)}}")
    return f"[{', '.join(parts)}]"


def _reasons(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(
        "SELECT direction, reason_kind, reason_id, count(*) AS n FROM movers GROUP BY ALL"
        " ORDER BY n DESC, direction, reason_kind, reason_id LIMIT 40"
    ).fetchall()
    return [
        {"direction": direction, "kind": kind, "id": id_, "subjects": number}
        for direction, kind, id_, number in found
    ]


def _newly_worst(connection: Connection, worst: str) -> dict[str, Any]:
    where = f"is_now = {quoted(worst)}"
    total = connection.execute(f"SELECT count(*) FROM movers WHERE {where}").fetchall()[0][0]  # noqa: S608
    return {"total": total, "rows": _named(connection, where)}


def _named(connection: Connection, where: str) -> list[dict[str, Any]]:
    found = connection.execute(
        "SELECT subject, name, was, is_now, was_score, now_score, direction, reason_kind, reason_id"  # noqa: S608
        f" FROM movers WHERE {where}"
        " ORDER BY (now_rank - was_rank) DESC NULLS LAST, now_rank DESC NULLS LAST, subject"
        f" LIMIT {MOST_NAMED}"
    ).fetchall()
    names = ("subject", "name", "was", "is", "was_score", "is_score", "direction", "kind", "reason")
    return [dict(zip(names, one, strict=True)) for one in found]
