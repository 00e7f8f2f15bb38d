"""What a field definition may not say."""

import re
from collections.abc import Iterator

from creditmesh.catalogue.headers import normalise_header
from creditmesh.catalogue.model import Check, FieldDefinition, Kind, Sensitivity

NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
UNITS = {
    Kind.MONEY: frozenset({"分", "元", "千元", "万元", "百万元", "亿元"}),
    Kind.PERCENT: frozenset({"%", "‰", "bp", "ratio"}),
}
WITH_UNIT = frozenset({Kind.INTEGER, Kind.MONEY, Kind.PERCENT})
IDENTIFIERS = frozenset({Kind.USCC, Kind.REGISTRATION_NUMBER, Kind.REGION, Kind.INDUSTRY})

Finding = tuple[tuple[str | int, ...], str, str]  # where below the part checked, rule id, sentence


def of_field(field: FieldDefinition) -> Iterator[Finding]:
    """Yield what contradicts itself inside one field."""
    if not NAME.fullmatch(field.name):
        said = f"Field '{field.name}' must be lower-case letters, digits and underscores, a letter first."
        yield ("name",), "field-name", said
    if field.personal and field.sensitivity is Sensitivity.L1:
        said = f"Field '{field.name}' is personal and must have sensitivity L2 or higher, not L1."
        yield ("personal",), "personal-public", said
    yield from _of_choices(field)
    yield from _of_unit(field)
    yield from _of_limits(field)


def _of_choices(field: FieldDefinition) -> Iterator[Finding]:
    if field.kind is Kind.CHOICE:
        if not field.choices:
            yield (
                ("kind",),
                "choices-missing",
                f"Field '{field.name}' is a choice without choices; list them.",
            )
        yield from _of_choice_texts(field)
        return
    for key in ("choices", "choice_aliases"):
        if getattr(field, key):
            said = f"Field '{field.name}' has {key} but kind {field.kind}; make it kind choice."
            yield (key,), "choices-kind", said


def _of_choice_texts(field: FieldDefinition) -> Iterator[Finding]:
    written = [
        (("choices", value), text, value)
        for value, label in field.choices.items()
        for text in dict.fromkeys((value, label.zh, label.en))
    ]
    written += [(("choice_aliases", text), text, value) for text, value in field.choice_aliases.items()]
    meant: dict[str, str] = {}
    for path, text, value in written:
        first = meant.setdefault(normalise_header(text), value)
        if value not in field.choices:
            said = f"In field '{field.name}' the alias '{text}' means '{value}', which is no choice."
            yield path, "choice-alias-unknown", said
        elif first != value:
            said = f"In field '{field.name}' the text '{text}' means both '{first}' and '{value}'."
            yield path, "choice-text-twice", said


def _of_unit(field: FieldDefinition) -> Iterator[Finding]:
    allowed = UNITS.get(field.kind)
    if field.unit is None:
        if allowed:
            said = f"Field '{field.name}' is {field.kind} and needs a unit: {', '.join(sorted(allowed))}."
            yield ("kind",), "unit-missing", said
    elif field.kind not in WITH_UNIT:
        said = f"Field '{field.name}' of kind {field.kind} can have no unit; take it out."
        yield ("unit",), "unit-kind", said
    elif allowed and field.unit not in allowed:
        said = f"Unit '{field.unit}' of field '{field.name}' is not known; use {', '.join(sorted(allowed))}."
        yield ("unit",), "unit-unknown", said


def _of_limits(field: FieldDefinition) -> Iterator[Finding]:
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        said = f"Field '{field.name}' has minimum {field.minimum} above maximum {field.maximum}."
        yield ("minimum",), "limits-crossed", said
    for key in ("minimum", "maximum"):
        if getattr(field, key) is not None and field.kind not in WITH_UNIT:
            yield (key,), "limits-kind", f"Field '{field.name}' of kind {field.kind} can have no {key}."
    dated = {
        "earliest": field.earliest is not None,
        "not_in_future": field.not_in_future,
    }
    for key, given in dated.items():
        if given and field.kind is not Kind.DATE:
            yield (key,), "date-limits-kind", f"Field '{field.name}' of kind {field.kind} can have no {key}."
    if field.check is Check.WARN and field.required and field.kind not in IDENTIFIERS:
        said = f"Field '{field.name}' is required and cannot stay empty with a warning; make it strict."
        yield ("check",), "check-required", said
