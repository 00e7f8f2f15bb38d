"""Credit repair: how serious a record is, how long it is publicised, and when it may be repaired.

Sources: domain notes 5.2. NDRC Order 36 from 2026-04-01, Order 58 before it, the notice of 2019 before that; which
one holds is decided by the rule packs on the day of the application.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from creditmesh.apps.sharing.disclosure.rules.publicity import Seriousness, seriousness
from creditmesh.apps.sharing.rights.rules.clocks import Term, term
from creditmesh.catalogue.model import Item
from creditmesh.catalogue.rule_packs import NATION, Rule, RulePack, UnknownRule
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.kernel.periods import add_months

_FAMILY = "publicity."
# Which ids hold the shortest and the longest publicity of each family; a family without one has no such end.
_BOUNDS: dict[str, tuple[str, str]] = {
    "publicity.serious-list": ("early-removal", "term"),
    "publicity.dishonest-debtor": ("", "term"),
    "publicity.abnormal-list": ("", ""),
}
ENDED_ON = ("removed_on", "repaired_on", "cleared_on", "lifted_on")
_ENDED = frozenset({"repaired", "withdrawn"})
LAST_DAYS = ("publicity_until", "until")
FULFILLED = frozenset({"fully"})
_MONTHS = {"month": 1, "year": 12}


class NotRepairable(CreditmeshError):
    """Nothing about this record is ended by credit repair."""

    code = "not-repairable"


class State(StrEnum):
    """Where an application for repair stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.ACCEPTED, State.REFUSED, State.WITHDRAWN}),
    State.ACCEPTED: frozenset({State.GRANTED, State.REFUSED, State.WITHDRAWN}),
    State.GRANTED: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
UNDECIDED = frozenset({State.RECEIVED, State.ACCEPTED})


class Condition(StrEnum):
    """What must be met for a repair."""

    SHORTEST_PUBLICITY = "shortest_publicity"
    DUTIES = "duties"
    COMMITMENT = "commitment"
    REPAIRABLE = "repairable"  # the law does not exclude it


@dataclass(frozen=True, kw_only=True)
class Publicity:
    """How long a record is publicised: the first day it may be repaired, and the first it is shown no more by itself.

    None: at once, or only when the duties are fulfilled.
    """

    seriousness: Seriousness | None
    since: date | None
    shortest: date | None
    longest: date | None
    stated_end: date | None  # what the record itself says
    rules: tuple[Rule, ...]

    def is_over(self, today: date, *, fulfilled: bool) -> bool:
        """Return whether publicity has ended by itself: its own last day, or the longest one with duties done.

        On the day the longest one is full the door shows the record no more, and nothing else uses it either.
        """
        if self.stated_end is not None and today > self.stated_end:
            return True
        return fulfilled and self.longest is not None and today >= self.longest


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about an application on the day it is looked at."""

    publicity: Publicity
    duties_done: bool
    committed: bool
    excluded_by_law: bool


def is_repairable(item: Item) -> bool:
    """Return whether records of an item have a publicity that repair can end."""
    return item.publicity is not None and item.publicity.startswith(_FAMILY)


def publicity(
    values: Mapping[str, object],
    *,
    item: Item,
    event_date: date | None,
    pack: RulePack,
    place: str,
    on: date,
) -> Publicity:
    """Return the publicity of a record by the rules in force on a day; raise `NotRepairable`.

    Publicity begins on the day of publication, or of the event where the source states no other.
    """
    if not is_repairable(item):
        raise NotRepairable(
            f"Records of {item.code} are not publicised for a time: there is nothing to repair. Object if it is wrong."
        )
    family = item.publicity or ""
    since = _day(values.get("published_on")) or event_date
    serious = None
    if family in _BOUNDS:
        ids = _BOUNDS[family]
    else:
        serious = seriousness(values, pack=pack, place=place, on=on)
        ids = (f"{serious}.min", f"{serious}.max")
    shortest, longest = (_rule(f"{family}.{one}", pack, place, on) if one else None for one in ids)
    stated = [day for name in LAST_DAYS if (day := _day(values.get(name)))]
    return Publicity(
        seriousness=serious,
        since=since,
        shortest=_after(since, shortest),
        longest=_after(since, longest),
        stated_end=min(stated, default=None),
        rules=tuple(one for one in (shortest, longest) if one is not None),
    )


def longest_months(item: Item, *, pack: RulePack, on: date) -> int | None:
    """Return the shortest of the longest publicities that records of an item can have; None: none ends by time."""
    family = item.publicity or ""
    _, last = _BOUNDS.get(family, ("", "max"))
    ends = [one for one in pack.rules if last and one.startswith(f"{family}.") and one.endswith(f".{last}")]
    found = [rule for one in ends if (rule := _rule(one, pack, NATION, on)) is not None]
    return min((int(rule.value) * _MONTHS[rule.unit] for rule in found if rule.unit in _MONTHS), default=None)


def says_fulfilled(values: Mapping[str, object]) -> bool:
    """Return whether the source says that the duties of the decision are done, or has lifted the record itself."""
    lifted = any(values.get(name) for name in ENDED_ON) or str(values.get("status")) in _ENDED
    return lifted or str(values.get("fulfilment")) in FULFILLED


def unmet(facts: Facts, *, on: date) -> tuple[Condition, ...]:
    """Return the conditions that are not met on a day; none means that the repair can be granted."""
    shortest = facts.publicity.shortest
    met = {
        Condition.SHORTEST_PUBLICITY: shortest is None or on >= shortest,
        Condition.DUTIES: facts.duties_done,
        Condition.COMMITMENT: facts.committed,
        Condition.REPAIRABLE: not facts.excluded_by_law,
    }
    return tuple(one for one in Condition if not met[one])


def handling(*, pack: RulePack, place: str, on: date) -> tuple[Term, Term]:
    """Return the days for accepting an application and for deciding on it."""
    found = [pack.rule(f"repair.{one}", on=on, jurisdiction=place) for one in ("acceptance", "handling")]
    return term(found[0]), term(found[1])


def _rule(rule_id: str, pack: RulePack, place: str, on: date) -> Rule | None:
    try:
        return pack.rule(rule_id, on=on, jurisdiction=place)
    except UnknownRule:
        return None


def _after(since: date | None, rule: Rule | None) -> date | None:
    """Return the first day after a stretch that began on `since`; a stretch of none is over at once."""
    if since is None or rule is None:
        return None
    if rule.unit in _MONTHS:
        return add_months(since, int(rule.value) * _MONTHS[rule.unit])
    return since + timedelta(days=int(rule.value))


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10]) if value else None
