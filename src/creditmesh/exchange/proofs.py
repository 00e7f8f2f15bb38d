"""Proof files: what anyone can check without trusting the node, with `standalone/verify_proof.py` or `verify`.

    {"format": "creditmesh-proof/1",
     "entry": {"shown": {name: {"value": JSON, "salt": hex}}, "fields": {name: digest in hex}},   (commitments.opened)
     "leaf": hex, "position": 17, "inclusion": [hex, ...],                                        (merkle.inclusion)
     "head": {"document": {"at", "log", "root": hex, "size", ...}, "signature": "header..signature"},
     "keys": [JWK, ...],                      the node's keys; better asked of the node, or kept from before
     "later": [{"head": head, "consistency": [hex, ...]}, ...],     heads signed later, grown from the first
     "stamps": [{"token": base64 of a TimeStampResp, ...}, ...]}    RFC 3161, over SHA-256 of the head document

A head is signed as detached JWS over the canonical JSON of its document. A `HEAD.json` for the script is one head,
or one member of "later"; one that is older than the head of the proof has the path from itself to that one.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from creditmesh.exchange import commitments, jws, merkle
from creditmesh.exchange.canonical import JSON, NotCanonical, canonical
from creditmesh.exchange.keys import PrivateKey
from creditmesh.kernel.errors import CreditmeshError

FORMAT = "creditmesh-proof/1"


class ProofRefused(CreditmeshError):
    """A proof file that does not prove what it says."""

    code = "proof-refused"


@dataclass(frozen=True)
class SignedHead:
    """What a node says its log is: a document with log, size, root and time, and its signature."""

    document: Mapping[str, JSON]
    signature: str

    @property
    def payload(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical(self.document)

    @property
    def digest(self) -> bytes:
        """Return what a time-stamping authority stamps: SHA-256 of the signed bytes."""
        return hashlib.sha256(self.payload).digest()

    def as_json(self) -> dict[str, JSON]:
        """Return the head as it stands in a proof file."""
        return {"document": self.document, "signature": self.signature}


@dataclass(frozen=True)
class Place:
    """Where an entry stands in the tree of the head, and the path that shows it."""

    position: int
    path: Sequence[bytes]


@dataclass(frozen=True)
class Later:
    """A head signed later (or earlier), with the consistency path between the two sizes."""

    head: SignedHead
    path: Sequence[bytes] = field(default_factory=tuple)


@dataclass(frozen=True)
class Proved:
    """What a proof proves: these fields stood at this position when the log had this size, as signed at this time."""

    fields: dict[str, Any]
    position: int
    size: int
    at: str
    log: str
    kid: str


def sign_head(*, log: str, size: int, root: bytes, at: datetime, key: PrivateKey, kid: str) -> SignedHead:
    """Return a signed tree head; `log` names the log, such as the node's identity."""
    stated = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    document: dict[str, JSON] = {"at": stated, "log": log, "root": root.hex(), "size": size}
    return SignedHead(document, jws.sign_detached(canonical(document), key=key, kid=kid))


def verify_head(head: SignedHead, *, resolve: jws.Resolve) -> str:
    """Return the id of the key that signed a head; raise BadSignature."""
    return jws.verify_detached(head.signature, head.payload, resolve=resolve).kid


def build(
    *,
    opening: Mapping[str, JSON],
    place: Place,
    head: SignedHead,
    keys: Sequence[Mapping[str, JSON]],
    later: Sequence[Later] = (),
    stamps: Sequence[bytes] = (),
) -> dict[str, JSON]:
    """Return a proof file's content; `opening` is of `commitments.opened`, `stamps` are TimeStampResp in DER."""
    fields: Any = opening["fields"]
    return {
        "format": FORMAT,
        "entry": {"shown": opening["shown"], "fields": fields},
        "leaf": commitments.leaf_of(fields).hex(),
        "position": place.position,
        "inclusion": [one.hex() for one in place.path],
        "head": head.as_json(),
        "keys": list(keys),
        "later": [
            {"head": one.head.as_json(), "consistency": [step.hex() for step in one.path]} for one in later
        ],
        "stamps": [{"token": base64.b64encode(one).decode()} for one in stamps],
    }


def verify(proof: Mapping[str, Any], *, resolve: jws.Resolve) -> Proved:
    """Return what a proof file proves with the keys of its node; raise ProofRefused or BadSignature.

    Stamps are not looked at here: `timestamps.answer` checks one against the roots of its authority.
    """
    try:
        return _verified(proof, resolve)
    except (KeyError, TypeError, ValueError, AttributeError, NotCanonical):
        raise ProofRefused("This proof file is damaged: ask for it again.") from None


def _verified(proof: Mapping[str, Any], resolve: jws.Resolve) -> Proved:
    if proof["format"] != FORMAT:
        raise ProofRefused("This proof file is of another format than this program knows.")
    shown, fields, head = proof["entry"]["shown"], proof["entry"]["fields"], _head(proof["head"])
    for name, one in shown.items():
        if commitments.field_digest(one["value"], salt=bytes.fromhex(one["salt"])) != fields[name]:
            raise ProofRefused(f"The field {name} is not what the ledger committed to.")
    leaf = commitments.leaf_of(fields)
    size, root, position = _size(head), _root(head), proof["position"]
    path = [bytes.fromhex(one) for one in proof["inclusion"]]
    inside = merkle.verify_inclusion(index=position, size=size, leaf=leaf, path=path, expected=root)
    if leaf.hex() != proof["leaf"] or not inside:
        raise ProofRefused("The entry does not stand in the ledger at the place the proof says.")
    kid = verify_head(head, resolve=resolve)
    for one in proof["later"]:
        _check_grown(head, _head(one["head"]), [bytes.fromhex(step) for step in one["consistency"]], resolve)
    values = {name: one["value"] for name, one in shown.items()}
    return Proved(values, position, size, str(head.document["at"]), str(head.document["log"]), kid)


def _check_grown(first: SignedHead, second: SignedHead, path: list[bytes], resolve: jws.Resolve) -> None:
    verify_head(second, resolve=resolve)
    same_log = first.document["log"] == second.document["log"]
    grown = merkle.verify_consistency(
        first=_size(first),
        second=_size(second),
        first_root=_root(first),
        second_root=_root(second),
        path=path,
    )
    if not (same_log and grown):
        raise ProofRefused(
            "A later head of the ledger has not grown out of the first: the ledger was changed."
        )


def _head(stated: Mapping[str, Any]) -> SignedHead:
    return SignedHead(stated["document"], str(stated["signature"]))


def _size(head: SignedHead) -> int:
    size = head.document["size"]
    if not isinstance(size, int):
        raise TypeError("a size is a number")
    return size


def _root(head: SignedHead) -> bytes:
    return bytes.fromhex(str(head.document["root"]))
