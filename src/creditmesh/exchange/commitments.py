"""Salted commitments: the ledger keeps digests of the fields of an entry, and the fields may go.

The salt of a field is SHA-256(salt || name), its digest SHA-256(salt of the field || canonical JSON of the value).
The leaf of the entry is the Merkle leaf hash of the canonical JSON of {name: digest}. Whoever is shown a field
with its salt can check it; without the salt, a digest does not help to guess.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from creditmesh.exchange.canonical import JSON, canonical
from creditmesh.exchange.merkle import leaf_hash

SALT_BYTES = 32


@dataclass(frozen=True)
class Commitment:
    """What binds an entry: the leaf hash in the tree, and the digest of every field in hexadecimal."""

    leaf: bytes
    fields: dict[str, str]


def commit(body: Mapping[str, JSON], *, salt: bytes) -> Commitment:
    """Return the commitment to a body; ValueError unless the salt has 32 bytes (from a secure source)."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt of an entry has {SALT_BYTES} bytes, not {len(salt)}")
    fields = {name: field_digest(value, salt=field_salt(salt, name)) for name, value in body.items()}
    return Commitment(leaf=leaf_of(fields), fields=fields)


def opened(body: Mapping[str, JSON], *, salt: bytes, show: Collection[str]) -> dict[str, JSON]:
    """Return {"shown": {name: {"value", "salt"}}, "fields": {name: digest}}: the chosen fields, digests of all.

    Raises KeyError for a field that is not there.
    """
    shown: dict[str, JSON] = {
        name: {"value": body[name], "salt": field_salt(salt, name).hex()} for name in sorted(show)
    }
    return {"shown": shown, "fields": commit(body, salt=salt).fields}


def field_salt(salt: bytes, name: str) -> bytes:
    """Return the salt of one field, which tells nothing of the others."""
    return hashlib.sha256(salt + name.encode()).digest()


def field_digest(value: JSON, *, salt: bytes) -> str:
    """Return the digest of one field's value, in hexadecimal."""
    return hashlib.sha256(salt + canonical(value)).hexdigest()


def leaf_of(fields: Mapping[str, str]) -> bytes:
    """Return the leaf hash of an entry from the digests of its fields."""
    return leaf_hash(canonical(fields))
