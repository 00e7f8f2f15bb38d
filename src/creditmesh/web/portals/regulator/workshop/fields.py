"""The fields of one part of a system's file: what the form shows, where each stands, and what is wrong there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from creditmesh.apps.evaluation.systems.rules.editing import Value
from creditmesh.apps.evaluation.systems.rules.places import Path
from creditmesh.catalogue.reading import Contradiction, Document
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame.vocabulary.systems import FIELDS

NUMBERS = {"weight", "points", "up_to", "at_least", "at", "yes", "no", "cap", "per", "otherwise", "scale"}
NUMBERS |= {"minimum_coverage"}
HEAD = ("version", "label", "owner", "effective_from", "effective_until", "minimum_coverage", "source")
RULES = ("triggers", "caps", "exclusions")
LONG = {"when", "value", "formula", "reason", "improve", "repair", "source", "applies_when"}
WAYS = ("bands", "linear")
MOST_FIELDS = 900


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input of the form."""

    path: Path
    label: str
    value: str
    number: bool
    long: bool
    line: int
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the input."""
        return "/".join(str(step) for step in self.path)

    @property
    def key(self) -> str:
        """Return a word that may stand in an id."""
        return "-".join(str(step) for step in self.path)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table of points, which can be copied and taken away."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """Something with a label of its own: a group, an indicator, a trigger, a grade."""

    title: str
    kind: str
    id: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...] = ()
    rows_label: str = ""

    @property
    def troubled(self) -> bool:
        """Return whether something is wrong in it."""
        inside = [*self.fields, *(one for row in self.rows for one in row.fields)]
        return any(one.problems for one in inside)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the file as a page of the form."""

    key: str
    title: str


def sections(data: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return the parts of a file, in the order of the form."""
    groups = data.get("groups")
    found = [Section(key=key, title=str(FIELDS[key])) for key in ("head", "grades", "rules")]
    for place, group in enumerate(groups if isinstance(groups, list) else []):
        found.append(Section(key=f"group-{place}", title=_title(group, str(place + 1))))
    return tuple(found)


class Form:
    """Builds the blocks of a section from a document, with posted values in place and problems beside them."""

    def __init__(
        self,
        document: Document,
        *,
        posted: Mapping[str, str] | None = None,
        problems: Sequence[Contradiction] = (),
    ) -> None:
        self.document = document
        self.data: Any = document.data if isinstance(document.data, dict) else {}
        self.posted = posted or {}
        self.problems = list(problems)

    def blocks(self, section: str) -> tuple[Block, ...]:
        """Return the blocks of a section; none for one that is not there."""
        if section == "head":
            found = [self._block((), "head", HEAD)]
        elif section == "grades":
            found = [
                self._block(("grades", n), "grade", ("symbol", "label", "up_to", "at_least"))
                for n in range(self._size(("grades",)))
            ]
        elif section == "rules":
            wanted = ("label", "when", "grade", "not_better_than", "repair")
            found = [
                self._block((kind, n), kind, wanted) for kind in RULES for n in range(self._size((kind,)))
            ]
        else:
            found = list(self._group(section))
        return tuple(found)

    def _group(self, section: str) -> Iterator[Block]:
        place = section.removeprefix("group-")
        if not place.isdecimal() or int(place) >= self._size(("groups",)):
            return
        path: Path = ("groups", int(place))
        yield self._block(path, "group", ("label", "weight", "minimum_coverage"))
        yield from self._indicators(path)
        for n in range(self._size((*path, "sub_groups"))):
            inner: Path = (*path, "sub_groups", n)
            yield self._block(inner, "sub_group", ("label", "weight"))
            yield from self._indicators(inner)

    def _indicators(self, path: Path) -> Iterator[Block]:
        wanted = (
            "label",
            "weight",
            "value",
            "formula",
            "lookup",
            "boolean",
            "per_event",
            "reason",
            "improve",
        )
        for n in range(self._size((*path, "indicators"))):
            yield self._block((*path, "indicators", n), "indicator", wanted)

    def _block(self, path: Path, kind: str, wanted: Sequence[str]) -> Block:
        found = self._at(path)
        stated = found if isinstance(found, dict) else {}
        fields: list[Field] = []
        for key in wanted:
            if key in stated or (kind == "head" and key == "effective_until"):
                fields += self._fields((*path, key))
        rows: list[Row] = []
        way = next((one for one in WAYS if one in stated), "")
        for n in range(self._size((*path, way))) if way else ():
            keys = ("up_to", "points") if way == "bands" else ("at", "points")
            row: Path = (*path, way, n)
            inside = tuple(one for key in keys for one in self._fields((*row, key)))
            rows.append(Row(name="/".join(str(step) for step in row), fields=inside))
        return Block(
            title=_title(stated, str(stated.get("symbol", ""))),
            kind=kind,
            id=str(stated.get("id", stated.get("symbol", ""))),
            fields=tuple(fields),
            rows=tuple(rows),
            rows_label=str(FIELDS.get(way, "")),
        )

    def _fields(self, path: Path) -> Iterator[Field]:
        value = self._at(path)
        if isinstance(value, dict):
            for key in value:
                yield from self._fields((*path, key))
            return
        if isinstance(value, list):
            return
        shown = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        name = "/".join(str(step) for step in path)
        known = [str(step) for step in path if isinstance(step, str)]
        line = self.document.line_of(path)
        yield Field(
            path=path,
            label=_label(known),
            value=self.posted.get(name, shown),
            number=known[-1] in NUMBERS or "lookup" in known,
            long=bool(set(known) & LONG),
            line=line,
            problems=self._wrong(path, line),
        )

    def _wrong(self, path: Path, line: int) -> tuple[str, ...]:
        """Return what is wrong here; a problem is shown once, at the field it names or the first of its line."""
        dotted = ".".join(str(step) for step in path)
        found = [
            one
            for one in self.problems
            if one.sentence.startswith(f"{dotted}:") or (one.line == line and not _names_another(one, dotted))
        ]
        for one in found:
            self.problems.remove(one)
        return tuple(
            f"{refusals.of_a_file(one.rule)} {one.sentence} [{one.rule}, {one.file}:{one.line}]".lstrip()
            for one in found
        )

    def _at(self, path: Path) -> Any:
        found = self.data
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def _size(self, path: Path) -> int:
        found = self._at(path)
        return len(found) if isinstance(found, list) else 0


def changed(blocks: Sequence[Block], posted: Mapping[str, str]) -> dict[Path, Value]:
    """Return the values of the form that differ from what stands in the file."""
    found: dict[Path, Value] = {}
    for block in blocks:
        for one in (*block.fields, *(field for row in block.rows for field in row.fields)):
            said = posted.get(one.name)
            if said is None:
                continue
            text = " ".join(said.split()) if one.long else said.strip()
            if text != " ".join(one.value.split()):
                found[one.path] = typed(text, number=one.number)
    return found


def typed(text: str, *, number: bool) -> Value:
    """Return what was typed as the file keeps it; what is no number where one belongs stays text, to be refused."""
    if text == "":
        return None
    digits = text.removeprefix("-")
    if number and digits.isascii() and digits.isdecimal() and len(digits) < 18:
        return int(text)
    return text


def _names_another(one: Contradiction, dotted: str) -> bool:
    first = one.sentence.split(":", 1)[0]
    return "." in first and " " not in first and first != dotted


def _label(known: Sequence[str]) -> str:
    parts = [one for one in known if one in FIELDS and one not in {"groups", "grades", "indicators"}]
    parts = [one for one in parts if one not in {*RULES, "sub_groups", "bands", "linear"}]
    if "lookup" in known:
        return known[-1] if known[-1] != "otherwise" else str(FIELDS["otherwise"])
    return " · ".join(str(FIELDS[one]) for one in parts[-2:]) or known[-1]


def _title(stated: Mapping[str, Any], otherwise: str) -> str:
    label = stated.get("label") if isinstance(stated, dict) else None
    if not isinstance(label, dict):
        return otherwise
    key = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return str(label.get(key) or otherwise)
