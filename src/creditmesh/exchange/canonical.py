"""One form of a value: canonical JSON (RFC 8785), strict base64url, hexadecimal digests."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import TypeAlias

import rfc8785

from creditmesh.kernel.errors import CreditmeshError

JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"

LARGEST = 2**53 - 1  # RFC 8785 writes numbers as IEEE 754 doubles; beyond this, integers would be rounded.
BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


class NotCanonical(CreditmeshError):
    """A value that has no canonical JSON form."""

    code = "not-canonical"


def canonical(value: JSON) -> bytes:
    """Return the canonical JSON of a value (RFC 8785): equal values give equal bytes, in every language.

    Raises NotCanonical for what JSON cannot say: other types, NaN, integers beyond 2**53, lone surrogates.
    """
    try:
        return _text(value).encode()
    except (TypeError, ValueError, RecursionError) as problem:
        raise NotCanonical(f"This value cannot be written as canonical JSON: {problem}.") from None


def sha256(data: bytes) -> str:
    """Return the SHA-256 digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def to_base64url(data: bytes) -> str:
    """Return base64url without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes of unpadded base64url; raise ValueError unless it is the one way to write them."""
    if not BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(data) != text:
        raise ValueError("base64url with stray bits")
    return data


def _text(value: JSON) -> str:
    # Written here because entries of the ledger are many; rfc8785 writes the numbers, and tests hold both equal.
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise ValueError(f"{value} is too large for a number; write it as text")
        return int.__repr__(value)
    if isinstance(value, float):
        return rfc8785.dumps(value).decode()
    if isinstance(value, Mapping):
        return (
            "{"
            + ",".join([f"{encode_basestring(name)}:{_text(value[name])}" for name in _names(value)])
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join([_text(one) for one in value]) + "]"
    raise TypeError(f"{type(value).__name__} is not of JSON")


def _names(value: Mapping[str, JSON]) -> list[str]:
    names = sorted(value)
    if not "".join(names).isascii():
        names.sort(key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return names
