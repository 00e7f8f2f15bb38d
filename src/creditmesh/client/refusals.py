"""What can go wrong in a call, as types a program can tell apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ClientError(Exception):
    """A call that gave no answer to rely on."""


class Unreachable(ClientError):
    """The node did not answer, or what answered is no node."""


class Untrusted(ClientError):
    """An answer came, but it does not prove that this node gave it to this question: use nothing of it."""


@dataclass(eq=False)
class Refused(ClientError):
    """The node refused, in problem details (RFC 9457).

    `code` names the rule, such as "expired" or "signature-too-old"; `title` says what to do; `signed` tells
    whether the refusal itself proved to be of the node (those before the key is known are not signed).
    """

    code: str
    status: int
    title: str
    signed: bool = False
    retry_after: int | None = None  # seconds
    members: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = f"{self.status} {self.code}: {self.title}"
        return f"{told} ({'; '.join(self.details)})" if self.details else told

    @property
    def details(self) -> tuple[str, ...]:
        """Return what the node says beyond the title: which member does not fit and why, in English."""
        listed = self.members.get("errors")
        wrong = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
        detail = self.members.get("detail")
        first = (str(detail),) if detail else ()
        return (*first, *(f"{one.get('field')}: {one.get('sentence')}" for one in wrong))


class NotFound(Refused):
    """There is no such thing, or none that this program may know of (404)."""


class TooMany(Refused):
    """A limit is used up (429): wait `retry_after` seconds."""


class NotSignedIn(Refused):
    """Token, key or signature were not accepted (401)."""


BY_STATUS: dict[int, type[Refused]] = {401: NotSignedIn, 404: NotFound, 429: TooMany}
