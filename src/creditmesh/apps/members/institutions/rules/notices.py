"""Notices: kinds, delivery, how often and how long it is tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long is waited after each failed attempt; after the last one the notice stays in the inbox alone."""


class Delivery(StrEnum):
    """Whether a notice was sent to the institution's callback address."""

    INBOX = "inbox"  # there is no address: it waits in the inbox
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up after the last attempt


@dataclass(frozen=True)
class Notice:
    """News for an institution."""

    uuid: UUID
    institution: str
    kind: str  # such as record.corrected, authorisation.withdrawn
    about: dict[str, Any]
    made_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    delivery: Delivery
    attempts: int
    next_at: datetime | None
    trouble: str


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts, None when it is given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
