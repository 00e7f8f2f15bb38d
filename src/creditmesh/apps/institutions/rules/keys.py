"""Which keys of a program are in force, and how a key is proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from creditmesh.kernel.errors import CreditmeshError

MOST_KEYS = 2
"""So many keys of a program are in force or waiting at once: the one in use and the next."""
KEY_LIFE = timedelta(days=366)


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
        return self.state is not KeyState.REVOKED and at < self.expires_at


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
