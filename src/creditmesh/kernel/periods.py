"""Stretches of days from a first day up to, but not including, an end: [starts, ends)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from creditmesh.kernel.errors import CreditmeshError


class EmptyPeriod(CreditmeshError):
    """A period that ends before or when it starts."""

    code = "empty-period"


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later (negative: earlier), or the last day of that month.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Period:
    """Hold the days from `starts` up to the day before `ends`; no `ends` means for good.

    Raises `EmptyPeriod` when there is no day in it.

    >>> Period(date(2026, 1, 1), date(2026, 2, 1)).contains(date(2026, 2, 1))
    False
    """

    starts: date
    ends: date | None = None

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends <= self.starts:
            raise EmptyPeriod(
                f"A period must end after it starts: {self.starts} to {self.ends} holds no day."
            )

    @classmethod
    def of_days(cls, first: date, last: date) -> Self:
        """Return the period from a first to a last day, both included; raise `EmptyPeriod` when reversed."""
        return cls(first, last + timedelta(days=1))

    @classmethod
    def of_month(cls, year: int, month: int) -> Self:
        """Return a calendar month."""
        return cls(date(year, month, 1), add_months(date(year, month, 1), 1))

    @property
    def last(self) -> date | None:
        """Return the last day, or None when the period has no end."""
        return None if self.ends is None else self.ends - timedelta(days=1)

    @property
    def days(self) -> int | None:
        """Return how many days it holds, or None when it has no end."""
        return None if self.ends is None else (self.ends - self.starts).days

    def contains(self, day: date) -> bool:
        """Return whether the day lies in the period."""
        return self.starts <= day and (self.ends is None or day < self.ends)

    def overlaps(self, other: "Period") -> bool:
        """Return whether the two share a day."""
        return (self.ends is None or other.starts < self.ends) and (
            other.ends is None or self.starts < other.ends
        )

    def intersection(self, other: "Period") -> "Period | None":
        """Return the days both hold, or None when they share none."""
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.ends, other.ends) if end is not None]
        return Period(max(self.starts, other.starts), min(ends, default=None))

    def shift(self, *, days: int = 0, months: int = 0) -> "Period":
        """Return the period moved by months, then days (negative: earlier).

        Months keep the day of the month where the month has it, so moving back may not undo the move.
        """
        step = timedelta(days=days)
        ends = None if self.ends is None else add_months(self.ends, months) + step
        return Period(add_months(self.starts, months) + step, ends)
