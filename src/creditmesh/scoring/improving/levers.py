"""What one enterprise could change: inputs, and for each the values that can be reached and that matter."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from creditmesh.scoring.definition.combination import PartOf
from creditmesh.scoring.definition.features import Feature, Take
from creditmesh.scoring.definition.given import part_columns
from creditmesh.scoring.definition.indicators import Cap, Trigger
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.improving.openness import can_end
from creditmesh.scoring.language import tree
from creditmesh.scoring.language.tree import Name, Type
from creditmesh.scoring.plan import Measure, Plan, Table
from creditmesh.scoring.targets.to_python import Scored

Score = Callable[[Mapping[str, object]], Scored]
Way = Literal["end", "more", "state", "part", "column"]
EFFORT = 100  # of going all the way on one input
FEW = 64  # numbers of which every one is looked at
GRID = 16  # parts into which a slope is cut
NO_REPAIR = frozenset({"none", "none.", "no", "无", "-"})


@dataclass(frozen=True)
class Choice:
    """Values one lever could take, and the hundredths of the way to the best of them."""

    values: Mapping[str, object]
    effort: int


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One input that can be changed: how, to what (nearest first), and what of the file asks for it."""

    name: str
    columns: tuple[str, ...]
    way: Way
    choices: tuple[Choice, ...]
    indicators: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def levers(system: System, plan: Plan, *, row: Mapping[str, object], score: Score) -> tuple[Lever, ...]:
    """Return what the enterprise of a result row could change, in the order of the file, parts last."""
    return _Finder(system, plan, row, score).found()


def way_of(system: System, feature: Feature) -> Way | None:
    """Return how a feature can be made better, None where it cannot: it happened, and only time removes it."""
    if feature.take is Take.COLUMN:
        return "column"
    if feature.take is Take.LATEST or feature.take.of_relations:
        return "state"
    if feature.worse == "less":
        return "more" if feature.take in {Take.COUNT, Take.EXISTS, Take.DISTINCT} else None
    if feature.take is Take.DAYS_SINCE or not can_end(system, feature):
        return None
    return "end"


def repairable(rule: Trigger | Cap) -> bool:
    """Return whether a file says how to get out of a trigger or cap."""
    return rule.repair is not None and rule.repair.en.strip().lower() not in NO_REPAIR


def signature(scored: Scored) -> tuple[object, ...]:
    """Return all that an input can change of a result."""
    return (
        tuple(scored.points.values()),
        scored.exclusions,
        scored.triggers,
        scored.caps,
        tuple(scored.combined.values()),
        scored.coverage,
    )


class _Finder:
    """Looks for the levers of one row."""

    def __init__(self, system: System, plan: Plan, row: Mapping[str, object], score: Score) -> None:
        self.system, self.plan, self.row, self.score = system, plan, row, score
        self.names = inputs(system)
        self.indicators = {one.id: one for one in system.definition.indicators}
        self.asking = {name: self.asked_by(name) for name in self.names}
        self.movable = {
            name
            for name, feature in system.definition.features.items()
            if any(self.asking[name])
            and row.get(name) is not None
            and way_of(system, feature) is not None
            and not (feature.take is not Take.COLUMN and self.unclear(feature, self.names[name]))
        }
        self.base = signature(score(row))

    def unclear(self, feature: Feature, name: Name) -> bool:
        """Return whether nothing says which way is better, or what happened on a day would have to change."""
        return name.type is Type.DATE or (name.type is not Type.TEXT and feature.worse is None)

    def asked_by(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the actionable indicators and the repairable rules that read an input."""
        measures = tuple(
            one.id
            for one in self.plan.measures
            if name in self.reads(one) and self.indicators[one.id].actionable
        )
        rules: list[Trigger | Cap] = [*self.system.definition.triggers, *self.system.definition.caps]
        read = {one.id: tree.names(one.when) for one in (*self.plan.triggers, *self.plan.caps)}
        return measures, tuple(one.id for one in rules if repairable(one) and name in read[one.id])

    def reads(self, one: Measure) -> tuple[str, ...]:
        return (*one.reads, *(() if one.applies is None else tree.names(one.applies)))

    def found(self) -> tuple[Lever, ...]:
        made = [self.lever(name) for name in self.system.definition.features if name in self.movable]
        combination = self.system.definition.combination
        parts = {} if combination is None else combination.parts
        made += [self.part(name, part) for name, part in parts.items()]
        return tuple(one for one in made if one.choices)

    def lever(self, name: str) -> Lever:
        feature = self.system.definition.features[name]
        way = way_of(self.system, feature)
        assert way is not None  # noqa: S101 - only movable inputs come here
        values = list(dict.fromkeys(self.values(name, feature)))
        measures, rules = self.asking[name]
        return Lever(
            name=name,
            columns=(name,),
            way=way,
            choices=self.choices(name, values),
            indicators=measures,
            rules=rules,
        )

    def choices(self, name: str, values: list[object]) -> tuple[Choice, ...]:
        """Return the values that change anything, nearest first; of a number, effort goes by the distance."""
        now = self.row[name]
        if not isinstance(now, int) or isinstance(now, bool):
            many = len(values)
            return tuple(Choice({name: one}, -(-EFFORT * (n + 1) // many)) for n, one in enumerate(values))
        far = [abs(one - now) for one in values if isinstance(one, int)]
        made = [
            Choice({name: one}, -(-EFFORT * distance // max(far)))
            for one, distance in zip(values, far, strict=True)
        ]
        return tuple(sorted(made, key=lambda one: one.effort))

    def values(self, name: str, feature: Feature) -> Iterator[object]:
        now, kind = self.row[name], self.names[name]
        match kind.type:
            case Type.TRUTH:
                wrong = {"more": True, "less": False}.get(feature.worse or "", now)
                if now is wrong and self.differs({name: not now}):
                    yield not now
            case Type.TEXT:
                yield from self.texts(name)
            case Type.INTEGER if isinstance(now, int):
                low, high = tree.limits(kind)
                if feature.weigh or feature.decay:  # what lies between depends on which records end
                    none = max(low, 0)
                    yield from ([none] if now > none and self.differs({name: none}) else [])
                    return
                if feature.worse != "less" and now > low:
                    yield from self.numbers(name, low)
                if feature.worse != "more" and now < high:
                    yield from self.numbers(name, high)

    def texts(self, name: str) -> list[object]:
        """Return the texts of tables that score better, least good first."""
        sign = -1 if self.plan.worse_is_more else 1
        found: dict[str, int] = {}
        for one in self.plan.measures:
            if isinstance(one.points, Table) and isinstance(one.value, Name) and one.value.name == name:
                now = one.points.points.get(str(self.row[name]), one.points.otherwise)
                better = {
                    text: sign * points
                    for text, points in one.points.points.items()
                    if now is not None and sign * points > sign * now
                }
                if self.indicators[one.id].actionable:
                    found |= better
        return [*sorted(found, key=lambda text: (found[text], text))]

    def differs(self, changed: Mapping[str, object]) -> bool:
        return self.at(changed) != self.base

    def at(self, changed: Mapping[str, object]) -> tuple[object, ...]:
        return signature(self.score({**self.row, **changed}))

    def numbers(self, name: str, end: int) -> list[int]:
        """Return the numbers towards an end at which anything changes; of a slope, sixteen on it."""
        now = self.row[name]
        assert isinstance(now, int)  # noqa: S101 - asked of numbers only
        step = 1 if end > now else -1
        last = self.first_like_the_end(name, now, end)
        if abs(last - now) <= FEW:
            every = list(range(now + step, last + step, step))
            return every if self.shared(name) else self.firsts(name, every)
        marks = [now + (last - now) * n // GRID for n in range(GRID + 1)]
        return sorted({*self.between(name, marks), last}, key=lambda one: abs(one - now))

    def first_like_the_end(self, name: str, now: int, end: int) -> int:
        """Return the nearest number from which on nothing changes any more; the end itself where some input is shared."""
        if self.shared(name) and abs(end - now) <= FEW:
            return end
        wanted, near, far = self.at({name: end}), now, end
        if wanted == self.base:
            return now
        while abs(far - near) > 1:
            middle = (near + far) // 2
            near, far = (near, middle) if self.at({name: middle}) == wanted else (middle, far)
        return far

    def shared(self, name: str) -> bool:
        """Return whether some expression reads this input together with another one that can change."""
        read = [self.reads(one) for one in self.plan.measures]
        read += [
            tree.names(one.when) for one in (*self.plan.triggers, *self.plan.caps, *self.plan.exclusions)
        ]
        return any(name in names and (self.movable - {name}) & set(names) for names in read)

    def firsts(self, name: str, every: list[int]) -> list[int]:
        """Return the first of each run of numbers that come to the same."""
        kept, before = [], self.base
        for one in every:
            found = self.at({name: one})
            if found != before:
                kept.append(one)
            before = found
        return kept

    def between(self, name: str, marks: list[int]) -> Iterator[int]:
        """Yield each mark that changes anything, and where inside a step the change lies."""
        before = self.base
        for near, far in pairwise(marks):
            found = self.at({name: far})
            if found != before:
                yield self.edge(name, (near, before), (far, found))
            before = found

    def edge(self, name: str, near: tuple[int, object], far: tuple[int, object]) -> int:
        """Return the first number of the further side where one step lies between two; on a slope the further."""
        (one, before), (other, after) = near, far
        while abs(other - one) > 1:
            middle = (one + other) // 2
            found = self.at({name: middle})
            if found == after:
                other = middle
            elif found == before:
                one = middle
            else:
                return far[0]
        return other

    def part(self, name: str, part: PartOf) -> Lever:
        score, rank = part_columns(name)
        choices: list[Choice] = []
        now = self.row.get(rank)
        if isinstance(now, int):
            choices += [
                Choice({rank: better}, -(-EFFORT * (now - better) // now)) for better in reversed(range(now))
            ]
        points = self.row.get(score)
        if isinstance(points, int):
            best = 0 if part.direction is Direction.HIGHER_IS_WORSE else part.scale * 1_000
            steps = min(FEW, abs(best - points))
            marks = dict.fromkeys(points + (best - points) * n // steps for n in range(1, steps + 1))
            choices += [Choice({score: one}, -(-EFFORT * (n + 1) // steps)) for n, one in enumerate(marks)]
        kept = tuple(one for one in choices if self.differs(one.values))
        return Lever(
            name=name,
            columns=(score, rank),
            way="part",
            choices=tuple(sorted(kept, key=lambda one: one.effort)),
        )
