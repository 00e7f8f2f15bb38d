"""The names a column may arrive under, and the field each of them means."""

import unicodedata

from creditmesh.catalogue.model import FieldDefinition, Item


def normalise_header(text: str) -> str:
    """Return a header as it is compared: NFKC, without spaces or a byte-order mark, case folded."""
    compact = "".join(unicodedata.normalize("NFKC", text).split())
    return compact.strip("\ufeff").casefold()


def names_of(field: FieldDefinition) -> frozenset[str]:
    """Return every normalised header that means this field: its name, both labels and its aliases."""
    written = (field.name, field.label.zh, field.label.en, *field.aliases)
    return frozenset(normalise_header(one) for one in written)


def columns_of(item: Item) -> dict[str, str]:
    """Return the field name for every normalised header an item accepts."""
    return {header: field.name for field in item.fields for header in names_of(field)}


def ignored_by(item: Item) -> frozenset[str]:
    """Return the normalised headers that may come with an item and are dropped unread."""
    return frozenset(normalise_header(one) for one in item.ignored_columns)


def choice_of(field: FieldDefinition, text: str) -> str | None:
    """Return the choice a text means by value, label in either language or alias; None when it means none."""
    return choices_of(field).get(normalise_header(text))


def choices_of(field: FieldDefinition) -> dict[str, str]:
    """Return the choice value for every normalised text that means one."""
    meant = {normalise_header(text): value for text, value in field.choice_aliases.items()}
    for value, label in field.choices.items():
        meant.update({normalise_header(one): value for one in (value, label.zh, label.en)})
    return meant
