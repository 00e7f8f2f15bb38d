"""How much changes can bring at most, whatever else changes: what a search may leave out without missing anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import ceil, prod

from creditmesh.scoring.improving.levers import Choice, Lever, Score
from creditmesh.scoring.language import tree
from creditmesh.scoring.plan import Level, Measure, Plan

MOST_CONTEXTS = 512  # of values that one expression reads together
ROUNDING = 4  # milli-points that rounding at three levels, twice, may make of nothing
UNBOUNDED = 10**15
Places = tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """The milli-points of one measure for every setting of the levers it reads; place 0 leaves a lever alone.

    None where weights would move, because a value appears or disappears, or where there are too many settings:
    then nothing is promised.
    """

    measure: str
    levers: Places
    points: Mapping[Places, int | None] | None


class Gains:
    """Upper bounds on the score, in milli-points towards better.

    Weighted means and clamps pass on no more than they get, and never turn better into worse, as long as no value
    appears or disappears. A combination may do anything: of it nothing is promised.
    """

    def __init__(
        self, plan: Plan, *, levers: Sequence[Lever], row: Mapping[str, object], score: Score
    ) -> None:
        self.plan = plan
        self.sign = -1 if plan.worse_is_more else 1
        scored = score(row)
        self.base, self.has_score = scored.points, scored.score is not None
        self.readings = _readings(plan, levers, row, score)
        self.promised = plan.combined is None and all(one.points is not None for one in self.readings)
        self.of = self._each(levers)
        self._tops: dict[tuple[str, frozenset[int]], int] = {}

    def best(self, lever: int) -> int:
        """Return the most that any choice of a lever brings, whatever the others are set to."""
        return max(self.of[lever])

    def top(self, free: Collection[int]) -> int | None:
        """Return the best score, as more is better, when these levers may take any value; None where none is promised."""
        if not self.promised or not self.has_score:
            return None
        points = dict(self.base)
        for one in self.readings:
            points[one.measure] = self._top_of(one, frozenset(free) & set(one.levers))
        return self.sign * (_total(self.plan, points) or 0)

    def _top_of(self, one: Reading, free: frozenset[int]) -> int | None:
        if self.base[one.measure] is None:
            return None
        if (one.measure, free) not in self._tops:
            reached = [
                self.sign * (points or 0)
                for places, points in (one.points or {}).items()
                if all(not place or lever in free for lever, place in zip(one.levers, places, strict=True))
            ]
            self._tops[one.measure, free] = self.sign * max(reached)
        return self._tops[one.measure, free]

    def _each(self, levers: Sequence[Lever]) -> tuple[Places, ...]:
        """Return what each choice of each lever adds to the score at most, over all settings of the others."""
        if self.plan.combined is not None:
            return tuple((UNBOUNDED,) * len(one.choices) for one in levers)
        found = [[Fraction(0)] * len(one.choices) for one in levers]
        share = shares(self.plan, self.base)
        for one in self.readings:
            for place, lever in enumerate(one.levers):
                for n in range(len(found[lever])):
                    most = UNBOUNDED if one.points is None else self._step(one.points, place, n + 1)
                    found[lever][n] += most if most == UNBOUNDED else most * share[one.measure]
        return tuple(tuple(min(ceil(one), UNBOUNDED) for one in lever) for lever in found)

    def _step(self, points: Mapping[Places, int | None], place: int, n: int) -> int:
        steps = [0]
        for places, found in points.items():
            before = points[(*places[:place], 0, *places[place + 1 :])]
            if places[place] == n and found is not None and before is not None:
                steps.append(self.sign * (found - before))
        return max(steps)


def _readings(
    plan: Plan, levers: Sequence[Lever], row: Mapping[str, object], score: Score
) -> tuple[Reading, ...]:
    found = []
    for measure in plan.measures:
        names = names_of(measure)
        read = tuple(n for n, one in enumerate(levers) if names & set(one.columns))
        if read:
            settings: list[list[Choice | None]] = [[None, *levers[n].choices] for n in read]
            found.append(Reading(measure.id, read, _Settings(row, score).points(measure.id, settings)))
    return tuple(found)


def names_of(measure: Measure) -> set[str]:
    """Return every input that a measure reads."""
    return {*measure.reads, *(() if measure.applies is None else tree.names(measure.applies))}


@dataclass(frozen=True)
class _Settings:
    row: Mapping[str, object]
    score: Score
    seen: dict[Places, int | None] = field(default_factory=dict)

    def points(
        self, id_: str, settings: Sequence[Sequence[Choice | None]]
    ) -> Mapping[Places, int | None] | None:
        """Return the points of a measure for every setting; None when too many, or when some have none."""
        if prod(len(one) for one in settings) > MOST_CONTEXTS:
            return None
        for places in product(*(range(len(one)) for one in settings)):
            chosen = [one[n] for one, n in zip(settings, places, strict=True)]
            changed = {name: value for one in chosen if one for name, value in one.values.items()}
            self.seen[places] = self.score({**self.row, **changed}).points[id_]
        moves = len({one is None for one in self.seen.values()}) > 1
        return None if moves else self.seen


def shares(plan: Plan, points: Mapping[str, int | None]) -> dict[str, Fraction]:
    """Return how much of the total one milli-point of each id makes, as long as nothing appears or disappears."""
    levels = {one.id: one for one in (*plan.sub_groups, *plan.groups)}
    found: dict[str, Fraction] = {}
    waiting: list[tuple[Level, Fraction]] = [(plan.total, Fraction(1))]
    while waiting:
        level, share = waiting.pop()
        there = sum(weight for id_, weight in level.members if points.get(id_) is not None)
        for id_, weight in (*level.members, *level.adjustments):
            counted = points.get(id_) is not None and there
            found[id_] = share * Fraction(weight, there) if counted else Fraction(0)
            if id_ in levels:
                waiting.append((levels[id_], found[id_]))
    return found


def _total(plan: Plan, points: dict[str, int | None]) -> int | None:
    """Return the total of some points, by the arithmetic of the plan."""
    for level in (*plan.sub_groups, *plan.groups, plan.total):
        there = [(weight, points[id_]) for id_, weight in level.members]
        whole = sum(weight for weight, one in there if one is not None)
        summed = sum(weight * one for weight, one in there if one is not None)
        if level.adjustments:
            summed += sum(weight * (points[id_] or 0) for id_, weight in level.adjustments)
            summed = min(max(summed, 0), plan.highest * whole)
        points[level.id] = (2 * summed + whole) // (2 * whole) if whole else None
    return points["total"]
