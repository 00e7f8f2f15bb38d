"""One thing a department knows, from the day on which it knows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from creditmesh.sample.chance import Chance
from creditmesh.sample.world import Enterprise, World

# A field's value as the catalogue keeps it: fen, basis points, days, codes of choices.
Value = str | int | bool | date | None
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of an item, known to `source` (empty: the item's first) from `known` until `gone`."""

    about: Enterprise
    known: date
    values: Values
    source: str = ""
    gone: date | None = None


Recipe = Callable[[World, Chance], Iterator[Fact]]


def of(enterprise: Enterprise, known: date, source: str = "", /, **values: Value) -> Fact:
    """Return a fact with the code, name and older number of the enterprise at that time."""
    subject: Values = {
        "uscc": enterprise.code,
        "name": enterprise.name_on(known),
        "registration_number": enterprise.registration_number,
    }
    return Fact(enterprise, known, {**subject, **values}, source)


def passed(day: date, world: World) -> date | None:
    """Return the day if it has come already, for what has not happened yet."""
    return day if day <= world.until else None
