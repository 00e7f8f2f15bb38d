"""Write many inquiries in one plain statement: it stands in the way of every answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.sharing.disclosure.models import Inquiry


@dataclass(kw_only=True)
class Asked:
    """An inquiry before it is a row of the table (`models.Inquiry`): made for every question, so without a model."""

    uuid: UUID
    at: datetime
    institution: str
    user_id: int | None
    person: str
    client: str
    sandbox: bool
    subject: str
    authorisation: UUID | None
    purpose: str
    mode: str
    items: str
    basis: str
    duty: str
    request_digest: str
    records: str = ""
    outcome: str = ""
    refusal: str = ""
    answer_digest: str = ""


_NAMES = tuple(one.attname for one in Inquiry._meta.concrete_fields if not one.primary_key)
_INSERT = f"INSERT INTO disclosure_inquiry ({', '.join(_NAMES)}) VALUES"


def insert(inquiries: Sequence[Asked]) -> None:
    """Write inquiries, in the caller's transaction."""
    statements.insert(_INSERT, [_values(one) for one in inquiries])


def _values(one: Asked) -> list[Any]:
    given = dict(vars(one))
    for name in ("uuid", "authorisation"):
        given[name] = given[name] and given[name].hex
    given["at"] = connection.ops.adapt_datetimefield_value(one.at)
    for name in ("outcome", "refusal"):
        given[name] = str(given[name])
    return [given[name] for name in _NAMES]
