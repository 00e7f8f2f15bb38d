"""Why one enterprise got its result: the points level by level, what decided, what would help, which records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from creditmesh.catalogue.model import Status, Text
from creditmesh.scoring.definition import wording
from creditmesh.scoring.definition.given import final_scale
from creditmesh.scoring.definition.indicators import Cap, Exclusion, Group, Indicator, SubGroup, Trigger
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction, Purpose, Sourced
from creditmesh.scoring.plan import ALL, Plan, compile_plan, half_up
from creditmesh.scoring.records import lineage
from creditmesh.scoring.records.lineage import Lineage
from creditmesh.scoring.targets.to_python import Scored, function
from creditmesh.scoring.targets.tracing import Combined, steps_of


@dataclass(frozen=True)
class Origin:
    """How sure the numbers of a block are, and where they come from."""

    status: Status
    source: str


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A group, sub-group or indicator: points in thousandths, weights and coverage in basis points.

    `share` is the weight in the whole result after what is lacking was left out; `contribution` the
    thousandths of the score that come from here.
    """

    id: str
    kind: Literal["group", "sub_group", "indicator"]
    label: Text
    weight: int
    share: int
    points: int | None
    contribution: int
    coverage: int | None
    origin: Origin
    state: str | None = None
    value: object = None
    how: Text | None = None
    adjusts: bool = False
    actionable: bool = False
    lineage: tuple[Lineage, ...] = ()
    parts: tuple["Branch", ...] = ()


@dataclass(frozen=True)
class Decided:
    """An exclusion, trigger or cap that holds for this enterprise; `grade` is the best it leaves."""

    kind: Literal["exclusion", "trigger", "cap"]
    id: str
    label: Text
    grade: str | None
    repair: Text | None
    condition: str
    origin: Origin


@dataclass(frozen=True)
class Reason:
    """One of the indicators that cost most, in words, and what would improve it."""

    id: str
    label: Text
    sentence: Text
    improve: Text | None
    actionable: bool
    points: int
    contribution: int


@dataclass(frozen=True)
class Moved:
    """By how many grades people moved the grade by score, and in words."""

    steps: int
    from_grade: str
    to_grade: str
    words: Text


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Everything there is to say about one result; score and points in thousandths of a point."""

    system: str
    version: str
    label: Text
    purpose: Purpose
    direction: Direction
    scale: int
    as_of: date
    subject: str
    name: str | None
    grade: str | None
    grade_label: Text | None
    score: int | None
    outcome: str
    coverage: int
    short_of: tuple[Text, ...]
    decided: tuple[Decided, ...]
    reasons: tuple[Reason, ...]
    groups: tuple[Branch, ...]
    differs: tuple[str, ...]
    score_own: int | None = None
    combined: tuple[Combined, ...] = ()
    moved: Moved | None = None


def explanation(system: System, row: Mapping[str, object]) -> Explanation:
    """Return the explanation of a stored result row, computed again from the inputs in it.

    `differs` names the columns in which the stored row is not what its inputs give; it is empty unless
    the file or the system was changed.
    """
    plan = compile_plan(system)
    scored = function(plan)(row)
    definition = system.definition
    again = scored.columns(reasons=plan.reasons)
    grade = next((one for one in definition.grades if one.symbol == scored.grade), None)
    tree = _Tree(system, plan, scored, row)
    return Explanation(
        system=system.id,
        version=system.version,
        label=definition.label,
        purpose=definition.purpose,
        direction=definition.direction,
        scale=final_scale(definition),
        as_of=tree.as_of,
        subject=str(row.get("subject", "")),
        name=None if row.get("name") is None else str(row["name"]),
        grade=scored.grade,
        grade_label=None if grade is None else grade.label,
        score=scored.score,
        outcome=scored.outcome,
        coverage=scored.coverage,
        short_of=_short_of(system, scored) if scored.outcome == "insufficient" else (),
        decided=tuple(_decided(system, scored)),
        reasons=tuple(tree.reason(id_) for id_ in scored.reasons),
        groups=tuple(tree.group(one) for one in definition.groups),
        differs=tuple(name for name, value in again.items() if name in row and row[name] != value),
        score_own=scored.own,
        combined=steps_of(system, plan, scored),
        moved=_moved(plan, scored),
    )


def _moved(plan: Plan, scored: Scored) -> Moved | None:
    if not scored.moved or scored.rank is None:
        return None
    last = len(plan.symbols) - 1
    before, after = (
        plan.symbols[min(max(rank, 0), last)] for rank in (scored.rank, scored.rank + scored.moved)
    )
    return Moved(scored.moved, before, after, wording.moved(scored.moved, before, after))


def origin(*blocks: Sourced) -> Origin:
    """Return where the numbers of the innermost block come from; a block without says what its parent says."""
    status = next((one.status for one in reversed(blocks) if one.status is not None), Status.DEFAULT)
    source = next((one.source for one in reversed(blocks) if one.source is not None), "")
    return Origin(status, source)


def _short_of(system: System, scored: Scored) -> tuple[Text, ...]:
    return wording.short_of(
        system.definition, coverages=scored.coverages, coverage=scored.coverage, states=scored.states
    )


def _decided(system: System, scored: Scored) -> list[Decided]:
    definition = system.definition
    rules: list[Exclusion | Trigger | Cap] = [*definition.exclusions, *definition.triggers, *definition.caps]
    found = []
    for one in rules:
        if one.id in (*scored.exclusions, *scored.triggers, *scored.caps):
            kind, grade, repair = _effect(one)
            found.append(Decided(kind, one.id, one.label, grade, repair, one.when, origin(definition, one)))
    return found


def _effect(
    one: Exclusion | Trigger | Cap,
) -> tuple[Literal["exclusion", "trigger", "cap"], str | None, Text | None]:
    if isinstance(one, Trigger):
        return "trigger", one.grade, one.repair
    return ("cap", one.not_better_than, one.repair) if isinstance(one, Cap) else ("exclusion", None, None)


class _Tree:
    """The points of one enterprise, level by level, with the weight each part really had."""

    def __init__(self, system: System, plan: Plan, scored: Scored, row: Mapping[str, object]) -> None:
        self.system = system
        self.definition = system.definition
        self.plan = plan
        self.scored = scored
        self.row = row
        as_of = row["as_of"]
        assert isinstance(as_of, date)  # noqa: S101 - every result row carries its day
        self.as_of = as_of
        self.shares = self._shares()

    def _shares(self) -> dict[str, int]:
        """Return the millionths of the score that each id's points weigh."""
        levels = {one.id: one for one in (*self.plan.sub_groups, *self.plan.groups)}
        whole = 1_000_000
        shares: dict[str, int] = {}
        waiting = [(self.plan.total, whole)]
        while waiting:
            level, share = waiting.pop()
            there = sum(weight for id_, weight in level.members if self.scored.points[id_] is not None)
            for id_, weight in (*level.members, *level.adjustments):
                counted = self.scored.points[id_] is not None and there
                shares[id_] = half_up(share * weight, there) if counted else 0
                if id_ in levels:
                    waiting.append((levels[id_], shares[id_]))
        return shares

    def contribution(self, id_: str) -> int:
        points = self.scored.points[id_] or 0
        size = half_up(abs(points) * self.shares[id_], 1_000_000)
        return size if points > 0 else -size

    def group(self, one: Group) -> Branch:
        parts: tuple[Branch, ...] = tuple(self.sub_group(one, sub) for sub in one.sub_groups)
        parts += tuple(self.indicator((one,), leaf) for leaf in one.indicators)
        return self.branch("group", one, (), parts)

    def sub_group(self, group: Group, one: SubGroup) -> Branch:
        return self.branch(
            "sub_group", one, (group,), tuple(self.indicator((group, one), leaf) for leaf in one.indicators)
        )

    def branch(
        self,
        kind: Literal["group", "sub_group"],
        one: Group | SubGroup,
        above: tuple[Sourced, ...],
        parts: tuple[Branch, ...],
    ) -> Branch:
        return Branch(
            id=one.id,
            kind=kind,
            label=one.label,
            weight=one.weight,
            share=half_up(self.shares[one.id], 1_000_000 // ALL),
            points=self.scored.points[one.id],
            contribution=self.contribution(one.id),
            coverage=self.scored.coverages.get(one.id),
            origin=origin(self.definition, *above, one),
            parts=parts,
        )

    def indicator(self, above: tuple[Group | SubGroup, ...], one: Indicator) -> Branch:
        state = self.scored.states[one.id]
        reads = next(measure.reads for measure in self.plan.measures if measure.id == one.id)
        features = [name for name in reads if name in self.definition.features]
        return Branch(
            id=one.id,
            kind="indicator",
            label=one.label,
            weight=one.weight,
            share=half_up(self.shares[one.id], 1_000_000 // ALL),
            points=self.scored.points[one.id],
            contribution=self.contribution(one.id),
            coverage=None,
            origin=origin(self.definition, *above, one, *wording.row_of(one, self.scored.values[one.id])),
            state=state,
            value=self.scored.values[one.id],
            how=self.in_words(one, wording.how),
            adjusts=one.role == "adjustment",
            actionable=one.actionable,
            lineage=tuple(
                found
                for name in features
                for found in lineage.of(self.system, feature=name, as_of=self.as_of)
            ),
        )

    def in_words(self, one: Indicator, write: Callable[..., Text]) -> Text:
        return write(
            self.system,
            one,
            value=self.scored.values[one.id],
            points=self.scored.points[one.id],
            state=self.scored.states[one.id],
        )

    def reason(self, id_: str) -> Reason:
        one = next(indicator for indicator in self.definition.indicators if indicator.id == id_)
        sentence = self.in_words(one, wording.sentence)
        points = self.scored.points[id_] or 0
        return Reason(id_, one.label, sentence, one.improve, one.actionable, points, self.contribution(id_))
