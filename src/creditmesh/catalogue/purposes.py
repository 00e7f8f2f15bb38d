"""What an authorisation may be given for: dated templates with their bounds, their source and their words."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from pydantic import Field

from creditmesh.catalogue import loading
from creditmesh.catalogue.model import Catalogue, Item, Mode, Part, Status, Text
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document, read, validated
from creditmesh.kernel.errors import CreditmeshError

SHIPPED = Path(__file__).parent / "purposes"
CASES = ".cases.yml"  # beside a template: what it carries and what not, run as tests
EVALUATION = "EVALUATION"  # stands among an authorisation's items for the public credit evaluation
Found = tuple[tuple[str | int, ...], str, str]  # where, which rule, what to do
AUTHORISED = (Mode.AUTH, Mode.VERIFY, Mode.RAW)  # the modes that need an authorisation at all
INSTITUTIONS = frozenset({"bank", "guarantor", "insurer"})


class UnknownPurpose(CreditmeshError):
    """No template of that code is in force on the day."""

    code = "unknown-purpose"


class Bounds(Part):
    """How far an authorisation of this purpose may go; it may be narrower, never wider."""

    data_months: int = Field(ge=1, le=120)  # how far back the data may reach
    life_days: int = Field(ge=1, le=1100)
    per_day: int = Field(ge=1, le=1000)
    max_queries: int = Field(ge=1, le=100_000)
    retention_months: int = Field(ge=0, le=120)  # how long the grantee may keep the data after the end
    onward: bool = False  # may be passed on to third parties named in the authorisation
    joint_modelling: bool = False


class Version(Part):
    """One version of a template, in force from one day to another, both included."""

    version: str
    effective_from: date
    effective_to: date | None = None
    status: Status
    source_doc: str
    bounds: Bounds
    modes: tuple[Mode, ...] = Field(min_length=1)
    classes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    evaluation: bool = True  # whether the public credit evaluation may be asked for
    institution_kinds: tuple[str, ...] = Field(min_length=1)
    needs_loan: bool = False
    notice: Text

    def in_force(self, day: date) -> bool:
        """Return whether the version holds on a day, both ends included."""
        return self.effective_from <= day <= (self.effective_to or date.max)


class PurposeFile(Part):
    """Every version of one template."""

    purpose: str = Field(pattern=r"^[a-z][a-z-]{1,38}$")
    label: Text
    place: int = 99  # where it stands in lists
    versions: tuple[Version, ...] = Field(min_length=1)


class Purpose(Version):
    """A version of a template with its code: what an authorisation is made from and bound to."""

    code: str
    label: Text

    def covers(self, item: Item) -> bool:
        """Return whether an item may be authorised for this purpose in any of its modes."""
        listed = item.code in self.items or item.class_code in self.classes
        return listed and any(mode in item.modes for mode in self.modes)

    def items_of(self, catalogue: Catalogue) -> tuple[Item, ...]:
        """Return every item of a catalogue that may be authorised for this purpose."""
        return tuple(one for one in catalogue.items.values() if self.covers(one))


class Purposes(Part):
    """All templates a node knows."""

    files: tuple[PurposeFile, ...]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Return the code of every template."""
        return tuple(one.purpose for one in self.files)

    def purpose(self, code: str, *, on: date) -> Purpose:
        """Return the version of a template in force on a day; raise `UnknownPurpose`."""
        for one in self.in_force(on=on):
            if one.code == code:
                return one
        raise UnknownPurpose(
            f"No purpose '{code}' is in force on {on}; choose one of {', '.join(self.codes)}."
        )

    def in_force(self, *, on: date) -> tuple[Purpose, ...]:
        """Return every template in force on a day."""
        return tuple(
            _with_code(file, version)
            for file in self.files
            for version in file.versions
            if version.in_force(on)
        )

    def version(self, code: str, version: str) -> Purpose | None:
        """Return one version of a template whenever it was in force, None when there is none."""
        for file in self.files:
            for one in file.versions:
                if (file.purpose, one.version) == (code, version):
                    return _with_code(file, one)
        return None


def load(*, folder: Path | None = None) -> Purposes:
    """Return all templates of a folder, the shipped ones by default; raise `CatalogueRefused`."""
    return _shipped() if folder is None else _load(folder)


def purpose(code: str, *, on: date) -> Purpose:
    """Return the shipped version of a template in force on a day; raise `UnknownPurpose`."""
    return load().purpose(code, on=on)


def is_template(path: Path) -> bool:
    """Return whether a file is meant as a template: it names a purpose."""
    try:
        data = read(path).data if path.is_file() and not path.name.endswith(CASES) else None
    except CatalogueRefused:
        return False
    return isinstance(data, dict) and "purpose" in data


def check_file(path: Path) -> list[Contradiction]:
    """Return what is wrong in one template."""
    try:
        document = read(path)
        return list(_contradictions(document, validated(document, PurposeFile), loading.load()))
    except CatalogueRefused as refused:
        return list(refused.problems)


@cache
def _shipped() -> Purposes:
    return _load(SHIPPED)


def _load(folder: Path) -> Purposes:
    problems: list[Contradiction] = []
    files: list[PurposeFile] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name.endswith(CASES):
            continue
        try:
            document = read(path)
            file = validated(document, PurposeFile)
        except CatalogueRefused as refused:
            problems += refused.problems
            continue
        problems += _contradictions(document, file, loading.load())
        if file.purpose in {one.purpose for one in files}:
            said = f"The purpose '{file.purpose}' stands in two files; keep all its versions in one."
            problems.append(
                Contradiction(document.file, document.line_of(("purpose",)), "purpose-twice", said)
            )
        files.append(file)
    if problems:
        raise CatalogueRefused(problems)
    return Purposes(files=tuple(sorted(files, key=lambda one: (one.place, one.purpose))))


def _with_code(file: PurposeFile, version: Version) -> Purpose:
    return Purpose(
        code=file.purpose, label=file.label, **{name: getattr(version, name) for name in Version.model_fields}
    )


def _contradictions(document: Document, file: PurposeFile, catalogue: Catalogue) -> Iterator[Contradiction]:
    for number, version in enumerate(file.versions):
        found = [*_of_version(version, catalogue), *_of_days(version, file.versions[:number])]
        for key, name, sentence in found:
            yield Contradiction(document.file, document.line_of(("versions", number, *key)), name, sentence)


def _of_version(one: Version, catalogue: Catalogue) -> Iterator[Found]:
    yield from _of_modes(one)
    yield from _of_items(one, catalogue)
    for place, kind in enumerate(one.institution_kinds):
        if kind not in INSTITUTIONS:
            said = f"'{kind}' is no kind of institution; choose among {', '.join(sorted(INSTITUTIONS))}."
            yield ("institution_kinds", place), "purpose-institution", said
    if one.effective_to and one.effective_to < one.effective_from:
        yield ("effective_to",), "purpose-dates", f"Version {one.version} ends before it begins."
    if one.bounds.per_day > one.bounds.max_queries:
        said = "More queries in a day than in the whole life; correct one of the two."
        yield ("bounds", "per_day"), "purpose-frequency", said


def _of_modes(one: Version) -> Iterator[Found]:
    for place, mode in enumerate(one.modes):
        if mode not in AUTHORISED:
            said = f"Mode {mode} needs no authorisation; choose among {', '.join(AUTHORISED)}."
            yield ("modes", place), "purpose-mode", said


def _of_items(one: Version, catalogue: Catalogue) -> Iterator[Found]:
    for place, code in enumerate(one.items):
        item = catalogue.items.get(code)
        if item is None:
            yield ("items", place), "purpose-item", f"The catalogue has no item '{code}'; correct the code."
        elif not set(item.modes) & set(one.modes):
            said = f"{code} may be shared in none of the modes {', '.join(one.modes)}; leave it out."
            yield ("items", place), "purpose-item-mode", said
    for place, code in enumerate(one.classes):
        if code not in catalogue.classes:
            yield ("classes", place), "purpose-class", f"The catalogue has no class '{code}'; correct it."
    if not (one.items or one.classes):
        yield ("items",), "purpose-empty", "Name at least one item or class that may be authorised."


def _of_days(one: Version, before: Sequence[Version]) -> Iterator[Found]:
    if any(other.version == one.version for other in before):
        said = (
            f"Version {one.version} stands twice; authorisations are bound to it: give the new one its own."
        )
        yield ("version",), "purpose-version-twice", said
    if any(other.in_force(one.effective_from) or one.in_force(other.effective_from) for other in before):
        said = f"Version {one.version} is in force while another one is; end the earlier one the day before."
        yield ("effective_from",), "purpose-days-twice", said
