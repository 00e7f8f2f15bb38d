"""Index systems from their files, or refused with the file, the line and the rule."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from creditmesh.catalogue import loading as lists
from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import CatalogueRefused, Contradiction, Document, read, validated
from creditmesh.scoring.combining import combined
from creditmesh.scoring.definition.basing import completed
from creditmesh.scoring.definition.checks import (
    across,
    combining,
    features,
    indicators,
    measures,
    systems,
    units,
    weighing,
    words,
)
from creditmesh.scoring.definition.checks.problems import Path as Place
from creditmesh.scoring.definition.checks.problems import Problem
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.parsing import NotUnderstood
from creditmesh.scoring.plan import points_of

HEAD = re.compile(r"^(id|effective_from|effective_until): *['\"]?([^'\"#\s]*)", re.MULTILINE)
BESIDE = (".cases.yml", ".card.yml")
SHIPPED = Path(lists.__file__).parent / "index-systems"


def shipped() -> dict[str, Path]:
    """Return the files of the systems that come with the program, by id."""
    files = sorted(path for path in SHIPPED.glob("*.yml") if is_system(path))
    return {path.stem: path for path in files}


def load(path: Path, *, catalogue: Catalogue | None = None, alone: bool = False) -> System:
    """Return the system of a file, checked against the catalogue (the shipped one unless given).

    `alone` leaves its neighbours out: a kept file was checked against those it had when it was new.
    Raises `CatalogueRefused`: file, line, rule, and what to do.
    """
    return checked(read(path), catalogue=catalogue or lists.load(), alone=alone)


def checked(document: Document, *, catalogue: Catalogue, alone: bool = False) -> System:
    """Return the system a document states; raise `CatalogueRefused` with every problem of the first kind found."""
    document = completed(document, find=_shipped_document)
    definition = validated(document, Definition)
    system = System(definition, catalogue.items, file=document.file)
    # each kind of problem is looked for only where the ones before left sense
    kinds = (_unknown, features.in_features, _in_system, _too_steep)
    for kind in kinds if alone else (*kinds, _in_words_and_parts):
        problems = list(kind(system))
        if problems:
            raise CatalogueRefused([_contradiction(document, one) for one in problems])
    return system


def _shipped_document(system: str) -> Document | None:
    path = shipped().get(system)
    return None if path is None else read(path)


def _unknown(system: System) -> Iterator[Problem]:
    yield from features.unknown_items(system)
    yield from units.unknown_items(system)


def _in_system(system: System) -> Iterator[Problem]:
    yield from measures.in_features(system)
    yield from systems.in_ids(system)
    yield from indicators.in_groups(system)
    yield from weighing.in_weights(system)
    yield from systems.in_grades(system)
    yield from systems.in_rules(system)
    yield from combining.in_combination(system)
    yield from units.in_unit(system)


def _too_steep(system: System) -> Iterator[Problem]:
    definition = system.definition
    for place, indicator in _indicators(definition):
        try:
            points_of(indicator, definition.scale)
        except NotUnderstood as wrong:
            yield Problem(place, "overflow", wrong.sentence)
    try:
        combined(definition, ())
    except NotUnderstood as wrong:
        yield Problem(("combination", "steps"), "overflow", wrong.sentence)


def _in_words_and_parts(system: System) -> Iterator[Problem]:
    yield from words.in_words(system)  # wrong words never change a result: a kept file is read with them
    yield from _two_at_once(system)
    files = shipped() | {one.stem: one for one in _beside(system)}
    read_: dict[str, Definition | None] = {}

    def find(id_: str) -> Definition | None:
        if id_ not in read_:
            path = files.get(id_)
            read_[id_] = None if path is None else _definition(path)
        return read_[id_]

    yield from across.in_parts(system, find=find, known=list(files))


def _two_at_once(system: System) -> Iterator[Problem]:
    """Yield files beside this one that state the same system for some of the same days."""
    own = system.definition
    for path in _beside(system):
        text = path.read_text(encoding="utf-8", errors="replace")
        said = dict(HEAD.findall(text))
        if said.get("id") != own.id or not said.get("effective_from"):
            continue
        other = _days(said["effective_from"], said.get("effective_until", ""))
        if other[0] < (own.effective_until or date.max) and own.effective_from < other[1]:
            sentence = (
                f"{path.name} states '{own.id}' for some of the same days; end one before the other begins."
            )
            yield Problem(("effective_from",), "two-valid", sentence)


def _beside(system: System) -> list[Path]:
    """Return the other systems in the folder of a file, none for a text that lies in none."""
    own = Path(system.file)
    if not own.is_file():
        return []
    return [one for one in sorted(own.parent.glob("*.yml")) if one != own and is_system(one)]


def _days(first: str, end: str) -> tuple[date, date]:
    """Return from which day, and to before which, a file says it holds; all days where it says no date."""
    try:
        return date.fromisoformat(first), date.fromisoformat(end) if end not in {"", "null"} else date.max
    except ValueError:
        return date.min, date.max


def _definition(path: Path) -> Definition | None:
    """Return what a file beside this one states, None when it is no system."""
    try:
        return validated(completed(read(path), find=_shipped_document), Definition)
    except CatalogueRefused:
        return None


def is_system(path: Path) -> bool:
    """Return whether a file may be a system, and not the cases of one or what its card says."""
    return not path.name.endswith(BESIDE)


def _indicators(definition: Definition) -> Iterator[tuple[Place, Indicator]]:
    for g, group in enumerate(definition.groups):
        for n, one in enumerate(group.indicators):
            yield ("groups", g, "indicators", n), one
        for s, sub in enumerate(group.sub_groups):
            for n, one in enumerate(sub.indicators):
                yield ("groups", g, "sub_groups", s, "indicators", n), one


def _contradiction(document: Document, problem: Problem) -> Contradiction:
    return Contradiction(document.file, document.line_of(problem.path), problem.rule, problem.sentence)
