"""What leaves of an item in a mode: worked out once for each item and mode, then only applied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from creditmesh.apps.sharing.disclosure.rules.bodies import number
from creditmesh.apps.sharing.disclosure.rules.masking import (
    HIDDEN,
    Conventions,
    Mask,
    Masked,
    conventions,
    mask_of,
)
from creditmesh.apps.sharing.disclosure.rules.publicity import is_kept
from creditmesh.catalogue.model import Catalogue, FieldDefinition, Item, Kind, Mode
from creditmesh.catalogue.rule_packs import RulePack

_MOST_DAYS = 50_000
_NUMBERS = frozenset({Kind.MONEY, Kind.INTEGER, Kind.PERCENT})


class Treatment(StrEnum):
    """What is done with a value."""

    SHOW = "show"
    MASK = "mask"
    HIDE = "hide"


class Consent(Protocol):
    """A person's own consent, with which an authorisation shows the person's name."""

    @property
    def uuid(self) -> UUID:
        """Its identity."""

    def shows(self, item: str, field: str, name: str) -> bool:
        """Return whether the consent covers this value of this field."""


@dataclass(frozen=True)
class Plan:
    """How the values of one item leave in one mode."""

    item: str
    mode: Mode
    fields: tuple[str, ...]  # every field that leaves, masked or not, in the order of canonical JSON
    masks: tuple[tuple[str, Mask], ...]  # what is done to some of them on the way
    personal: frozenset[str]  # those masked only because no person agreed to them being shown
    masked: tuple[str, ...]  # the masked ones, for the reader of the answer
    hidden: tuple[str, ...]  # fields that never leave in this mode

    def apply(self, values: Mapping[str, object], *, consents: Sequence[Consent] = ()) -> dict[str, Masked]:
        """Return what leaves of a record's values; what is empty stays empty.

        `consents` are those of the persons themselves: a name one of them covers is shown.
        """
        shown: dict[str, Masked] = {name: values.get(name) for name in self.fields}  # type: ignore[misc]
        for name, mask in self.masks:
            held = shown[name]
            if held is None or held == "":
                continue
            if consents and name in self.personal and self._agreed(name, str(held), consents):
                continue
            shown[name] = mask(held)
        return shown

    def _agreed(self, field: str, value: str, consents: Sequence[Consent]) -> bool:
        return any(one.shows(self.item, field, value) for one in consents)


def plan(item: Item, *, mode: Mode, levels: Mapping[str, Treatment], by: Conventions) -> Plan:
    """Return the plan of an item in a mode; `levels` says what the mode does with each sensitivity level.

    A personal field is masked whatever the mode: it is shown to nobody without the person's own consent
    (domain.md §1.3: neither commercial secrets nor privacy leave without desensitisation or authorisation).
    """
    shown: list[str] = []
    masks: list[tuple[str, Mask]] = []
    masked: list[str] = []
    hidden: list[str] = []
    personal: list[str] = []
    for field in item.fields:
        treatment = treatment_of(field, item=item, mode=mode, levels=levels, by=by)
        if treatment is Treatment.HIDE:
            hidden.append(field.name)
            continue
        shown.append(field.name)
        if treatment is Treatment.MASK:
            masks.append((field.name, mask_of(field, by=by)))
            masked.append(field.name)
        elif field.kind in _NUMBERS:
            masks.append((field.name, _number))
        if field.personal and levels[field.sensitivity.value] is Treatment.SHOW:
            personal.append(field.name)
    return Plan(
        item=item.code,
        mode=mode,
        fields=tuple(sorted(shown)),
        masks=tuple(masks),
        personal=frozenset(personal),
        masked=tuple(masked),
        hidden=tuple(hidden),
    )


def treatment_of(
    field: FieldDefinition, *, item: Item, mode: Mode, levels: Mapping[str, Treatment], by: Conventions
) -> Treatment:
    """Return what is done with a field's values in a mode, as long as no person agreed to more."""
    by_level = levels[field.sensitivity.value]
    if by_level is not Treatment.SHOW:
        return by_level
    if field.personal or _third_party_code(field, item=item, mode=mode, by=by):
        return Treatment.MASK
    return by_level


def levels_of(pack: RulePack, *, mode: Mode, on: date) -> dict[str, Treatment]:
    """Return what a mode does with each sensitivity level, as the rule pack says."""
    return {
        level: Treatment(str(pack.rule(f"masking.{mode.value}.{level}", on=on).value))
        for level in ("L1", "L2", "L3", "L4")
    }


def _number(value: object) -> Masked:
    return number(value) if isinstance(value, int) else HIDDEN


def _third_party_code(field: FieldDefinition, *, item: Item, mode: Mode, by: Conventions) -> bool:
    if field.kind is not Kind.USCC or mode not in (Mode.OPEN, Mode.AUTH):
        return False
    return field.name != item.subject.code and field.name not in by.public_codes


class Shelf:
    """The rules of one node, made ready: plans by item and mode, worked out once a day."""

    def __init__(self, *, catalogue: Catalogue, pack: RulePack, place: str) -> None:
        self.catalogue = catalogue
        self.pack = pack
        self.place = place  # region code of the node: whose rules hold
        self._with_persons = frozenset(
            code for code, item in catalogue.items.items() if any(one.personal for one in item.fields)
        )
        self._day = date.min
        self._plans: dict[tuple[str, Mode], Plan] = {}
        self._numbers: dict[str, int] = {}
        self._young: dict[tuple[str, date | None, date], bool] = {}
        self._conventions: Conventions | None = None

    def plan(self, item: str, *, mode: Mode, on: date) -> Plan:
        """Return the plan of an item in a mode on a day; raise `KeyError` for an unknown item."""
        self._turn(on)
        key = (item, mode)
        found = self._plans.get(key)
        if found is None:
            levels = levels_of(self.pack, mode=mode, on=on)
            found = plan(self.catalogue.items[item], mode=mode, levels=levels, by=self.conventions(on=on))
            self._plans[key] = found
        return found

    def number(self, rule: str, *, on: date) -> int:
        """Return the number of a rule on a day; raise `UnknownRule`."""
        self._turn(on)
        if rule not in self._numbers:
            self._numbers[rule] = int(self.pack.rule(rule, on=on, jurisdiction=self.place).value)
        return self._numbers[rule]

    def keeps(self, item: Item, *, event_date: date | None, on: date) -> bool:
        """Return whether a record of a day is young enough to be used on a day."""
        self._turn(on)
        key = (item.code, event_date, on)
        found = self._young.get(key)
        if found is None:
            if len(self._young) >= _MOST_DAYS:
                self._young.clear()
            found = is_kept(item=item, event_date=event_date, pack=self.pack, place=self.place, on=on)
            self._young[key] = found
        return found

    def conventions(self, *, on: date) -> Conventions:
        """Return how values are masked and banded on a day."""
        self._turn(on)
        if self._conventions is None:
            self._conventions = conventions(self.pack, on=on)
        return self._conventions

    def has_personal(self, items: Iterable[str]) -> bool:
        """Return whether any of the items has a personal field."""
        return any(one in self._with_persons for one in items)

    def _turn(self, day: date) -> None:
        if day != self._day:
            # Rules change at midnight; what was worked out for yesterday is dropped whole.
            self._day, self._plans, self._numbers, self._young = day, {}, {}, {}
            self._conventions = None
