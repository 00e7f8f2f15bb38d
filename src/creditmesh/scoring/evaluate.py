"""A run: records to inputs to scores, one sorted file with everything that is needed to explain and replay it."""

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.records import beside as given_beside
from creditmesh.scoring.records import features, relations, touching, units
from creditmesh.scoring.records.beside import ADJUSTED
from creditmesh.scoring.records.rows import Between
from creditmesh.scoring.targets import to_sql
from creditmesh.scoring.targets.to_python import Scored, function

Connection = Any  # a DuckDB connection, whose package has no types
NOTHING = (
    "CREATE OR REPLACE TEMP VIEW _previous AS SELECT NULL::VARCHAR AS subject, NULL::VARCHAR AS grade LIMIT 0"
)
SUBJECTS_AT_ONCE = 200_000  # the general system then joins its thirty items inside 1 GB
WRITTEN = "(FORMAT parquet, COMPRESSION zstd)"


@dataclass(frozen=True)
class Summary:
    """How many subjects a run evaluated, and with what outcome; `grades` best first, none left out."""

    subjects: int
    grades: dict[str, int]
    insufficient: int
    excluded: int


class PartNotGiven(CreditmeshError):
    """A system takes the results of another, and a run was not given them."""

    code = "part-not-given"


@dataclass(frozen=True)
class Own:
    """What records say on each subject alone, in sorted files; `columns` are those of one system (SQL)."""

    files: tuple[Path, ...]
    columns: str = "*"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What a run reads beside the records: the results of the run before, of parts by name, steps by subject."""

    previous: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    adjusted: Mapping[str, int] = field(default_factory=dict)
    subjects: Collection[str] | None = None  # evaluate these alone; everyone of the population without
    own: Own | None = (
        None  # what records say on each subject alone, where it was gathered for several systems
    )
    ties: Mapping[str, str] = field(
        default_factory=dict
    )  # files of who shares what, by relation, where made already


def run(
    connection: Connection,
    *,
    system: System,
    as_of: date,
    out: Path,
    previous: str | None = None,
    beside: Beside | None = None,
) -> Summary:
    """Write the result of every subject to a Parquet file sorted by subject, and return how they came out.

    `connection` shows the lake as the item views and `_collected`; `previous` is the result file of the last
    completed run of the system. Memory stays inside the connection's limit: what does not fit is spilled.
    Raises `PartNotGiven`.
    """
    plan = compile_plan(system)
    beside = beside or Beside(previous=previous)
    show(connection, system=system, beside=beside)
    folder = out.with_name(f"{out.name}.parts")
    shutil.rmtree(folder, ignore_errors=True)  # what an attempt left that was killed
    folder.mkdir()
    try:
        parts = gather(connection, system=system, as_of=as_of, folder=folder, beside=beside)
        listed = ", ".join(_quoted(str(part)) for part in parts)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW _inputs AS FROM read_parquet([{listed}])")
        # the order of the rows is the order of the inputs: nothing in the statement changes it
        connection.execute(
            f"COPY ({to_sql.statement(plan, inputs='_inputs')}) TO {_quoted(str(out))} {WRITTEN}"
        )
    finally:
        shutil.rmtree(folder)
    return summary(connection, symbols=plan.symbols, result=out)


def show(connection: Connection, *, system: System, beside: Beside) -> None:
    """Show on a connection to the lake all that the features of a system read; raise `PartNotGiven`."""
    show_units(connection, system=system)
    if beside.previous is None:
        connection.execute(NOTHING)
    else:
        graded = "CREATE OR REPLACE TEMP VIEW _previous AS SELECT subject, grade FROM"
        connection.execute(f"{graded} read_parquet({_quoted(beside.previous)})")
    for name in given_beside.part_names(system):
        if name not in beside.parts:
            raise PartNotGiven(
                f"'{system.id}' takes the results of another system as '{name}'; run that system first."
            )
        _show_part(connection, system, name, beside.parts[name])
    if system.definition.adjustments is not None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {ADJUSTED} (subject VARCHAR, steps BIGINT)")
        if beside.adjusted:
            rows = [list(row) for row in sorted(beside.adjusted.items())]
            connection.executemany(f"INSERT INTO {ADJUSTED} VALUES (?, ?)", rows)  # noqa: S608 - our own name


def show_units(connection: Connection, *, system: System, items: Collection[str] | None = None) -> None:
    """Put views per unit before the item views (of some items only), where a system scores units."""
    [(within,)] = connection.execute("SELECT current_database()").fetchall()
    for name, view in units.views(system, within=within, items=items).items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {view.sql(dialect='duckdb')}")


def _show_part(connection: Connection, system: System, name: str, file: str) -> None:
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW _result_{name} AS FROM read_parquet({_quoted(file)})"  # a checked name
    )
    told = given_beside.told(system, name, source=f"_result_{name}").sql(dialect="duckdb")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {given_beside.part_view(name)} AS {told}")


def gather(
    connection: Connection, *, system: System, as_of: date, folder: Path, beside: Beside | None = None
) -> list[Path]:
    """Write the inputs of everyone (or of the subjects named beside) to sorted files of so many subjects each.

    The same as `features.statement` in one go, but what is joined at one time stays small: first what records
    say on each subject alone, part by part, then relations over all of it, then both joined, part by part.
    """
    beside = beside or Beside()
    if beside.subjects is not None:
        return _gather_some(connection, system, as_of, folder, beside)
    own = beside.own or gather_own(connection, system=system, as_of=as_of, folder=folder)
    _show_own(connection, own)
    made = _relate(connection, system, as_of)
    parts = []
    for n, file in enumerate(own.files):
        _show_own(connection, replace(own, files=(file,)))
        parts.append(folder / f"inputs_{n}")
        _join(connection, system, parts[-1])
        if beside.own is None:
            file.unlink()
    _drop(connection, made)
    return parts


def gather_own(connection: Connection, *, system: System, as_of: date, folder: Path) -> Own:
    """Write what records say on each subject alone to sorted files of so many subjects each: one pass over an item."""
    ranges = _ranges(connection, system)
    files = tuple(folder / f"own_{n}" for n in range(len(ranges)))
    for file, between in zip(files, ranges, strict=True):
        query = features.own(system, as_of=as_of, between=between).sql(dialect="duckdb")
        connection.execute(f"COPY ({query}) TO {_quoted(str(file))} {WRITTEN}")
    return Own(files)


def _gather_some(
    connection: Connection, system: System, as_of: date, folder: Path, beside: Beside
) -> list[Path]:
    """Write the inputs of some subjects: their own rows, and of those they are related to, out of everyone's ties."""
    made = _show_ties(connection, system, as_of, beside.ties)
    touching.put(connection, touching.WANTED, beside.subjects or ())
    touching.widen(connection, system, source=touching.WANTED, into=touching.NEAR)
    shown = touching.narrow(connection, system, to=touching.NEAR)
    own, wanted = folder / "own_0", folder / "own_1"
    query = features.own(system, as_of=as_of).sql(dialect="duckdb")
    connection.execute(f"COPY ({query}) TO {_quoted(str(own))} {WRITTEN}")
    touching.widely(connection, shown)
    _show_own(connection, Own((own,)))
    related = _relate(connection, system, as_of, there=made)
    connection.execute(
        f"COPY (FROM own SEMI JOIN {touching.WANTED} USING (subject)) TO {_quoted(str(wanted))} {WRITTEN}"
    )
    _show_own(connection, Own((wanted,)))
    part = folder / "inputs_0"
    _join(connection, system, part)
    _drop(connection, [*made, *related, touching.WANTED, touching.NEAR])
    return [part]


def _show_ties(
    connection: Connection, system: System, as_of: date, files: Mapping[str, str]
) -> frozenset[str]:
    """Make the tables of who shares what with whom, out of files where there are some, and return their names."""
    queries = touching.ties(system, as_of)
    for name, query in queries.items():
        told = f"FROM read_parquet({_quoted(files[name])})" if name in files else query
        connection.execute(f"CREATE OR REPLACE TEMP TABLE ties_{name} AS {told}")
    return frozenset(f"ties_{name}" for name in queries)


def _join(connection: Connection, system: System, part: Path) -> None:
    joined = features.final(system).sql(dialect="duckdb")
    connection.execute(f"COPY (FROM ({joined}) ORDER BY subject) TO {_quoted(str(part))} {WRITTEN}")


def _drop(connection: Connection, tables: Sequence[str]) -> None:
    for name in tables:
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _relate(connection: Connection, system: System, as_of: date, there: Collection[str] = ()) -> list[str]:
    """Make the tables of related enterprises and return their names; pairs are looked for so many subjects at a time.

    Those that are there already are taken as they are.
    """
    steps = {name: one for name, one in relations.steps(system, as_of).items() if name not in there}
    for name, step in steps.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {step.sql(dialect='duckdb')}")
    counts = relations.related(system)
    for name, step in counts.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {step.sql(dialect='duckdb')} LIMIT 0")
    [(last,)] = connection.execute("SELECT max(id) FROM people").fetchall() if counts else [(None,)]
    for first in range(1, (last or 0) + 1, SUBJECTS_AT_ONCE):
        for name, step in relations.related(system, ids=(first, first + SUBJECTS_AT_ONCE)).items():
            connection.execute(f"INSERT INTO {name} {step.sql(dialect='duckdb')}")
    return [*steps, *counts]


def _show_own(connection: Connection, own: Own) -> None:
    listed = ", ".join(_quoted(str(file)) for file in own.files)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW own AS SELECT {own.columns} FROM read_parquet([{listed}])"  # noqa: S608 - ours
    )


def _ranges(connection: Connection, system: System) -> list[Between]:
    """Return the subject keys between which about as many subjects lie as are taken at once."""
    found = connection.execute(features.every_nth_subject(system, SUBJECTS_AT_ONCE)).fetchall()
    ends = [None, *(key for (key,) in found), None]
    return list(pairwise(ends))


def summary(connection: Connection, *, symbols: tuple[str, ...], result: Path) -> Summary:
    """Return how many subjects of a result file got which grade and outcome."""
    counted = connection.execute(
        "SELECT outcome, grade, count(*) FROM read_parquet(?) GROUP BY ALL", [str(result)]
    ).fetchall()
    grades = dict.fromkeys(symbols, 0)
    outcomes = dict.fromkeys(("graded", "insufficient", "excluded"), 0)
    for outcome, grade, number in counted:
        outcomes[outcome] += number
        if grade is not None:
            grades[grade] += number
    return Summary(sum(outcomes.values()), grades, outcomes["insufficient"], outcomes["excluded"])


def replay(plan: Plan, *, row: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Return the columns in which a stored row differs from what its own inputs give: stored, computed."""
    again = rescore(plan, row=row).columns(reasons=plan.reasons)
    return {name: (row.get(name), value) for name, value in again.items() if row.get(name) != value}


def rescore(plan: Plan, *, row: Mapping[str, object]) -> Scored:
    """Return the whole trace of a stored row."""
    return function(plan)(row)


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
