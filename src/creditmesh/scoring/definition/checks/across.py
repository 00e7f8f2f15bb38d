"""What can be wrong between files: parts that no file is, parts that say otherwise of themselves, and circles."""

from collections.abc import Callable, Iterator

from creditmesh.scoring.definition.checks.problems import Path, Problem, alike
from creditmesh.scoring.definition.combination import PartOf
from creditmesh.scoring.definition.given import final_scale
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.system import Definition

Find = Callable[[str], Definition | None]


def in_parts(system: System, *, find: Find, known: list[str]) -> Iterator[Problem]:
    """Yield what is wrong in the parts of a system as the files of those parts tell it."""
    combination = system.definition.combination
    for name, part in {} if combination is None else combination.parts.items():
        path: Path = ("combination", "parts", name, "system")
        other = find(part.system)
        if other is None:
            yield Problem(
                path, "unknown-system", f"No system '{part.system}' is at hand.{alike(part.system, known)}"
            )
            continue
        circle = _circle(system.id, other, find, ())
        if circle:
            way = " → ".join((system.id, *circle))
            yield Problem(
                path, "cycle", f"These systems are parts of each other: {way}. Cut one of the ties."
            )
        for key, sentence in differences(part, other):
            yield Problem((*path[:-1], key), "part-differs", sentence)


def differences(part: PartOf, other: Definition) -> Iterator[tuple[str, str]]:
    """Yield where a part is described otherwise than the system is, and how to write it."""
    yield from _owners(part, other)
    scale = final_scale(other)
    if part.scale != scale:
        yield "scale", f"'{part.system}' runs 0 to {scale}: write `scale: {scale}`."
    if part.direction is not other.direction:
        yield "direction", f"Write `direction: {other.direction.value}`, as '{part.system}' has it."
    if part.grades != other.symbols:
        yield "grades", f"Write `grades: [{', '.join(other.symbols)}]`, as '{part.system}' has them."


def _owners(part: PartOf, other: Definition) -> Iterator[tuple[str, str]]:
    """Yield why results of devices do not find their enterprise, or why there are none to find one."""
    if other.unit is None:
        if part.through is not None:
            yield "through", f"'{part.system}' scores enterprises: leave `through` and `take` out."
        return
    ties = list(other.unit.belongs_to)
    if part.through is None:
        told = (
            f"`through: {ties[0]}`, `take: worst`" if ties else "another system: its devices belong to nobody"
        )
        yield "system", f"'{part.system}' scores devices, not enterprises: write {told}."
    elif part.through not in ties:
        yield "through", f"'{part.system}' has no tie '{part.through}'.{alike(part.through, ties)}"


def _circle(start: str, at: Definition, find: Find, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the way back to a system, () when there is none."""
    if at.id in seen or at.combination is None:
        return ()
    for part in at.combination.parts.values():
        if part.system == start:  # the file that is looked at is none of its own neighbours
            return (*seen, at.id, start)
        other = find(part.system)
        way = () if other is None else _circle(start, other, find, (*seen, at.id))
        if way:
            return way
    return ()
