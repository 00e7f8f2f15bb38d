"""The bytes of an answer: canonical JSON, digests, references, and one size for all verifications of a shape."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from creditmesh.exchange.canonical import LARGEST

_REFERENCE_LENGTH = 12


def plain(content: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON (RFC 8785) of an answer's content.

    For what answers are made of, text, whole numbers that `number` let pass and names in ASCII, the standard
    library's encoder in C writes the same bytes as `exchange.canonical`, several times faster; tests hold
    the two equal.
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def ordered(content: Mapping[str, Any]) -> bytes:
    """Return the same of content whose names stand in order at every depth, a few times faster again."""
    return to_json(content)


def number(value: int) -> int | str:
    """Return a whole number as JSON can carry it everywhere: as text beyond 2^53.

    >>> number(5), number(2**60)
    (5, '1152921504606846976')
    """
    return value if -LARGEST <= value <= LARGEST else str(value)


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=1024)
def moment(at: datetime) -> str:
    """Return a moment as answers write it: UTC, whole seconds.

    >>> moment(datetime(2026, 3, 2, 4, 0, 0, 5, tzinfo=UTC))
    '2026-03-02T04:00:00Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(item: str, key: str) -> str:
    """Return a record's reference: tells records apart without telling the key, which may name a person."""
    return hashlib.sha256(f"{item}\n{key}".encode()).hexdigest()[:_REFERENCE_LENGTH]


def whole(
    content: bytes,
    *,
    answer_digest: str,
    at: str,
    inquiry: str,
    ledger: Mapping[str, str | int],
    request_digest: str,
) -> bytes:
    """Return the body of an answer around its content: canonical, because the names stand in order."""
    frame = {
        "answer_digest": answer_digest,
        "at": at,
        "inquiry": inquiry,
        "ledger": ledger,
        "request_digest": request_digest,
    }
    return b'{"answer":' + content + b"," + ordered(frame)[1:]
