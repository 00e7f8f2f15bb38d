"""What the steps of a combination read for one enterprise, from its trace, and what they made of it, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from creditmesh.catalogue.model import Text
from creditmesh.scoring import combining
from creditmesh.scoring.definition import wording
from creditmesh.scoring.definition.combination import Combination, PartOf, Step
from creditmesh.scoring.definition.given import scale_of
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.plan import Plan, half_up
from creditmesh.scoring.targets.to_python import Scored


@dataclass(frozen=True)
class Term:
    """A value a step read: points in thousandths on the scale of the step, or a grade; `brings` what it adds."""

    id: str
    label: Text
    system: str  # of a part; '' for what is this system's own
    through: str  # of a part whose system scores devices: the tie by which they belong to the enterprise
    points: int | None
    grade: str | None
    weight: int | None
    brings: int | None


@dataclass(frozen=True)
class Combined:
    """One step of a combination: what it read, what it gave, and the whole of it in words."""

    id: str
    label: Text
    operator: str
    terms: tuple[Term, ...]
    score: int | None
    grade: str | None
    words: Text


def steps_of(system: System, plan: Plan, scored: Scored) -> tuple[Combined, ...]:
    """Return every step of a combination with what it read, in the order of the file."""
    combination = system.definition.combination
    if combination is None or plan.combined is None:
        return ()
    acts = {one.id: one for one in plan.combined.acts if not isinstance(one, combining.Cut)}
    read = _Read(system, combination, scored)
    return tuple(read.step(step, acts[step.id]) for step in combination.steps)


class _Read:
    """What the steps of a combination read for one enterprise."""

    def __init__(self, system: System, combination: Combination, scored: Scored) -> None:
        self.system = system
        self.definition = system.definition
        self.combination = combination
        self.scored = scored
        self.labels = {
            "own": combination.own_label or self.definition.label,
            **{one.id: one.label for one in self.definition.groups},
            **{name: _label(part) for name, part in combination.parts.items()},
            **{one.id: one.label for one in combination.steps},
        }

    def step(self, step: Step, act: combining.Act) -> Combined:
        terms = tuple(self.terms(step, act))
        found = self.scored.steps[step.id]
        score, grade = (found, None) if isinstance(found, int) else (None, found)
        words = wording.combined(step, terms, score=score, grade=grade)
        return Combined(step.id, step.label, step.operator, terms, score, grade, words)

    def terms(self, step: Step, act: combining.Act) -> Iterator[Term]:
        if isinstance(act, combining.Mean):
            return self.weighed(step, act)
        if isinstance(act, combining.Sum):
            return self.summed(step, act)
        read = (
            (step.matrix.rows, step.matrix.columns)
            if step.matrix is not None
            else (step.floor.of, *step.floor.not_better_than)
            if step.floor is not None
            else ()
        )
        return (self.term(name, grade=self.grade(name)) for name in read)

    def weighed(self, step: Step, act: combining.Mean) -> Iterator[Term]:
        told = () if step.weighted is None else step.weighted.parts
        scale = scale_of(self.definition, step.id) or 1
        for operand, one in zip(told, act.terms, strict=True):
            points = self.turned(one.column, one.top)
            theirs = scale_of(self.definition, one.of) or 1
            there = None if points is None else half_up(points * scale, theirs)
            yield self.term(one.of, points=there, weight=operand.weight)

    def summed(self, step: Step, act: combining.Sum) -> Iterator[Term]:
        if act.onto is not None and step.add_on is not None:
            base = self.value(act.onto)
            yield self.term(step.add_on.to, points=base, brings=base)
        for piece in act.pieces:
            yield self.piece(piece)

    def piece(self, one: combining.Piece) -> Term:
        found = self.turned(one.column, one.top)
        if one.table is not None:
            brings = None if found is None else one.table[found]
            return self.term(one.of, grade=self.grade(one.of), weight=one.points, brings=brings)
        brings = None if found is None else half_up(one.rise * found, one.run)
        return self.term(one.of, points=found, weight=one.points, brings=brings)

    def term(
        self,
        id_: str,
        *,
        points: int | None = None,
        grade: str | None = None,
        weight: int | None = None,
        brings: int | None = None,
    ) -> Term:
        part = self.combination.parts.get(id_)
        system, through = ("", "") if part is None else (part.system, part.through or "")
        return Term(id_, self.labels[id_], system, through, points, grade, weight, brings)

    def value(self, column: str) -> int | None:
        if column in self.scored.combined:
            return self.scored.combined[column]
        return self.scored.points[column.removeprefix("points_")]

    def turned(self, column: str, top: int | None) -> int | None:
        found = self.value(column)
        return found if found is None or top is None else top - found

    def grade(self, name: str) -> str | None:
        part = self.combination.parts.get(name)
        rank = self.value(f"rank_{name}" if part is None else f"known_{name}_rank")
        symbols = self.definition.symbols if part is None else part.grades
        return None if rank is None else symbols[rank]


def _label(part: PartOf) -> Text:
    """Return how a part is called; of devices with which of them counts."""
    if part.take is None:
        return part.label
    zh, en = {"worst": ("最差", "the worst"), "mean": ("平均", "the mean")}[part.take]
    return Text(zh=f"{part.label.zh}（{zh}）", en=f"{part.label.en} ({en})")
