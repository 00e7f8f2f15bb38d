"""Ordered sets of grades of any length, best first; four in the national frame, five in Shandong's."""

from collections.abc import Iterator
from dataclasses import dataclass

from creditmesh.kernel.errors import CreditmeshError


class UnknownGrade(CreditmeshError):
    """A symbol that is not in the grade set."""

    code = "unknown-grade"


class MixedGradeSets(CreditmeshError):
    """Grades of two different sets were compared."""

    code = "mixed-grade-sets"


class BadGradeSet(CreditmeshError):
    """A grade set without symbols, or with one twice."""

    code = "bad-grade-set"


@dataclass(frozen=True)
class GradeSet:
    """Hold the symbols of one grading from best to worst; raise `BadGradeSet` for none or a double one."""

    id: str
    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.symbols or len(set(self.symbols)) != len(self.symbols) or "" in self.symbols:
            raise BadGradeSet(f"The grade set {self.id} needs at least one symbol, and each only once.")

    def __iter__(self) -> Iterator["Grade"]:
        return (Grade(self, severity) for severity in range(len(self.symbols)))

    def __len__(self) -> int:
        return len(self.symbols)

    def grade(self, symbol: str) -> "Grade":
        """Return the grade of that symbol; raise `UnknownGrade` when the set has no such symbol.

        >>> GradeSet("national", ("A", "B", "C", "D")).grade("B").step(1).symbol
        'C'
        """
        if symbol not in self.symbols:
            raise UnknownGrade(f"{symbol!r} is no grade of {self.id}; use one of {', '.join(self.symbols)}.")
        return Grade(self, self.symbols.index(symbol))

    @property
    def best(self) -> "Grade":
        """Return the best grade."""
        return Grade(self, 0)

    @property
    def worst(self) -> "Grade":
        """Return the worst grade."""
        return Grade(self, len(self.symbols) - 1)


@dataclass(frozen=True)
class Grade:
    """One grade of a set; `severity` counts from the best, which is 0.

    There is no `<`: whether an A is more or less than a B depends on whom one asks.
    """

    of: GradeSet
    severity: int

    def __str__(self) -> str:
        return self.symbol

    @property
    def symbol(self) -> str:
        """Return the symbol as it is written, such as `A`."""
        return self.of.symbols[self.severity]

    def is_worse_than(self, other: "Grade") -> bool:
        """Return whether this grade is worse; raise `MixedGradeSets` for grades of two sets."""
        return self.severity > self._comparable(other).severity

    def is_better_than(self, other: "Grade") -> bool:
        """Return whether this grade is better; raise `MixedGradeSets` for grades of two sets."""
        return self.severity < self._comparable(other).severity

    def worse_of(self, other: "Grade") -> "Grade":
        """Return the worse of the two; raise `MixedGradeSets` for grades of two sets."""
        return self if self.is_worse_than(other) else other

    def better_of(self, other: "Grade") -> "Grade":
        """Return the better of the two; raise `MixedGradeSets` for grades of two sets."""
        return self if self.is_better_than(other) else other

    def capped_at(self, cap: "Grade") -> "Grade":
        """Return this grade, but nothing better than the cap; raise `MixedGradeSets` for two sets."""
        return self.worse_of(cap)

    def step(self, steps: int) -> "Grade":
        """Return the grade so many steps worse (negative: better), staying within the set."""
        return Grade(self.of, min(max(self.severity + steps, 0), len(self.of) - 1))

    def _comparable(self, other: "Grade") -> "Grade":
        if self.of != other.of:
            raise MixedGradeSets(
                f"{self.symbol} of {self.of.id} and {other.symbol} of {other.of.id} cannot be compared; "
                "map one set to the other first."
            )
        return other
