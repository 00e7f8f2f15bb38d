"""Rows of one batch that share a record key: which of them counts."""

import duckdb

from creditmesh.catalogue.model import Update
from creditmesh.collecting.checking.layout import Layout


def find(connection: duckdb.DuckDBPyConnection, *, layout: Layout) -> None:
    """Make the table `dropped` (`_row`, `conflict`): rows that give way to another of the same key.

    Append: the first row stays; the same contents again are a duplicate, other contents a conflict.
    Upsert and replace: the last row counts, those before it are duplicates.
    """
    numbers = ", ".join(f"v{number}" for number in range(len(layout.item.fields)))
    connection.execute(
        f"CREATE VIEW candidates AS SELECT _row, {numbers}, _hash FROM walked WHERE _raw IS NULL UNION ALL "
        f"SELECT _row, {numbers}, hash({layout.key()}) FROM judged WHERE len(_refusals) = 0 AND _subject IS NOT NULL"
    )
    connection.execute(
        "CREATE TABLE repeated AS SELECT _hash FROM candidates GROUP BY _hash HAVING count(*) > 1"
    )
    # Hashes only narrow the search; keys themselves decide.
    append = layout.item.update is Update.APPEND
    connection.execute(
        "CREATE TABLE dropped AS SELECT _row, "
        f"{'_digest <> first_value(_digest) OVER same' if append else 'FALSE'} AS conflict FROM "
        f"(SELECT _row, {layout.key()} AS _key, {layout.digest()} AS _digest FROM candidates "
        "WHERE _hash IN (FROM repeated)) "
        f"WINDOW same AS (PARTITION BY _key ORDER BY _row {'' if append else 'DESC'}) "
        "QUALIFY row_number() OVER same > 1"
    )
