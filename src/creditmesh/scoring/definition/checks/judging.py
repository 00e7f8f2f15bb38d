"""Weights by judgement (AHP, Saaty 1980): how much each of some things matters against each other one.

The matrix stands in the file (`weights_from`); its weights are frozen beside it as basis points. Plain Python, so that
reading a system needs no library of numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from creditmesh.kernel.errors import CreditmeshError

ALL = 10_000
# Saaty 1980, random consistency index by size of the matrix
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
MOST_INCONSISTENT = 0.1
STRONGEST = 9
SQUARINGS = 12


class BadJudgement(CreditmeshError):
    """A matrix of judgements, or data to weigh by, is not of the right shape."""

    code = "bad-judgement"


class Inconsistent(CreditmeshError):
    """Judgements contradict each other more than is allowed."""

    code = "inconsistent-judgement"


@dataclass(frozen=True)
class Judged:
    """Weights of a judgement matrix and how consistent it is."""

    weights: tuple[float, ...]
    basis_points: tuple[int, ...]
    greatest_eigenvalue: float
    consistency_index: float
    consistency_ratio: float


def ahp(matrix: Sequence[Sequence[object]], *, overruled: str | None = None) -> Judged:
    """Return the weights of a judgement matrix, by its principal eigenvector.

    Entries are 1 to 9 or their inverses, as numbers or text such as '1/3'; the lower half may be left out (null).
    Raises `BadJudgement`, and `Inconsistent` for a consistency ratio above 0.1 unless `overruled` says why.
    """
    judged = _matrix(matrix)
    size = len(judged)
    found = _principal(judged)
    greatest = sum(sum(judged[n][m] * found[m] for m in range(size)) / found[n] for n in range(size)) / size
    index = (greatest - size) / (size - 1) if size > 1 else 0.0
    ratio = index / RANDOM_INDEX[size - 1] if size > 2 else 0.0
    if ratio > MOST_INCONSISTENT and not (overruled and overruled.strip()):
        raise Inconsistent(
            f"The judgements contradict each other: consistency ratio {ratio:.3f}, at most {MOST_INCONSISTENT} is "
            "allowed. Look again at the pairs that do not fit, or write `overruled: REASON`."
        )
    weights = tuple(found)
    return Judged(weights, shares(weights), greatest, max(index, 0.0), max(ratio, 0.0))


def _matrix(matrix: Sequence[Sequence[object]]) -> list[list[float]]:
    size = len(matrix)
    if not 2 <= size <= len(RANDOM_INDEX) or any(len(row) != size for row in matrix):
        raise BadJudgement(f"A judgement matrix is square, of 2 to {len(RANDOM_INDEX)} rows.")
    found = [[1.0] * size for _ in range(size)]
    for n, m in combinations(range(size), 2):
        above, below = _judgement(matrix[n][m]), _judgement(matrix[m][n])
        if above is None and below is None:
            raise BadJudgement(f"Nothing is said of row {n + 1} against row {m + 1}.")
        value = above if above is not None else 1 / below if below else None
        if value is None or (below is not None and abs(value * below - 1) > 0.02):
            raise BadJudgement(
                f"Row {n + 1} against row {m + 1} is not the inverse of row {m + 1} against {n + 1}."
            )
        found[n][m], found[m][n] = float(value), float(1 / value)
    for n in range(size):
        if _judgement(matrix[n][n]) not in {None, Fraction(1)}:
            raise BadJudgement(f"Row {n + 1} against itself is 1.")
    return found


def _judgement(said: object) -> Fraction | None:
    if said is None:
        return None
    try:
        found = Fraction(str(said))
    except (ValueError, ZeroDivisionError):
        raise BadJudgement(f"'{said}' is no judgement; write 1 to 9, or an inverse such as 1/3.") from None
    if not Fraction(1, STRONGEST) - Fraction(1, 100) <= found <= STRONGEST:
        raise BadJudgement(f"'{said}' is outside 1/9 to 9.")
    return found


def _principal(matrix: list[list[float]]) -> list[float]:
    """Return the principal eigenvector, summing to 1: the row sums of a high power of the matrix."""
    size = len(matrix)
    for _ in range(SQUARINGS):
        whole = sum(map(sum, matrix))
        scaled = [[one / whole for one in row] for row in matrix]
        matrix = [
            [sum(scaled[n][k] * scaled[k][m] for k in range(size)) for m in range(size)] for n in range(size)
        ]
    sums = [sum(row) for row in matrix]
    return [one / sum(sums) for one in sums]


def shares(wanted: Sequence[float], *, total: int = ALL) -> tuple[int, ...]:
    """Return whole numbers in proportion to some that sum exactly to the total, by largest remainder.

    >>> shares([1, 1, 1])
    (3334, 3333, 3333)
    """
    whole = sum(wanted)
    exact = [one * total / whole for one in wanted]
    found = [int(one) for one in exact]
    order = sorted(range(len(found)), key=lambda n: (-(exact[n] - found[n]), n))
    for n in order[: total - sum(found)]:
        found[n] += 1
    return tuple(found)
