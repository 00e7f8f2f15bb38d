"""An index system as a typed integer plan: the one thing both Python and SQL are written from.

All points are milli-points, all weights basis points. A quotient is rounded half up by
`(2 * numerator + denominator) // (2 * denominator)` on numbers that are not negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import gcd

from creditmesh.scoring.combining import Combined, combined
from creditmesh.scoring.definition.given import given
from creditmesh.scoring.definition.given import known as names_known
from creditmesh.scoring.definition.indicators import Cap, Exclusion, Group, Indicator, SubGroup, Trigger
from creditmesh.scoring.definition.loaded import System, collected_column, inputs, items_of, items_read
from creditmesh.scoring.definition.parts import Direction, Policy
from creditmesh.scoring.language.parsing import LARGEST, NotUnderstood, parse
from creditmesh.scoring.language.tree import Name, Node, Type, computes_with, names

MILLI = 1_000
ALL = 10_000  # basis points
IMPORTANCE = 1_000_000  # parts that the weights of all indicators together make


@dataclass(frozen=True)
class Input:
    """A column the plan reads; `held` inputs count as their bounds when they lie outside."""

    name: Name
    held: bool


@dataclass(frozen=True)
class Slope:
    """A straight line from `origin`: `sign` times half up of (x - origin) * rise / run."""

    origin: int
    rise: int
    run: int
    sign: int


@dataclass(frozen=True)
class Segment:
    """The points of values up to and including `up_to` that no earlier segment took."""

    up_to: int | None
    points: int
    slope: Slope | None = None


@dataclass(frozen=True)
class Segments:
    """Points of a number, piece by piece; the last piece is open."""

    pieces: tuple[Segment, ...]


@dataclass(frozen=True)
class Table:
    """Points of a text."""

    points: Mapping[str, int]
    otherwise: int | None


@dataclass(frozen=True)
class YesNo:
    """Points of a condition."""

    yes: int
    no: int


@dataclass(frozen=True)
class Formula:
    """Points that are the value itself, held inside limits."""

    lowest: int
    highest: int


@dataclass(frozen=True)
class Absent:
    """What an indicator scores without its value, and what that means for the coverage."""

    points: int | None
    covered: bool
    refuses: bool


@dataclass(frozen=True)
class Measure:
    """One indicator, ready to compute."""

    id: str
    value: Node
    reads: tuple[str, ...]
    collected: tuple[str, ...]
    applies: Node | None
    points: Segments | Table | YesNo | Formula
    missing: Absent
    not_collected: Absent
    importance: int
    adjusts: bool

    @property
    def may_lack(self) -> bool:
        """Return whether some enterprise may have no points here; what reads no item is never "not collected"."""
        gone = {self.missing.points, *([self.not_collected.points] if self.collected else [])}
        return self.applies is not None or None in gone


@dataclass(frozen=True)
class Level:
    """A weighted mean of measures or lower levels, with adjustments that stand outside the weights."""

    id: str
    members: tuple[tuple[str, int], ...]
    adjustments: tuple[tuple[str, int], ...] = ()
    minimum_coverage: int = 0


@dataclass(frozen=True)
class Rule:
    """A condition that excludes a subject, or forbids grades better than the one of that rank."""

    id: str
    when: Node
    rank: int = 0


@dataclass(frozen=True)
class Plan:
    """A whole system; ranks count grades from the best, which is 0."""

    system: str
    version: str
    direction: Direction
    highest: int
    inputs: tuple[Input, ...]
    collected: tuple[str, ...]
    measures: tuple[Measure, ...]
    sub_groups: tuple[Level, ...]
    groups: tuple[Level, ...]
    total: Level
    symbols: tuple[str, ...]
    cut_offs: tuple[int, ...]
    exclusions: tuple[Rule, ...]
    triggers: tuple[Rule, ...]
    caps: tuple[Rule, ...]
    insufficient_rank: int | None
    reasons: int
    combined: Combined | None = None
    adjustable: tuple[int, int] | None = None  # steps towards better (below zero) and worse
    ties: tuple[str, ...] = ()  # columns that name whom the unit belongs to

    @property
    def slots(self) -> int:
        """Return the power of two in which a reason key keeps the place of its indicator."""
        return 1 << max(6, len(self.measures).bit_length())

    @property
    def worse_is_more(self) -> bool:
        """Return whether more points are worse."""
        return self.direction is Direction.HIGHER_IS_WORSE


def compile_plan(system: System) -> Plan:
    """Return the plan of a system whose file was checked; raise `NotUnderstood` for what cannot be computed."""
    definition = system.definition
    known = names_known(system)
    ranks = {symbol: rank for rank, symbol in enumerate(definition.symbols)}
    measures = tuple(
        _measure(system, known, indicator, _importance(group, sub, indicator))
        for group in definition.groups
        for sub, indicator in _leaves(group)
    )
    rules: list[Exclusion | Trigger | Cap] = [*definition.exclusions, *definition.triggers, *definition.caps]
    conditions = {one.id: parse(one.when, names=known, wanted=Type.TRUTH) for one in rules}
    computed = [
        *conditions.values(),
        *(node for one in measures for node in (one.value, one.applies) if node),
    ]
    held = frozenset[str]().union(*(computes_with(node) for node in computed))
    groups, subs = _levels(definition.groups)
    worst_allowed = definition.insufficient.not_better_than
    cut_offs = tuple(
        (grade.up_to or 0) * MILLI if grade.at_least is None else grade.at_least * MILLI
        for grade in definition.grades[:-1]
    )
    allowed = definition.adjustments
    return Plan(
        system=definition.id,
        version=definition.version,
        direction=definition.direction,
        highest=definition.scale * MILLI,
        inputs=tuple(Input(name, name.name in held) for name in (inputs(system) | given(system)).values()),
        collected=tuple(collected_column(code) for code in items_read(system)),
        measures=measures,
        sub_groups=subs,
        groups=groups,
        total=Level(
            "total", tuple((one.id, one.weight) for one in definition.groups), (), definition.minimum_coverage
        ),
        symbols=definition.symbols,
        cut_offs=cut_offs,
        exclusions=tuple(Rule(one.id, conditions[one.id]) for one in definition.exclusions),
        triggers=tuple(Rule(one.id, conditions[one.id], ranks[one.grade]) for one in definition.triggers),
        caps=tuple(Rule(one.id, conditions[one.id], ranks[one.not_better_than]) for one in definition.caps),
        insufficient_rank=None if worst_allowed is None else ranks[worst_allowed],
        reasons=definition.reasons,
        combined=combined(definition, cut_offs),
        adjustable=None if allowed is None else (-allowed.better, allowed.worse),
        ties=() if definition.unit is None else tuple(f"belongs_{tie}" for tie in definition.unit.belongs_to),
    )


def _leaves(group: Group) -> list[tuple[SubGroup | None, Indicator]]:
    if group.indicators:
        return [(None, one) for one in group.indicators]
    return [(sub, one) for sub in group.sub_groups for one in sub.indicators]


def _importance(group: Group, sub: SubGroup | None, indicator: Indicator) -> int:
    weight = group.weight * (sub.weight if sub else ALL) * indicator.weight
    return half_up(weight * IMPORTANCE, ALL**3)


def half_up(numerator: int, denominator: int) -> int:
    """Return a quotient rounded half up; both numbers must not be negative.

    >>> half_up(1, 2), half_up(149, 100)
    (1, 1)
    """
    return (2 * numerator + denominator) // (2 * denominator)


def _levels(groups: tuple[Group, ...]) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    subs = tuple(_level(sub.id, sub.indicators, 0) for group in groups for sub in group.sub_groups)
    firsts = tuple(
        _level(group.id, group.indicators, group.minimum_coverage)
        if group.indicators
        else Level(
            group.id, tuple((sub.id, sub.weight) for sub in group.sub_groups), (), group.minimum_coverage
        )
        for group in groups
    )
    return firsts, subs


def _level(id_: str, indicators: tuple[Indicator, ...], minimum: int) -> Level:
    return Level(
        id_,
        tuple((one.id, one.weight) for one in indicators if one.role == "weighted"),
        tuple((one.id, one.weight) for one in indicators if one.role == "adjustment"),
        minimum,
    )


def _measure(system: System, known: Mapping[str, Name], indicator: Indicator, importance: int) -> Measure:
    value = parse(str(indicator.formula or indicator.value), names=known)
    applies = indicator.applies_when and parse(indicator.applies_when, names=known, wanted=Type.TRUTH)
    reads = tuple(name for name in names(value) if name != "as_of")
    features = system.definition.features
    collected = sorted(
        {code for name in reads if name in features for code in items_of(system, features[name])}
    )
    points = points_of(indicator, system.definition.scale)
    worst = _worst(points, system.definition.direction)
    return Measure(
        id=indicator.id,
        value=value,
        reads=reads,
        collected=tuple(collected_column(code) for code in collected),
        applies=applies or None,
        points=points,
        missing=_absent(indicator.missing, worst, missing=True),
        not_collected=_absent(
            indicator.not_collected or system.definition.not_collected, worst, missing=False
        ),
        importance=importance,
        adjusts=indicator.role == "adjustment",
    )


def _absent(policy: Policy, worst: int, *, missing: bool) -> Absent:
    points = {"score": (policy.score or 0) * MILLI, "worst": worst}.get(policy.act)
    return Absent(points, covered=missing and policy.act == "score", refuses=policy.act == "refuse")


def points_of(indicator: Indicator, scale: int) -> Segments | Table | YesNo | Formula:
    """Return how an indicator scores, in milli-points; raise `NotUnderstood` when a line could overflow."""
    if indicator.bands is not None:
        return Segments(tuple(Segment(band.up_to, band.points * MILLI) for band in indicator.bands))
    if indicator.lookup is not None:
        table = {key: points * MILLI for key, points in indicator.lookup.points.items()}
        otherwise = indicator.lookup.otherwise
        return Table(table, None if otherwise is None else otherwise * MILLI)
    if indicator.boolean is not None:
        return YesNo(indicator.boolean.yes * MILLI, indicator.boolean.no * MILLI)
    if indicator.linear is not None:
        return _line([(knot.at, knot.points * MILLI) for knot in indicator.linear])
    if indicator.per_event is not None:
        each = indicator.per_event
        return _per_event(each.points * MILLI, each.cap * MILLI, each.per)
    lowest = -scale if indicator.role == "adjustment" else 0
    return Formula(lowest * MILLI, scale * MILLI)


def _line(knots: list[tuple[int, int]]) -> Segments:
    pieces = [Segment(*knots[0])]
    for (x, y), (further, points) in pairwise(knots):
        slope = _slope(x, abs(points - y), further - x, 1 if points >= y else -1)
        pieces.append(Segment(further, y, slope if points != y else None))
    return Segments((*pieces, Segment(None, knots[-1][1])))


def _per_event(points: int, cap: int, per: int) -> Segments:
    enough = -(-abs(cap) * per // abs(points))  # the first value at which the cap is reached
    slope = _slope(0, abs(points), per, 1 if points > 0 else -1)
    rising = (Segment(enough - 1, 0, slope),) if enough > 1 else ()
    return Segments((Segment(0, 0), *rising, Segment(None, cap)))


def _slope(origin: int, rise: int, run: int, sign: int) -> Slope:
    shared = gcd(rise, run)
    slope = Slope(origin, rise // shared, run // shared, sign)
    if 2 * run * slope.rise + slope.run > LARGEST or abs(origin) + run > LARGEST:
        raise NotUnderstood("This line could pass 64 bits; bring its corners closer together.")
    return slope


def _worst(points: Segments | Table | YesNo | Formula, direction: Direction) -> int:
    match points:
        case Segments(pieces=pieces):
            reached = [piece.points for piece in pieces]
        case Table(points=table, otherwise=otherwise):
            reached = [*table.values(), *([] if otherwise is None else [otherwise])]
        case YesNo(yes=yes, no=no):
            reached = [yes, no]
        case _:
            reached = [points.lowest, points.highest]
    return max(reached) if direction is Direction.HIGHER_IS_WORSE else min(reached)


def shared_factor(level: Level) -> int:
    """Return the greatest number that divides all weights of a level; a mean is the same without it."""
    return gcd(*(weight for _, weight in (*level.members, *level.adjustments))) or 1


def measures_by_group(plan: Plan) -> dict[str, list[str]]:
    """Return the ids of the measures under each group, sub-groups opened, adjustments included."""
    subs = {one.id: [id_ for id_, _ in (*one.members, *one.adjustments)] for one in plan.sub_groups}
    return {
        group.id: [leaf for id_, _ in (*group.members, *group.adjustments) for leaf in subs.get(id_, [id_])]
        for group in plan.groups
    }
