"""How much changes can bring at most, whatever else changes: what a search may leave out without missing anything."""

from collections.abc import Mapping, Sequence
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
    appears or disappears. Of a combination no sum of single gains is promised; `Reach` bounds it.
    """

    def __init__(
        self, plan: Plan, *, levers: Sequence[Lever], row: Mapping[str, object], score: Score
    ) -> None:
        self.plan = plan
        self.sign = -1 if plan.worse_is_more else 1
        self.base = score(row).points
        self.readings = _readings(plan, levers, row, score)
        self.of = self._each(levers)

    def best(self, lever: int) -> int:
        """Return the most that any choice of a lever brings, whatever the others are set to."""
        return max(self.of[lever])

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


def total_of(plan: Plan, points: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return the points of every level, `total` among them, out of those of measures, by the arithmetic of the plan."""
    found = dict(points)
    for level in (*plan.sub_groups, *plan.groups, plan.total):
        there = [(weight, found[id_]) for id_, weight in level.members]
        whole = sum(weight for weight, one in there if one is not None)
        summed = sum(weight * one for weight, one in there if one is not None)
        if level.adjustments:
            summed += sum(weight * (found[id_] or 0) for id_, weight in level.adjustments)
            summed = min(max(summed, 0), plan.highest * whole)
        found[level.id] = (2 * summed + whole) // (2 * whole) if whole else None
    return {level.id: found[level.id] for level in (*plan.sub_groups, *plan.groups, plan.total)}
