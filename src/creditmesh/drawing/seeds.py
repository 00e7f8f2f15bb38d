"""The seed of a draw: a secret half committed to beforehand, a public half fixed afterwards by someone else."""

from dataclasses import dataclass
from datetime import datetime

from creditmesh.drawing.written import SEPARATOR, is_digest, sha256
from creditmesh.kernel.errors import CreditmeshError

SECRET_BYTES = 32


class BadSecret(CreditmeshError):
    """A secret half that is not 32 bytes in hexadecimal."""

    code = "bad-draw-secret"


class CommitmentBroken(CreditmeshError):
    """A secret half that is not the one committed to."""

    code = "draw-commitment-broken"


class PublicHalfRefused(CreditmeshError):
    """A public half that says nothing, or could have been known when the commitment was made."""

    code = "draw-public-half-refused"


@dataclass(frozen=True, kw_only=True)
class PublicHalf:
    """A value nobody at the authority can choose, such as the closing index of a day named beforehand."""

    value: str
    source: str
    fixed_at: datetime


def commitment(secret: str) -> str:
    """Return the SHA-256 of the secret half (32 bytes in hexadecimal); raise `BadSecret`.

    >>> commitment("00" * 32)[:16]
    '66687aadf862bd77'
    """
    if not is_digest(secret):
        raise BadSecret("The secret half is 64 hexadecimal digits in lower case: draw it anew.")
    return sha256(bytes.fromhex(secret))


def require_public(half: PublicHalf, *, committed_at: datetime, now: datetime) -> None:
    """Refuse a public half that is empty or was not fixed between the commitment and now.

    Raises `PublicHalfRefused`.
    """
    if not half.value.strip() or half.value != half.value.strip() or SEPARATOR in half.value:
        raise PublicHalfRefused("The public value must be text without blanks around it and without '|'.")
    if not half.source.strip():
        raise PublicHalfRefused("Name the source of the public value, so that anyone can look it up.")
    if half.fixed_at <= committed_at:
        raise PublicHalfRefused(
            "The public value was fixed before the commitment was published, so the draw could have been "
            "steered: take a later value of the named source."
        )
    if half.fixed_at > now:
        raise PublicHalfRefused("The public value is not fixed yet: wait for the moment that was announced.")


def seed(*, secret: str, committed: str, public: str) -> str:
    """Return the seed, SHA-256 of `secret|public`; raise `BadSecret`, `CommitmentBroken`."""
    if commitment(secret) != committed:
        raise CommitmentBroken(
            "The secret half does not belong to the published commitment; the draw is void."
        )
    return sha256(f"{secret}{SEPARATOR}{public}".encode())
