"""Write many inquiries in one plain statement: it stands in the way of every answer."""

from collections.abc import Sequence

from django.db import connection

from creditmesh.apps.disclosure.models import Inquiry

_FIELDS = [one for one in Inquiry._meta.concrete_fields if not one.primary_key]
_AT_ONCE = 40  # rows of a statement: SQLite takes a limited number of parameters


def insert(inquiries: Sequence[Inquiry]) -> None:
    """Write inquiries, in the caller's transaction."""
    names = ", ".join(connection.ops.quote_name(str(one.column)) for one in _FIELDS)
    table = connection.ops.quote_name(Inquiry._meta.db_table)
    blanks = "(" + ", ".join(["%s"] * len(_FIELDS)) + ")"
    with connection.cursor() as cursor:
        for start in range(0, len(inquiries), _AT_ONCE):
            part = inquiries[start : start + _AT_ONCE]
            values = [
                field.get_db_prep_save(getattr(row, field.attname), connection)
                for row in part
                for field in _FIELDS
            ]
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([blanks] * len(part))}",  # noqa: S608
                values,
            )
