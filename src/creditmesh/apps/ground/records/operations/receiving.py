"""Receive a delivered file: check who sends what, keep it, and answer at once."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.queries import folders
from creditmesh.apps.ground.records.rules import (
    Delivery,
    State,
    is_disk_full,
    require_delivery,
    safe_filename,
    suffix,
)
from creditmesh.catalogue.model import Item, Update
from creditmesh.kernel.errors import CreditmeshError

LIMIT = 16 * 1024**3
_CHUNK = 1024 * 1024


class KeyUsedAlready(CreditmeshError):
    """The idempotency key came before, with another file."""

    code = "idempotency-key-used"


class DeliveryTooLarge(CreditmeshError):
    """The file is larger than the node takes."""

    code = "delivery-too-large"


class EmptyDelivery(CreditmeshError):
    """The file has no content at all."""

    code = "empty-delivery"


class NoRoom(CreditmeshError):
    """The file could not be kept because the disk is full."""

    code = "disk-full"


class Readable(Protocol):
    """Anything bytes can be read from, piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, none at the end."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """The answer to a delivery: its batch, and whether the same had come before and nothing was changed."""

    uuid: UUID
    state: State
    again: bool
    sentence: str


def receive(
    *, delivery: Delivery, content: Readable, by: Actor, node: ThisNode, at: datetime, limit: int = LIMIT
) -> Received:
    """Keep a delivered file as a new batch and return at once; what follows is `advancing.advance`.

    The same idempotency key with the same file, or the same file of an item and source that is here
    already, answers with the earlier batch and changes nothing. `limit` is in bytes. Raises `UnknownItem`,
    `UnknownSource`, `SourceMayNotDeliver`, `NotYourSource`, `BadDelivery` (all from rules), `KeyUsedAlready`,
    `DeliveryTooLarge`, `EmptyDelivery`, `NoRoom`; refusals are written to the ledger.
    """
    try:
        item, _ = require_delivery(delivery=delivery, catalogue=node.catalogue, by=by)
        row = Batch(
            uuid=uuid4(),
            item=item.code,
            source=delivery.source,
            list_version=_list_version(item=item, node=node),
            filename=safe_filename(delivery.filename),
            idempotency_key=delivery.idempotency_key,
            corrects=delivery.corrects,
            tied_subject=delivery.subject if delivery.corrects else "",
            delivered_by=by.label,
            received_at=at,
        )
        return keep(row=row, item=item, content=content, by=by, node=node, limit=limit)
    except CreditmeshError as error:
        audit.append(
            who=by.who(),
            act="batch.receive",
            thing=Thing("delivery", f"{delivery.item} {delivery.source} {delivery.idempotency_key}"),
            why=error.sentence,
            outcome=Outcome.REFUSED,
            at=at,
        )
        raise


def receive_file(*, delivery: Delivery, file: Path, by: Actor, node: ThisNode, at: datetime) -> Received:
    """Keep a file of this machine as a new batch; raises as `receive` does."""
    with file.open("rb") as content:
        return receive(delivery=delivery, content=content, by=by, node=node, at=at)


def key_of(file: Path) -> str:
    """Return an idempotency key that is the same for the same content."""
    with file.open("rb") as content:
        return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"


def keep(
    *, row: Batch, item: Item, content: Readable, by: Actor, node: ThisNode, limit: int = LIMIT
) -> Received:
    """Keep the content of a batch that is in order and write the batch down; raises as `receive` does."""
    folder = folders.inbox(home=node.home, batch=row.uuid)
    row.size, row.sha256 = _keep(content, folder=folder, filename=row.filename, limit=limit)
    received: Received | None = None
    try:
        received = _enter(row=row, item=item, by=by)
    finally:
        if received is None or received.again:
            shutil.rmtree(folder, ignore_errors=True)
    return received


def _list_version(*, item: Item, node: ThisNode) -> str:
    its_list = node.catalogue.list_of(item.code)
    return f"{its_list.id}@{its_list.version}"


def _keep(content: Readable, *, folder: Path, filename: str, limit: int) -> tuple[int, str]:
    """Write the content to the inbox and return its size and hash; nothing stays behind when that fails."""
    try:
        folder.mkdir(parents=True)
        return _copy(content, file=folder / f"delivered{suffix(filename)}", limit=limit)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and is_disk_full(error):
            raise NoRoom(
                "The disk of the node is full; nothing was kept. Tell the operator, then send again."
            ) from error
        raise


def _copy(content: Readable, *, file: Path, limit: int) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with file.open("wb") as out:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise DeliveryTooLarge(
                    f"The file is larger than {limit // 1024**2} MB. Split it and send the parts one by one."
                )
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise EmptyDelivery("The file is empty. Send the file with its header and at least one row.")
    return size, digest.hexdigest()


def _enter(*, row: Batch, item: Item, by: Actor) -> Received:
    """Write the batch down, or answer with the earlier one it repeats."""
    try:
        with transaction.atomic():
            earlier = _earlier(row=row, item=item)
            if earlier is not None:
                return earlier
            row.save(force_insert=True)
            thing = Thing("batch", str(row.uuid))
            audit.append(
                who=by.who(),
                act="batch.receive",
                thing=thing,
                why=f"{row.item} {row.source}",
                at=row.received_at,
            )
            audit.announce(event="batch.received", key=str(row.uuid), at=row.received_at)
    except IntegrityError:
        # The same key came twice at the same moment; the other one was first.
        earlier = _earlier(row=row, item=item)
        if earlier is None:
            raise
        return earlier
    return Received(
        uuid=row.uuid, state=State.RECEIVED, again=False, sentence="Received; the rows are checked next."
    )


def _earlier(*, row: Batch, item: Item) -> Received | None:
    """Return the answer of an earlier batch that this one repeats; raise `KeyUsedAlready` if it only shares the key."""
    same_key = (
        Batch.objects.filter(source=row.source, idempotency_key=row.idempotency_key).order_by("id").first()
    )
    if same_key is not None:
        if (same_key.sha256, same_key.item) != (row.sha256, row.item):
            raise KeyUsedAlready(
                "This idempotency key was used before with another file or item. Use a new key for new content."
            )
        return _repeat(same_key)
    if row.corrects:
        return None  # the same correction may be right again after another one
    past = Batch.objects.filter(item=row.item, source=row.source, tied_subject=row.tied_subject).exclude(
        state=State.REFUSED
    )
    if item.update is Update.REPLACE:
        # An earlier whole list may come back after another one, or after a correction; only the last one would be
        # repeated.
        last = past.order_by("-id").first()
        return _repeat(last) if last is not None and last.sha256 == row.sha256 else None
    same_file = past.filter(sha256=row.sha256, corrects=False).order_by("id").first()
    return None if same_file is None else _repeat(same_file)


def _repeat(row: Batch) -> Received:
    when = f"{row.received_at:%Y-%m-%d %H:%M} UTC"
    return Received(
        uuid=row.uuid,
        state=State(row.state),
        again=True,
        sentence=f"The same file was received on {when} already; nothing was changed.",
    )
