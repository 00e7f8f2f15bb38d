"""Files handed in with a case: checked by their content, kept outside the reach of the web, handed to the parties."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.nodes import tidying
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises import stored_files
from creditmesh.apps.members.enterprises.file_kinds import ENDINGS, MediaType, document_in
from creditmesh.apps.members.enterprises.operations.evidence import UnknownEvidence
from creditmesh.apps.members.enterprises.stored_files import Opened, Readable
from creditmesh.apps.sharing.rights.models import Appeal, Document, Objection, Repair
from creditmesh.apps.sharing.rights.rules import repairs
from creditmesh.kernel.errors import CreditmeshError

FOLDER = "case-documents"
MOST_FILES = 6
MOST_EXPIRED = 500  # in one go
KEPT = "retention.case-files"


class TooManyFiles(CreditmeshError):
    """A case has as many files as it can have."""

    code = "too-many-files"


def attach(case: UUID, *, content: Readable, filename: str, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Keep a file with a case that one is a party to, and return its number.

    Raises `UnknownEvidence` for a case that is not there or not yours, `EvidenceTooLarge`, `TooManyFiles`,
    and `file_kinds.UnfitFile` for what is no PDF, JPEG or PNG.
    """
    side = _side(case, by)
    document = document_in(stored_files.read(content))
    row = Document(
        uuid=uuid4(),
        case=case,
        side=side,
        media_type=document.media_type.value,
        filename=stored_files.shown_name(filename),
        size=len(document.content),
        sha256=hashlib.sha256(document.content).hexdigest(),
        stored_at=at,
    )
    file = path_of(row.uuid, home=node.home)
    stored_files.write(file, document.content)
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


def expire(*, node: ThisNode, at: datetime, most: int = MOST_EXPIRED) -> int:
    """Delete the files of cases that are over, as long after as the rule pack says, and return how many went.

    Their digests stay in the ledger.
    """
    before = tidying.kept_since(KEPT, region=node.region, at=at)
    over = (
        Objection.objects.filter(closed_at__lt=before).values("uuid"),
        Repair.objects.exclude(state__in=sorted(repairs.UNDECIDED))
        .filter(Q(decided_at__lt=before) | Q(decided_at=None, received_at__lt=before))
        .values("uuid"),
        Appeal.objects.filter(answered_at__lt=before).values("uuid"),
    )
    of_them = Q(case__in=over[0]) | Q(case__in=over[1]) | Q(case__in=over[2])
    found = list(Document.objects.filter(of_them, stored_at__lt=before).order_by("id")[:most])
    for row in found:
        with transaction.atomic():
            row.delete()
            audit.append(
                who=WORKER, act="document.expire", thing=Thing("document", str(row.uuid)), at=at,
                why=KEPT, details={"case": str(row.case), "sha256": row.sha256},
            )  # fmt: skip
        path_of(row.uuid, home=node.home).unlink(missing_ok=True)
    return len(found)


def path_of(document: UUID, *, home: Path) -> Path:
    """Return where a file lies: nothing of the path comes from whoever sent it."""
    return stored_files.place(document, folder=FOLDER, home=home)


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
