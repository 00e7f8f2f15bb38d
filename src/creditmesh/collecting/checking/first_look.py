"""The first look: one statement types every row and tells the clean ones from the rest."""

from collections.abc import Sequence

import duckdb

from creditmesh.catalogue.model import Kind
from creditmesh.collecting.checking import clean
from creditmesh.collecting.checking.layout import Layout
from creditmesh.collecting.reading.headings import Column
from creditmesh.collecting.reading.rows import Rows
from creditmesh.kernel import uscc

SAMPLE = 2_000  # rows
MOST_FAMILIAR = 16

# What our refused-rows file puts before a text that a spreadsheet would compute; see `refused`.
RESTORED = r"CASE WHEN regexp_matches({c}, '^''[=+\-@\t\r\n'']') THEN substr({c}, 2) ELSE {c} END AS {c}"


def look(connection: duckdb.DuckDBPyConnection, *, rows: Rows, layout: Layout, restore: bool) -> None:
    """Make the view `walked`: `_row`, `_fault`, typed values, `_hash` of the key, and `_raw`.

    `_raw` holds the cells of a row that needs a second look and is NULL for a clean row.
    `restore` undoes what protects a refused-rows file from spreadsheets.
    """
    for statement in clean.types_needed({column.field.kind for column in layout.columns}):
        connection.execute(statement)
    ours = ["_row", "_fault"] if rows.numbered else []
    cells = [RESTORED.format(c=c) if restore else c for c in layout.cells()]
    source = f"(SELECT {', '.join([*ours, *cells])} FROM {rows.relation})"
    conditions = layout.quick_checks()
    conditions += [layout.has_key(), f"{layout.subject()} IS NOT NULL"]
    if rows.numbered:
        conditions.append("_fault IS NULL")
    numbers = [f"v{number}" for number in range(len(layout.item.fields))]
    connection.execute(
        f"CREATE TABLE typed AS SELECT {', '.join([*ours, *numbers])}, "
        f"CASE WHEN _clean THEN NULL ELSE [{', '.join(layout.cells())}] END AS _raw, "
        f"CASE WHEN _clean THEN hash({layout.key()}) END AS _hash "
        f"FROM (SELECT *, {' AND '.join(conditions)} AS _clean FROM "
        f"(SELECT *, {', '.join(layout.values())}, {layout.texts()} AS _joined FROM {source}))"
    )
    number = "*" if rows.numbered else "rowid + 1 AS _row, NULL::VARCHAR AS _fault, *"
    connection.execute(f"CREATE VIEW walked AS SELECT {number} FROM typed")


def familiar_codes(
    connection: duckdb.DuckDBPyConnection, *, rows: Rows, columns: Sequence[Column]
) -> dict[int, list[str]]:
    """Return the right codes that the first rows repeat, by the place of their column.

    Most files name one or two authorities in every row; their codes need not be computed a million times.
    """
    found = {}
    for column in columns:
        if column.field.kind is not Kind.USCC:
            continue
        often = connection.execute(
            f"SELECT c FROM (SELECT c{column.place} AS c FROM {rows.relation} LIMIT {SAMPLE}) "
            f"WHERE c IS NOT NULL GROUP BY c HAVING count(*) > {SAMPLE // 50} ORDER BY count(*) DESC LIMIT {MOST_FAMILIAR}"
        ).fetchall()
        found[column.place] = [code for (code,) in often if uscc.is_valid(code)]
    return found
