"""Files handed in with a case: checked by their content, kept outside the reach of the web, handed to the parties."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from typing import Protocol
from uuid import UUID, uuid4

from django.db import transaction

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import Thing
from creditmesh.apps.enterprises.file_kinds import ENDINGS, LARGEST, MediaType, document_in
from creditmesh.apps.enterprises.operations.evidence import EvidenceTooLarge, UnknownEvidence
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties.rules import Actor, Permission
from creditmesh.apps.rights.models import Appeal, Document, Objection, Repair
from creditmesh.kernel.errors import CreditmeshError

FOLDER = "case-documents"
MOST_FILES = 6
_CHUNK = 1 << 16


class TooManyFiles(CreditmeshError):
    """A case has as many files as it can have."""

    code = "too-many-files"


class Readable(Protocol):
    """Anything bytes can be read from, piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, none at the end."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file as one of the parties gets it; `filename` is made up, never the sender's."""

    path: Path
    filename: str
    media_type: MediaType


def attach(case: UUID, *, content: Readable, filename: str, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Keep a file with a case that one is a party to, and return its number.

    Raises `UnknownEvidence` for a case that is not there or not yours, `EvidenceTooLarge`, `TooManyFiles`,
    and `file_kinds.UnfitFile` for what is no PDF, JPEG or PNG.
    """
    side = _side(case, by)
    document = document_in(_read(content))
    row = Document(
        uuid=uuid4(),
        case=case,
        side=side,
        media_type=document.media_type.value,
        filename=_shown(filename),
        size=len(document.content),
        sha256=hashlib.sha256(document.content).hexdigest(),
        stored_at=at,
    )
    file = path_of(row.uuid, home=node.home)
    _write(file, document.content)
    try:
        with transaction.atomic():
            if Document.objects.filter(case=case).count() >= MOST_FILES:
                raise TooManyFiles(
                    f"A case takes at most {MOST_FILES} files. Put several pages into one PDF."
                )
            row.save(force_insert=True)
            audit.append(
                who=by.who(), act="document.attach", thing=Thing("document", str(row.uuid)), at=at,
                why=f"sha256 {row.sha256}", details={"case": str(case)},
            )  # fmt: skip
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return row.uuid


def take(document: UUID, *, by: Actor, node: ThisNode, at: datetime) -> Opened:
    """Return a file to a party of its case, and write down who took it. Raises `UnknownEvidence`."""
    row = Document.objects.filter(uuid=document).order_by("id").first()
    if row is None:
        raise _unknown()
    _side(row.case, by)
    file = path_of(document, home=node.home)
    if not file.is_file():
        raise _unknown()
    audit.append(who=by.who(), act="document.open", thing=Thing("document", str(document)), at=at)
    kind = MediaType(row.media_type)
    return Opened(path=file, filename=f"case-{str(document)[:8]}{ENDINGS[kind]}", media_type=kind)


def path_of(document: UUID, *, home: Path) -> Path:
    """Return where a file lies: nothing of the path comes from whoever sent it."""
    return home / FOLDER / document.hex[:2] / document.hex


def _side(case: UUID, by: Actor) -> str:
    """Return on which side of a case somebody stands; raise `UnknownEvidence` for whoever stands on none."""
    if by.may(Permission.HANDLE_OBJECTIONS) and any(
        model.objects.filter(uuid=case).exists() for model in (Objection, Repair, Appeal)
    ):
        return "operator"
    if (
        by.may(Permission.SEE_OWN_RECORD)
        and by.subject
        and any(
            model.objects.filter(uuid=case, subject=by.subject).exists()
            for model in (Objection, Repair, Appeal)
        )
    ):
        return "enterprise"
    forwarded = Objection.objects.filter(uuid=case, source__in=by.sources, forwarded_at__isnull=False)
    if by.may(Permission.ANSWER_OBJECTIONS) and forwarded.exists():
        return "department"
    raise _unknown()


def _unknown() -> UnknownEvidence:
    return UnknownEvidence("There is no such file or case among those you may see.")


def _read(content: Readable) -> bytes:
    pieces, size = [], 0
    while piece := content.read(_CHUNK):
        size += len(piece)
        if size > LARGEST:
            raise EvidenceTooLarge(
                f"The file is larger than {LARGEST // 1024**2} MB: scan it smaller or in grey and send it again."
            )
        pieces.append(piece)
    return b"".join(pieces)


def _write(file: Path, content: bytes) -> None:
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


def _shown(filename: str) -> str:
    last = PurePath(filename.replace("\\", "/")).name
    return "".join(one for one in last if one.isprintable())[-120:] or "file"
