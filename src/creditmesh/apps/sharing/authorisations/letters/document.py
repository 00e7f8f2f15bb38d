"""The signed document: its bytes, what they say, and whether the columns beside them say the same."""

import json
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from pydantic import ValidationError

from creditmesh.apps.sharing.authorisations.rules import Terms
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.exchange.jws import BadSignature, verify_detached
from creditmesh.exchange.keys import BadKey, PublicKey


class Kept(Protocol):
    """What is kept of an authorisation beside its signed bytes."""

    subject: str
    institution: str
    purpose: str
    purpose_version: str
    reference: str
    items: str
    modes: str
    raw_detail_explicit: bool
    data_from: date
    data_to: date | None
    valid_from: date
    valid_to: date
    max_queries: int
    per_day: int


def body(terms: Terms) -> bytes:
    """Return the bytes that are signed: canonical JSON (RFC 8785)."""
    return canonical(terms.model_dump(mode="json"))


def digest(signed: bytes) -> str:
    """Return the SHA-256 of the signed bytes."""
    return sha256(signed)


def columns(terms: Terms) -> dict[str, Any]:
    """Return what is kept beside the body to find an authorisation by."""
    return {
        "subject": terms.subject,
        "institution": terms.institution,
        "purpose": terms.purpose,
        "purpose_version": terms.purpose_version,
        "reference": terms.reference,
        "items": json.dumps(terms.items),
        "modes": json.dumps([str(one) for one in terms.modes]),
        "raw_detail_explicit": terms.raw_detail_explicit,
        "data_from": terms.data_from,
        "data_to": terms.data_to,
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
        "max_queries": terms.max_queries,
        "per_day": terms.per_day,
    }


def agreed(kept: Kept, *, signed: bytes, digest: str) -> Terms | None:
    """Return the terms when bytes, digest and columns all say the same, None when any of them differs."""
    read = _read(signed)
    if read is None or read[1] != digest:
        return None
    terms, _, said = read
    return terms if all(getattr(kept, name) == value for name, value in said) else None


@lru_cache(maxsize=4096)
def carries(signed: bytes, jws: str, jwk: str) -> bool:
    """Return whether a detached signature fits the bytes and the key it was accepted with."""
    try:
        verify_detached(jws, signed, resolve=lambda _kid: _key(jwk))
    except (BadSignature, BadKey, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _key(jwk: str) -> PublicKey:
    return PublicKey.from_jwk(json.loads(jwk))


@lru_cache(maxsize=4096)
def _read(signed: bytes) -> tuple[Terms, str, tuple[tuple[str, Any], ...]] | None:
    try:
        terms = Terms.model_validate_json(signed)
    except ValidationError:
        return None
    # What reads the same need not be the same: only the one canonical form counts.
    if body(terms) != signed:
        return None
    return terms, sha256(signed), tuple(columns(terms).items())


def readable(signed: bytes) -> Terms | None:
    """Return what bytes say, whether or not anything else agrees: to show them, never to decide by them."""
    try:
        return Terms.model_validate_json(signed)
    except ValidationError:
        return None
