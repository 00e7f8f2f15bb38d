"""A file that is being written, as the loader and its cases judge it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import LARGEST_BYTES, CatalogueRefused, Contradiction
from creditmesh.scoring import cases as beside
from creditmesh.scoring import loading
from creditmesh.scoring.cases import CaseResult
from creditmesh.scoring.definition.loaded import System

MOST_HELD = 8


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the loader and the cases say: the system when it is sound, else what is wrong, by file and line."""

    system: System | None
    problems: tuple[Contradiction, ...]
    case_problems: tuple[Contradiction, ...]
    cases: tuple[CaseResult, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Return the cases that do not come out as they must."""
        return tuple(one for one in self.cases if not one.passed)

    @property
    def sound(self) -> bool:
        """Return whether the file may be proposed: it loads, and every case beside it comes out."""
        return self.system is not None and bool(self.cases) and not self.case_problems and not self.failed


_HELD: dict[tuple[str, str, str, int, frozenset[tuple[str, str]]], tuple[Catalogue, Checked]] = {}


def check(*, system: str, content: bytes, cases: bytes, catalogue: Catalogue, on: date) -> Checked:
    """Return what the loader says of a file and how the cases beside it come out.

    The file must keep the id of its system. Its parts are the systems as they are valid on a day, published here or
    as shipped. Results are held by the bytes: reading takes a part of a second.
    """
    others = frozenset(one for one in versions.published(on).items() if one[0] != system)
    digests = (hashlib.sha256(content).hexdigest(), hashlib.sha256(cases).hexdigest())
    key = (system, *digests, id(catalogue), others)
    if key not in _HELD:
        while len(_HELD) >= MOST_HELD:
            _HELD.pop(next(iter(_HELD)), None)
        _HELD[key] = catalogue, _check(system, content, cases, catalogue, others)
    return _HELD[key][1]


def _check(
    system: str, content: bytes, cases: bytes, catalogue: Catalogue, others: frozenset[tuple[str, str]]
) -> Checked:
    with TemporaryDirectory(prefix="creditmesh-check-") as folder:
        path = Path(folder) / f"{system}.yml"
        for name, sha256 in others:
            path.with_name(f"{name}.yml").write_bytes(versions.content_of(sha256))
        path.write_bytes(content[: LARGEST_BYTES + 1])
        path.with_suffix(".cases.yml").write_bytes(cases[: LARGEST_BYTES + 1])
        try:
            read = loading.load(path, catalogue=catalogue)
        except CatalogueRefused as refused:
            return Checked(system=None, problems=_named(refused), case_problems=(), cases=())
        if read.id != system:
            wrong = Contradiction(
                path.name, 1, "id", f"The file must keep the id '{system}'; it states '{read.id}'."
            )
            return Checked(system=None, problems=(wrong,), case_problems=(), cases=())
        try:
            results = tuple(beside.check(path, catalogue=catalogue))
        except CatalogueRefused as refused:
            return Checked(system=read, problems=(), case_problems=_named(refused), cases=())
        return Checked(system=read, problems=(), case_problems=(), cases=results)


def _named(refused: CatalogueRefused) -> tuple[Contradiction, ...]:
    """Return the problems with the name of the file, not of the folder it was checked in."""
    return tuple(replace(one, file=Path(one.file).name) for one in refused.problems)
