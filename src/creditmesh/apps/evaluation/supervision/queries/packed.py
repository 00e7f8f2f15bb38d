"""What a task froze, unpacked; the bytes are held against their digest each time."""

import json
import zlib
from typing import Any

from creditmesh.apps.evaluation.supervision.models import Frozen, Task
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
