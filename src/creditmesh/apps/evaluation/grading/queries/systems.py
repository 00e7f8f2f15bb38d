"""The index systems a node can run, and the archived files of those it has run."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creditmesh.apps.evaluation.grading.models import SystemFile
from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.apps.evaluation.systems.rules.standing import SHIPPED
from creditmesh.catalogue.model import Catalogue
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import loading
from creditmesh.scoring.definition.checks.problems import alike
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction

MOST_READ = 16

# Compiling a system takes a good part of a second; the catalogue is held so that its id stays its own.
_READ: dict[tuple[str, str, int], tuple[Catalogue, System]] = {}


class UnknownSystem(CreditmeshError):
    """No index system of this name is at hand."""

    code = "unknown-system"


class NothingValid(CreditmeshError):
    """An index system is known, but no version of it is valid on the day."""

    code = "no-version-valid"


class FileChanged(CreditmeshError):
    """An archived system file is not what its hash says."""

    code = "system-file-changed"


@dataclass(frozen=True, kw_only=True)
class SystemLine:
    """An index system in a list."""

    id: str
    version: str
    label_zh: str
    label_en: str
    purpose: str
    lifecycle: str
    status: str
    grades: tuple[str, ...]
    indicators: int


def shipped_path(name: str) -> Path:
    """Return the file of a shipped system; raise `UnknownSystem`."""
    found = loading.shipped().get(name)
    if found is None:
        known = versions.names()
        raise UnknownSystem(
            f"There is no index system '{name}'.{alike(name, known)} There are: {', '.join(known)}."
        )
    return found


def valid(name: str, *, on: date, home: Path) -> Path:
    """Return the file of a system that is valid on a day: the published version, else the shipped file.

    Raises `UnknownSystem`, `NothingValid`.
    """
    found = versions.live(name, on)
    if found is None:
        if name not in versions.names():
            return shipped_path(name)
        raise NothingValid(
            f"No version of '{name}' is valid on {on}; choose another day or publish a version for it."
        )
    return _file_of(found, home=home)


def overview(*, on: date, home: Path, catalogue: Catalogue) -> list[SystemLine]:
    """Return every system that is valid on a day, published or shipped, by name; raises `CatalogueRefused`."""
    found = [versions.live(name, on) for name in versions.names()]
    return [_line(loaded(_file_of(one, home=home), catalogue=catalogue)) for one in found if one is not None]


def _file_of(found: versions.LiveSystem, *, home: Path) -> Path:
    if found.number == SHIPPED:
        return shipped_path(found.system)
    path = home / "systems" / f"{found.sha256}.yml"
    if not path.is_file() or _sha256(path.read_bytes()) != found.sha256:
        _write(path, found.content)
    return path


def loaded(path: Path, *, catalogue: Catalogue) -> System:
    """Return a system read from its file; raises `CatalogueRefused`."""
    key = (str(path), _sha256(path.read_bytes()), id(catalogue))
    if key not in _READ:
        while len(_READ) >= MOST_READ:
            _READ.pop(next(iter(_READ)), None)
        _READ[key] = catalogue, loading.load(path, catalogue=catalogue, alone=True)
    return _READ[key][1]


def archived(sha256: str, *, home: Path, catalogue: Catalogue) -> System:
    """Return a system exactly as a run used it; raises `FileChanged` when the archive was tampered with.

    The database holds the file; a copy in the data folder is what the reader reads.
    """
    path = home / "systems" / f"{sha256}.yml"
    if not path.is_file() or _sha256(path.read_bytes()) != sha256:
        content = bytes(SystemFile.objects.get(sha256=sha256).content)
        if _sha256(content) != sha256:
            raise FileChanged(
                f"The archived system file {sha256[:12]} was changed; restore it from a backup."
            )
        _write(path, content)
    return loaded(path, catalogue=catalogue)


def higher_is_worse(system: System) -> bool:
    """Tell whether a higher score of this system is a worse one."""
    return system.definition.direction is Direction.HIGHER_IS_WORSE


def _line(system: System) -> SystemLine:
    told = system.definition
    return SystemLine(
        id=told.id,
        version=told.version,
        label_zh=told.label.zh,
        label_en=told.label.en,
        purpose=told.purpose,
        lifecycle=told.lifecycle,
        status=told.status,
        grades=told.symbols,
        indicators=len(told.indicators),
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved, so that two workers never read half a file.
    number, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(number, "wb") as out:
        out.write(content)
    Path(draft).replace(path)
