"""Catalogue files read with the line each value stands on, so that a refusal can name it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from creditmesh.kernel.errors import CreditmeshError

LARGEST_BYTES = 2_000_000
DEEPEST = 40
WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
QUOTE = "Put text with : , # { } [ ] in quotes; look at brackets and indents up to this line."
WRITE = {
    "date_": "; write a day as 2026-12-31",
    "int_": "; write digits only, without a point",
    "string_type": "; write words",
}
LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Step = str | int
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Contradiction:
    """One thing wrong in a catalogue file: where, which rule, and what to do."""

    file: str
    line: int
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence} [{self.rule}]"


class CatalogueRefused(CreditmeshError):
    """A catalogue file contradicts itself or its neighbours; `problems` says where."""

    code = "catalogue-refused"

    def __init__(self, problems: list[Contradiction]) -> None:
        super().__init__("\n".join(str(one) for one in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Document:
    """A file's data as plain dicts, lists, text, integers, booleans and None, with line numbers."""

    file: str
    data: object
    lines: Mapping[tuple[Step, ...], int] = field(repr=False)

    def line_of(self, path: tuple[Step, ...]) -> int:
        """Return the line of the nearest part of `path` that stands in the file; steps not found are skipped.

        Skipping lets a pydantic location be looked up as it is, tags of unions included.
        """
        found: tuple[Step, ...] = ()
        for step in path:
            if (*found, step) in self.lines:
                found = (*found, step)
        return self.lines[found]


class _Unreadable(Exception):
    def __init__(self, rule: str, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = (rule, line, sentence)


class _Builder:
    """Builds data from parser events, which is where aliases and tags can still be seen and refused."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self.lines: dict[tuple[Step, ...], int] = {(): 1}

    def document(self) -> object:
        next(self.events)  # stream start
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _Unreadable("yaml-empty", 1, "The file is empty; write at least its id and version.")
        data = self.value(next(self.events), ())
        next(self.events)  # document end
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Unreadable(
                "yaml-one-document", _line(after), "One file holds one document; split it at ---."
            )
        return data

    def value(self, event: yaml.Event, path: tuple[Step, ...]) -> object:
        self.lines.setdefault(path, _line(event))
        _refuse_references(event)
        if len(path) > DEEPEST:
            raise _Unreadable(
                "yaml-too-deep", _line(event), f"Nested deeper than {DEEPEST} levels; flatten it."
            )
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 - the parser has no other kind of value
        return _plain(event.value) if event.implicit[0] else event.value

    def mapping(self, path: tuple[Step, ...]) -> dict[str, object]:
        built: dict[str, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            _refuse_references(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable("yaml-key", _line(event), "A key must be a plain word.")
            key = event.value
            if key in built:
                sentence = f"The key '{key}' stands twice in one mapping; keep one of the two."
                raise _Unreadable("yaml-duplicate-key", _line(event), sentence)
            self.lines[(*path, key)] = _line(event)
            built[key] = self.value(next(self.events), (*path, key))
        return built

    def sequence(self, path: tuple[Step, ...]) -> list[object]:
        built: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            built.append(self.value(event, (*path, len(built))))
        return built


def read(path: Path) -> Document:
    """Read a YAML file of at most 2 MB; raise `CatalogueRefused` for anything but plain data.

    Mapping keys are always text; a bare scalar is null, true, false, a whole number, or text: dates and
    numbers with a point stay text until a model types them. Tags, anchors, aliases and duplicate keys are
    refused, which leaves no way to write a document that grows when it is read.
    """
    name = str(path)
    try:
        return parse(_text_of(path), file=name)
    except _Unreadable as wrong:
        rule, line, sentence = wrong.problem
        raise CatalogueRefused([Contradiction(name, line, rule, sentence)]) from None


def parse(text: str, *, file: str) -> Document:
    """Read YAML text under the rules of `read`; raise `CatalogueRefused`."""
    try:
        builder = _Builder(yaml.parse(text, Loader=LOADER))
        data = builder.document()
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        problem = Contradiction(file, line, "yaml-syntax", f"Not YAML here: {wrong.problem}. {QUOTE}")
    except yaml.YAMLError as wrong:
        problem = Contradiction(file, 1, "yaml-syntax", f"Not YAML: {wrong}.")
    except _Unreadable as wrong:
        rule, line, sentence = wrong.problem
        problem = Contradiction(file, line, rule, sentence)
    else:
        return Document(file=file, data=data, lines=builder.lines)
    raise CatalogueRefused([problem])


def validated(document: Document, model: type[Model]) -> Model:
    """Return the document as a model; raise `CatalogueRefused` with file, line and rule of each error."""
    try:
        return model.model_validate(document.data)
    except ValidationError as wrong:
        problems = [
            Contradiction(
                document.file,
                # what a model says of two keys together begins with one of them
                document.line_of(
                    (*error["loc"], error["msg"].removeprefix("Value error, ").partition(" ")[0])
                ),
                "shape-" + error["type"].replace("_", "-"),
                _said(error["loc"], error["type"], error["msg"], model),
            )
            for error in wrong.errors(include_url=False)
        ]
        raise CatalogueRefused(problems) from None


def _said(place: tuple[Step, ...], kind: str, message: str, model: type[BaseModel]) -> str:
    """Return what is wrong with the shape of a file and, where that can be told, what to write instead."""
    at = ".".join(str(step) for step in place) or "The file"
    if kind == "missing":
        return f"{at}: It is missing here; write `{place[-1]}:`."
    if kind != "extra_forbidden":
        what = next((what for start, what in WRITE.items() if kind.startswith(start)), "")
        return f"{at}: {message.removeprefix('Value error, ')}{what}."
    near = get_close_matches(str(place[-1]), sorted(_keys(model)), n=1)
    asked = (
        f"did you mean '{near[0]}'?"
        if near
        else "leave it out, or look up in the description of the format what may stand here."
    )
    return f"{at}: There is no key '{place[-1]}' here; {asked}"


def _keys(model: object, seen: frozenset[object] = frozenset()) -> set[str]:
    """Return the names of all fields of a model and of the models inside it."""
    inside = get_args(model)
    if isinstance(model, type) and issubclass(model, BaseModel) and not inside:
        if model in seen:
            return set()
        seen |= {model}
        names = {found.alias or name for name, found in model.model_fields.items()}
        inside = tuple(found.annotation for found in model.model_fields.values())
    else:
        names = set()
    return names.union(*(_keys(one, seen) for one in inside))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as wrong:
        raise _Unreadable("unreadable", 1, f"Cannot be read: {wrong.strerror}.") from None
    if len(content) > LARGEST_BYTES:
        raise _Unreadable("yaml-too-large", 1, f"Larger than {LARGEST_BYTES} bytes; split it into parts.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise _Unreadable("yaml-not-utf8", line, "Not UTF-8 here; save the file as UTF-8.") from None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse_references(event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _Unreadable("yaml-alias", _line(event), "Anchors and aliases are not allowed; write it out.")
    if getattr(event, "tag", None):
        raise _Unreadable("yaml-tag", _line(event), "Tags are not allowed; write plain values.")


def _plain(text: str) -> object:
    if text in WORDS:
        return WORDS[text]
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0") and len(digits) <= 19:
        return int(text)
    return text
