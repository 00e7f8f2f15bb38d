"""This node's hand on its ledger: seal, sign, keep, verify with the node's own name and key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from creditmesh.apps.ground.audit.evidence import kept, proofs, signing, verifying
from creditmesh.apps.ground.audit.evidence.findings import Findings
from creditmesh.apps.ground.audit.models import Head
from creditmesh.apps.ground.audit.operations import append
from creditmesh.apps.ground.audit.rules import Outcome, Thing, Who
from creditmesh.apps.ground.audit.tree import sealing
from creditmesh.apps.ground.nodes.queries import identity
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.exchange.canonical import JSON
from creditmesh.exchange.proofs import SignedHead


def pen(node: ThisNode) -> signing.Pen:
    """Return what signs the heads of this node's ledger."""
    known = identity()
    signer = node.signer
    return signing.Pen(log=str(known.id) if known else node.name, key=signer.key, key_id=signer.key_id)


def tend(*, node: ThisNode, at: datetime) -> Head | None:
    """Seal what waits; sign a head if one is due, keep it in HOME/heads.jsonl, and return it."""
    sealing.seal_waiting()
    if not signing.head_is_due(at=at):
        return None
    head = signing.sign_if_due(pen=pen(node), at=at)
    signing.keep_heads(home=node.home)
    return head


def prove(*, node: ThisNode, entry: UUID, at: datetime, everything: bool = False) -> dict[str, JSON]:
    """Return the proof file of an entry under a signed head; one is signed if none covers the entry yet.

    With `everything` people and reasons are shown too. Raises what `proofs.proof_file` refuses.
    """
    sealing.seal_waiting()
    place = proofs.place_of(entry)
    if place.position is not None:
        signing.head_over(position=place.position, pen=pen(node), at=at)
    show = proofs.fields_of(entry) if everything else None
    return proofs.proof_file(entry=entry, keys=node.signer.jwks(), show=show)


def verify(*, node: ThisNode, by: Who, at: datetime, heads: Sequence[SignedHead] = ()) -> Findings:
    """Verify the whole ledger, also against the heads in HOME/heads.jsonl, and write down what was found."""
    file = node.home / signing.KEPT
    own = kept.read_heads(file.read_text("utf-8")) if file.exists() and file.stat().st_size else []
    found = verifying.verify(resolve=node.signer.resolve, kept=[*own, *heads], roots=node.stamp_roots)
    kinds = sorted({one.kind.value for one in found.problems})
    append(
        who=by,
        act="ledger.verify",
        thing=Thing("ledger", str(found.size)),
        at=at,
        why=", ".join(kinds),
        outcome=Outcome.DONE if found.holds else Outcome.FAILED,
        details={"size": found.size, "root": found.root, "heads": found.heads, "problems": kinds},
    )
    return found
