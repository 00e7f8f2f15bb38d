"""What can be wrong in units of measure: days scored as money, a share as a number of cases."""

from collections.abc import Iterator

from creditmesh.catalogue.model import Kind
from creditmesh.scoring.definition.checks.problems import Path, Problem
from creditmesh.scoring.definition.features import Feature, Measure, Take
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.language.tree import Days, Name, Node, Ratio

BY_KIND = {
    Kind.MONEY: Measure.FEN,
    Kind.PERCENT: Measure.BASIS_POINTS,
    Kind.DATE: Measure.DATE,
    Kind.BOOLEAN: Measure.TRUTH,
    Kind.INTEGER: Measure.NUMBER,
}
BY_TAKE = {
    Take.EXISTS: Measure.TRUTH,
    Take.COUNT: Measure.COUNT,
    Take.DISTINCT: Measure.COUNT,
    Take.PEERS: Measure.COUNT,
    Take.RELATED_COUNT: Measure.COUNT,
    Take.SHARE: Measure.BASIS_POINTS,
    Take.RELATED_SHARE: Measure.BASIS_POINTS,
    Take.DAYS_SINCE: Measure.DAYS,
}
SHOWN = {
    "money": Measure.FEN,
    "percent": Measure.BASIS_POINTS,
    "days": Measure.DAYS,
    "thousandths": Measure.THOUSANDTHS,
}
NUMBERS = frozenset(Measure) - {Measure.TEXT, Measure.DATE, Measure.TRUTH}
ALL = 10_000


def natural(system: System, feature: Feature) -> Measure | None:
    """Return the unit the records give a feature, None where nothing says."""
    if feature.take is Take.COLUMN:
        return None
    if feature.take is Take.COUNT and feature.decay is not None:
        return Measure.THOUSANDTHS
    if feature.take in BY_TAKE:
        return BY_TAKE[feature.take]
    kind = system.items[str(feature.item)].field(str(feature.of)).kind
    return BY_KIND.get(kind, Measure.TEXT)


def unit_of(system: System, feature: Feature) -> Measure | None:
    """Return the unit of a feature: as it says, else as the records give it."""
    return feature.unit or natural(system, feature)


def in_features(system: System) -> Iterator[Problem]:
    """Yield features that state another unit than their records have."""
    for name, feature in system.definition.features.items():
        found = natural(system, feature)
        # a whole number of a register may be of anything that is counted in whole numbers
        free = found is None or (found is Measure.NUMBER and feature.unit in NUMBERS)
        if feature.unit is not None and not free and feature.unit is not found:
            sentence = (
                f"The records give {name} in `{found}`, not in `{feature.unit}`: write `unit: {found}`."
            )
            yield Problem(("features", name, "unit"), "unit", sentence)


def in_indicator(system: System, path: Path, one: Indicator, node: Node) -> Iterator[Problem]:
    """Yield where points or words of an indicator are in another unit than its value."""
    found = _measured(system, node)
    if found is None or found is Measure.NUMBER:
        return
    if one.unit is not None and one.unit is not found:
        sentence = (
            f"The value is in `{found}`, and the points are written for `{one.unit}`: bring them together."
        )
        yield Problem((*path, "unit"), "unit", sentence)
    shown = SHOWN.get(one.shown_as)
    if shown is not None and shown is not found:
        fits = next((word for word, unit in SHOWN.items() if unit is found), "number")
        sentence = (
            f"The value is in `{found}` and would be shown as {one.shown_as}: write `shown_as: {fits}`."
        )
        yield Problem((*path, "shown_as"), "unit", sentence)


def _measured(system: System, node: Node) -> Measure | None:
    if isinstance(node, Days):
        return Measure.DAYS
    if isinstance(node, Ratio):
        return Measure.BASIS_POINTS if node.times == ALL else None
    if not isinstance(node, Name):
        return None
    feature = system.definition.features.get(node.name)
    return None if feature is None else unit_of(system, feature)
