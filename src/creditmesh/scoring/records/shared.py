"""Features of several systems from one pass over each item: the union of what they ask, and each system's view of it.

Systems share a pass when they evaluate the same population by enterprise and count the rows of shared items alike. Equal
features are computed once, whatever each file calls them; what relations say is computed from that, system by system.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from creditmesh.scoring.definition.features import Counting, Feature
from creditmesh.scoring.definition.loaded import System, collected_column, items_read

ABOUT = ("subject", "name", "region", "industry", "as_of")
NAMING = {"label", "source", "status", "worse", "unit", "source_doc"}  # what says nothing of the value


@dataclass(frozen=True)
class Union:
    """Systems that share a pass: one system of all their features, and the columns (SQL) of each by its id."""

    system: System
    columns: dict[str, str]


def unions(systems: Iterable[System]) -> list[Union]:
    """Return the systems put together as far as they can share a pass; those that share with none stand alone."""
    groups: list[list[System]] = []
    for system in systems:
        fitting = next((group for group in groups if all(_fit(system, other) for other in group)), None)
        if fitting is None:
            groups.append([system])
        else:
            fitting.append(system)
    return [_union(group) for group in groups]


def _fit(one: System, other: System) -> bool:
    mine, theirs = one.definition, other.definition
    if mine.unit is not None or theirs.unit is not None or one.items != other.items:
        return False
    read = {*items_read(one)} & {*items_read(other)}
    alike = all(_counting(mine.records.get(code)) == _counting(theirs.records.get(code)) for code in read)
    return alike and mine.population == theirs.population


def _counting(records: Counting | None) -> str | None:
    return None if records is None else records.counts_when


def _union(group: Sequence[System]) -> Union:
    names: dict[str, str] = {}
    merged: dict[str, Feature] = {}
    columns = {}
    for system in group:
        shown = list(ABOUT)
        for name, feature in system.definition.features.items():
            if feature.item is None:
                continue  # over relations or a column of a table
            key = repr(_value(feature))
            if key not in names:
                names[key] = f"f{len(names)}"
                merged[names[key]] = feature
            shown.append(f'{names[key]} AS "{name}"')
        shown += [f'"{collected_column(code)}"' for code in items_read(system)]
        columns[system.id] = ", ".join(shown)
    first = group[0].definition
    relations = {f"{s.id}.{name}": one for s in group for name, one in s.definition.relations.items()}
    # features over relations go along so that their items count as read; nobody computes them here
    related = {
        f"r{n}": feature.model_copy(
            update={"relations": tuple(f"{system.id}.{name}" for name in feature.relations)}
        )
        for n, (system, feature) in enumerate(
            (system, one) for system in group for one in system.definition.features.values() if one.relations
        )
    }
    records = {code: one for system in group for code, one in system.definition.records.items()}
    whole = first.model_copy(
        update={"features": {**merged, **related}, "relations": relations, "records": records}
    )
    return Union(replace(group[0], definition=whole), columns)


def _value(feature: Feature) -> dict[str, Any]:
    return {name: value for name, value in feature.model_dump().items() if name not in NAMING}
