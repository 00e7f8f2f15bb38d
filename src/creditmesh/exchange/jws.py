"""Detached signatures over documents: JWS compact form (RFC 7515) with the payload left out unencoded (RFC 7797)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from creditmesh.exchange.canonical import JSON, canonical, from_base64url, to_base64url
from creditmesh.exchange.keys import Algorithm, PrivateKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

Resolve: TypeAlias = Callable[[str], PublicKey | None]

# RFC 9864 names the curve; programs of before it say EdDSA, which with an Ed25519 key means the same.
NAMES = {
    Algorithm.ED25519: frozenset({"Ed25519", "EdDSA"}),
    Algorithm.ES256: frozenset({"ES256"}),
    Algorithm.SM2: frozenset({"SM2SM3"}),
}
UNDERSTOOD = ["b64"]
LONGEST_HEADER = 4096
LONGEST_KEY_ID = 256


class Reason(StrEnum):
    """Why a signature was not accepted."""

    MALFORMED = "malformed"
    CRITICAL = "critical"
    UNKNOWN_KEY = "unknown-key"
    ALGORITHM = "algorithm"
    BAD_SIGNATURE = "bad-signature"


SENTENCES = {
    Reason.MALFORMED: "The signature is not a detached JWS (header..signature with b64=false): sign again.",
    Reason.CRITICAL: "The signature asks for an extension that is not understood: only b64 may be critical.",
    Reason.UNKNOWN_KEY: "The signature names a key that is not known or no longer valid: register the key first.",
    Reason.ALGORITHM: "The signature names another algorithm than its key has: sign with the key's own.",
    Reason.BAD_SIGNATURE: "The signature does not fit this document and key: sign exactly the bytes you were given.",
}


class BadSignature(CreditmeshError):
    """A signature that does not prove what it should; `reason` says why."""

    code = "bad-signature"

    def __init__(self, reason: Reason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """What a checked signature says of itself; `claims` are the other members of its header."""

    kid: str
    algorithm: Algorithm
    claims: Mapping[str, Any]


def sign_detached(
    payload: bytes, *, key: PrivateKey, kid: str, header: Mapping[str, JSON] | None = None
) -> str:
    """Return "header..signature" over the payload; ValueError when `header` names what is set here."""
    own: dict[str, JSON] = {"alg": key.algorithm.value, "b64": False, "crit": ["b64"], "kid": kid}
    if header and (header.keys() & own.keys()):
        raise ValueError("alg, b64, crit and kid of the header are set by the signer")
    first = to_base64url(canonical({**own, **(header or {})}))
    return f"{first}..{to_base64url(key.sign(first.encode() + b'.' + payload))}"


def verify_detached(token: str, payload: bytes, *, resolve: Resolve) -> Header:
    """Return the header of a good signature over the payload; raise BadSignature with the reason.

    The key, found by its id, decides the algorithm; what the header says is only compared with it.
    """
    first, signature = _parts(token)
    header = _header(first)
    if "crit" not in header or header.get("crit") != UNDERSTOOD or header.get("b64") is not False:
        raise BadSignature(Reason.CRITICAL)
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= LONGEST_KEY_ID:
        raise BadSignature(Reason.MALFORMED)
    key = resolve(kid)
    if key is None:
        raise BadSignature(Reason.UNKNOWN_KEY)
    if header.get("alg") not in NAMES[key.algorithm]:
        raise BadSignature(Reason.ALGORITHM)
    if not key.verify(signature, first.encode() + b"." + payload):
        raise BadSignature(Reason.BAD_SIGNATURE)
    claims = {name: value for name, value in header.items() if name not in {"alg", "b64", "crit", "kid"}}
    return Header(kid=kid, algorithm=key.algorithm, claims=claims)


def _parts(token: str) -> tuple[str, bytes]:
    first, _, last = token.partition("..")
    try:
        if not first or len(first) > LONGEST_HEADER or not last:
            raise ValueError("not header..signature")
        return first, from_base64url(last)
    except ValueError:
        raise BadSignature(Reason.MALFORMED) from None


def _header(first: str) -> dict[str, Any]:
    try:
        header = json.loads(from_base64url(first).decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadSignature(Reason.MALFORMED) from None
    if not isinstance(header, dict):
        raise BadSignature(Reason.MALFORMED)
    return header


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member twice")
    return found
