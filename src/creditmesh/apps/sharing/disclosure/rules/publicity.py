"""Until when a record may be shown: publicity for what is open to all, retention for every mode."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from creditmesh.catalogue.model import Item, OpenWhen
from creditmesh.catalogue.rule_packs import Rule, RulePack
from creditmesh.kernel.periods import add_months

# What sources call the day publicity ends, the day it was ended, and the states that ended it.
_LAST_DAYS = ("publicity_until", "until")
_ENDED_ON = ("removed_on", "repaired_on")
_ENDED = frozenset({"repaired", "withdrawn"})
_MONTHS = {"month": 1, "year": 12}
_SHUTDOWN = "shutdown_ordered"  # among the kinds of penalties


class Seriousness(StrEnum):
    """How serious a record is, by Order 36."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"


def seriousness(values: Mapping[str, object], *, pack: RulePack, place: str, on: date) -> Seriousness:
    """Return how serious a penalty is: what its source says, else by its kind as the rule packs list it.

    Items without a kind, such as food penalties, may say that production was suspended.
    """
    said = str(values.get("seriousness") or "")
    if said in set(Seriousness):
        return Seriousness(said)
    kind = str(values.get("penalty_kind") or (_SHUTDOWN if values.get("production_suspended") else ""))
    for one in (Seriousness.SERIOUS, Seriousness.MINOR):
        kinds = str(pack.rule(f"repair.kinds.{one}", on=on, jurisdiction=place).value)
        if kind in kinds.split(","):
            return one
    return Seriousness.GENERAL


def is_open(values: Mapping[str, object], *, when: OpenWhen | None) -> bool:
    """Return whether a row of an item with mode OPEN is public by the catalogue's own condition."""
    if when is None:
        return True
    held = values.get(when.field)
    return (str(held).lower() if isinstance(held, bool) else str(held)) in when.values


def in_publicity(
    values: Mapping[str, object],
    *,
    item: Item,
    event_date: date | None,
    pack: RulePack,
    place: str,
    on: date,
) -> bool:
    """Return whether a record may still be shown to everyone on a day.

    Past its longest publicity, after repair, removal or withdrawal it is not. The rules are those in force
    on the day of showing: Order 36 governs from 2026-04-01 whatever an older order had allowed. Publicity that
    depends on how serious a record is follows `seriousness`, as what the enterprise is told of it does.
    """
    if item.publicity is None or not item.publicity.startswith("publicity."):
        return True
    if any(_day(values.get(name)) < on for name in _LAST_DAYS if values.get(name)):
        return False
    if any(_day(values.get(name)) <= on for name in _ENDED_ON if values.get(name)):
        return False
    if str(values.get("status")) in _ENDED:
        return False
    rules = ending_rules(values, base=item.publicity, pack=pack, place=place, on=on)
    longest = max((int(rule.value) * _MONTHS[rule.unit] for rule in rules), default=None)
    starts = values.get("published_on")
    start = _day(starts) if starts else event_date
    return longest is None or start is None or on < add_months(start, longest)


def is_kept(*, item: Item, event_date: date | None, pack: RulePack, place: str, on: date) -> bool:
    """Return whether a record is young enough to be used at all (rule `retention.…`), in any mode.

    What tells how things stand does not age.
    """
    if item.lasting or item.retention is None or event_date is None or item.retention not in pack.rules:
        return True
    rule = pack.rule(item.retention, on=on, jurisdiction=place)
    return on < add_months(event_date, int(rule.value) * _MONTHS[rule.unit])


def ending_rules(
    values: Mapping[str, object], *, base: str, pack: RulePack, place: str, on: date
) -> tuple[Rule, ...]:
    """Return the rules in force that end the publicity of a record of a family, in months or years."""
    exact = f"{base}.{seriousness(values, pack=pack, place=place, on=on)}.max"
    wanted = [exact] if exact in pack.rules else [one for one in pack.rules if _ends_publicity(one, base)]
    found = (_in_force(one, pack, place, on) for one in wanted)
    return tuple(rule for rule in found if rule is not None and rule.unit in _MONTHS)


def _ends_publicity(rule: str, base: str) -> bool:
    return rule == base or (rule.startswith(base + ".") and rule.endswith((".max", ".term")))


def _in_force(rule: str, pack: RulePack, place: str, on: date) -> Rule | None:
    held = [one for one in pack.rules[rule] if one.in_force(on)]
    return pack.rule(rule, on=on, jurisdiction=place) if held else None


def _day(value: object) -> date:
    return date.fromisoformat(str(value)[:10])
