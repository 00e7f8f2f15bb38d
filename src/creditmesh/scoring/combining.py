"""The steps of a combination as a plan: what each reads, and the whole numbers it computes with.

Every value is milli-points on its own scale, or a rank; each may be missing. A mean is converted and rounded in one
quotient: no value is rounded twice.
"""

from dataclasses import dataclass
from math import gcd, lcm

from creditmesh.scoring.definition.combination import OWN, Block, Combination, Fallback, Step
from creditmesh.scoring.definition.given import last_score, part_columns, scale_of
from creditmesh.scoring.definition.system import Definition
from creditmesh.scoring.language.parsing import LARGEST, NotUnderstood

MILLI = 1_000


@dataclass(frozen=True)
class Given:
    """A part: the columns it comes in, its bounds, and what counts without a result."""

    name: str
    score: str
    rank: str
    highest: int
    worst: int
    else_score: int | None
    else_rank: int | None
    refuses: bool


@dataclass(frozen=True)
class Term:
    """A value in a mean: `factor` times it over `share` is what it brings; `top` less it where it is turned."""

    of: str
    column: str
    top: int | None
    factor: int
    share: int


@dataclass(frozen=True)
class Mean:
    """The sum of what is there times its factors, over the sum of the shares of what is there."""

    id: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Piece:
    """Up to so many milli-points: `rise` times a value over `run`, or by a table of ranks."""

    of: str
    column: str
    top: int | None
    rise: int
    run: int
    table: tuple[int, ...] | None
    points: int


@dataclass(frozen=True)
class Sum:
    """Pieces added; onto `onto` as it is, or stretched to the whole where pieces are missing."""

    id: str
    pieces: tuple[Piece, ...]
    onto: str | None = None


@dataclass(frozen=True)
class Cut:
    """The rank of a score by cut-offs."""

    id: str
    column: str
    bounds: tuple[int, ...]


@dataclass(frozen=True)
class Pairs:
    """The rank of a pair of ranks."""

    id: str
    rows: str
    columns: str
    table: tuple[tuple[int, ...], ...]
    otherwise: int | None


@dataclass(frozen=True)
class Held:
    """A rank held to be no better than the worst of others less so many; each with its ranks in ours."""

    id: str
    of: str
    others: tuple[tuple[str, tuple[int, ...]], ...]
    less: int


Act = Mean | Sum | Cut | Pairs | Held


@dataclass(frozen=True)
class Combined:
    """Everything between the total and the verdict; `shown` are the steps: id, column, whether a grade."""

    parts: tuple[Given, ...]
    acts: tuple[Act, ...]
    score: str
    rank: str
    shown: tuple[tuple[str, str, bool], ...]


def column_of(act: Act) -> str:
    """Return the name of the column an act makes."""
    return f"step_{act.id}" if isinstance(act, Mean | Sum) else f"rank_{act.id}"


def combined(definition: Definition, cut_offs: tuple[int, ...]) -> Combined | None:
    """Return the compiled combination of a system, None without one; raise `NotUnderstood` when 64 bits are too few."""
    if definition.combination is None:
        return None
    return _Compiler(definition, definition.combination, cut_offs).compiled()


class _Compiler:
    """Turns steps into acts, adding a cut wherever a step reads the grade of a score."""

    def __init__(self, definition: Definition, combination: Combination, cut_offs: tuple[int, ...]) -> None:
        self.definition = definition
        self.combination = combination
        self.cut_offs = cut_offs
        self.acts: list[Act] = []
        self.ranks = {symbol: rank for rank, symbol in enumerate(definition.symbols)}
        self.groups = {one.id for one in definition.groups}

    def compiled(self) -> Combined:
        steps = self.combination.steps
        for step in steps:
            self.acts.append(self.act(step))
        rank = self.rank(steps[-1].id)
        return Combined(
            parts=tuple(self.part(name) for name in self.combination.parts),
            acts=tuple(self.acts),
            score=self.score(last_score(self.definition)),
            rank=rank,
            shown=tuple(
                (one.id, f"{'rank' if one.gives_grade else 'step'}_{one.id}", one.gives_grade)
                for one in steps
            ),
        )

    def part(self, name: str) -> Given:
        part = self.combination.parts[name]
        score, rank = part_columns(name)
        other = part.missing if isinstance(part.missing, Fallback) else None
        grade = None if other is None or other.grade is None else part.grades.index(other.grade)
        return Given(
            name=name,
            score=score,
            rank=rank,
            highest=part.scale * MILLI,
            worst=len(part.grades) - 1,
            else_score=None if other is None else other.score * MILLI,
            else_rank=grade,
            refuses=part.missing == "refuse",
        )

    def act(self, step: Step) -> Act:
        if step.weighted is not None:
            return self.mean(step)
        if step.budget is not None:
            return Sum(step.id, tuple(self.piece(one) for one in step.budget.blocks))
        if step.add_on is not None:
            return Sum(step.id, tuple(map(self.piece, step.add_on.add)), self.score(step.add_on.to))
        if step.matrix is not None:
            return self.pairs(step)
        return self.held(step)

    def mean(self, step: Step) -> Mean:
        assert step.weighted is not None  # noqa: S101 - asked for weighted steps only
        scale = scale_of(self.definition, step.id) or 1
        parts = step.weighted.parts
        whole = lcm(*(self.scale(one.of) for one in parts))
        factors = [one.weight * scale * (whole // self.scale(one.of)) for one in parts]
        shared = gcd(*factors, *(one.weight * whole for one in parts)) or 1
        terms = tuple(
            Term(
                one.of,
                self.score(one.of),
                self.scale(one.of) * MILLI if one.turned else None,
                factor // shared,
                one.weight * whole // shared,
            )
            for one, factor in zip(parts, factors, strict=True)
        )
        if sum(2 * one.factor * self.scale(one.of) * MILLI + one.share for one in terms) > LARGEST:
            raise NotUnderstood("These scales lie too far apart for 64 bits; bring them closer together.")
        return Mean(step.id, terms)

    def piece(self, one: Block) -> Piece:
        points = one.points * MILLI
        if one.by_grade is not None:
            symbols = self.symbols(one.of)
            table = tuple(one.by_grade[symbol] * MILLI for symbol in symbols)
            return Piece(one.of, self.rank(one.of), None, 0, 1, table, points)
        highest = self.scale(one.of) * MILLI
        shared = gcd(points, highest)
        top = highest if one.turned else None
        return Piece(one.of, self.score(one.of), top, points // shared, highest // shared, None, points)

    def pairs(self, step: Step) -> Pairs:
        assert step.matrix is not None  # noqa: S101 - asked for matrix steps only
        told = step.matrix
        table = tuple(
            tuple(self.ranks[told.table[row][one]] for one in self.symbols(told.columns))
            for row in self.symbols(told.rows)
        )
        otherwise = None if told.otherwise is None else self.ranks[told.otherwise]
        return Pairs(step.id, self.rank(told.rows), self.rank(told.columns), table, otherwise)

    def held(self, step: Step) -> Held:
        assert step.floor is not None  # noqa: S101 - every other operator was taken before
        others = tuple((self.rank(one), self.ours(one)) for one in step.floor.not_better_than)
        return Held(step.id, self.rank(step.floor.of), others, step.floor.less)

    def ours(self, name: str) -> tuple[int, ...]:
        """Return the rank here of each rank of a value."""
        part = self.combination.parts.get(name)
        if part is None:
            return tuple(range(len(self.ranks)))
        return tuple(self.ranks[part.becomes.get(symbol, symbol)] for symbol in part.grades)

    def symbols(self, name: str) -> tuple[str, ...]:
        part = self.combination.parts.get(name)
        return self.definition.symbols if part is None else part.grades

    def scale(self, name: str) -> int:
        return scale_of(self.definition, name) or 1

    def score(self, name: str) -> str:
        if name == OWN:
            return "points_total"
        if name in self.combination.parts:
            return f"known_{name}_score"
        return f"points_{name}" if name in self.groups else f"step_{name}"

    def rank(self, name: str) -> str:
        """Return the column of a value's rank, cutting its score first where that was not done yet."""
        if name in self.combination.parts:
            return f"known_{name}_rank"
        step = next((one for one in self.combination.steps if one.id == name), None)
        cut = Cut(name, self.score(name), self.bounds(step))
        if cut not in self.acts and (step is None or not step.gives_grade):
            self.acts.append(cut)
        return f"rank_{name}"

    def bounds(self, step: Step | None) -> tuple[int, ...]:
        stated = self.combination.own_cut_offs if step is None else step.cut_offs
        return self.cut_offs if stated is None else tuple(one * MILLI for one in stated)
