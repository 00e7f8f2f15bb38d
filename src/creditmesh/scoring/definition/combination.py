"""How the results of several systems become one: parts, and steps that put them together.

Operators: domain.md §2.6. A step reads the whole of the own groups (`own`), one group, a part, or an earlier step.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from creditmesh.catalogue.model import Part, Text
from creditmesh.scoring.definition.parts import BasisPoints, Direction, Identifier, Integer, Sourced

OWN = "own"
OPERATORS = ("weighted", "budget", "add_on", "matrix", "floor")
Points = Integer


class Fallback(Part):
    """Say what a part counts as where the other system has no result; a grade where one is read."""

    score: Integer = Field(ge=0)
    grade: str | None = None


class PartOf(Sourced):
    """The result of another system: what that system is, and what counts where it has no result.

    Where that system scores devices, `through` names the tie by which they belong to an enterprise, and `take` which of
    their results counts: the worst, or the mean, which has no grade.
    """

    label: Text
    system: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    scale: Integer = Field(ge=1, le=100_000)
    direction: Direction
    grades: tuple[str, ...] = Field(min_length=2, max_length=16)
    missing: Literal["skip", "refuse"] | Fallback
    through: Identifier | None = None
    take: Literal["worst", "mean"] | None = None
    becomes: dict[str, str] = Field(
        default_factory=dict
    )  # its grades in the words of this system, for `floor`

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.through is None) != (self.take is None):
            raise ValueError("write `through: TIE` and `take: worst` or `take: mean` together")
        return self


class Operand(Sourced):
    """One value of a weighted mean; another scale or direction must be converted in so many words."""

    of: Identifier
    weight: BasisPoints
    rescale: bool = False
    turned: bool = False


class Weighted(Sourced):
    """A mean by weights on one scale, rounded once."""

    parts: tuple[Operand, ...] = Field(min_length=2)
    scale: Integer | None = Field(default=None, ge=1, le=100_000)  # as the system says when not said here


class Block(Sourced):
    """A value that makes up to so many points: in proportion to its scale, or by a table of its grades."""

    of: Identifier
    points: Integer = Field(ge=1, le=100_000)
    by_grade: dict[str, Integer] | None = None
    turned: bool = False


class Budget(Sourced):
    """Fixed points for each block; the scale is their sum."""

    blocks: tuple[Block, ...] = Field(min_length=2)


class AddOn(Sourced):
    """A value as it is, and up to so many points more; the scale is the scale of the one and the points of the others."""

    to: Identifier
    add: tuple[Block, ...] = Field(min_length=1)


class Matrix(Sourced):
    """A grade for each pair of grades."""

    rows: Identifier
    columns: Identifier
    table: dict[str, dict[str, str]] = Field(min_length=1)
    otherwise: str | None = None  # where one of the two has no grade


class Floor(Sourced):
    """A result held to be no better than the worst of some others, less so many grades."""

    of: Identifier
    not_better_than: tuple[Identifier, ...] = Field(min_length=1)
    less: Integer = Field(ge=0, le=15)


class Step(Sourced):
    """One operator over parts, groups and the steps before it."""

    id: Identifier
    label: Text
    weighted: Weighted | None = None
    budget: Budget | None = None
    add_on: AddOn | None = None
    matrix: Matrix | None = None
    floor: Floor | None = None
    cut_offs: tuple[Integer, ...] | None = (
        None  # best to worst, to grade this score where a later step reads grades
    )

    @property
    def operator(self) -> str:
        """Return which of the five operators this step is."""
        return next(one for one in OPERATORS if getattr(self, one) is not None)

    @property
    def gives_grade(self) -> bool:
        """Return whether the result is a grade and not a score."""
        return self.matrix is not None or self.floor is not None

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        if sum(getattr(self, one) is not None for one in OPERATORS) != 1:
            raise ValueError(f"a step has exactly one operator: {', '.join(OPERATORS)}")
        if self.gives_grade and self.cut_offs is not None:
            raise ValueError("a step that gives a grade has no `cut_offs`")
        return self


class Combination(Sourced):
    """The parts, and the steps in order; the last step is the result."""

    parts: dict[Identifier, PartOf] = Field(default_factory=dict)
    own_label: Text | None = None  # how the own groups are called in an explanation; else as the system
    own_cut_offs: tuple[Integer, ...] | None = None  # to grade the own groups where a step reads their grade
    steps: tuple[Step, ...] = Field(min_length=1)


class Adjustments(Sourced):
    """By how many grades a person may move a result, with evidence and a second person's word."""

    better: Integer = Field(default=1, ge=0, le=3)
    worse: Integer = Field(default=1, ge=0, le=3)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.better and not self.worse:
            raise ValueError("adjustments by no grade at all are none; leave `adjustments` out")
        return self
