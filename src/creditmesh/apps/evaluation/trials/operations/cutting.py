"""Cuts for fairness: region, industry, size, age and ownership of every enterprise, and grades along them."""

from datetime import date
from typing import Any

import pyarrow as pa

from creditmesh.apps.evaluation.grading.rules import region_group, section
from creditmesh.apps.evaluation.trials.operations.rescoring import Connection
from creditmesh.apps.evaluation.trials.rules.measures import share
from creditmesh.apps.evaluation.trials.rules.trial import UNKNOWN, Cell, Limits, age_band, cell
from creditmesh.catalogue.model import Catalogue

REGISTER = "ENT-01"
FIELDS = {"size": "size_class", "ownership": "entity_type", "age": "established_on"}
CUTS = ("region", "industry", "size", "age", "ownership")
MOST_CELLS = 40

FACTS = """
CREATE OR REPLACE TEMP TABLE facts AS
SELECT _subject AS subject, {size} AS size, {ownership} AS ownership, {age} AS established
FROM {view} GROUP BY _subject
"""
CUT = """
CREATE OR REPLACE TEMP TABLE cuts AS
SELECT pairs.subject, pairs.was, pairs.is_now, pairs.was_rank, pairs.now_rank,
       regions.folded AS region, industries.folded AS industry,
       coalesce(facts.size, 'unknown') AS size, coalesce(facts.ownership, 'unknown') AS ownership,
       coalesce(ages.folded, 'unknown') AS age
FROM pairs LEFT JOIN facts USING (subject)
LEFT JOIN regions ON regions.value = pairs.region
LEFT JOIN industries ON industries.value = pairs.industry
LEFT JOIN ages ON ages.value = facts.established
"""


def gather_facts(connection: Connection, *, catalogue: Catalogue) -> None:
    """Make the table `facts` of what the register says; empty where the catalogue has no register."""
    item = catalogue.items.get(REGISTER)
    known = {one.name for one in item.fields} if item is not None else set()
    if item is None:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE facts (subject VARCHAR, size VARCHAR, ownership VARCHAR, established DATE)"
        )
        return
    said = {name: f"any_value({column})" if column in known else "NULL" for name, column in FIELDS.items()}
    connection.execute(FACTS.format(view="ent_01", **said))


def cut(connection: Connection, *, as_of: date) -> None:
    """Make the table `cuts`: every pair of grades with what its enterprise is."""
    _fold(connection, "SELECT DISTINCT region FROM pairs", "regions", region_group)
    _fold(connection, "SELECT DISTINCT industry FROM pairs", "industries", section)

    def aged(established: date | None) -> str:
        return UNKNOWN if established is None else age_band((as_of - established).days * 4 // 1461)

    _fold(connection, "SELECT DISTINCT established FROM facts", "ages", aged, kind=pa.date32())
    connection.execute(CUT)


def shares(connection: Connection, *, limits: Limits) -> dict[str, list[dict[str, Any]]]:
    """Return, for each cut, how grades were and are shared out and who moved; small cells without numbers."""
    return {name: _cells(connection, name, limits) for name in CUTS}


def errors(
    connection: Connection, *, worst: str, limits: Limits, hits: str = "hits"
) -> dict[str, list[dict[str, Any]]]:
    """Return, for each cut, how often the worst grade was given in vain and how often what followed was missed."""
    return {name: _errors(connection, name, worst, limits, hits) for name in CUTS}


def _cells(connection: Connection, name: str, limits: Limits) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"SELECT {name}, was, is_now, count(*), count(*) FILTER (now_rank > was_rank),"  # noqa: S608 - our names
        f" count(*) FILTER (now_rank < was_rank) FROM cuts GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found: dict[str, dict[str, Any]] = {}
    for key, was, is_now, number, worse, better in rows:
        one = found.setdefault(
            key or UNKNOWN,
            {"key": key or UNKNOWN, "subjects": 0, "before": {}, "after": {}, "worse": 0, "better": 0},
        )
        one["subjects"] += number
        one["before"][was] = one["before"].get(was, 0) + number
        one["after"][is_now] = one["after"].get(is_now, 0) + number
        one["worse"] += worse
        one["better"] += better
    return [_shown(one, limits) for one in _largest(list(found.values()))]


def _shown(one: dict[str, Any], limits: Limits) -> dict[str, Any]:
    size = cell(size=one["subjects"], limits=limits)
    if size is Cell.HIDDEN:
        return {"key": one["key"], "cell": size.value}
    return {**one, "cell": size.value}


def _errors(connection: Connection, name: str, worst: str, limits: Limits, hits: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"SELECT {name}, count(*) AS n, count(h.subject),"  # noqa: S608 - names of our own tables
        " count(*) FILTER (h.subject IS NULL AND is_now = $worst),"
        " count(*) FILTER (h.subject IS NOT NULL AND is_now <> $worst)"
        f" FROM cuts LEFT JOIN {hits} AS h ON h.subject = cuts.subject WHERE now_rank IS NOT NULL"
        " GROUP BY 1 ORDER BY n DESC, 1",
        {"worst": worst},
    ).fetchall()
    found = []
    for key, number, followed, in_vain, missed in rows[:MOST_CELLS]:
        size = cell(size=number, limits=limits)
        told: dict[str, Any] = {"key": key or UNKNOWN, "cell": size.value}
        if size is not Cell.HIDDEN:
            told |= {
                "subjects": number,
                "hits": followed,
                "in_vain": vars(share(part=in_vain, whole=number - followed)),
                "missed": vars(share(part=missed, whole=followed)),
                "cell_missed": cell(size=followed, limits=limits).value,
            }
        found.append(told)
    return found


def _largest(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(cells, key=lambda one: (-one["subjects"], one["key"]))[:MOST_CELLS]


def _fold(
    connection: Connection, query: str, table: str, fold: Any, *, kind: pa.DataType | None = None
) -> None:
    values = [value for (value,) in connection.execute(query).fetchall()]
    connection.register(
        table,
        pa.table(
            {
                "value": pa.array(values, kind or pa.string()),
                "folded": pa.array([fold(one) for one in values], pa.string()),
            }
        ),
    )
