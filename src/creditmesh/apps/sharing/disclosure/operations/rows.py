"""Write many inquiries in one plain statement: it stands in the way of every answer."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from creditmesh.apps.sharing.disclosure.models import Inquiry

_NAMES = tuple(one.attname for one in Inquiry._meta.concrete_fields if not one.primary_key)
_INSERT = f"INSERT INTO disclosure_inquiry ({', '.join(_NAMES)}) VALUES "  # noqa: S608 (constants)
_BLANKS = f"({', '.join(['%s'] * len(_NAMES))})"


def insert(inquiries: Sequence[Inquiry]) -> None:
    """Write inquiries, in the caller's transaction."""
    told = [_values(one) for one in inquiries]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Its driver prepares the statement once and runs it in C for each row.
            cursor.executemany(_INSERT + _BLANKS, told)
            return
        flat = [value for row in told for value in row]
        cursor.execute(_INSERT + ", ".join([_BLANKS] * len(told)), flat)


def _values(one: Inquiry) -> list[Any]:
    given = dict(vars(one))
    for name in ("uuid", "authorisation"):
        given[name] = given[name] and given[name].hex
    given["at"] = connection.ops.adapt_datetimefield_value(one.at)
    for name in ("outcome", "refusal"):
        given[name] = str(given[name])
    return [given[name] for name in _NAMES]
