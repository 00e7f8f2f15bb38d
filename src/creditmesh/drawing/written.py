"""One way to write what is hashed, so that every program in every language finds the same digest."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from creditmesh.kernel.errors import CreditmeshError

SEPARATOR = "|"
HEX = frozenset("0123456789abcdef")


class BadIdentifier(CreditmeshError):
    """An id that cannot be told apart from its neighbours once they are joined for hashing."""

    code = "bad-draw-id"


def written(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Return JSON without blanks, names sorted, in UTF-8; of texts, whole numbers, truths, lists and maps only.

    For these and names of ASCII letters it is canonical JSON (RFC 8785).
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def sha256(data: bytes) -> str:
    """Return the SHA-256 digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def require_identifier(text: str, *, what: str) -> str:
    """Return the id itself, or raise `BadIdentifier` for an empty one or one with the separator."""
    if not text or SEPARATOR in text:
        raise BadIdentifier(
            f"The {what} '{text[:60]}' must not be empty and not hold '{SEPARATOR}'; mend it."
        )
    return text


def is_digest(text: str) -> bool:
    """Return whether a text is 64 hexadecimal digits in lower case."""
    return len(text) == 64 and HEX.issuperset(text)
