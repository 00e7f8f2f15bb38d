"""What is counted against an institution's limits, and in which windows of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from creditmesh.apps.members.institutions.rules.standing import Limits
from creditmesh.kernel.errors import CreditmeshError

NONCE_LIFE = timedelta(seconds=2 * 900 + 60)
"""How long a nonce is remembered: a signature made 15 minutes ahead of us can be sent for half an hour."""
MINUTES_KEPT = timedelta(hours=2)
"""How long the counter of a minute is kept."""


class Measure(StrEnum):
    """One thing that is counted."""

    REQUESTS = "requests"  # each minute
    INQUIRIES = "inquiries"  # each day
    RAW = "raw"  # each day: inquiries for raw detail


@dataclass(frozen=True)
class Window:
    """A stretch of time in which is counted: its name in the table, and the seconds until it ends."""

    name: str
    seconds_left: int


class TooManyRequests(CreditmeshError):
    """An institution asked more than its limit."""

    code = "too-many-requests"

    def __init__(self, *, measure: Measure, limit: int, retry_after: int) -> None:
        every = "a minute" if measure is Measure.REQUESTS else "a day"
        super().__init__(
            f"Your institution may make {limit} {measure} {every}, and has: "
            f"try again in {retry_after} seconds, or ask the operator of the node for a higher limit."
        )
        self.measure = measure
        self.headers: Mapping[str, str] = {"Retry-After": str(retry_after)}
        self.members: Mapping[str, object] = {
            "measure": measure.value,
            "limit": limit,
            "retry_after": retry_after,
        }


def window(measure: Measure, *, at: datetime, zone: ZoneInfo) -> Window:
    """Return the window a moment falls into: its minute, or its day in the node's time zone."""
    there = at.astimezone(zone)
    if measure is Measure.REQUESTS:
        return Window(name=f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M}", seconds_left=60 - at.second)
    tomorrow = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(name=f"{there:%Y-%m-%d}", seconds_left=int((tomorrow - there).total_seconds()) + 1)


def limit_of(measure: Measure, *, limits: Limits) -> int:
    """Return how much of a measure the limits allow."""
    return {
        Measure.REQUESTS: limits.requests_per_minute,
        Measure.INQUIRIES: limits.inquiries_per_day,
        Measure.RAW: limits.raw_per_day,
    }[measure]


def admitted(*, asked: int, after: int, limit: int) -> int:
    """Return how many of `asked` fit under the limit when the counter stands at `after` with all of them."""
    return max(0, min(asked, limit - (after - asked)))


@dataclass(frozen=True)
class Passage:
    """What a request of an institution still has to pay: its nonce is spent, its measures are counted."""

    institution: str
    measures: tuple[Measure, ...] = (Measure.REQUESTS,)
    key: int | None = None  # row of the signing key; None when a person asks
    nonce: str = ""
    scopes: frozenset[str] = frozenset()  # what the token allows; empty when a person asks
    shown: tuple[str, str] | None = (
        None  # digest of the token and name of the key, as the request brought them
    )
    stood_for: object = None  # what they stood for when the request was let in (`queries.Presented`)
