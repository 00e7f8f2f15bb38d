"""The columns of an item's table, in Arrow and in SQL."""

import pyarrow as pa

from creditmesh.catalogue.model import Item, Kind

ARROW: dict[Kind, pa.DataType] = {
    Kind.INTEGER: pa.int64(),
    Kind.MONEY: pa.int64(),
    Kind.PERCENT: pa.int64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}
SQL = {"int64": "BIGINT", "date32[day]": "DATE", "bool": "BOOLEAN", "string": "VARCHAR"}
DELIVERED: tuple[tuple[str, pa.DataType], ...] = (
    ("_key", pa.string()),
    ("_subject", pa.string()),
    ("_row", pa.int64()),
    ("_digest", pa.int64()),
    ("_event_date", pa.date32()),
    ("_warnings", pa.string()),
)
LANDED: tuple[tuple[str, pa.DataType], ...] = (
    ("_source", pa.string()),
    ("_batch", pa.string()),
    ("_seq", pa.int64()),
    ("_change", pa.string()),
)


def folder_name(item_code: str) -> str:
    """Return the name of an item's table, which is also its view in SQL.

    >>> folder_name("CN-REG-01")
    'cn_reg_01'
    """
    return item_code.lower().replace("-", "_")


def schema(item: Item) -> pa.Schema:
    """Return the columns of the item's table: as delivered, the fields, then what landing adds."""
    fields: list[tuple[str, pa.DataType]] = [
        (field.name, ARROW.get(field.kind, pa.string())) for field in item.fields
    ]
    return pa.schema([*DELIVERED, *fields, *LANDED])


def sql_type(field: "pa.Field[pa.DataType]") -> str:
    """Return the DuckDB type of a column."""
    return SQL[str(field.type)]


def quoted(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
