"""Where inquiries stand in the ledger, looked up by their identity."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from creditmesh.apps.ground.audit.models import Entry, Leaf
from creditmesh.apps.sharing.disclosure.queries.lists import ResultLine
from creditmesh.apps.sharing.disclosure.rules.bodies import digest
from creditmesh.apps.sharing.disclosure.rules.questions import UnknownInquiry


def entry_of(inquiry: UUID) -> UUID:
    """Return the ledger's entry of an inquiry; raise `UnknownInquiry`."""
    rows = Entry.objects.filter(object_kind="inquiry", object_key=str(inquiry)).order_by("id")
    found = rows.values_list("uuid", flat=True).first()
    if found is None:
        raise UnknownInquiry("There is no such inquiry among those you may see.")
    return UUID(str(found))


def positions(inquiries: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return position and entry of each inquiry's place in the ledger, as far as it has one."""
    keys = [str(one) for one in inquiries]
    rows = Entry.objects.filter(object_kind="inquiry", object_key__in=keys)
    entries = {number: (key, str(uuid)) for number, key, uuid in rows.values_list("id", "object_key", "uuid")}
    leaves = dict(Leaf.objects.filter(entry_id__in=list(entries)).values_list("entry_id", "position"))
    return {
        UUID(key): {"position": leaves[number], "entry": uuid}
        for number, (key, uuid) in entries.items()
        if number in leaves
    }


def with_places(lines: Sequence[ResultLine]) -> list[dict[str, Any]]:
    """Return the lines of a list with their answers and where each stands in the ledger."""
    known = positions(one.inquiry for one in lines if one.inquiry is not None)
    return [
        {
            "number": one.number,
            "subject": one.subject,
            "authorisation": one.authorisation,
            "state": one.state.value,
            "refusal": one.refusal,
            "inquiry": one.inquiry,
            "ledger": known.get(one.inquiry) if one.inquiry else None,
            "answer": json.loads(one.answer) if one.answer else None,
            "answer_digest": digest(one.answer.encode()) if one.answer else "",
        }
        for one in lines
    ]
