"""What can be wrong in the unit of scoring: its key, its ties, and how each item finds it."""

from collections.abc import Iterator

from creditmesh.scoring.definition.checks.problems import Path, Problem, alike
from creditmesh.scoring.definition.loaded import System, items_read
from creditmesh.scoring.definition.units import Unit


def in_unit(system: System) -> Iterator[Problem]:
    """Yield what is wrong in the unit; every item named must be known."""
    unit = system.definition.unit
    if unit is None:
        return
    first = system.definition.population.items[0]
    if len(system.definition.population.items) > 1:
        sentence = "Units come from one item; leave the others out of the population."
        yield Problem(("population", "items"), "unit", sentence)
    named: list[tuple[Path, str | None]] = [
        (("unit", key), getattr(unit, key)) for key in ("key", "name", "region")
    ]
    named += [(("unit", "belongs_to", tie, "field"), one.field) for tie, one in unit.belongs_to.items()]
    for path, field in named:
        yield from _field(system, path, first, field)
    for code, reach in unit.items.items():
        yield from _field(system, ("unit", "items", code, "key"), code, reach.key)
        if reach.through is not None and reach.through not in unit.belongs_to:
            path = ("unit", "items", code, "through")
            sentence = f"There is no tie '{reach.through}'.{alike(reach.through, unit.belongs_to)}"
            yield Problem(path, "unknown-tie", sentence)
    yield from _unreached(system, unit, first)


def unknown_items(system: System) -> Iterator[Problem]:
    """Yield items of the unit that no sharing list has."""
    unit = system.definition.unit
    for code in () if unit is None else unit.items:
        if code not in system.items:
            yield Problem(
                ("unit", "items", code),
                "unknown-item",
                f"No sharing list has an item {code}.{alike(code, system.items)}",
            )


def _unreached(system: System, unit: Unit, first: str) -> Iterator[Problem]:
    for code in items_read(system):
        if code != first and code not in unit.items:
            sentence = f"Say in `items` how {code} finds the unit: {{key: FIELD}} or {{through: TIE}}."
            yield Problem(("unit",), "unit", sentence)


def _field(system: System, path: Path, code: str, field: str | None) -> Iterator[Problem]:
    known = [one.name for one in system.items[code].fields]
    if field is not None and field not in known:
        yield Problem(path, "unknown-field", f"{code} has no field {field}.{alike(field, known)}")
