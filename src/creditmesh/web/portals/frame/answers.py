"""An answer of the door as pages show it: one table for each item, masked values marked, provenance below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from creditmesh.apps.sharing.disclosure.rules.questions import Answer
from creditmesh.catalogue.model import Catalogue, FieldDefinition, Kind

_WIDE = 8  # more columns than this read better as one list for each record


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field of an item as the head of a column."""

    label: str
    masked: bool
    numeric: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value as it left, with the field it belongs to: the template writes it by its kind."""

    value: Any
    field: FieldDefinition
    column: Column


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record: its values in the order of the columns, and where it came from."""

    ref: str
    cells: tuple[Cell, ...]
    event_date: str | None
    source: str
    as_of: datetime | None
    mark: str  # code of a mark, empty when there is none


@dataclass(frozen=True, kw_only=True)
class Block:
    """Everything an answer says of one item."""

    code: str
    label: str
    status: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    more: bool
    hidden: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        """Return whether its records are shown one below the other."""
        return len(self.columns) > _WIDE


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An answer as the page shows it."""

    answer: Answer
    blocks: tuple[Block, ...]
    subject: str
    mode: str
    text: str  # the whole as it would leave by the API

    @property
    def held(self) -> tuple[Block, ...]:
        """Return the items of which there are records."""
        return tuple(one for one in self.blocks if one.rows)

    @property
    def empty(self) -> tuple[Block, ...]:
        """Return the items of which there are none."""
        return tuple(one for one in self.blocks if not one.rows)


def blocks_of(content: Mapping[str, Any], *, catalogue: Catalogue) -> tuple[Block, ...]:
    """Return the blocks of an answer's content in the language of the page."""
    return tuple(_block(one, catalogue=catalogue) for one in content["blocks"])


def _block(told: Mapping[str, Any], *, catalogue: Catalogue) -> Block:
    item = catalogue.items[told["item"]]
    language = get_language() or "zh-hans"
    hidden = set(told["hidden"])
    # Whom the answer is about stands above it; every record need not say it again.
    whom = {item.subject.code, item.subject.name, item.subject.registration_number, item.subject.pseudonym}
    fields = [one for one in item.fields if one.name not in hidden | whom]
    columns = tuple(
        Column(
            label=one.label.in_language(language),
            masked=one.name in told["masked"],
            numeric=one.kind in {Kind.MONEY, Kind.INTEGER, Kind.PERCENT},
        )
        for one in fields
    )
    return Block(
        code=item.code,
        label=item.label.in_language(language),
        status=told["status"],
        columns=columns,
        rows=tuple(_row(one, tuple(zip(fields, columns, strict=True)), catalogue) for one in told["records"]),
        more=told["more"],
        hidden=tuple(one.label.in_language(language) for one in item.fields if one.name in hidden),
    )


def _row(
    record: Mapping[str, Any], fields: Sequence[tuple[FieldDefinition, Column]], catalogue: Catalogue
) -> Row:
    source = catalogue.sources.get(record["source"])
    return Row(
        ref=record["ref"],
        cells=tuple(
            Cell(value=record["values"].get(field.name), field=field, column=column)
            for field, column in fields
        ),
        event_date=record["event_date"],
        source=source.label.in_language(get_language() or "zh-hans") if source else record["source"],
        as_of=datetime.fromisoformat(record["as_of"]) if record["as_of"] else None,
        mark=record["mark"]["kind"] if record["mark"] else "",
    )
