"""Write many inquiries in one plain statement: it stands in the way of every answer."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.sharing.disclosure.models import Inquiry

_NAMES = tuple(one.attname for one in Inquiry._meta.concrete_fields if not one.primary_key)
_INSERT = f"INSERT INTO disclosure_inquiry ({', '.join(_NAMES)}) VALUES"


def insert(inquiries: Sequence[Inquiry]) -> None:
    """Write inquiries, in the caller's transaction."""
    statements.insert(_INSERT, [_values(one) for one in inquiries])


def _values(one: Inquiry) -> list[Any]:
    given = dict(vars(one))
    for name in ("uuid", "authorisation"):
        given[name] = given[name] and given[name].hex
    given["at"] = connection.ops.adapt_datetimefield_value(one.at)
    for name in ("outcome", "refusal"):
        given[name] = str(given[name])
    return [given[name] for name in _NAMES]
