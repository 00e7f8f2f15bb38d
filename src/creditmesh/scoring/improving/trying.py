"""Inputs changed by hand: what a form asks for, what was written into it, and the result at once; nothing is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from creditmesh.catalogue.model import Text
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.checks.problems import alike
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.improving import wording
from creditmesh.scoring.improving.ready import ready
from creditmesh.scoring.language.tree import Name, Type, limits
from creditmesh.scoring.targets.to_python import Scored

SCALES = {"money": 100, "percent": 100, "thousandths": 1_000}
LONGEST = 80
Kind = Literal["number", "money", "percent", "days", "thousandths", "truth", "choice", "text", "date"]


class InputNotUnderstood(CreditmeshError):
    """What was written for an input cannot be read as its kind."""

    code = "input-not-understood"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One input of a form: its kind, what stands in it, and the texts it may hold."""

    name: str
    label: Text
    kind: Kind
    written: str
    choices: Mapping[str, Text]
    changeable: bool


def asked(system: System, row: Mapping[str, object], *, changeable: frozenset[str]) -> tuple[Asked, ...]:
    """Return every input of a system with the value of a row; those that can be changed first."""
    found = [_asked(system, one, row.get(name), name in changeable) for name, one in inputs(system).items()]
    return tuple(sorted(found, key=lambda one: not one.changeable))


def tried(system: System, row: Mapping[str, object], written: Mapping[str, str]) -> Scored:
    """Return what a row gives with the inputs that were written; raise `InputNotUnderstood`.

    An input that was not written stays as it is; an empty one counts as missing.
    """
    known = list(inputs(system))
    unknown = next((one for one in written if one not in known), None)
    if unknown is not None:
        raise InputNotUnderstood(f"'{system.id}' reads no input '{unknown[:80]}'.{alike(unknown, known)}")
    return ready(system).score({**row, **dict(_read(system, row, written))})


def _asked(system: System, name: Name, value: object, changeable: bool) -> Asked:
    feature = system.definition.features[name.name]
    kind = _kind(system, name)
    choices = {}
    if kind == "choice" and feature.item is not None and feature.of is not None:
        choices = system.items[feature.item].field(feature.of).choices
    return Asked(
        name=name.name,
        label=feature.label,
        kind=kind,
        written=_written(kind, value),
        choices=choices,
        changeable=changeable,
    )


def _kind(system: System, name: Name) -> Kind:
    if name.type is Type.TRUTH:
        return "truth"
    if name.type is Type.DATE:
        return "date"
    if name.type is Type.TEXT:
        return "choice" if name.choices else "text"
    kind = wording.kind_of(system, name.name)
    return next((one for one in ("money", "percent", "days", "thousandths") if one == kind), "number")


def _written(kind: Kind, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and kind in SCALES:
        return f"{Decimal(value) / SCALES[kind]:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(
    system: System, row: Mapping[str, object], written: Mapping[str, str]
) -> Iterator[tuple[str, object]]:
    for name, one in inputs(system).items():
        kind = _kind(system, one)
        text = written.get(name)
        # what was not touched stays as it is, even where the form cannot show every digit of it
        if text is not None and text.strip() != _written(kind, row.get(name)):
            yield name, _value(system, one, kind, text.strip()[:LONGEST])


def _value(system: System, name: Name, kind: Kind, text: str) -> object:
    if not text:
        return None
    try:
        match kind:
            case "truth":
                return {"yes": True, "no": False}[text]
            case "date":
                return date.fromisoformat(text)
            case "choice" | "text":
                return _word(name, text)
            case _:
                return _number(name, Decimal(text.replace(",", "")) * SCALES.get(kind, 1))
    except (KeyError, ValueError, InvalidOperation) as wrong:
        label = system.definition.features[name.name].label
        raise InputNotUnderstood(
            f"'{text}' cannot be read as a value of {label.en} ({label.zh}); write digits, yes or no, a day as"
            f" 2026-03-01{_words(name)}, or leave it empty for none."
        ) from wrong


def _word(name: Name, text: str) -> str:
    if name.choices and text not in name.choices:
        raise ValueError("none of the words this input holds")
    return text


def _words(name: Name) -> str:
    return f", or one of {', '.join(sorted(name.choices))}" if name.choices else ""


def _number(name: Name, amount: Decimal) -> int:
    low, high = limits(name)
    whole = int(amount)
    if amount != whole or not low <= whole <= high:
        raise ValueError("outside what the input can hold")
    return whole


def as_written(system: System, name: str, value: object) -> str:
    """Return a value as a form holds it."""
    return _written(_kind(system, inputs(system)[name]), value)
