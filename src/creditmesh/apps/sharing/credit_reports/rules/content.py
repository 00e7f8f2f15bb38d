"""What a report says, as plain data that can be signed: blocks of records in, sections out.

Text, whole numbers, true and false only; words in both languages, so that one content gives the Chinese and the
English report, and reads the same when catalogue and rules have changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditmesh.apps.sharing.credit_reports.rules import endings, sections
from creditmesh.apps.sharing.credit_reports.rules.sections import Section
from creditmesh.catalogue.model import Catalogue, FieldDefinition, Item, Kind, Text
from creditmesh.catalogue.rule_packs import Rule, RulePack

TYPE = "creditmesh/credit-report/1"
MOST_LINES = 40  # of one item in one section; more are counted
LARGEST = 2**53 - 1  # JSON numbers beyond are written as text


@dataclass(frozen=True, kw_only=True)
class Line:
    """One record as it may be shown to the reader; `reference` tells records apart without telling their key."""

    reference: str
    event_date: date | None
    values: Mapping[str, Any]
    source: str
    contested_since: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """What may be shown of one item: its records, how they were let out, and how the data stood."""

    item: str
    mode: str
    lines: tuple[Line, ...]
    masked: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """By which catalogue and rules a report is made, for which place and day."""

    catalogue: Catalogue
    pack: RulePack
    place: str
    on: date

    @property
    def ruling(self) -> endings.Ruling:
        """Return the rules alone."""
        return endings.Ruling(pack=self.pack, place=self.place, on=self.on)


def composed(
    blocks: Iterable[Block],
    *,
    grounds: Grounds,
    head: Mapping[str, Any],
    evaluation: Mapping[str, Any] | None,
    withheld: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the content of a report.

    `head` says which report it is, about whom and for whom; `withheld` are items the reader is not authorised
    to see. A record whose publicity or keeping is over appears nowhere, not even in a count.
    """
    found: dict[Section, list[dict[str, Any]]] = {one: [] for one in Section}
    for block in blocks:
        for section, lines in _placed(block, grounds).items():
            found[section].append(_block(block, lines, section=section, grounds=grounds))
    for section, placed in found.items():
        placed.sort(key=lambda one: _order(one["item"], section, grounds.catalogue))
    return {
        "type": TYPE,
        **head,
        "as_of": grounds.on.isoformat(),
        "basic": found[Section.BASIC][0] if found[Section.BASIC] else None,
        "evaluation": evaluation,
        "sections": [
            {"id": section.value, "blocks": found[section]}
            for section in (Section.ADVERSE, Section.POSITIVE, Section.NEUTRAL)
        ],
        "counts": _counts(found),
        "withheld": [_named(one, grounds.catalogue) for one in withheld],
        "rules": _rules_used(found, grounds),
        "catalogue": [f"{one.id}@{one.version}" for one in grounds.catalogue.lists],
        "rule_pack": grounds.pack.version,
    }


def _placed(block: Block, grounds: Grounds) -> dict[Section, list[tuple[Line, endings.Ending]]]:
    item = grounds.catalogue.items[block.item]
    found: dict[Section, list[tuple[Line, endings.Ending]]] = {}
    for line in block.lines:
        section = sections.section_of(block.item, line.values, on=grounds.on)
        ending = endings.ending_of(
            line.values,
            item=item,
            event_date=line.event_date,
            by=grounds.ruling,
            adverse=section is Section.ADVERSE,
        )
        if not endings.is_over(line.values, ending, on=grounds.on):
            found.setdefault(section, []).append((line, ending))
    return found


def _block(
    block: Block, lines: Sequence[tuple[Line, endings.Ending]], *, section: Section, grounds: Grounds
) -> dict[str, Any]:
    item = grounds.catalogue.items[block.item]
    fields = sections.columns(item, section=section)
    newest = sorted(lines, key=lambda pair: (pair[0].event_date or date.min, pair[0].reference), reverse=True)
    if section is Section.BASIC:
        newest = newest[:1]
    shown = newest[:MOST_LINES]
    there = [one for one in fields if any(line.values.get(one.name) not in (None, "") for line, _ in shown)]
    return {
        "item": item.code,
        "label": text(item.label),
        "authority": text(item.authority),
        "mode": block.mode,
        "as_of": block.as_of,
        "sources": _sources(shown, grounds.catalogue),
        "status": item.status.value,
        "masked": [one.name for one in there if one.name in block.masked],
        "fields": [_field(one, shown) for one in there],
        "lines": [_line(line, ending, there, section=section, on=grounds.on) for line, ending in shown],
        "total": len(lines),
        "contested": sum(1 for line, _ in newest if line.contested_since),
    }


def _line(
    line: Line, ending: endings.Ending, fields: Sequence[FieldDefinition], *, section: Section, on: date
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reference": line.reference,
        "event_date": line.event_date.isoformat() if line.event_date else "",
        "source": line.source,
        "contested_since": line.contested_since,
        "values": [_plain(line.values.get(one.name)) for one in fields],
    }
    if section is Section.ADVERSE:
        told["publicity"] = {
            "starts": ending.starts.isoformat() if ending.starts else "",
            "until": ending.until.isoformat() if ending.until else "",
            "days_left": (ending.until - on).days + 1 if ending.until else None,
            "days": (ending.until - ending.starts).days + 1 if ending.until and ending.starts else None,
            "rule": ending.rule.id if ending.rule else "",
        }
    return told


def _field(field: FieldDefinition, shown: Sequence[tuple[Line, endings.Ending]]) -> dict[str, Any]:
    used = {str(line.values.get(field.name)) for line, _ in shown}
    return {
        "name": field.name,
        "label": text(field.label),
        "kind": field.kind.value,
        "choices": {value: text(words) for value, words in field.choices.items() if value in used}
        if field.kind is Kind.CHOICE
        else {},
    }


def _sources(shown: Sequence[tuple[Line, endings.Ending]], catalogue: Catalogue) -> list[dict[str, Any]]:
    codes = dict.fromkeys(line.source for line, _ in shown if line.source)
    known = catalogue.sources
    return [
        {"code": code, "label": text(known[code].label) if code in known else {"zh": code, "en": code}}
        for code in codes
    ]


def _order(item: str, section: Section, catalogue: Catalogue) -> tuple[int, int]:
    place = sections.ORDER.get(item, len(sections.ORDER)) if section is Section.ADVERSE else 0
    return place, list(catalogue.items).index(item)


def _counts(found: Mapping[Section, Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    counts = {section.value: sum(one["total"] for one in blocks) for section, blocks in found.items()}
    contested = sum(one["contested"] for blocks in found.values() for one in blocks)
    return {**counts, "contested": contested}


def _rules_used(
    found: Mapping[Section, Sequence[Mapping[str, Any]]], grounds: Grounds
) -> list[dict[str, Any]]:
    used = {
        line["publicity"]["rule"]
        for one in found[Section.ADVERSE]
        for line in one["lines"]
        if line["publicity"]["rule"]
    }
    rules = (grounds.pack.rule(one, on=grounds.on, jurisdiction=grounds.place) for one in sorted(used))
    return [_rule(one) for one in rules]


def _rule(one: Rule) -> dict[str, Any]:
    return {
        "id": one.id,
        "label": text(one.label),
        "value": one.value,
        "unit": one.unit,
        "status": one.status.value,
        "source": " ".join(part for part in (one.source_doc, one.source_article) if part),
    }


def _named(item: str, catalogue: Catalogue) -> dict[str, Any]:
    found: Item | None = catalogue.items.get(item)
    return {"item": item, "label": text(found.label) if found else {"zh": item, "en": item}}


def _plain(value: object) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -LARGEST <= value <= LARGEST else str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return str(value)


def text(words: Text) -> dict[str, str]:
    """Return words in both languages as plain data."""
    return {"zh": words.zh, "en": words.en}
