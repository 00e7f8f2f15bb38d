"""A system over the columns of a table: the same plan, as SQL over everyone or as Python over one row."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.learning.table.columns import Arrow, Values, column_of, values
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets import to_sql

ROW = "subject"


class NotOfATable(CreditmeshError):
    """A system reads the records of a node, not the columns of a table."""

    code = "not-of-a-table"


def inputs(system: System, table: pa.Table, *, on: date) -> pa.Table:
    """Return the inputs of every row as the plan reads them; `subject` numbers the rows from 1.

    Raises `NotOfATable`, and `NoSuchColumn` for a column that the table does not have.
    """
    if not system.definition.of_a_table:
        raise NotOfATable(
            f"{system.id} reads records of a node, not columns of a table; run `creditmesh classify {system.id}`."
        )
    rows = table.num_rows
    made: dict[str, Arrow] = {
        ROW: pa.array(range(1, rows + 1), pa.int64()),
        "name": pa.nulls(rows, pa.string()),
        "region": pa.nulls(rows, pa.string()),
        "industry": pa.nulls(rows, pa.string()),
        "as_of": pa.repeat(pa.scalar(on, pa.date32()), rows),
    }
    made |= {name: one.arrow() for name, one in read(system, table).items()}
    return pa.table(made)


def read(system: System, table: pa.Table) -> dict[str, Values]:
    """Return the values of every feature; raise `NoSuchColumn`."""
    return {
        name: values(column_of(table, str(one.column)), type_=one.type, scale=one.scale)
        for name, one in system.definition.features.items()
        if one.type is not None
    }


def run(system: System, table: pa.Table, *, on: date) -> pa.Table:
    """Return the whole result of every row, inputs and points included, in the order of the table."""
    connection: Any = duckdb.connect(config={"threads": "2"})
    try:
        connection.execute("SET preserve_insertion_order = true")
        connection.register("_table", inputs(system, table, on=on))
        found = connection.sql(
            f"FROM ({to_sql.statement(compile_plan(system), inputs='_table')}) ORDER BY {ROW}"
        )
        result: pa.Table = found.to_arrow_table()
    finally:
        connection.close()
    return result


def score(system: System, table: pa.Table, *, on: date, id_column: str | None = None) -> pa.Table:
    """Return id (if named), score, grade and points per indicator for every row; points in thousandths."""
    full = run(system, table, on=on)
    kept: dict[str, Any] = {} if id_column is None else {id_column: column_of(table, id_column)}
    kept |= {"score": full["score"], "grade": full["grade"]}
    kept |= {f"points_{one.id}": full[f"points_{one.id}"] for one in system.definition.indicators}
    return pa.table(kept)


def rows(system: System, table: pa.Table, *, on: date) -> Iterator[dict[str, Any]]:
    """Yield every row as the generated function takes it."""
    yield from inputs(system, table, on=on).to_pylist()
