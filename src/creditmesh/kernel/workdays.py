"""Working days in China: the State Council's table where it is decided, the statute's rule after that.

Counting follows one rule everywhere: the day after the event is day 1 (domain.md §3, a default).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Literal, Self

from creditmesh.kernel.errors import CreditmeshError

Standing = Literal["decided", "by rule"]
_DAY = timedelta(days=1)


class YearOutOfCalendar(CreditmeshError):
    """A year whose lunar festivals are not in the table and that no table decides."""

    code = "year-out-of-calendar"


class UnreadableCalendar(CreditmeshError):
    """An operator's table of days that cannot be read."""

    code = "unreadable-calendar"


@dataclass(frozen=True)
class Deadline:
    """A day that was counted to, and whether every day on the way there is decided."""

    on: date
    standing: Standing


@dataclass(frozen=True)
class Calendar:
    """Know the days that differ from the plain week, and the years for which they are decided.

    Years nobody has decided follow the rule of the 全国年节及纪念日放假办法 as revised for 2025: 13
    holidays, one that falls on a weekend made up on the next working day. Exchanged weekends
    (调休) cannot be foreseen, so such a year's answers change when its notice is entered.
    """

    exceptions: Mapping[date, bool]  # day -> is a working day, against the plain week
    decided_years: frozenset[int]

    @classmethod
    def shipped(cls) -> Self:
        """Return the calendar of the notices for 2004 to 2026."""
        exceptions = _shipped()
        return cls(exceptions, frozenset(day.year for day in exceptions))

    def override(self, table: Mapping[date, bool], *, years: Iterable[int] = ()) -> Self:
        """Return the calendar with an operator's days on top.

        `years` are those the table settles wholly: a day it does not name follows the plain week.
        """
        settled = frozenset(years)
        kept = {day: working for day, working in self.exceptions.items() if day.year not in settled}
        return replace(self, exceptions={**kept, **table}, decided_years=self.decided_years | settled)

    def is_workday(self, day: date) -> bool:
        """Return whether people work on that day.

        Raises `YearOutOfCalendar` before 1949 and after 2099 unless a table decides the year.

        >>> Calendar.shipped().is_workday(date(2026, 10, 1)), Calendar.shipped().is_workday(date(2030, 10, 8))
        (False, True)
        """
        named = self.exceptions.get(day)
        if named is not None:
            return named
        return day.weekday() < 5 and (day.year in self.decided_years or day not in rest_days(day.year))

    def standing(self, day: date) -> Standing:
        """Return whether the answer for that day is decided or follows the rule."""
        return "decided" if day in self.exceptions or day.year in self.decided_years else "by rule"

    def add(self, day: date, count: int) -> date:
        """Return the working day number `count` after the event; 0 is the day of the event itself.

        Raises `ValueError` for a negative count, `YearOutOfCalendar` as `is_workday`.

        >>> Calendar.shipped().add(date(2026, 9, 30), 1)
        datetime.date(2026, 10, 8)
        """
        return self.deadline(day, count).on

    def deadline(self, day: date, count: int) -> Deadline:
        """Return as `add`, with the standing of the answer: `by rule` when one day counted was."""
        if count < 0:
            raise ValueError("working days are counted forwards")
        standing: Standing = "decided"
        while count:
            day += _DAY
            count -= self.is_workday(day)
            if self.standing(day) == "by rule":
                standing = "by rule"
        return Deadline(day, standing)

    def between(self, event: date, day: date) -> int:
        """Return the number of `day` counted in working days from the event; 0 on or before it.

        >>> Calendar.shipped().between(date(2026, 9, 30), date(2026, 10, 8))
        1
        """
        return sum(self.is_workday(event + _DAY * step) for step in range(1, (day - event).days + 1))


def read_table(lines: Iterable[str]) -> dict[date, bool]:
    """Return an operator's days from CSV lines with the columns `date` (ISO) and `working` (0 or 1).

    Raises `UnreadableCalendar` with the line number.
    """
    table = {}
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            table[date.fromisoformat(row["date"])] = {"0": False, "1": True}[row["working"]]
        except (KeyError, TypeError, ValueError) as fault:
            raise UnreadableCalendar(
                f"Line {number} of the calendar is not a day: it needs 'date' as 2027-02-05 and 'working' as 0 or 1."
            ) from fault
    return table


@lru_cache(maxsize=256)
def rest_days(year: int) -> frozenset[date]:
    """Return the holidays of a year by rule, with the weekdays that make up for those at a weekend.

    Raises `YearOutOfCalendar` before 1949 and after 2099.
    """
    holidays = _statutory(year)
    rest = set(holidays)
    for made_up in sorted(day for day in holidays if day.weekday() >= 5):
        instead = made_up
        while instead in rest or instead.weekday() >= 5:
            instead += _DAY
        rest.add(instead)
    return frozenset(rest)


def _statutory(year: int) -> frozenset[date]:
    # 全国年节及纪念日放假办法 art. 2, revised 2024-11-10, in force 2025-01-01.
    if year not in _festivals():
        raise YearOutOfCalendar(
            f"The working days of {year} are not known: the table of festivals covers 1949 to 2099. "
            "Check the year, or enter a calendar table for it."
        )
    spring, qingming, dragon_boat, mid_autumn = _festivals()[year]
    days = [date(year, 1, 1), qingming, date(year, 5, 1), date(year, 5, 2), dragon_boat, mid_autumn]
    days += [spring + _DAY * step for step in (-1, 0, 1, 2)]
    days += [date(year, 10, step) for step in (1, 2, 3)]
    return frozenset(days)


@lru_cache(maxsize=1)
def _festivals() -> dict[int, tuple[date, ...]]:
    return {
        int(row[0]): tuple(date.fromisoformat(f"{row[0]}-{day}") for day in row[1:])
        for row in csv.reader(_lines("festivals.csv")[1:])
    }


@lru_cache(maxsize=1)
def _shipped() -> Mapping[date, bool]:
    return read_table(_lines("workdays.csv"))


def _lines(file: str) -> list[str]:
    return resources.files("creditmesh.kernel").joinpath(f"tables/{file}").read_text("utf-8").splitlines()
