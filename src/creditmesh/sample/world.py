"""The county as it is: people, enterprises, how they hang together, and what befell them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from creditmesh.sample.trades import Trade

FIRST_YEAR = 2022


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented, known by a pseudonym."""

    id: str
    name: str
    weakness: float


@dataclass(frozen=True, slots=True)
class Holder:
    """A shareholder: a person, or an enterprise of the county."""

    name: str
    share: int  # basis points
    since: date
    person: Person | None = None
    code: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something the register took note of; `attribute` is what it changed, if anything we keep."""

    on: date
    kind: str
    number: str
    attribute: str | None = None
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A stay on the list of abnormal operations."""

    reason: str
    listed_on: date
    removed_on: date | None
    number: str


@dataclass(slots=True)
class Year:
    """What a year was like: how hard pressed the enterprise was, from 0 to 1, and its penalties."""

    year: int
    first: date
    last: date
    stress: float
    penalties: list[date] = field(default_factory=list)


@dataclass(slots=True)
class Enterprise:
    """An enterprise; `name`, `address`, `capital`, `representative` and `status` as they were at first."""

    number: int
    code: str
    registration_number: str | None
    name: str
    entity_type: str
    established: date
    town: str
    address: str
    trade: Trade
    capital: int
    paid_in: int
    representative: Person
    weakness: float  # what nobody sees, and what drives most of what everybody sees
    size: str
    employees: int
    revenue: int  # fen a year, typically
    officers: list[tuple[Person, str]] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    status: str = "active"
    years: list[Year] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    ended_on: date | None = None

    def at(self, attribute: str, day: date) -> object:
        """Return what the attribute was on that day."""
        value: object = getattr(self, attribute)
        for change in self.changes:
            if change.attribute == attribute and change.on <= day:
                value = change.after
        return value

    def name_on(self, day: date) -> str:
        """Return the name on that day."""
        return str(self.at("name", day)) if self.changes else self.name

    def lives(self, day: date) -> bool:
        """Return whether it had been set up and not ended by that day."""
        return self.established <= day and (self.ended_on is None or day < self.ended_on)

    def year(self, number: int) -> Year | None:
        """Return what a year was like, or None when it did not live to see it."""
        return next((one for one in self.years if one.year == number), None)

    def stress(self, day: date) -> float:
        """Return how hard pressed it was in the year of that day."""
        year = self.year(day.year)
        return self.weakness if year is None else year.stress


@dataclass(slots=True)
class World:
    """The whole county up to a day."""

    seed: int
    until: date
    enterprises: list[Enterprise]

    def quarters(self, enterprise: Enterprise, first: date) -> Iterator[tuple[date, date]]:
        """Return first and last day of every quarter the enterprise lived through and that is over."""
        year, month = first.year, (first.month - 1) // 3 * 3 + 1
        while True:
            starts = date(year, month, 1)
            year, month = (year + 1, 1) if month == 10 else (year, month + 3)
            ends = date(year, month, 1) - timedelta(days=1)
            if ends >= self.until:
                return
            if enterprise.lives(starts) and enterprise.lives(ends):
                yield starts, ends
