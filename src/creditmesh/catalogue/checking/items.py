"""What an item may not say about its own fields, modes and rules."""

import re
from collections.abc import Iterator

from creditmesh.catalogue.checking.fields import Finding, of_field
from creditmesh.catalogue.headers import ignored_by, names_of
from creditmesh.catalogue.model import FieldDefinition, Item, Kind, Mode, Sensitivity

CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
CLOSED = frozenset({Sensitivity.L3, Sensitivity.L4})


def of_item(item: Item) -> Iterator[Finding]:
    """Yield what contradicts itself inside one item, its fields included."""
    if not CODE.fullmatch(item.code):
        yield ("code",), "item-code", f"Item code '{item.code}' must look like ENT-01."
    for number, field in enumerate(item.fields):
        for path, rule, sentence in of_field(field):
            yield ("fields", number, *path), rule, f"{item.code}: {sentence}"
    for check in (_of_columns, _of_key, _of_subject, _of_event, _of_description, _of_modes, _of_open_rows):
        for path, rule, sentence in check(item):
            yield path, rule, f"{item.code}: {sentence}"


def _by_name(item: Item) -> dict[str, FieldDefinition]:
    return {field.name: field for field in item.fields}


def _of_columns(item: Item) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    names: set[str] = set()
    for number, field in enumerate(item.fields):
        if field.name in names:
            yield ("fields", number, "name"), "field-twice", f"field '{field.name}' stands twice; rename one."
            continue
        names.add(field.name)
        for header in sorted(names_of(field)):
            if seen.setdefault(header, field.name) != field.name:
                said = f"the column name '{header}' means both '{seen[header]}' and '{field.name}'."
                yield ("fields", number), "column-name-twice", said
    for header in sorted(ignored_by(item) & seen.keys()):
        said = f"the column '{header}' is ignored and is also field '{seen[header]}'; keep one."
        yield ("ignored_columns",), "ignored-column-is-field", said


def _of_key(item: Item) -> Iterator[Finding]:
    fields = _by_name(item)
    for number, name in enumerate(item.record_key):
        path = ("record_key", number)
        if name not in fields:
            yield path, "key-unknown", f"record key '{name}' is no field of this item."
        elif not fields[name].required:
            yield path, "key-optional", f"record key '{name}' must be a required field."
        if name in item.record_key[:number]:
            yield path, "key-twice", f"record key '{name}' stands twice."


def _of_subject(item: Item) -> Iterator[Finding]:
    fields = _by_name(item)
    subject = item.subject
    kinds = {"code": Kind.USCC, "registration_number": Kind.REGISTRATION_NUMBER}
    for role, name in subject.model_dump(exclude_none=True).items():
        if name not in fields:
            yield ("subject", role), "subject-unknown", f"subject {role} '{name}' is no field of this item."
        elif role in kinds and fields[name].kind is not kinds[role]:
            said = f"subject {role} '{name}' must be of kind {kinds[role]}, not {fields[name].kind}."
            yield ("subject", role), "subject-kind", said
    both = subject.name is not None and subject.registration_number is not None
    if subject.code is None and subject.pseudonym is None and not both:
        said = "the subject needs a code, a pseudonym, or a name with a registration number."
        yield ("subject",), "subject-none", said
    alone = subject.pseudonym or (None if both else subject.code)
    if alone in fields and not fields[str(alone)].required:
        yield (
            ("subject",),
            "subject-optional",
            f"'{alone}' alone says who the subject is and must be required.",
        )


def _of_event(item: Item) -> Iterator[Finding]:
    if item.event_date is None:
        return
    field = _by_name(item).get(item.event_date)
    if field is None:
        yield ("event_date",), "event-unknown", f"event date '{item.event_date}' is no field of this item."
    elif field.kind is not Kind.DATE:
        yield ("event_date",), "event-not-date", f"event date '{item.event_date}' must be of kind date."


def _of_description(item: Item) -> Iterator[Finding]:
    if item.describes is None:
        return
    if item.describes.region_of_code and item.subject.code is None:
        yield ("describes",), "describes-no-code", "region_of_code needs a subject code to take it from."
    fields = _by_name(item)
    given = item.describes.model_dump(exclude_none=True, exclude={"fixed_region", "region_of_code"})
    for role, name in given.items():
        if name not in fields:
            yield ("describes", role), "describes-unknown", f"{role} '{name}' is no field of this item."
        elif role == "established" and fields[name].kind is not Kind.DATE:
            yield ("describes", role), "describes-kind", f"established '{name}' must be of kind date."


def _of_modes(item: Item) -> Iterator[Finding]:
    modes = set(item.modes)
    if len(modes) < len(item.modes):
        yield ("modes",), "mode-twice", "a mode stands twice; keep one."
    if Mode.OPEN in modes and item.sensitivity in CLOSED:
        said = f"an item of sensitivity {item.sensitivity} cannot be OPEN; take OPEN out or lower it."
        yield ("modes",), "open-sensitive", said
    if Mode.OPEN in modes:
        for number, field in enumerate(item.fields):
            if field.sensitivity in CLOSED:
                said = (
                    f"field '{field.name}' of sensitivity {field.sensitivity} cannot stand in an OPEN item."
                )
                yield ("fields", number), "open-sensitive-field", said
    if Mode.RAW in modes and Mode.AUTH not in modes:
        yield ("modes",), "raw-without-auth", "RAW needs an authorisation, so AUTH must be allowed too."
    if Mode.VERIFY in modes and not modes & {Mode.AUTH, Mode.GOV}:
        said = "VERIFY guards values that AUTH or GOV may see; allow one of them or make the item OPEN."
        yield ("modes",), "verify-alone", said


def _of_open_rows(item: Item) -> Iterator[Finding]:
    when = item.open_when
    if when is None:
        return
    field = _by_name(item).get(when.field)
    if Mode.OPEN not in item.modes:
        yield ("open_when",), "open-when-closed", "open_when has no meaning without mode OPEN."
    if field is None:
        yield ("open_when", "field"), "open-when-unknown", f"'{when.field}' is no field of this item."
        return
    allowed = {Kind.CHOICE: set(field.choices), Kind.BOOLEAN: {"true", "false"}}.get(field.kind)
    if allowed is None:
        yield ("open_when", "field"), "open-when-kind", f"'{when.field}' must be a choice or yes-or-no field."
    elif not set(when.values) <= allowed:
        said = f"values must be among {', '.join(sorted(allowed))}."
        yield ("open_when", "values"), "open-when-value", said
