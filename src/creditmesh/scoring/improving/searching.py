"""Exact search for the smallest sets of changes that reach a grade: fewest changes first, then least effort.

Branch and bound over levers in the order of the file. A branch is left when what it can still bring is provably
too little (`gains`, `reach`), or when a trigger or cap in the way has no lever among those left. Among the values of a set
of levers each lever must go at least so far as it must even if all others went as far as they can; so a branch is left
too when these least efforts together come to more than the best set found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from creditmesh.scoring.improving.gains import ROUNDING, Gains
from creditmesh.scoring.improving.levers import Choice, Lever, Score
from creditmesh.scoring.improving.reach import Reach
from creditmesh.scoring.language import tree
from creditmesh.scoring.plan import Plan, Table
from creditmesh.scoring.targets.to_python import Scored

MOST_LOOKS = 20_000  # evaluations of one search; about a second


@dataclass(frozen=True)
class Found:
    """A set of changes that reaches the grade: lever by place and choice, with the sum of their efforts."""

    changes: tuple[tuple[int, Choice], ...]
    effort: int

    def values(self) -> dict[str, object]:
        """Return the inputs that change."""
        return {name: value for _, one in self.changes for name, value in one.values.items()}


@dataclass(frozen=True)
class Searched:
    """The smallest sets, least effort first; `settled` is false where the search was given up unfinished."""

    found: tuple[Found, ...]
    settled: bool
    looks: int


def search(
    plan: Plan, *, levers: Sequence[Lever], row: Mapping[str, object], score: Score, target: int
) -> Searched:
    """Return every smallest set of levers that reaches the rank, each with the least effort that does.

    Of equally many changes the one of less effort stands first, of equal effort the one earlier in the file.
    """
    return _Search(plan, levers, row, score, target).run()


def reaches(plan: Plan, scored: Scored, target: int) -> bool:
    """Return whether a result is as good as a rank."""
    return scored.grade is not None and plan.symbols.index(scored.grade) <= target


class _GaveUpError(Exception):
    """The search looked at more than it may."""


@dataclass
class _Search:
    plan: Plan
    levers: Sequence[Lever]
    row: Mapping[str, object]
    score: Score
    target: int
    looks: int = 0
    found: list[Found] = field(default_factory=list)

    def run(self) -> Searched:
        """Look at one change, then two, and so on."""
        base = self.score(self.row)
        self.gains = Gains(self.plan, levers=self.levers, row=self.row, score=self.score)
        self.reach = Reach(self.plan, levers=self.levers, row=self.row, gains=self.gains)
        self.wanted = self.target - base.moved  # the rank by score that is asked for
        self.every = [tuple(range(1, len(one.choices) + 1)) for one in self.levers]
        self.any = [(0, *every) for every in self.every]
        self.needed = _needed(self.plan, base, self.target)
        self.needs = self.in_the_way(base)
        if self.needed is None or not all(self.needs):
            return Searched((), settled=True, looks=0)
        try:
            for many in range(1, len(self.levers) + 1):
                self.choose((), 0, many)
                if self.found:
                    break
        except _GaveUpError:
            return self.answer(settled=False)
        return self.answer(settled=True)

    def answer(self, *, settled: bool) -> Searched:
        ordered = sorted(self.found, key=lambda one: (one.effort, [lever for lever, _ in one.changes]))
        return Searched(tuple(ordered), settled, self.looks)

    def in_the_way(self, base: Scored) -> list[frozenset[int]]:
        """Return for each rule that forbids the grade the levers that could lift it."""
        hit = {*base.triggers, *base.caps, *base.exclusions}
        rules = [
            *self.plan.exclusions,
            *(one for one in (*self.plan.triggers, *self.plan.caps) if one.rank > self.target),
        ]
        ways = []
        for rule in rules:
            if rule.id in hit:
                read = set(tree.names(rule.when))
                ways.append(self.reading(read))
        if base.outcome == "insufficient":
            ways.append(self.could_tell_more())
        return ways

    def reading(self, names: set[str]) -> frozenset[int]:
        return frozenset(n for n, one in enumerate(self.levers) if names & set(one.columns))

    def could_tell_more(self) -> frozenset[int]:
        """Return the levers that may bring a value or a trigger where there is too little to grade by."""
        names: set[str] = {name for one in self.plan.triggers for name in tree.names(one.when)}
        for one in self.plan.measures:
            closed = isinstance(one.points, Table) and one.points.otherwise is None
            if one.applies is not None:
                names |= set(tree.names(one.applies))
            if closed or not isinstance(one.value, tree.Name):
                names |= set(one.reads)
        parts = self.plan.combined.parts if self.plan.combined is not None else ()
        return self.reading(names | {name for one in parts for name in (one.score, one.rank)})

    def choose(self, chosen: tuple[int, ...], first: int, more: int) -> None:
        """Add so many more levers, and look at the whole set when there are enough."""
        if not self.promising(chosen, first, more):
            return
        if not more:
            best = _Cheapest(self, chosen).run()
            if best is not None:
                self.found.append(best)
            return
        for n in range(first, len(self.levers) - more + 1):
            self.choose((*chosen, n), n + 1, more - 1)

    def promising(self, chosen: tuple[int, ...], first: int, more: int) -> bool:
        rest = range(first, len(self.levers)) if more else range(0)
        lacking = [way for way in self.needs if not way & set(chosen)]
        if lacking and (not more or any(not way & set(rest) for way in lacking)):
            return False
        most = sum(self.gains.best(n) for n in chosen)
        most += sum(sorted((self.gains.best(n) for n in rest), reverse=True)[:more])
        if most + ROUNDING < (self.needed or 0):
            return False
        free = {n: self.every[n] for n in chosen} | {n: self.any[n] for n in rest}
        return self.possible(free)

    def possible(self, free: Mapping[int, Sequence[int]]) -> bool:
        """Return whether levers could bring the rank by score when each takes one of some places."""
        self.look()
        best = self.reach.best(free)
        return best is None or best <= self.wanted

    def look(self) -> None:
        """Count a look; give up after too many."""
        self.looks += 1
        if self.looks > MOST_LOOKS:
            raise _GaveUpError

    def reached(self, changes: Sequence[tuple[int, Choice]]) -> bool:
        """Return whether changes reach the grade, by evaluating the changed inputs."""
        self.look()
        changed = {name: value for _, one in changes for name, value in one.values.items()}
        return reaches(self.plan, self.score({**self.row, **changed}), self.target)


class _Cheapest:
    """Finds the values of a set of levers that reach the grade with the least effort, nearest first."""

    def __init__(self, search_: _Search, chosen: tuple[int, ...]) -> None:
        self.search, self.chosen = search_, chosen
        self.best: Found | None = None
        self.later = [0]  # what the levers after a place bring at most
        for n in reversed(chosen):
            self.later.append(self.later[-1] + search_.gains.best(n))
        self.later.reverse()

    def run(self) -> Found | None:
        self.go((), {}, 0, 0)
        return self.best

    def go(
        self,
        changes: tuple[tuple[int, Choice], ...],
        places: dict[int, Sequence[int]],
        effort: int,
        gained: int,
    ) -> None:
        """Set the next lever to each of its values that may do, given what the levers before are set to."""
        place = len(changes)
        if gained + self.later[place] + ROUNDING < (self.search.needed or 0):
            return
        if place == len(self.chosen):
            if self.search.reached(changes):
                self.best = Found(changes, effort)
            return
        lever, *rest = self.chosen[place:]
        first = self.first(lever, rest, places)
        if first is None:
            return
        least = sum(self.least(one, [lever, *rest], places) for one in rest)
        choices, gains = self.search.levers[lever].choices, self.search.gains.of[lever]
        for n in range(first, len(choices)):
            spent = effort + choices[n].effort
            if self.best is not None and spent + least >= self.best.effort:
                return  # the nearest come first: none after this costs less
            self.go((*changes, (lever, choices[n])), {**places, lever: (n + 1,)}, spent, gained + gains[n])

    def least(self, lever: int, free: Sequence[int], places: Mapping[int, Sequence[int]]) -> int:
        """Return the least effort a lever costs when the other free ones go as far as they can."""
        first = self.first(lever, [one for one in free if one != lever], places)
        choices = self.search.levers[lever].choices
        return choices[-1 if first is None else first].effort

    def first(self, lever: int, rest: Sequence[int], places: Mapping[int, Sequence[int]]) -> int | None:
        """Return the nearest choice of a lever up to which the grade may be reached, None where none may."""
        every = self.search.every
        free = {**places, **{one: every[one] for one in rest}}
        if not self.search.possible({**free, lever: every[lever]}):
            return None
        low, high = 0, len(every[lever]) - 1
        while low < high:
            middle = (low + high) // 2
            enough = self.search.possible({**free, lever: every[lever][: middle + 1]})
            low, high = (low, middle) if enough else (middle + 1, high)
        return low


def _bound(plan: Plan, base: Scored, target: int) -> int | None:
    """Return the score a rank asks for, as more is better; None where it asks for none."""
    by_score = target - base.moved
    if plan.combined is not None or not 0 <= by_score < len(plan.cut_offs):
        return None
    return (-1 if plan.worse_is_more else 1) * plan.cut_offs[by_score]


def _needed(plan: Plan, base: Scored, target: int) -> int | None:
    """Return the milli-points that lack for the rank, None where no score reaches it."""
    by_score = target - base.moved
    if by_score < 0:
        return None
    bound = _bound(plan, base, target)
    if bound is None or base.score is None:
        return 0
    return max(0, bound - (-1 if plan.worse_is_more else 1) * base.score)
