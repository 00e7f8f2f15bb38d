"""Which of the rows landed so far count today, as SQL."""

from creditmesh.catalogue.model import Item, Update
from creditmesh.lake import columns


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


def current(item: Item, *, rows: str) -> str:
    """Return SQL for the current rows of `rows`, a relation of everything landed.

    Append: the first row of a key. Upsert: the last row of a key. Replace: the last batch of each source.
    The order is that of `_seq`. Landing writes one 'new' row per key and 'updated' rows after it, so
    nothing but the keys that were ever updated has to be sorted out.
    """
    match item.update:
        case Update.APPEND:
            return f"SELECT * FROM {rows} WHERE _change = 'new'"
        case Update.UPSERT:
            return (
                f"SELECT * FROM {rows} WHERE _change = 'new' AND _key NOT IN "
                f"(SELECT _key FROM {rows} WHERE _change = 'updated') UNION ALL "
                f"SELECT * FROM {rows} WHERE _change = 'updated' "
                "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _seq DESC) = 1"
            )
        case Update.REPLACE:
            return (
                f"SELECT * FROM {rows} WHERE (_source, _seq) IN "
                f"(SELECT (_source, max(_seq)) FROM {rows} GROUP BY _source)"
            )
