"""What a task froze, unpacked; the bytes are held against their digest each time."""

import contextlib
import json
import os
import secrets
import zlib
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from creditmesh.apps.evaluation.supervision.models import Frozen, Task
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.drawing.pools import Inspector, InspectorPool, ObjectPool, freeze_inspectors, pool_of
from creditmesh.drawing.written import sha256, written
from creditmesh.kernel.errors import CreditmeshError


class FrozenChanged(CreditmeshError):
    """Something frozen that is not what it was."""

    code = "frozen-changed"


class UnknownDraw(CreditmeshError):
    """There is no published draw of that number."""

    code = "unknown-draw"


def pack(task: Task, kind: str, value: Any) -> Frozen:
    """Return a row that keeps a value; it is not saved."""
    return pack_written(task, kind, written(value))


def pack_written(task: Task, kind: str, content: bytes) -> Frozen:
    """Return a row that keeps what is written already; it is not saved."""
    return Frozen(task=task, kind=kind, content=zlib.compress(content, 6), sha256=sha256(content))


def unpack(task: Task, kind: str) -> Any:
    """Return what a task froze; raise `UnknownDraw`, `FrozenChanged`."""
    row = Frozen.objects.filter(task=task, kind=kind).first()
    if row is None:
        raise UnknownDraw("The task has not come that far: nothing of that kind is frozen yet.")
    content = zlib.decompress(bytes(row.content))
    if sha256(content) != row.sha256:
        raise FrozenChanged("What the task froze was changed in the database; tell the auditor.")
    return json.loads(content)


def pools(task: Task, *, grades: tuple[str, ...]) -> tuple[ObjectPool, InspectorPool]:
    """Return both pools of a task; raise as `unpack`."""
    objects = pool_of(unpack(task, "objects"), grades=grades)
    people = freeze_inspectors(
        Inspector._make([*row[:4], tuple(row[4]), *row[5:]]) for row in unpack(task, "inspectors")
    )
    return objects, people


def hidden(secret: str, *, task: Task, node: ThisNode) -> str:
    """Return the secret half of a task as the database keeps it, or as it is from what the database keeps.

    Whoever reads only the database, or a copy of it, cannot tell how a committed draw will end. It is masked once with 32 bytes that are derived (HKDF, RFC 5869) from a key file of the node and the task.
    """
    mask = HKDF(SHA256(), 32, salt=None, info=b"creditmesh draw secret " + task.uuid.bytes).derive(_key(node))
    return bytes(one ^ other for one, other in zip(bytes.fromhex(secret), mask, strict=True)).hex()


def _key(node: ThisNode) -> bytes:
    file = node.home / "draw-key"
    if not file.exists():
        # Written aside and linked: of two processes one wins, and neither reads half of it.
        draft = file.with_name(f"draw-key.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_bytes()
