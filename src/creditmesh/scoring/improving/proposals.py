"""What would bring one enterprise the next grade: every proposal evaluated, or in so many words why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.indicators import Cap, Trigger
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.improving import wording
from creditmesh.scoring.improving.levers import Lever, Score, Way, levers, repairable
from creditmesh.scoring.improving.ready import ready
from creditmesh.scoring.improving.searching import Found, Searched, reaches, search
from creditmesh.scoring.improving.wording import Why
from creditmesh.scoring.plan import Plan

MOST = 5


@dataclass(frozen=True, kw_only=True)
class Change:
    """One input to change; `brings` is what it alone does to the score, in thousandths towards better.

    Of a part of a combination `system` names the other system, whose own page says how to get there.
    """

    input: str
    label: Text
    way: Way
    before: object
    after: object
    effort: int
    brings: int
    lifts: tuple[str, ...]
    system: str | None
    words: Text
    how: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Changes that together reach a grade, as evaluated; score in thousandths of a point."""

    changes: tuple[Change, ...]
    effort: int
    grade: str
    score: int | None
    inputs: Mapping[str, object]
    words: Text


@dataclass(frozen=True, kw_only=True)
class InTheWay:
    """A trigger, cap or exclusion that keeps the grade away and that no change lifts today."""

    kind: Literal["exclusion", "trigger", "cap"]
    id: str
    label: Text
    grade: str | None
    repair: Text | None


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """The smallest feasible changes that reach the next grade; without any, `why` and `reason` say what is in the way."""

    grade: str | None
    score: int | None
    target: str | None
    proposals: tuple[Proposal, ...]
    why: Why | None
    reason: Text | None
    in_the_way: tuple[InTheWay, ...]
    settled: bool
    levers: tuple[Lever, ...]
    looks: int


def improvement(
    system: System, row: Mapping[str, object], *, target: str | None = None, most: int = MOST
) -> Improvement:
    """Return what would bring the enterprise of a result row the next better grade, or the target grade.

    At most so many alternatives, least effort first; each was evaluated on the changed inputs.
    """
    plan, score = ready(system)
    return _Improving(system, plan, row, score).run(target, most)


class _Improving:
    def __init__(self, system: System, plan: Plan, row: Mapping[str, object], score: Score) -> None:
        self.system, self.plan, self.row, self.score = system, plan, row, score
        self.base = score(row)

    def run(self, target: str | None, most: int) -> Improvement:
        rank = None if self.base.grade is None else self.plan.symbols.index(self.base.grade)
        wanted = self.plan.symbols.index(target) if target in self.plan.symbols else (rank or 0) - 1
        if rank is None or wanted < 0 or wanted >= rank:
            return self.none(rank)
        found = levers(self.system, self.plan, row=self.row, score=self.score)
        searched = search(self.plan, levers=found, row=self.row, score=self.score, target=wanted)
        proposals = tuple(self.proposal(found, one, wanted) for one in searched.found[:most])
        ways = self.in_the_way(found, wanted)
        why = None if proposals else self.why(found, searched, ways, wanted)
        symbol = self.plan.symbols[wanted]
        return Improvement(
            grade=self.base.grade,
            score=self.base.score,
            target=symbol,
            proposals=proposals,
            why=why,
            reason=None if why is None else wording.why_not(why, symbol, [one.label for one in ways]),
            in_the_way=ways,
            settled=searched.settled,
            levers=found,
            looks=searched.looks,
        )

    def none(self, rank: int | None) -> Improvement:
        """Say that there is no next grade to reach."""
        why: Why = "best" if rank is not None else "excluded" if self.base.exclusions else "ungraded"
        ways = self.in_the_way((), -1) if why == "excluded" else ()
        return Improvement(
            grade=self.base.grade,
            score=self.base.score,
            target=None,
            proposals=(),
            why=why,
            reason=wording.why_not(why, "", [one.label for one in ways]),
            in_the_way=ways,
            settled=True,
            levers=(),
            looks=0,
        )

    def proposal(self, found: tuple[Lever, ...], one: Found, target: int) -> Proposal:
        inputs = one.values()
        scored = self.score({**self.row, **inputs})
        assert reaches(self.plan, scored, target)  # noqa: S101 - the search evaluated it; nothing else is shown
        changes = tuple(self.change(found[n], choice.values, choice.effort) for n, choice in one.changes)
        return Proposal(
            changes=changes,
            effort=one.effort,
            grade=str(scored.grade),
            score=scored.score,
            inputs=inputs,
            words=wording.proposal([one.words for one in changes], str(scored.grade)),
        )

    def change(self, lever: Lever, values: Mapping[str, object], effort: int) -> Change:
        alone = self.score({**self.row, **values})
        (name, after), *_ = values.items()
        sign = -1 if self.plan.worse_is_more else 1
        known = self.base.score is not None and alone.score is not None
        brings = sign * ((alone.score or 0) - (self.base.score or 0)) if known else 0
        lifted = {*self.base.triggers, *self.base.caps} - {*alone.triggers, *alone.caps}
        part = self.part(lever)
        said = wording.Changed(lever, name, self.row[name], after, brings)
        return Change(
            input=name,
            label=wording.label(self.system, lever),
            way=lever.way,
            before=self.row[name],
            after=after,
            effort=effort,
            brings=brings,
            lifts=tuple(sorted(lifted)),
            system=part,
            words=wording.change(self.system, said, [self.rule(one).label for one in sorted(lifted)]),
            how=self.how(lever, lifted),
        )

    def part(self, lever: Lever) -> str | None:
        combination = self.system.definition.combination
        if lever.way != "part" or combination is None:
            return None
        return combination.parts[lever.name].system

    def how(self, lever: Lever, lifted: set[str]) -> tuple[Text, ...]:
        """Return what the file says one can do: of the rules that are lifted, else of the indicators."""
        repairs = [self.rule(one).repair for one in sorted(lifted)]
        improves = [one.improve for one in self.system.definition.indicators if one.id in lever.indicators]
        said = [one for one in (*repairs, *improves) if one is not None]
        first: dict[str, Text] = {}
        for one in said:
            first.setdefault(one.zh, one)
        return tuple(first.values())

    def rule(self, id_: str) -> Trigger | Cap:
        rules: list[Trigger | Cap] = [*self.system.definition.triggers, *self.system.definition.caps]
        return next(one for one in rules if one.id == id_)

    def in_the_way(self, found: tuple[Lever, ...], target: int) -> tuple[InTheWay, ...]:
        """Return the rules that forbid the grade and still do whichever one lever is moved as far as it goes."""
        definition = self.system.definition
        ranks = {one.id: one.rank for one in (*self.plan.triggers, *self.plan.caps)}
        hit = {*self.base.exclusions, *self.base.triggers, *self.base.caps}
        liftable = {id_ for one in found for choice in one.choices for id_ in self.lifted(hit, choice.values)}
        ways = [InTheWay(kind="exclusion", id=one.id, label=one.label, grade=None, repair=None)
                for one in definition.exclusions if one.id in hit]  # fmt: skip
        rules: list[Trigger | Cap] = [*definition.triggers, *definition.caps]
        for one in rules:
            if one.id in hit - liftable and ranks[one.id] > target:
                trigger = isinstance(one, Trigger)
                ways.append(
                    InTheWay(
                        kind="trigger" if trigger else "cap",
                        id=one.id,
                        label=one.label,
                        grade=self.plan.symbols[ranks[one.id]],
                        repair=one.repair if repairable(one) else None,
                    )
                )
        return tuple(ways)

    def lifted(self, hit: set[str], values: Mapping[str, object]) -> set[str]:
        scored = self.score({**self.row, **values})
        return hit - {*scored.exclusions, *scored.triggers, *scored.caps}

    def why(
        self, found: tuple[Lever, ...], searched: Searched, ways: tuple[InTheWay, ...], target: int
    ) -> Why:
        if not searched.settled:
            return "unsettled"
        if ways:
            return "rule"
        if self.base.outcome == "insufficient":
            return "thin"
        if self.base.moved > target:
            return "adjusted"
        return "points" if found else "nothing"
