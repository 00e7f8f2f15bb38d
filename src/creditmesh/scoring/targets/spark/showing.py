"""The lake in a Spark session: every item a view of its current rows, from the files of the version a run reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

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
    before; `stopped` holds the records that must not be used.
    """

    items: Sequence[Rows]
    stopped: pa.Table
    collected: Sequence[tuple[str, str]] = ()
    previous: Sequence[str] = ()


def show(session: Session, shown: Shown) -> None:
    """Make the views of the lake in a session."""
    view(session, shown.stopped, "_stopped")
    for item in shown.items:
        if item.files:
            _from_files(session, item.files, item.columns).createOrReplaceTempView(item.source)
        session.sql(text(item.sql)).createOrReplaceTempView(item.name)
    pairs = {
        "item": pa.array([item for item, _ in shown.collected], pa.string()),
        "region_prefix": pa.array([prefix for _, prefix in shown.collected], pa.string()),
    }
    view(session, pa.table(pairs), "_collected")
    graded = {"subject": "string", "grade": "string"}
    if shown.previous:
        _from_files(session, shown.previous, graded).createOrReplaceTempView("_previous")
    else:
        view(session, pa.table({name: pa.array([], pa.string()) for name in graded}), "_previous")


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
