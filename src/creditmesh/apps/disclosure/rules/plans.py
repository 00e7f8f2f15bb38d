"""What leaves of an item in a mode: worked out once for each item, mode and set of consents, then only applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from creditmesh.apps.disclosure.rules.masking import Conventions, Mask, Masked, mask_of
from creditmesh.catalogue.model import FieldDefinition, Item, Kind, Mode
from creditmesh.catalogue.rule_packs import RulePack


class Treatment(StrEnum):
    """What is done with a value."""

    SHOW = "show"
    MASK = "mask"
    HIDE = "hide"


@dataclass(frozen=True)
class Plan:
    """How the values of one item leave in one mode."""

    item: str
    mode: Mode
    fields: tuple[str, ...]  # every field that leaves, masked or not
    masks: tuple[tuple[str, Mask], ...]  # the masked ones
    masked: tuple[str, ...]  # their names, for the reader of the answer
    hidden: tuple[str, ...]  # fields that never leave in this mode

    def apply(self, values: Mapping[str, object]) -> dict[str, Masked]:
        """Return what leaves of a record's values; what is empty stays empty."""
        shown: dict[str, Masked] = {name: values.get(name) for name in self.fields}  # type: ignore[misc]
        for name, mask in self.masks:
            held = shown[name]
            if held is not None and held != "":
                shown[name] = mask(held)
        return shown


def plan(
    item: Item, *, mode: Mode, consents: frozenset[str], levels: Mapping[str, Treatment], by: Conventions
) -> Plan:
    """Return the plan of an item in a mode; `consents` names personal fields whose person agreed.

    `levels` says what the mode does with each sensitivity level. A personal field without the person's own
    consent is masked whatever the mode (domain.md §7: commercial secrets and privacy, [S] rule of §1.3).
    """
    shown: list[str] = []
    masks: list[tuple[str, Mask]] = []
    hidden: list[str] = []
    for field in item.fields:
        treatment = treatment_of(field, item=item, mode=mode, consents=consents, levels=levels, by=by)
        if treatment is Treatment.HIDE:
            hidden.append(field.name)
            continue
        shown.append(field.name)
        if treatment is Treatment.MASK:
            masks.append((field.name, mask_of(field, by=by)))
    return Plan(
        item=item.code,
        mode=mode,
        fields=tuple(shown),
        masks=tuple(masks),
        masked=tuple(name for name, _ in masks),
        hidden=tuple(hidden),
    )


def treatment_of(  # noqa: PLR0913 - one decision, all that bears on it
    field: FieldDefinition,
    *,
    item: Item,
    mode: Mode,
    consents: frozenset[str],
    levels: Mapping[str, Treatment],
    by: Conventions,
) -> Treatment:
    """Return what is done with a field's values in a mode."""
    by_level = levels[field.sensitivity.value]
    if field.personal and field.name not in consents:
        return Treatment.HIDE if by_level is Treatment.HIDE else Treatment.MASK
    if by_level is Treatment.SHOW and _third_party_code(field, item=item, mode=mode, by=by):
        return Treatment.MASK
    return by_level


def levels_of(pack: RulePack, *, mode: Mode, on: date) -> dict[str, Treatment]:
    """Return what a mode does with each sensitivity level, as the rule pack says."""
    return {
        level: Treatment(str(pack.rule(f"masking.{mode.value}.{level}", on=on).value))
        for level in ("L1", "L2", "L3", "L4")
    }


def _third_party_code(field: FieldDefinition, *, item: Item, mode: Mode, by: Conventions) -> bool:
    if field.kind is not Kind.USCC or mode not in (Mode.OPEN, Mode.AUTH):
        return False
    return field.name != item.subject.code and field.name not in by.public_codes
