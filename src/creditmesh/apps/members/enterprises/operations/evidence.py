"""Keep files that prove who may act, out of reach of the web, and hand them to the operator alone."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.nodes import tidying
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises import stored_files
from creditmesh.apps.members.enterprises.file_kinds import ENDINGS, MediaType, document_in
from creditmesh.apps.members.enterprises.models import Claim, Evidence
from creditmesh.apps.members.enterprises.queries.claims import UnknownClaim
from creditmesh.apps.members.enterprises.rules import State
from creditmesh.apps.members.enterprises.stored_files import Opened, Readable
from creditmesh.kernel.errors import CreditmeshError

FOLDER = "evidence"
MOST_FILES = 4
MOST_EXPIRED = 500  # in one go
KEPT = "retention.evidence"
_OVER = frozenset({State.DRAFT.value, State.REJECTED.value, State.ENDED.value})


class TooMuchEvidence(CreditmeshError):
    """A claim has as many files as it can have."""

    code = "too-much-evidence"


class UnknownEvidence(CreditmeshError):
    """There is no such file among those one may see."""

    code = "unknown-evidence"


def attach(claim: UUID, *, content: Readable, filename: str, by: Actor, node: ThisNode, at: datetime) -> UUID:
    """Keep a file with the claimant's own draft and return its number.

    Raises `UnknownClaim`, `TooMuchEvidence`, `EvidenceTooLarge` and `file_kinds.UnfitFile`.
    """
    document = document_in(stored_files.read(content))
    row = Evidence(
        uuid=uuid4(),
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
            row.claim = _own_draft(claim, by)
            if row.claim.evidence.count() >= MOST_FILES:
                raise TooMuchEvidence(f"A claim takes at most {MOST_FILES} files: remove one first.")
            row.save(force_insert=True)
            audit.append(
                who=by.who(),
                act="evidence.attach",
                thing=Thing("evidence", str(row.uuid)),
                at=at,
                details={"sha256": row.sha256, "size": row.size},
                subject=row.claim.subject,
            )
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return row.uuid


def remove(evidence: UUID, *, by: Actor, node: ThisNode, at: datetime) -> None:
    """Take a file out of the claimant's own draft. Raises `UnknownEvidence`."""
    with transaction.atomic():
        row = (
            Evidence.objects.select_for_update()
            .filter(uuid=evidence, claim__user_id=by.user_id or 0, claim__state=State.DRAFT.value)
            .order_by("id")
            .first()
        )
        if row is None:
            raise UnknownEvidence("There is no such file in your draft: load the page again.")
        row.delete()
        audit.append(who=by.who(), act="evidence.remove", thing=Thing("evidence", str(evidence)), at=at)
    path_of(evidence, home=node.home).unlink(missing_ok=True)


def open_for_review(evidence: UUID, *, by: Actor, node: ThisNode, at: datetime) -> Opened:
    """Return a file for whoever decides on claims, and write down who looked. Raises `UnknownEvidence`."""
    by.demand(Permission.REVIEW_CLAIMS)
    row = Evidence.objects.filter(uuid=evidence).order_by("id").first()
    file = path_of(evidence, home=node.home)
    if row is None or not file.is_file():
        raise UnknownEvidence("There is no such file of evidence.")
    audit.append(who=by.who(), act="evidence.open", thing=Thing("evidence", str(evidence)), at=at)
    kind = MediaType(row.media_type)
    return Opened(path=file, filename=f"evidence-{str(evidence)[:8]}{ENDINGS[kind]}", media_type=kind)


def expire(*, node: ThisNode, at: datetime, most: int = MOST_EXPIRED) -> int:
    """Delete the files of claims that were refused, taken back, ended or never handed in, as long after they were
    stored as the rule pack says, and return how many went. Their digests stay in the ledger.
    """
    before = tidying.kept_since(KEPT, region=node.region, at=at)
    over = Evidence.objects.filter(stored_at__lt=before, claim__state__in=sorted(_OVER))
    found = list(over.select_related("claim").order_by("id")[:most])
    for row in found:
        with transaction.atomic():
            row.delete()
            audit.append(
                who=WORKER,
                act="evidence.expire",
                thing=Thing("evidence", str(row.uuid)),
                at=at,
                why=KEPT,
                details={"sha256": row.sha256},
                subject=row.claim.subject,
            )
        path_of(row.uuid, home=node.home).unlink(missing_ok=True)
    return len(found)


def path_of(evidence: UUID, *, home: Path) -> Path:
    """Return where a file lies: nothing of the path comes from whoever sent it."""
    return stored_files.place(evidence, folder=FOLDER, home=home)


def _own_draft(claim: UUID, by: Actor) -> Claim:
    found = (
        Claim.objects.select_for_update()
        .filter(uuid=claim, user_id=by.user_id or 0, state=State.DRAFT.value)
        .order_by("id")
        .first()
    )
    if found is None:
        raise UnknownClaim("You have no such draft: load the page again to see how your claim stands.")
    return found
