"""How many objects of each grade are drawn: by ratio, or a total shared out by largest remainders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from creditmesh.kernel.errors import CreditmeshError

WHOLE = 10_000  # basis points


class BadRatios(CreditmeshError):
    """Ratios that exempt a grade, or spare a worse grade more than a better one."""

    code = "bad-draw-ratios"


class Stratum(NamedTuple):
    """Objects drawn at one ratio: a grade, ordinary or key units."""

    grade: str
    key: bool


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """Shares to be drawn in basis points, best grade first; refuse with `BadRatios` what the clamp forbids.

    Source of the clamp: domain facts, section 2.3: no grade is exempt, a worse grade is never drawn more rarely,
    a key unit never more rarely than others of its grade.
    """

    by_grade: Mapping[str, int] = field(hash=False)
    key: int = 0  # ratio of key units; 0: as their grade

    def __post_init__(self) -> None:
        before = 0
        for grade, ratio in self.by_grade.items():
            if not 0 < ratio <= WHOLE:
                raise BadRatios(
                    f"The ratio of grade {grade} is {ratio} basis points; it must lie above 0 and up to {WHOLE}: "
                    "no grade is exempt from the draw."
                )
            if ratio < before:
                raise BadRatios(
                    f"The ratio of grade {grade} ({ratio}) is below that of a better grade ({before}): "
                    "raise it, or lower the other."
                )
            before = ratio
        if not self.by_grade:
            raise BadRatios("State a ratio for each grade.")
        if not 0 <= self.key <= WHOLE:
            raise BadRatios(
                f"The ratio of key units is {self.key} basis points; it must lie from 0 to {WHOLE}."
            )

    def of(self, stratum: Stratum) -> int:
        """Return the ratio of a stratum in basis points."""
        ratio = self.by_grade[stratum.grade]
        return max(ratio, self.key) if stratum.key else ratio


def by_ratio(population: Mapping[Stratum, int], *, ratios: Ratios) -> dict[Stratum, int]:
    """Return min(N, ceil(N · ratio)) for each stratum.

    >>> by_ratio({Stratum("A", False): 101}, ratios=Ratios(by_grade={"A": 100}))
    {Stratum(grade='A', key=False): 2}
    """
    return {one: min(size, -(-size * ratios.of(one) // WHOLE)) for one, size in population.items()}


def by_budget(population: Mapping[Stratum, int], *, ratios: Ratios, budget: int) -> dict[Stratum, int]:
    """Return how a total is shared out: largest remainders of the weights N · ratio, never more than N.

    The sum is the budget, or everyone. Ties go to the worse grade. Where the budget has one for each grade, a
    grade that would get none takes one from the largest share: no grade is exempt.
    """
    order = _worst_first(population, ratios)
    total = min(max(budget, 0), sum(population.values()))
    shares = dict.fromkeys(order, 0)
    open_ = [one for one in order if population[one]]
    while total:
        part = _largest_remainders({one: population[one] * ratios.of(one) for one in open_}, total)
        over = [one for one in open_ if part[one] >= population[one]]
        if not over:
            shares.update(part)
            break
        # What a stratum cannot take goes to the others, shared out anew.
        for one in over:
            shares[one] = population[one]
            total -= population[one]
        open_ = [one for one in open_ if one not in over]
    return _nobody_exempt(shares, population)


def _worst_first(population: Mapping[Stratum, int], ratios: Ratios) -> list[Stratum]:
    grades = list(ratios.by_grade)
    return sorted(population, key=lambda one: (-grades.index(one.grade), not one.key))


def _largest_remainders(weights: Mapping[Stratum, int], total: int) -> dict[Stratum, int]:
    whole = sum(weights.values())
    shares = {one: total * weight // whole for one, weight in weights.items()}
    left = total - sum(shares.values())
    # sorted() is stable, so equal remainders keep the order: worst grade first.
    for one in sorted(weights, key=lambda one: -(total * weights[one] % whole))[:left]:
        shares[one] += 1
    return shares


def _nobody_exempt(shares: dict[Stratum, int], population: Mapping[Stratum, int]) -> dict[Stratum, int]:
    present = list(dict.fromkeys(one.grade for one in shares if population[one]))
    if sum(shares.values()) < len(present):
        return shares
    for grade in present:
        own = [one for one in shares if one.grade == grade and population[one]]
        if sum(shares[one] for one in own):
            continue
        richest = max(shares, key=lambda one: (_of_grade(shares, one.grade) > 1, shares[one]))
        shares[richest] -= 1
        shares[own[0]] += 1
    return shares


def _of_grade(shares: Mapping[Stratum, int], grade: str) -> int:
    return sum(size for one, size in shares.items() if one.grade == grade)
