"""Whom a change of records reaches: subjects with changed rows, and those whose inputs hang on them through relations.

Inputs read related enterprises at most two ties away; so a change reaches at most so far. Ties are taken as they were
before the change and as they are after it, and a value that few enough shared at either time counts as a tie.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.loaded import System, items_read, table
from creditmesh.scoring.records import relations

Connection = Any  # a DuckDB connection, whose package has no types
WANTED = "_wanted"
NEAR = "_wanted_and_near"


def items_of(system: System) -> tuple[str, ...]:
    """Return every item a system reads, those of its population among them."""
    return tuple(sorted({*items_read(system), *system.definition.population.items}))


def put(connection: Connection, name: str, subjects: Collection[str]) -> None:
    """Make a table of subjects."""
    connection.register("_given", pa.table({"subject": pa.array(sorted(subjects), pa.string())}))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT subject FROM _given")  # noqa: S608 - ours
    connection.unregister("_given")


def ties(system: System, as_of: date) -> dict[str, str]:
    """Return the SELECT (subject, value) of each relation that features read, by name of the relation."""
    found = relations.steps(system, as_of)
    return {
        name.removeprefix("ties_"): step.sql(dialect="duckdb")
        for name, step in found.items()
        if name.startswith("ties_")
    }


def widen(connection: Connection, system: System, *, source: str, into: str) -> None:
    """Make a table of the subjects of another and of those within reach of them, over the tables `ties_RELATION`."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS FROM {source}")
    for _ in range(_depth(system)):
        for name in _relations(system, {Take.RELATED_COUNT, Take.RELATED_SHARE}):
            at_most = system.definition.relations[name].at_most
            few = f"SELECT value FROM ties_{name} GROUP BY value HAVING count(*) <= {at_most}"  # noqa: S608 - checked
            shared = f"SELECT value FROM ties_{name} SEMI JOIN {into} USING (subject)"  # noqa: S608 - checked names
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE _step_{name} AS SELECT DISTINCT subject FROM ties_{name}"  # noqa: S608
                f" WHERE value IN ({shared}) AND value IN ({few})"
            )
        for name in _relations(system, {Take.RELATED_COUNT, Take.RELATED_SHARE}):
            connection.execute(
                f"INSERT INTO {into} SELECT subject FROM _step_{name} ANTI JOIN {into} USING (subject)"  # noqa: S608
            )
            connection.execute(f"DROP TABLE _step_{name}")


def reached(
    connection: Connection, system: System, *, changed: Collection[str], before: dict[str, str]
) -> frozenset[str]:
    """Return the changed subjects and all whose inputs hang on them.

    `connection` holds the tables `ties_RELATION` as they are now; `before` gives the file of each as it was.
    """
    put(connection, WANTED, changed)
    for name, file in before.items():
        _join_times(connection, name, file)
    _reach(connection, system)
    found = frozenset(
        subject
        for (subject,) in connection.execute(f"SELECT subject FROM {WANTED}").fetchall()  # noqa: S608 - ours
    )
    connection.execute(f"DROP TABLE {WANTED}")
    return found


def _join_times(connection: Connection, name: str, file: str) -> None:
    """Make of the ties before and now one table of values with how many had each at either time."""
    quoted = "'" + file.replace("'", "''") + "'"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE _before AS FROM read_parquet({quoted})")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE both_{name} AS FROM ties_{name} UNION FROM _before"  # a set: each once
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE value_{name} AS SELECT value, coalesce(b.size, 0) AS before,"  # noqa: S608 - checked
        f" coalesce(n.size, 0) AS now FROM (SELECT value, count(*) AS size FROM _before GROUP BY value) AS b"
        f" FULL JOIN (SELECT value, count(*) AS size FROM ties_{name} GROUP BY value) AS n USING (value)"
    )
    connection.execute("DROP TABLE _before")


def _reach(connection: Connection, system: System) -> None:
    several = _relations(system, {Take.RELATED_COUNT, Take.RELATED_SHARE})
    crowds = [
        f"SELECT subject FROM both_{name} JOIN value_{name} USING (value) WHERE before <> now"  # noqa: S608 - checked
        for name in _relations(system, {Take.PEERS})
    ]
    if crowds:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _crowds AS {' UNION '.join(crowds)}")
    for _ in range(_depth(system)):
        steps = [
            f"SELECT subject FROM both_{name} JOIN value_{name} USING (value) WHERE"  # noqa: S608 - checked names
            f" least(before, now) <= {system.definition.relations[name].at_most}"
            f" AND value IN (SELECT value FROM both_{name} SEMI JOIN {WANTED} USING (subject))"
            for name in several
        ]
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {WANTED} AS FROM {WANTED} UNION {' UNION '.join(steps)}"
        )
    if crowds:
        connection.execute(f"INSERT INTO {WANTED} FROM _crowds ANTI JOIN {WANTED} USING (subject)")
        connection.execute("DROP TABLE _crowds")


def narrow(connection: Connection, system: System, *, to: str) -> Sequence[str]:
    """Put views of the rows on some subjects before the item views, and return their names."""
    [(within,)] = connection.execute("SELECT current_database()").fetchall()
    shown = [table(code) for code in items_of(system)]
    for name in shown:
        connection.execute(
            f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT * FROM "{within}".main."{name}"'  # noqa: S608 - checked
            f" WHERE _subject IN (SELECT subject FROM {to})"
        )
    return shown


def widely(connection: Connection, shown: Sequence[str]) -> None:
    """Take such views away again."""
    for name in shown:
        connection.execute(f'DROP VIEW temp."{name}"')


def _features(system: System) -> list[Feature]:
    return [one for one in system.definition.features.values() if one.take.of_relations]


def _relations(system: System, takes: set[Take]) -> list[str]:
    return list(
        dict.fromkeys(name for one in _features(system) if one.take in takes for name in one.relations)
    )


def _depth(system: System) -> int:
    """Return how many ties away inputs look; 0 where none looks at related subjects."""
    return max((one.depth for one in _features(system) if one.take is not Take.PEERS), default=0)
