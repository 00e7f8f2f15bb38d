"""Let the county live: pressure year by year, penalties that follow it, changes, listings, ends.

Weakness is drawn once and never written to any file. It raises the pressure of a year; pressure brings
penalties, listings and ends; and what happened raises the pressure of the next year. So records of
one year say something about the next, which is what a back-test looks for.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from creditmesh.sample import words
from creditmesh.sample.chance import Chance
from creditmesh.sample.world import FIRST_YEAR, Change, Enterprise, Listing, Person, World, Year

# status -> yearly probability: fixed, times the pressure, times its square
_ENDS = {
    "revoked": (0.0008, 0.0, 0.09),
    "cancelled": (0.0004, 0.002, 0.0),
    "moved_out": (0.003, 0.0, 0.0),
    "deregistered": (0.025, 0.05, 0.0),
    "suspended": (0.002, 0.01, 0.0),
    "liquidating": (0.0005, 0.0, 0.008),
}
_END_KINDS = {
    "revoked": "revocation",
    "cancelled": "registration_cancelled",
    "moved_out": "move_out",
    "deregistered": "deregistration",
    "suspended": "suspension",
    "liquidating": "other",
}


def live(*, seed: int, enterprises: list[Enterprise], until: date) -> World:
    """Return the county after living from 2022 up to the given day."""
    chance = Chance.of(seed, "living")
    people = [one.representative for one in enterprises]
    for enterprise in enterprises:
        _Life(chance, enterprise, people, until).run()
    return World(seed, until, enterprises)


class _Life:
    def __init__(self, chance: Chance, enterprise: Enterprise, people: list[Person], until: date) -> None:
        self.chance = chance
        self.one = enterprise
        self.people = people
        self.until = until
        self.carry = 0.0

    def run(self) -> None:
        for number in range(max(FIRST_YEAR, self.one.established.year), self.until.year + 1):
            first = max(date(number, 1, 1), self.one.established)
            year = Year(number, first, min(date(number, 12, 31), self.until), self._stress())
            if year.last <= year.first:
                return
            self.one.years.append(year)
            self._penalties(year)
            self._listings(year)
            self._changes(year)
            self.carry = min(0.6 * self.carry + 0.09 * len(year.penalties) + 0.06 * self._listed(year), 0.5)
            if self._ended(year):
                return

    def _stress(self) -> float:
        return min(max(0.8 * self.one.weakness + self.carry + self.chance.gauss(0, 0.05), 0.0), 1.0)

    def _penalties(self, year: Year) -> None:
        part = ((year.last - year.first).days + 1) / 365
        for _ in range(self.chance.count((0.012 + 0.9 * year.stress**2) * part)):
            year.penalties.append(self.chance.day(year.first, year.last))
        year.penalties.sort()

    def _listed(self, year: Year) -> int:
        return sum(listing.listed_on.year == year.year for listing in self.one.listings)

    def _listings(self, year: Year) -> None:
        july = date(year.year, 7, 1)
        if self.one.established.year < year.year and self.chance.happens(0.012 + 0.3 * year.stress**1.5):
            self._list("late_annual_report", self.chance.later(july, 1, 25), year)
        if self.chance.happens(0.003 + 0.07 * year.stress):
            self._list("unreachable", self.chance.day(year.first, year.last), year)
        if self.chance.happens(0.01 * year.stress):
            self._list("false_publicity", self.chance.day(year.first, year.last), year)

    def _list(self, reason: str, on: date, year: Year) -> None:
        if not year.first <= on <= year.last:
            return
        removed = None
        if self.chance.happens(0.75 - 0.4 * year.stress):
            removed = on + timedelta(days=10 + int(self.chance.expovariate(1 / 150)))
        number = f"青市监异列字〔{on.year}〕{self.one.number:05d}{len(self.one.listings)}号"
        self.one.listings.append(Listing(reason, on, removed, number))

    def _changes(self, year: Year) -> None:
        stress = year.stress
        for kind, probability, make in (
            ("name", 0.01, self._renamed),
            ("address", 0.025 + 0.04 * stress, self._moved),
            ("legal_representative", 0.025 + 0.08 * stress, self._headed),
            ("capital_increase", 0.02, self._raised),
            ("capital_reduction", 0.004 + 0.03 * stress, self._lowered),
            ("shareholders", 0.03 + 0.05 * stress, None),
            ("scope", 0.04, None),
            ("personnel", 0.03, None),
            ("branch_opened", 0.008, None),
            ("branch_closed", 0.004 + 0.02 * stress, None),
        ):
            if self.chance.happens(probability):
                self._change(kind, self.chance.day(year.first, year.last), make)
        self.one.changes.sort(key=lambda change: change.on)

    def _change(self, kind: str, on: date, make: Callable[[], tuple[str, object]] | None = None) -> None:
        number = f"QH{on:%Y%m%d}{self.one.number:06d}{len(self.one.changes):02d}"
        if make is None:
            self.one.changes.append(Change(on, kind, number))
            return
        attribute, after = make()
        self.one.changes.append(Change(on, kind, number, attribute, self.one.at(attribute, on), after))

    def _renamed(self) -> tuple[str, object]:
        brand = self.chance.choice(words.BRAND_FIRST) + self.chance.choice(words.BRAND_SECOND)
        before = str(self.one.at("name", date.max))
        place = before.find(words.COUNTY) + len(words.COUNTY) if before.startswith(words.COUNTY) else 0
        # The number keeps new names apart without anybody having to look.
        return "name", f"{before[:place]}{brand}{_numeral(self.one.number)}{before[place + 2 :]}"

    def _moved(self) -> tuple[str, object]:
        street = self.chance.choice(words.STREETS)
        place = f"{words.COUNTY}{words.TOWNS[self.one.town]}"
        return "address", f"{place}{street}{self.chance.randint(1, 999)}号"

    def _headed(self) -> tuple[str, object]:
        return "representative", self.chance.choice(self.people)

    def _raised(self) -> tuple[str, object]:
        return "capital", _capital(self.one) * self.chance.choice((2, 3, 5))

    def _lowered(self) -> tuple[str, object]:
        return "capital", max(_capital(self.one) // self.chance.choice((2, 5, 10)), 10**6)

    def _ended(self, year: Year) -> bool:
        part = ((year.last - year.first).days + 1) / 365
        for status, (fixed, linear, square) in _ENDS.items():
            if self.chance.happens((fixed + linear * year.stress + square * year.stress**2) * part):
                on = self.chance.day(year.first, year.last)
                if status == "deregistered" and self.chance.happens(0.7):
                    self._change("simple_deregistration_notice", max(on - timedelta(days=25), year.first))
                self._change(_END_KINDS[status], on, partial(_becomes, status))
                self.one.changes.sort(key=lambda change: change.on)
                self._cut(year, on)
                return True
        return False

    def _cut(self, year: Year, on: date) -> None:
        """Let nothing but the register know of it after its end."""
        self.one.ended_on = on
        year.last = on
        year.penalties = [day for day in year.penalties if day <= on]
        self.one.changes = [change for change in self.one.changes if change.on <= on]
        self.one.listings = [listing for listing in self.one.listings if listing.listed_on <= on]


def _becomes(status: str) -> tuple[str, object]:
    return "status", status


def _capital(enterprise: Enterprise) -> int:
    value = enterprise.at("capital", date.max)
    return value if isinstance(value, int) else enterprise.capital


def _numeral(number: int) -> str:
    return "".join(words.BRAND_FIRST[int(digit) + 3] for digit in str(number))
