"""Rules are data: dated, sourced numbers of each jurisdiction, with how sure we are of each."""

from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from creditmesh.catalogue.model import Part, Status, Text
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document, read, validated
from creditmesh.kernel.errors import CreditmeshError

SHIPPED = Path(__file__).parent / "rule-packs"
UNITS = frozenset(
    {"calendar_day", "working_day", "month", "year", "percent", "basis_point", "point", "count", "text"}
)
NATION = "CN"
RATIO = "sampling.ratio."  # followed by a grade, best to worst by its letter


class UnknownRule(CreditmeshError):
    """No rule of that id is in force on the day in the jurisdiction or, failing that, the nation."""

    code = "unknown-rule"


class Rule(Part):
    """One number or word of a notice, with its dates, its source and how sure we are of it."""

    id: str
    value: int | str
    unit: str
    jurisdiction: str = NATION  # CN or a GB/T 2260 code
    effective_from: date | None = None  # None: as far back as we know
    effective_to: date | None = None  # the last day in force; None: until further notice
    source_doc: str
    source_article: str | None = None
    status: Status
    label: Text

    def in_force(self, day: date) -> bool:
        """Return whether the rule holds on a day, both ends included."""
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)


class PackFile(Part):
    """One file of rules."""

    id: str
    version: str
    label: Text
    rules: tuple[Rule, ...]


class RulePack(Part):
    """All rules a node knows; decisions record `version`."""

    files: tuple[PackFile, ...]

    @cached_property
    def version(self) -> str:
        """Return the versions of all files, for decisions to record: `cn@2026.1+regional@2026.1`."""
        return "+".join(f"{one.id}@{one.version}" for one in self.files)

    @cached_property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """Return the rules of each id, latest first."""
        found: dict[str, list[Rule]] = {}
        for one in self.files:
            for rule in one.rules:
                found.setdefault(rule.id, []).append(rule)
        return {
            rule_id: tuple(sorted(rules, key=lambda rule: rule.effective_from or date.min, reverse=True))
            for rule_id, rules in found.items()
        }

    def rule(self, rule_id: str, *, on: date, jurisdiction: str = NATION) -> Rule:
        """Return the rule in force on a day in a region, its parents' or the nation's if it has none.

        Raises `UnknownRule`.
        """
        for place in _places(jurisdiction):
            for rule in self.rules.get(rule_id, ()):
                if rule.jurisdiction == place and rule.in_force(on):
                    return rule
        said = f"No rule '{rule_id}' is in force on {on} in {jurisdiction}; add it to a rule pack."
        raise UnknownRule(said)

    def knows(self, rule_id: str) -> bool:
        """Return whether a rule has that id, or several have it as the start of theirs."""
        return rule_id in self.rules or any(one.startswith(rule_id + ".") for one in self.rules)


def load(*, folder: Path | None = None) -> RulePack:
    """Return all rules of a folder, the shipped ones by default; raise `CatalogueRefused`."""
    return _shipped() if folder is None else _load(folder)


def check_file(path: Path) -> list[Contradiction]:
    """Return what is wrong in one rule pack."""
    try:
        document = read(path)
        return list(_contradictions(document, validated(document, PackFile)))
    except CatalogueRefused as refused:
        return list(refused.problems)


@cache
def _shipped() -> RulePack:
    return _load(SHIPPED)


def _load(folder: Path) -> RulePack:
    problems: list[Contradiction] = []
    files: list[PackFile] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            document = read(path)
            pack = validated(document, PackFile)
        except CatalogueRefused as refused:
            problems += refused.problems
            continue
        problems += _contradictions(document, pack)
        files.append(pack)
    if problems:
        raise CatalogueRefused(problems)
    return RulePack(files=tuple(files))


def _places(jurisdiction: str) -> Iterator[str]:
    if jurisdiction != NATION:
        yield jurisdiction
        for length in (4, 2):
            if len(jurisdiction) >= length:
                yield jurisdiction[:length].ljust(6, "0")
    yield NATION


def _contradictions(document: Document, pack: PackFile) -> Iterator[Contradiction]:
    for number, said in _spared(pack):
        line = document.line_of(("rules", number, "value"))
        yield Contradiction(document.file, line, "sampling-ratio", said)
    for number, rule in enumerate(pack.rules):
        found = [*_of_rule(rule)]
        if any(_same_days(other, rule) for other in pack.rules[:number]):
            said = f"'{rule.id}' for {rule.jurisdiction} stands twice for the same days; end the earlier one."
            found.append(("id", "rule-twice", said))
        for key, name, sentence in found:
            yield Contradiction(document.file, document.line_of(("rules", number, key)), name, sentence)


def _spared(pack: PackFile) -> Iterator[tuple[int, str]]:
    """Yield the rules by which a worse grade would be drawn more rarely than a better one, or never."""
    ratios = [
        (number, rule)
        for number, rule in enumerate(pack.rules)
        if rule.id.startswith(RATIO) and len(rule.id) == len(RATIO) + 1 and isinstance(rule.value, int)
    ]
    for number, rule in ratios:
        if int(rule.value) <= 0:
            yield number, f"'{rule.id}' is {rule.value}: no grade is exempt from the draw."
        for _, better in ratios:
            same = better.jurisdiction == rule.jurisdiction and (
                rule.in_force(better.effective_from or date.min)
                or better.in_force(rule.effective_from or date.min)
            )
            if same and better.id < rule.id and int(better.value) > int(rule.value):
                yield number, f"'{rule.id}' is below '{better.id}': a worse grade is never drawn more rarely."


def _of_rule(rule: Rule) -> Iterator[tuple[str, str, str]]:
    if rule.unit not in UNITS:
        yield "unit", "rule-unit", f"Unit '{rule.unit}' is not one of {', '.join(sorted(UNITS))}."
    elif (rule.unit == "text") != isinstance(rule.value, str):
        yield "value", "rule-value", f"'{rule.id}': a value is a whole number, or text with unit text."
    if rule.effective_from and rule.effective_to and rule.effective_to < rule.effective_from:
        yield "effective_to", "rule-dates", f"'{rule.id}' ends before it begins."
    place = rule.jurisdiction
    if place != NATION and not (place.isascii() and place.isdigit() and len(place) == 6):
        yield "jurisdiction", "rule-jurisdiction", f"Jurisdiction '{place}' must be {NATION} or six digits."


def _same_days(one: Rule, other: Rule) -> bool:
    if (one.id, one.jurisdiction) != (other.id, other.jurisdiction):
        return False
    return one.in_force(other.effective_from or date.min) or other.in_force(one.effective_from or date.min)
