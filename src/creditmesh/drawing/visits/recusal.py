"""Who may not inspect whom: relations, shares, former employment, declared interests, the same pair twice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Tie(StrEnum):
    """What binds an inspector to an object. Source: domain facts, section 3, step 4; 行政处罚法 art. 43."""

    RELATIVE = "relative"
    SHAREHOLDER = "shareholder"
    EMPLOYEE = "employee"
    DECLARED = "declared"  # any other interest the inspector declared
    SAME_AS_LAST_TIME = "same_as_last_time"
    GRANTED = "granted"  # a request for recusal was granted


class Conflict(NamedTuple):
    """A pair that must not meet."""

    object: str
    inspector: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Interest:
    """What an inspector declared about an object. `until` is the last day, None while it lasts."""

    kind: Tie
    object: str
    until: date | None = None

    def bars(self, *, on: date, former_employee_years: int) -> bool:
        """Return whether it bars from inspecting the object on a day; former employment for years after its end.

        >>> left = Interest(kind=Tie.EMPLOYEE, object="x", until=date(2023, 3, 1))
        >>> left.bars(on=date(2026, 3, 1), former_employee_years=3), left.bars(on=date(2026, 3, 2), former_employee_years=3)
        (True, False)
        """
        if self.until is None:
            return True
        years = former_employee_years if self.kind is Tie.EMPLOYEE else 0
        return on <= _years_after(self.until, years)


def conflicts(
    *,
    objects: Iterable[str],
    interests: Mapping[str, Sequence[Interest]],
    on: date,
    former_employee_years: int,
    last_officers: Mapping[str, Collection[str]],
) -> tuple[Conflict, ...]:
    """Return the pairs that must not meet, in order.

    `interests` are by inspector; `last_officers` says who inspected an object the last time and is empty where
    pairs need not rotate.
    """
    wanted = frozenset(objects)
    found = {
        (tie.object, inspector, tie.kind.value)
        for inspector, ties in interests.items()
        for tie in ties
        if tie.object in wanted and tie.bars(on=on, former_employee_years=former_employee_years)
    }
    for name in wanted:
        found |= {(name, who, Tie.SAME_AS_LAST_TIME.value) for who in last_officers.get(name, ())}
    return tuple(Conflict(*pair) for pair in sorted(found))


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=2, day=28)
