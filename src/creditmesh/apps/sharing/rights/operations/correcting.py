"""Carry a correction into the records: a new version of the row, by the same way every delivery takes."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from uuid import UUID

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.operations import receiving
from creditmesh.apps.ground.records.rules import Delivery, RecordRef
from creditmesh.apps.sharing.rights.queries import held
from creditmesh.apps.sharing.rights.rules.objections import open_fields
from creditmesh.kernel.errors import CreditmeshError

LONGEST_VALUE = 4000


class NothingToCorrect(CreditmeshError):
    """A correction that changes nothing, or what cannot be corrected."""

    code = "nothing-to-correct"


def wanted(ref: RecordRef, values: dict[str, str], *, node: ThisNode) -> dict[str, str]:
    """Return the fields of a record that a correction changes, as delivered.

    Raises `NothingToCorrect` when there are none, or when one is not open to correction.
    """
    item = node.catalogue.items[ref.item]
    record = held.now(ref, node=node)
    if record is None:
        raise NothingToCorrect("The record is not held any more: reject the objection or ask the source.")
    before = held.as_delivered(item, record.values)
    changed = {name: text.strip()[:LONGEST_VALUE] for name, text in values.items()}
    changed = {name: text for name, text in changed.items() if before.get(name, "") != text}
    closed = sorted(set(changed) - set(open_fields(item)))
    if closed:
        raise NothingToCorrect(
            f"{', '.join(closed)} cannot be corrected: it says which record this is. Delete the record instead."
        )
    if not changed:
        raise NothingToCorrect("Nothing is changed: enter what the record should say.")
    return changed


def deliver(
    ref: RecordRef, values: dict[str, str], *, case: UUID, by: Actor, node: ThisNode, at: datetime
) -> UUID:
    """Hand in the record anew with the changed fields, in the name of its source, and return the batch.

    Raises `NothingToCorrect`, and what `receiving.receive` raises.
    """
    item = node.catalogue.items[ref.item]
    changed = wanted(ref, values, node=node)
    record = held.now(ref, node=node)
    if record is None:  # gone since: `wanted` has just seen it
        raise NothingToCorrect("The record is not held any more: reject the objection or ask the source.")
    row = {**held.as_delivered(item, record.values), **changed}
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.label.zh for field in item.fields])
    writer.writerow([row[field.name] for field in item.fields])
    received = receiving.receive(
        delivery=Delivery(
            item=ref.item,
            source=record.source,
            filename=f"correction-{str(case)[:8]}.csv",
            idempotency_key=f"correction:{case}:{int(at.timestamp())}",
            corrects=True,
            subject=ref.subject,
        ),
        content=BytesIO(text.getvalue().encode("utf-8")),
        by=by,
        node=node,
        at=at,
    )
    return received.uuid
