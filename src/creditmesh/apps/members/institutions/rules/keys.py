"""Which keys of a program are in force, and how a key is proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from creditmesh.kernel.errors import CreditmeshError

MOST_KEYS = 2
"""So many keys of a program are in force or waiting at once: the one in use and the next."""
KEY_LIFE = timedelta(days=366)
WAITING_LIFE = timedelta(days=7)
"""A key that nobody proves or confirms in that time stays out."""


class KeyState(StrEnum):
    """How far a key is."""

    WAITING = "waiting"
    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True)
class KeyLine:
    """A signing key as lists show it."""

    uuid: UUID
    program: str  # client id
    program_name: str
    thumbprint: str
    algorithm: str
    state: KeyState
    challenge: str
    registered_by: str
    registrar: int | None
    registered_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Return whether requests may be signed with it."""
        return self.state is KeyState.ACTIVE and at < self.expires_at

    def counts(self, at: datetime) -> bool:
        """Return whether it takes one of the two places a program has for keys."""
        if self.state is KeyState.WAITING:
            return at < self.registered_at + WAITING_LIFE
        return self.in_force(at)


class TooManyKeys(CreditmeshError):
    """A program has two keys already."""

    code = "too-many-keys"

    def __init__(self) -> None:
        super().__init__(f"The program has {MOST_KEYS} keys already: revoke the old one first.")


def room_for_another(keys: Sequence[KeyLine], *, at: datetime) -> bool:
    """Return whether a program may have one more key."""
    return sum(one.counts(at) for one in keys) < MOST_KEYS


def challenge(*, client: str, thumbprint: str, random: str) -> str:
    """Return what the holder of a new key signs to prove that the private half is there."""
    return f"creditmesh-key:{client}:{thumbprint}:{random}"


def spellings(signature: bytes) -> tuple[bytes, ...]:
    """Return a signature as it was sent, and as r || s when it may be the DER that tools of OpenSSL write."""
    try:
        r, s = decode_dss_signature(signature)
        return (signature, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    except (ValueError, OverflowError):
        return (signature,)
