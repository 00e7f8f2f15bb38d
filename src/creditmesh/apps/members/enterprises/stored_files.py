"""Files people hand in, kept outside the reach of the web under names of the node's own."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol
from uuid import UUID

from creditmesh.apps.members.enterprises.file_kinds import LARGEST, MediaType
from creditmesh.kernel.errors import CreditmeshError

_CHUNK = 1 << 16


class EvidenceTooLarge(CreditmeshError):
    """A file of evidence is larger than the node takes."""

    code = "evidence-too-large"


class Readable(Protocol):
    """Anything bytes can be read from, piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, none at the end."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file as its reader gets it; `filename` is made up, never the sender's."""

    path: Path
    filename: str
    media_type: MediaType


def place(number: UUID, *, folder: str, home: Path) -> Path:
    """Return where a file lies: nothing of the path comes from whoever sent it."""
    return home / folder / number.hex[:2] / number.hex


def read(content: Readable) -> bytes:
    """Return everything that was sent; raise `EvidenceTooLarge` as soon as it is more than the node takes."""
    pieces, size = [], 0
    while piece := content.read(_CHUNK):
        size += len(piece)
        if size > LARGEST:
            raise EvidenceTooLarge(
                f"The file is larger than {LARGEST // 1024**2} MB: scan it smaller or in grey and send it again."
            )
        pieces.append(piece)
    return b"".join(pieces)


def write(file: Path, content: bytes) -> None:
    """Keep a file for the node's own user alone: whole on the disk, or not there."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def shown_name(filename: str) -> str:
    """Return a sender's name of a file as pages may show it: its last part, printable, of bounded length."""
    last = PurePath(filename.replace("\\", "/")).name
    return "".join(one for one in last if one.isprintable())[-120:] or "file"
