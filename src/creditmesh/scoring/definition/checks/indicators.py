"""What can be wrong in groups and indicators: weights, points, bands, lookups, lines."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from creditmesh.scoring.definition.checks import measures
from creditmesh.scoring.definition.checks.problems import Expressions, Path, Problem
from creditmesh.scoring.definition.given import known
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.language.tree import Name, Node, Type

ALL = 10_000
WANTED: Mapping[str, Type] = {
    "bands": Type.INTEGER,
    "linear": Type.INTEGER,
    "per_event": Type.INTEGER,
    "formula": Type.INTEGER,
    "lookup": Type.TEXT,
    "boolean": Type.TRUTH,
}

SINGLE = (
    ("lookup", "otherwise"),
    ("boolean", "yes"),
    ("boolean", "no"),
    ("per_event", "points"),
    ("per_event", "cap"),
    ("missing", "score"),
    ("not_collected", "score"),
)


def in_groups(system: System) -> Iterator[Problem]:
    """Yield what is wrong in the groups, down to each row of each indicator."""
    groups = system.definition.groups
    yield from _weights(("groups",), [one.weight for one in groups])
    for g, group in enumerate(groups):
        path: Path = ("groups", g)
        if group.indicators:
            yield from _indicators((*path, "indicators"), system, group.indicators)
        else:
            yield from _weights((*path, "sub_groups"), [one.weight for one in group.sub_groups])
        for s, sub in enumerate(group.sub_groups):
            yield from _indicators((*path, "sub_groups", s, "indicators"), system, sub.indicators)


def _weights(path: Path, weights: Sequence[int]) -> Iterator[Problem]:
    if sum(weights) != ALL:
        yield Problem(path, "weights", f"The weights here sum to {sum(weights)}; they must sum to {ALL}.")


def _indicators(path: Path, system: System, indicators: tuple[Indicator, ...]) -> Iterator[Problem]:
    yield from _weights(path, [one.weight for one in indicators if one.role == "weighted"])
    names = known(system)
    for n, one in enumerate(indicators):
        expressions = Expressions()
        value_at = "value" if one.formula is None else "formula"
        node = expressions.parsed((*path, n, value_at), one.value or one.formula, names, WANTED[one.way])
        expressions.condition((*path, n, "applies_when"), one.applies_when, names)
        yield from expressions.problems
        yield from _points((*path, n), one, system.definition.scale)
        yield from _order((*path, n), one)
        if node is not None:
            yield from _choices((*path, n, "lookup"), one, node)
            yield from measures.in_indicator(system, (*path, n), one, node)
            yield from _against(system, (*path, n, one.way), one, node)


def _points(path: Path, one: Indicator, scale: int) -> Iterator[Problem]:
    lowest = -scale if one.role == "adjustment" else 0
    for where, points in _all_points(one):
        if not lowest <= points <= scale:
            yield Problem((*path, *where), "points", f"{points} points are outside {lowest} to {scale}.")


def _all_points(one: Indicator) -> Iterator[tuple[Path, int]]:
    yield from ((("bands", n, "points"), band.points) for n, band in enumerate(one.bands or ()))
    yield from ((("linear", n, "points"), knot.points) for n, knot in enumerate(one.linear or ()))
    table = {} if one.lookup is None else one.lookup.points
    yield from ((("lookup", "points", key), points) for key, points in table.items())
    for way, key in SINGLE:
        points = getattr(getattr(one, way), key, None)
        if points is not None:
            yield (way, key), points


def _order(path: Path, one: Indicator) -> Iterator[Problem]:
    if one.bands is not None:
        ends = [band.up_to for band in one.bands]
        for n, end in enumerate(ends[:-1]):
            if end is None:
                yield Problem(
                    (*path, "bands", n), "bands", "Only the last band is open; give this one `up_to`."
                )
        if ends[-1] is not None:
            yield Problem(
                (*path, "bands"), "bands", "The last band must be open, or values above it have no points."
            )
        yield from _rising((*path, "bands"), [end for end in ends if end is not None])
    if one.linear is not None:
        yield from _rising((*path, "linear"), [knot.at for knot in one.linear])
    each = one.per_event
    if each is not None and (each.points == 0 or each.points * each.cap <= 0):
        yield Problem(
            (*path, "per_event"), "points", "`points` and `cap` must both be above zero, or both below."
        )


def _rising(path: Path, ends: list[int]) -> Iterator[Problem]:
    for n, (low, high) in enumerate(pairwise(ends)):
        if high <= low:
            yield Problem((*path, n + 1), "order", f"{high} does not come after {low}; the values must rise.")


def _choices(path: Path, one: Indicator, node: Node) -> Iterator[Problem]:
    if one.lookup is None:
        return
    choices = node.choices if isinstance(node, Name) else None
    if choices is None:
        if one.lookup.otherwise is None:
            yield Problem(path, "lookup", "The value can be any text; say what `otherwise` scores.")
        return
    for unknown in sorted(one.lookup.points.keys() - choices):
        yield Problem(
            (*path, "points", unknown), "unknown-choice", f"'{unknown}' is no choice of {one.value}."
        )
    left = sorted(choices - one.lookup.points.keys())
    if left and one.lookup.otherwise is None:
        yield Problem(
            path, "lookup", f"These choices have no points: {', '.join(left)}; add them or `otherwise`."
        )


def _against(system: System, path: Path, one: Indicator, node: Node) -> Iterator[Problem]:
    """Yield points that go the other way than the feature says speaks against the enterprise."""
    feature = system.definition.features.get(node.name) if isinstance(node, Name) else None
    if feature is None or feature.worse is None or one.lookup is not None:
        return
    rising = (feature.worse == "more") == (system.definition.direction is Direction.HIGHER_IS_WORSE)
    points = [points for where, points in _all_points(one) if where[0] == one.way]
    if one.boolean is not None:
        points = [one.boolean.no, one.boolean.yes]
    if one.per_event is not None:
        points = [0, one.per_event.cap]
    if any((high < low) if rising else (high > low) for low, high in pairwise(points)):
        way = "rise" if rising else "fall"
        said = f"`worse: {feature.worse}` on {node.name}" if isinstance(node, Name) else ""
        yield Problem(path, "monotone", f"With {said} the points must {way} with the value; they do not.")
