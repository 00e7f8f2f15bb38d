"""The lake in a Spark session: every item a view of its current rows, from the files of the version a run reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from creditmesh.scoring.definition.loaded import System, items_read, table
from creditmesh.scoring.records import beside, units
from creditmesh.scoring.targets.spark.cluster import Session
from creditmesh.scoring.targets.spark.rewriting import text


class Rows(Protocol):
    """A view of an item: DuckDB's SQL over a relation of files."""

    @property
    def name(self) -> str:
        """Return the name of the view."""

    @property
    def sql(self) -> str:
        """Return its query."""

    @property
    def source(self) -> str:
        """Return the name of the relation of all rows of the files."""

    @property
    def files(self) -> tuple[str, ...]:
        """Return the Parquet files."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Return the type of every column, in Delta's words, which are Spark's too."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that a run reads.

    `collected` says which item was ever delivered for which region prefix; `previous` are the result files of the run
    before, `parts` those of other systems by the name of the part, `adjusted` the steps by subject; `stopped` holds the
    records that must not be used.
    """

    items: Sequence[Rows]
    stopped: pa.Table
    collected: Sequence[tuple[str, str]] = ()
    previous: Sequence[str] = ()
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    adjusted: Mapping[str, int] = field(default_factory=dict)


RESULT = {"subject": "string", "grade": "string", "score": "bigint"}
BENEATH = "lake"
"""The catalogue in which views per unit look for the views of the lake; here it is a word before their names."""


def show(session: Session, shown: Shown, *, system: System) -> None:
    """Make the views of all that a system reads in a session; raise `KeyError` for a part that is not given."""
    view(session, shown.stopped, "_stopped")
    read = {table(code) for code in (*items_read(system), *system.definition.population.items)}
    for item in shown.items:
        if item.name not in read:
            continue  # each costs the driver a tenth of a second
        if item.files:
            _from_files(session, item.files, item.columns).createOrReplaceTempView(item.source)
        session.sql(text(item.sql)).createOrReplaceTempView(item.name)
    pairs = {
        "item": pa.array([item for item, _ in shown.collected], pa.string()),
        "region_prefix": pa.array([prefix for _, prefix in shown.collected], pa.string()),
    }
    view(session, pa.table(pairs), "_collected")
    previous = _from_files(session, shown.previous, RESULT) if shown.previous else _none(session, RESULT)
    previous.createOrReplaceTempView("_previous")
    _show_units(session, system)
    _show_parts(session, system, shown)
    steps: dict[str, pa.Array[Any]] = {
        "subject": pa.array(list(shown.adjusted), pa.string()),
        "steps": pa.array(list(shown.adjusted.values()), pa.int64()),
    }
    view(session, pa.table(steps), beside.ADJUSTED)


def _show_units(session: Session, system: System) -> None:
    """Put views per unit before the item views: the ones beneath get another name, for here names hide nothing."""
    for name, query in units.views(system, within=BENEATH).items():
        for source in query.find_all(exp.Table):
            if source.catalog == BENEATH:
                beneath = f"{BENEATH}_{source.name}"
                if not session.catalog.tableExists(beneath):
                    session.table(source.name).createOrReplaceTempView(beneath)
                alias = source.alias
                source.replace(exp.to_table(beneath, alias=alias or None))
        session.sql(text(query)).createOrReplaceTempView(name)


def _show_parts(session: Session, system: System, shown: Shown) -> None:
    combination = system.definition.combination
    for name, part in {} if combination is None else combination.parts.items():
        owner = {} if part.through is None else {units.belongs(part.through): "string"}
        source = f"_result_{name}"
        _from_files(session, shown.parts[name], RESULT | owner).createOrReplaceTempView(source)
        told = beside.told(system, name, source=source)
        session.sql(text(told)).createOrReplaceTempView(beside.part_view(name))


def _none(session: Session, columns: Mapping[str, str]) -> Any:
    return session.createDataFrame([], ", ".join(f"`{name}` {kind}" for name, kind in columns.items()))


def view(session: Session, table: pa.Table, name: str) -> None:
    """Make a view of a small table that stands in this process."""
    made: Any = session.createDataFrame(table) if len(table) else session.createDataFrame([], _ddl_of(table))
    made.createOrReplaceTempView(name)


def address(file: str) -> str:
    """Return a file's address as Spark reads it, wherever the cluster's own file system is."""
    return file if "://" in file else f"file://{file}"


def _from_files(session: Session, files: Sequence[str], columns: Mapping[str, str]) -> Any:
    """Read files by the names of their columns, NULL where an older file has not got one yet."""
    ddl = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    # looking for partitions in the names of folders would be wrong, and slow on an object store
    reader = session.read.schema(ddl).option("recursiveFileLookup", "true")
    return reader.parquet(*map(address, files))


def _ddl_of(table: pa.Table) -> str:
    words = {"int64": "BIGINT", "date32[day]": "DATE", "bool": "BOOLEAN"}
    return ", ".join(f"`{one.name}` {words.get(str(one.type), 'STRING')}" for one in table.schema)
