"""Sign tree heads: what the node says its ledger is, so that it cannot say something else later."""

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from creditmesh.apps.ground.audit.models import Head
from creditmesh.apps.ground.audit.operations import announce
from creditmesh.apps.ground.audit.tree import growing, sealing
from creditmesh.exchange import proofs
from creditmesh.exchange.canonical import canonical
from creditmesh.exchange.keys import PrivateKey

AT_LEAST_EVERY = timedelta(hours=1)
WHEN_GROWN = timedelta(minutes=5)
"""How soon an entry of a busy ledger stands under a signed head without anybody asking for it."""

SIGNED = "tree_head.signed"
"""The event that tells of a new head; its key is the number of the head."""

KEPT = "heads.jsonl"


@dataclass(frozen=True)
class Pen:
    """Whose ledger it is and what signs for it."""

    log: str  # names the log in every head: the node's identity
    key: PrivateKey
    key_id: str


def head_is_due(*, at: datetime) -> bool:
    """Return whether a head must be signed: the last is old, or older than new entries may wait."""
    last = Head.objects.order_by("-number").values_list("size", "at").first()
    if last is None:
        return True
    size, signed_at = last
    if at - signed_at >= AT_LEAST_EVERY:
        return True
    return at - signed_at >= WHEN_GROWN and growing.size() > size


def sign_if_due(*, pen: Pen, at: datetime) -> Head | None:
    """Sign a head if one must be, and return it; of several workers only one does."""
    if not head_is_due(at=at):
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        growing.lock_edge(cursor)
        return sign_head(pen=pen, at=at) if head_is_due(at=at) else None


def sign_head(*, pen: Pen, at: datetime) -> Head:
    """Seal what waits, sign a head of the whole ledger and announce it; return the head.

    Heads are numbered without gaps, and sizes and times only grow, however many processes sign.
    """
    sealing.seal_waiting()
    with transaction.atomic(), connection.cursor() as cursor:
        edge = growing.lock_edge(cursor)
        last = Head.objects.order_by("-number").first()
        at = max(at, last.at) if last else at
        signed = proofs.sign_head(
            log=pen.log, size=edge.size, root=edge.root, at=at, key=pen.key, kid=pen.key_id
        )
        head = Head.objects.create(
            number=last.number + 1 if last else 1,
            size=edge.size,
            root=edge.root,
            at=at,
            key_id=pen.key_id,
            document=canonical(signed.document).decode(),
            signature=signed.signature,
        )
        announce(event=SIGNED, key=str(head.number), at=at)
    return head


def head_over(*, position: int, pen: Pen, at: datetime) -> Head:
    """Return the last head if it covers a position, else sign one that does."""
    last = Head.objects.order_by("-number").first()
    return last if last and last.size > position else sign_head(pen=pen, at=at)


def keep_heads(*, home: Path) -> int:
    """Append heads to HOME/heads.jsonl that are not there yet; return how many there were.

    Each stands there once, however many do this at a time and whoever died in the middle. A copy outside the database: `ledger verify` notices a database that was put back or cut short.
    """
    file = home / KEPT
    with file.open("a", encoding="utf-8") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # given back when the file is closed, also by a process that dies
        last, kept = _last_number(file), 0
        for head in Head.objects.filter(number__gt=last).order_by("number").iterator():
            line = {
                "number": head.number,
                "document": json.loads(head.document),
                "signature": head.signature,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            kept += 1
        out.flush()
        os.fsync(out.fileno())
    return kept


def _last_number(file: Path) -> int:
    """Return the number of the last head in the file, which may end in half a line."""
    if not file.exists():
        return 0
    with file.open("rb+") as kept:
        kept.seek(max(0, file.stat().st_size - 8192))
        tail = kept.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        if len(whole) < len(tail):
            kept.truncate(file.stat().st_size - (len(tail) - len(whole)))
    lines = whole.splitlines()
    return int(json.loads(lines[-1])["number"]) if lines else 0
