"""Cut what a department knows into the batches it delivers, and write each with the dirt of real files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from creditmesh.catalogue.model import Cadence, FieldDefinition, Item, Kind, Update
from creditmesh.sample import dirt, files
from creditmesh.sample.chance import Chance
from creditmesh.sample.facts.fact import Fact, Values
from creditmesh.sample.spelling import Cell, Fashion, heading, writer

# Up to when each batch tells: a history first, then updates, the last up to the day of the sample.
CUTS = (date(2025, 12, 31),)
CUTS_OF_DAILY = (date(2024, 12, 31), date(2025, 12, 31))
LATE_ITEMS = frozenset({"PEN-01", "PEN-02", "ENT-06", "JUD-01", "TAX-02", "SOC-01", "CMP-01", "UTL-02"})
AT_ONCE = frozenset({"FOD", "SEQ"})  # classes whose few rows come in one batch: files cost more than rows
XLSX_LIMIT = 4_000
OFTEN = ("qinghe-samr", "qinghe-court")  # the departments that deliver daily items more often
FASHIONS = {
    "qinghe-samr": Fashion("csv-gb18030", "aliases", "iso"),
    "qinghe-credit": Fashion("csv-utf8-bom", "codes", "slash"),
    "qinghe-tax": Fashion("csv-gb18030", "labels", "slash"),
    "qinghe-court": Fashion("csv-utf8-bom", "labels", "numerals"),
    "qinghe-hrss": Fashion("csv-utf8-bom", "aliases", "chinese"),
    "qinghe-housing-fund": Fashion("jsonl", "labels", "iso"),
    "qinghe-customs": Fashion("parquet", "names"),
    "qinghe-utilities": Fashion("parquet", "names"),
    "qinghe-real-estate": Fashion("csv-gb18030", "labels", "chinese"),
    "qinghe-science": Fashion("xlsx", "labels", "dot"),
    "qinghe-environment": Fashion("xlsx", "aliases", "chinese"),
    "qinghe-agriculture": Fashion("jsonl", "names", "iso"),
    "qinghe-emergency": Fashion("xlsx", "labels", "slash"),
    "qinghe-finance": Fashion("xlsx", "labels", "iso"),
}
# Where an item has a fashion of its own, whoever delivers it.
FASHIONS_OF_ITEMS = {
    "ENT-02": Fashion("parquet", "names"),
    "PEN-01": Fashion("csv-gb18030", "codes", "slash"),
    "QUA-01": Fashion("csv-utf8-bom", "codes", "iso"),
    "CMP-01": Fashion("jsonl", "labels", "iso"),
    "HON-01": Fashion("xlsx", "labels", "chinese"),
    "BLK-01": Fashion("xlsx", "labels", "iso"),
}


@dataclass(frozen=True)
class Delivery:
    """A file as a department delivered it on a day."""

    item: str
    source: str
    file: Path
    format: str
    on: date
    rows: int


@dataclass
class Desk:
    """The desk of one department for one item: it keeps what is known and writes the batches."""

    item: Item
    source: str
    folder: Path
    until: date
    chance: Chance
    facts: list[Fact] = field(default_factory=list)

    def deliver(self) -> Iterator[Delivery]:
        """Write every batch and return what was written, in the order of delivery."""
        if self.item.code == "ENT-01":
            yield from self._from_the_old_system()
        facts, late = self._held_back()
        before = date.min
        for cut in self._cuts():
            told = (
                self._whole(cut)
                if self.item.update is Update.REPLACE
                else _latest(self.item, facts, before, cut)
            )
            yield from self._written(told, min(cut + timedelta(days=10), self.until), "")
            before = cut
        yield from self._written(_latest(self.item, late, date.min, self.until), self.until, "-late")

    def _cuts(self) -> list[date]:
        if self.item.class_code in AT_ONCE:
            return [self.until]
        often = self.item.cadence is Cadence.DAILY and self.source in OFTEN
        cuts = CUTS_OF_DAILY if often else CUTS
        return [*(cut for cut in cuts if cut < self.until), self.until]

    def _held_back(self) -> tuple[list[Fact], list[Fact]]:
        """Return the facts for the regular batches, and those whose records all wait for the late one."""
        if self.item.code not in LATE_ITEMS:
            return self.facts, []
        waiting = {_key(self.item, one) for one in self.facts if self.chance.happens(dirt.LATE.share)}
        sooner = [one for one in self.facts if _key(self.item, one) not in waiting]
        return sooner, [one for one in self.facts if _key(self.item, one) in waiting]

    def _whole(self, cut: date) -> list[Fact]:
        return [one for one in self.facts if one.known <= cut and (one.gone is None or one.gone > cut)]

    def _from_the_old_system(self) -> Iterator[Delivery]:
        """Deliver the oldest entries from a system that hardly knew types, before anything else."""
        old = [
            one for one in self.facts if one.known < date(2003, 1, 1) and one.about.established == one.known
        ]
        told = [self._old(one) for one in old]
        yield from self._written(told, min(date(2024, 6, 10), self.until), "-old")

    def _old(self, fact: Fact) -> Fact:
        values = dict(fact.values)
        if self.chance.happens(dirt.TYPE_NOT_STATED.share):
            values["entity_type"] = None
        return replace(fact, values=values)

    def _written(self, facts: Iterable[Fact], on: date, suffix: str) -> Iterator[Delivery]:
        facts = list(facts)
        if not facts:
            return
        fashion = FASHIONS_OF_ITEMS.get(self.item.code) or FASHIONS[self.source]
        if fashion.format == "xlsx" and len(facts) > XLSX_LIMIT:
            fashion = replace(fashion, format="csv-gb18030")
        sheet = _Sheet(self.item, fashion, self.chance, facts, old=suffix == "-old")
        rows = list(sheet.rows(facts))
        name = f"{on:%Y%m%d}-{self.item.code.lower()}-{self.source}{suffix}"
        path = self.folder / f"{name}.{files.EXTENSIONS[fashion.format]}"
        files.write(path, format=fashion.format, headings=sheet.headings, rows=rows)
        yield Delivery(self.item.code, self.source, path, fashion.format, on, len(rows))


def _key(item: Item, fact: Fact) -> tuple[object, ...]:
    return tuple(fact.values.get(name) for name in item.record_key)


def _latest(item: Item, facts: list[Fact], after: date, upto: date) -> list[Fact]:
    """Return the last word on each record between two cuts, in the order in which it was said."""
    said = sorted((one for one in facts if after < one.known <= upto), key=lambda one: one.known)
    return list({_key(item, one): one for one in said}.values())


class _Sheet:
    """One file to be: its columns, and how each cell is written."""

    def __init__(self, item: Item, fashion: Fashion, chance: Chance, facts: list[Fact], *, old: bool) -> None:
        self.item = item
        self.chance = chance
        self.old = old
        self.in_register = item.class_code in ("ENT", "PER")
        stated = {name for fact in facts for name, value in fact.values.items() if value is not None}
        blocks = item.code in ("PEN-01", "QUA-01")  # the double publicity sends its empty columns too
        self.fields = [one for one in item.fields if blocks or one.required or one.name in stated]
        self.headings = [heading(item, one, fashion, chance) for one in self.fields]
        self.writers = [(one.name, writer(one, fashion, chance)) for one in self.fields]
        self.has_number = any(one.kind is Kind.REGISTRATION_NUMBER for one in self.fields)
        self.code_required = _required(self.fields, item.subject.code)

    def rows(self, facts: Iterable[Fact]) -> Iterator[list[Cell]]:
        often = {"JUD": dirt.REPEATED_ROW, "TAX": dirt.REPEATED_KEY}
        repeated = often.get(self.item.class_code, dirt.REPEATED_IN_REGISTER).share
        for fact in facts:
            yield (row := self._row(fact))
            if self.chance.happens(repeated):
                # Tax offices repeat an identifier, courts the whole row.
                yield self._row(fact) if self.item.class_code == "TAX" else row

    def _row(self, fact: Fact) -> list[Cell]:
        values = self._soiled(fact)
        row = [write(values.get(name)) for name, write in self.writers]
        if self.item.code == "ENT-01":
            self._soil_entry(row, fact)
        return row

    def _soiled(self, fact: Fact) -> Values:
        values = dict(fact.values)
        one, chance = fact.about, self.chance
        name_field = self.item.subject.name or "name"
        values[name_field] = dirt.name(
            chance, str(values[name_field]), one.name, in_register=self.in_register
        )
        values["uscc"] = dirt.code(chance, one.code, in_register=self.in_register)
        if not self.in_register and one.registration_number and chance.happens(dirt.OLD_NUMBER.share):
            values["uscc"] = None if self.has_number and not self.code_required else one.registration_number
        if not self.code_required and chance.happens(dirt.NO_USABLE_CODE.share):
            # Only a name is left: nothing but a person can say whom the row is about.
            values["uscc"] = values["registration_number"] = None
        if self.item.code == "JUD-01" and chance.happens(dirt.NO_DATE.share):
            values["decided_on"] = None
        return values

    def _soil_entry(self, row: list[Cell], fact: Fact) -> None:
        for place, (name, _) in enumerate(self.writers):
            if name == "registered_capital":
                capital = fact.values[name]
                row[place] = dirt.capital(self.chance, capital if isinstance(capital, int) else 0)
            if name == "entity_type" and self.old and not row[place]:
                row[place] = "N/A"


def _required(fields: list[FieldDefinition], name: str | None) -> bool:
    return any(one.required for one in fields if one.name == name)
