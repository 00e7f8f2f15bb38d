"""Which of the rows landed so far count today, as SQL."""

from creditmesh.catalogue.model import Item, Update
from creditmesh.lake import columns

CORRECTED = "corrected"
"""The `_change` of a row that was not delivered: it stands in the place of one its source delivered."""


def selected(item: Item, *, held: set[str], source: str | None) -> str:
    """Return SQL for the rows with every column the catalogue knows; NULL for columns `held` lacks.

    A `source` of None stands for no rows at all.
    """
    parts = [
        f'"{one.name}"::{columns.sql_type(one)} AS "{one.name}"'
        if source and one.name in held
        else f'NULL::{columns.sql_type(one)} AS "{one.name}"'
        for one in columns.schema(item)
    ]
    return f"SELECT {', '.join(parts)}" + (f" FROM {source}" if source else " WHERE FALSE")


def current(item: Item, *, rows: str, corrected: bool) -> str:
    """Return SQL for the current rows of `rows`, a relation of everything landed.

    Append: the first row of a key. Upsert: the last row of a key. Replace: the last batch of each source.
    The order is that of `_seq`. Landing writes one 'new' row per key and 'updated' rows after it, so
    nothing but the keys that were ever updated has to be sorted out.

    `corrected` says that rows of the item were ever corrected. A correction stands in the place of the row it
    corrects until its source delivers that record again; of an `append` item, where it never does, for good.
    """
    match item.update:
        case Update.APPEND if not corrected:
            return f"SELECT * FROM {rows} WHERE _change = 'new'"
        case Update.APPEND | Update.UPSERT:
            return (
                f"SELECT * FROM {rows} WHERE _change = 'new' AND _key NOT IN "
                f"(SELECT _key FROM {rows} WHERE _change <> 'new') UNION ALL "
                f"SELECT * FROM {rows} WHERE _change <> 'new' "
                "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _seq DESC) = 1"
            )
        case Update.REPLACE if not corrected:
            return _lists(rows)
        case Update.REPLACE:
            return (
                f"WITH listed AS ({delivered(item, rows=rows)}), standing AS ({_standing(rows)}) "
                "SELECT * FROM listed WHERE NOT EXISTS (SELECT 1 FROM standing AS s "
                "WHERE s._source = listed._source AND s._key = listed._key) UNION ALL SELECT * FROM standing"
            )


def delivered(item: Item, *, rows: str) -> str:
    """Return SQL for what the sources said last of each record, whatever of it was corrected since."""
    return current(item, rows=f"(SELECT * FROM {rows} WHERE _change <> '{CORRECTED}')", corrected=False)


def _lists(rows: str) -> str:
    return (
        f"SELECT * FROM {rows} WHERE (_source, _seq) IN "
        f"(SELECT (_source, max(_seq)) FROM {rows} GROUP BY _source)"
    )


def _standing(rows: str) -> str:
    """Return SQL for corrections of rows of lists which hold: those made since the list, or carried into it."""
    return (
        f"SELECT c.* FROM (SELECT * FROM {rows} WHERE _change = '{CORRECTED}' "
        "QUALIFY row_number() OVER (PARTITION BY _source, _key ORDER BY _seq DESC) = 1) AS c "
        "JOIN listed AS d ON d._source = c._source AND d._key = c._key WHERE c._seq >= d._seq"
    )
