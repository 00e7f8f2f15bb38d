"""Until when an adverse record may be shown, by the rule in force on the day of the report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from creditmesh.apps.sharing.disclosure.rules.publicity import ending_rules
from creditmesh.catalogue.model import Item
from creditmesh.catalogue.rule_packs import Rule, RulePack
from creditmesh.kernel.periods import add_months

MONTHS = {"month": 1, "year": 12}
ADVERSE = "retention.adverse-record"
_STATED = ("publicity_until", "until")
_ENDED_ON = ("removed_on", "repaired_on")
_ENDED = frozenset({"repaired", "withdrawn"})


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The last day a record may be shown (None: no day is known) and the rule that says so, if one does."""

    starts: date | None
    until: date | None
    rule: Rule | None = None


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The rules of a place on a day."""

    pack: RulePack
    place: str
    on: date


def is_over(values: Mapping[str, object], ending: Ending, *, on: date) -> bool:
    """Return whether a record may no longer be shown: repaired, withdrawn, removed, or past its last day."""
    if str(values.get("status")) in _ENDED:
        return True
    if any(day is not None and day <= on for day in (_day(values.get(name)) for name in _ENDED_ON)):
        return True
    return ending.until is not None and ending.until < on


def ending_of(
    values: Mapping[str, object],
    *,
    item: Item,
    event_date: date | None,
    by: Ruling,
    adverse: bool,
) -> Ending:
    """Return until when a record may be shown: what its source states, or the longest its rule allows.

    Where publicity has no rule, the rule on using adverse records holds; what is not adverse has no end here.
    """
    starts = _day(values.get("published_on")) or event_date
    stated = [day for day in (_day(values.get(name)) for name in _STATED) if day is not None]
    rule = _rule(item, values, by=by, adverse=adverse)
    found = list(stated)
    if rule is not None and starts is not None:
        # The day on which the period is full is the first on which the record is shown no more.
        found.append(date.fromordinal(add_months(starts, _months(rule)).toordinal() - 1))
    until = min(found, default=None)
    decides = rule if until is not None and until not in stated else None
    return Ending(starts=starts, until=until, rule=decides)


def _rule(item: Item, values: Mapping[str, object], *, by: Ruling, adverse: bool) -> Rule | None:
    publicity = item.publicity if item.publicity and item.publicity.startswith("publicity.") else None
    if publicity is not None:
        rules = ending_rules(values, base=publicity, pack=by.pack, place=by.place, on=by.on)
        return max(rules, key=_months, default=None)
    # How long other records are kept at all, the door has seen to.
    named = [ADVERSE, *([item.retention] if item.retention else ())] if adverse else []
    return min(_in_force(named, by=by), key=_months, default=None)


def _in_force(names: Iterable[str], *, by: Ruling) -> list[Rule]:
    known = [one for one in names if any(rule.in_force(by.on) for rule in by.pack.rules.get(one, ()))]
    found = (by.pack.rule(one, on=by.on, jurisdiction=by.place) for one in known)
    return [rule for rule in found if rule.unit in MONTHS]


def _months(rule: Rule) -> int:
    return int(rule.value) * MONTHS[rule.unit]


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:  # a masked day is only a month
        return None
