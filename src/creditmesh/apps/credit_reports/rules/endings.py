"""Until when an adverse record may be shown, by the rule in force on the day of the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from creditmesh.catalogue.model import Item
from creditmesh.catalogue.rule_packs import Rule, RulePack
from creditmesh.kernel.periods import add_months

MONTHS = {"month": 1, "year": 12}
_STATED = ("publicity_until", "until")
_ENDED_ON = ("removed_on", "repaired_on")
_ENDED = frozenset({"repaired", "withdrawn"})


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The last day a record may be shown (None: no day is known) and the rule that says so, if one does."""

    starts: date | None
    until: date | None
    rule: Rule | None = None


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
    pack: RulePack,
    place: str,
    on: date,
) -> Ending:
    """Return until when a record may be shown: what its source states, or the longest its rule allows.

    A record that does not say how serious it is has the longest period of its kind. Where publicity has no
    rule, the rule on keeping such records holds.
    """
    starts = _day(values.get("published_on")) or event_date
    stated = [day for day in (_day(values.get(name)) for name in _STATED) if day is not None]
    rule = _rule(item, values, pack=pack, place=place, on=on)
    found = list(stated)
    if rule is not None and starts is not None:
        # The day on which the period is full is the first on which the record is shown no more.
        found.append(
            date.fromordinal(add_months(starts, int(rule.value) * MONTHS[rule.unit]).toordinal() - 1)
        )
    until = min(found, default=None)
    decides = rule if until is not None and until not in stated else None
    return Ending(starts=starts, until=until, rule=decides)


def _rule(item: Item, values: Mapping[str, object], *, pack: RulePack, place: str, on: date) -> Rule | None:
    publicity = item.publicity if item.publicity and item.publicity.startswith("publicity.") else None
    if publicity is not None:
        exact = f"{publicity}.{values.get('seriousness') or ''}.max"
        wanted = (
            [exact]
            if exact in pack.rules
            else [
                one
                for one in pack.rules
                if one.startswith(publicity + ".") and one.endswith((".max", ".term"))
            ]
        )
    else:
        wanted = [item.retention] if item.retention else []
    found = [_in_force(one, pack=pack, place=place, on=on) for one in wanted]
    lengths = [rule for rule in found if rule is not None and rule.unit in MONTHS]
    return max(lengths, key=lambda rule: int(rule.value) * MONTHS[rule.unit], default=None)


def _in_force(rule: str, *, pack: RulePack, place: str, on: date) -> Rule | None:
    if not any(one.in_force(on) for one in pack.rules.get(rule, ())):
        return None
    return pack.rule(rule, on=on, jurisdiction=place)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:  # a masked day is only a month
        return None
