"""The card of a system that experts wrote, as plain data: from its file, and from what stands beside it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from creditmesh.catalogue.model import Item, Part, Status, Text
from creditmesh.scoring.definition.features import Feature
from creditmesh.scoring.definition.indicators import Group, Indicator
from creditmesh.scoring.definition.loaded import System, items_of
from creditmesh.scoring.definition.parts import Sourced
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.learning.watching.notes import Notes

KINDS = ("weights", "points", "cut_offs", "rules", "windows", "combination")
TECHNICAL = frozenset({"bounds", "scale", "at_most", "minimum_coverage"})  # say nothing of risk


def card(system: System, notes: Notes | None = None) -> dict[str, Any]:
    """Return what a system is for, whom it judges, what it reads, where its numbers come from, and what it was tried on.

    Every number keeps the status its file gives it: what is recalled or a default is never told as official.
    """
    definition = system.definition
    return {
        "card": 2,
        "kind": "written",
        "system": system.id,
        "version": system.version,
        "label": _words(definition.label),
        "owner": _words(definition.owner),
        "purpose": definition.purpose.value,
        "regulators_only": definition.purpose.regulators_only,
        "lifecycle": definition.lifecycle.value,
        "status": definition.status.value,
        "source": definition.source,
        "valid": {
            "from": definition.effective_from.isoformat(),
            "until": definition.effective_until.isoformat() if definition.effective_until else None,
        },
        "based_on": definition.based_on.model_dump() if definition.based_on else None,
        "population": _population(system),
        "inputs": [_input(system, name, one) for name, one in definition.features.items()],
        "coverage": {
            "least": definition.minimum_coverage,
            "else_not_better_than": definition.insufficient.not_better_than,
        },
        "groups": [_group(definition, one) for one in definition.groups],
        "numbers": numbers(definition),
        "rules": list(_rules(definition)),
        "grades": [
            {
                "symbol": one.symbol,
                **_words(one.label),
                "up_to": one.up_to,
                "at_least": one.at_least,
                "status": (one.status or definition.status).value,
            }
            for one in definition.grades
        ],
        "scale": {"to": definition.scale, "direction": definition.direction.value},
        "parts": [one.system for one in definition.combination.parts.values()]
        if definition.combination
        else [],
        "cut_offs": _words(notes.cut_offs) if notes else None,
        "measured": [one.model_dump() for one in notes.measured] if notes else [],
        "limits": [_words(one) for one in notes.limits] if notes else [],
    }


def numbers(definition: Definition) -> dict[str, dict[str, int]]:
    """Return how many numbers of each kind the file states with each status; of rules, how many there are."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for group in definition.groups:
        for name, status in _stated(group, definition.status):
            found["weights" if name in {"weight", "weights_from"} else "points"][status] += 1
    for band in definition.grades:
        found["cut_offs"].update(status for _, status in _stated(band, definition.status))
    for rule in _rules(definition):
        found["rules"][rule["status"]] += 1
    for feature in definition.features.values():
        found["windows"].update(status for _, status in _stated(feature, definition.status))
    if definition.combination:
        found["combination"].update(
            status for _, status in _stated(definition.combination, definition.status)
        )
    return {kind: dict(sorted(by.items())) for kind, by in found.items() if by}


def _stated(part: Part, status: Status) -> Iterator[tuple[str, str]]:
    """Yield the field and the status of each number a part of the file states; a part without says its parent's."""
    nearest = (part.status if isinstance(part, Sourced) else None) or status
    for name in sorted(part.model_fields_set - TECHNICAL):
        for value in _flat(getattr(part, name)):
            if isinstance(value, Part):
                yield from _stated(value, nearest)
            elif isinstance(value, int) and not isinstance(value, bool):
                yield name, nearest.value


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _population(system: System) -> dict[str, Any]:
    definition = system.definition
    unit = definition.unit
    return {
        "of": _words(unit.label) if unit else {"zh": "企业", "en": "enterprise"},
        "items": [_item(system.items[code]) for code in definition.population.items],
        "subjects": definition.population.subjects,
        "where": definition.population.where,
        "applies_when": definition.applies_when,
        "left_out": [_words(one.label) for one in definition.exclusions],
    }


def _input(system: System, name: str, one: Feature) -> dict[str, Any]:
    return {
        "id": name,
        **_words(one.label),
        "items": list(items_of(system, one)),
        "column": one.column,
        "take": one.take.value,
        "within": f"{one.within.number} {one.within.unit}" if one.within else None,
    }


def _group(definition: Definition, group: Group) -> dict[str, Any]:
    own = group.status or definition.status
    lists = [(sub.status or own, sub.indicators) for sub in group.sub_groups] or [(own, group.indicators)]
    return {
        "id": group.id,
        **_words(group.label),
        "weight": group.weight,
        "status": own.value,
        "source": group.source or definition.source,
        "indicators": [_indicator(one, above) for above, indicators in lists for one in indicators],
    }


def _indicator(one: Indicator, above: Status) -> dict[str, Any]:
    status = one.status or above
    points = {state for name, state in _stated(one, above) if name != "weight"} or {status.value}
    return {
        "id": one.id,
        **_words(one.label),
        "weight": one.weight,
        "role": one.role,
        "status": status.value,
        "points": sorted(points),
        "source": one.source,
        "actionable": one.actionable,
    }


def _rules(definition: Definition) -> Iterator[dict[str, Any]]:
    for trigger in definition.triggers:
        yield {
            "kind": "trigger",
            "grade": trigger.grade,
            **_rule(trigger.id, trigger.label, trigger, definition),
        }
    for cap in definition.caps:
        yield {"kind": "cap", "grade": cap.not_better_than, **_rule(cap.id, cap.label, cap, definition)}
    for out in definition.exclusions:
        yield {"kind": "exclusion", "grade": None, **_rule(out.id, out.label, out, definition)}


def _rule(name: str, label: Text, one: Sourced, definition: Definition) -> dict[str, Any]:
    return {
        "id": name,
        **_words(label),
        "status": (one.status or definition.status).value,
        "source": one.source,
    }


def _item(item: Item) -> dict[str, str]:
    return {"code": item.code, **_words(item.label)}


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
