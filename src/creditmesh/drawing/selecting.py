"""The draw itself: rank by hash, take so many of each grade, keep the next ranks in reserve."""

import hashlib
import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from creditmesh.drawing.pools import ObjectPool
from creditmesh.drawing.sizes import WHOLE, Ratios, Stratum, by_budget, by_ratio
from creditmesh.drawing.written import SEPARATOR, require_identifier
from creditmesh.kernel.errors import CreditmeshError

ALGORITHM = "creditmesh-draw/1"
HALF = 16
CONTROL = "control"
RISK = "risk"
# Below this share of a stratum a heap is quicker than sorting all of it.
FEW = 8


class BadTerms(CreditmeshError):
    """Terms of a draw that cannot be meant."""

    code = "bad-draw-terms"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How many are drawn. `control` of each grade are drawn from all of it alike, whatever is known of them."""

    ratios: Ratios
    budget: int = 0  # in all; 0: by ratio alone
    control: int = 0  # of each grade, part of what the grade gets
    reserve: int = 2000  # share of the drawn kept in reserve, basis points; at least one where any are left

    def __post_init__(self) -> None:
        if min(self.budget, self.control, self.reserve) < 0:
            raise BadTerms("Budget, control quota and reserve cannot be below nothing.")

    def sizes(self, population: Mapping[Stratum, int]) -> dict[Stratum, int]:
        """Return how many of each stratum are drawn."""
        if self.budget:
            return by_budget(population, ratios=self.ratios, budget=self.budget)
        return by_ratio(population, ratios=self.ratios)


class Drawn(NamedTuple):
    """An object drawn. `place` is its turn, 1 first; for a reserve, its turn in its stratum."""

    place: int
    id: str
    grade: str
    key: bool
    part: str  # control or risk


@dataclass(frozen=True, kw_only=True)
class Count:
    """What was drawn of one stratum. `population` are those that took part, `control` those of the fixed quota."""

    grade: str
    key: bool
    population: int
    drawn: int
    control: int


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Everything a draw of objects says."""

    drawn: tuple[Drawn, ...]
    reserves: tuple[Drawn, ...]
    counts: tuple[Count, ...]


_Ranked = tuple[bytes, str]


def select(*, pool: ObjectPool, terms: Terms, seed: str, task: str) -> Selection:
    """Return who is drawn. The order of the pool and who else is in it change nobody's rank.

    The rank is SHA-256 of `seed|task|object`; the quota of each grade ranks by the second half of the same
    digest first, so that it knows nothing of the other order. Raises `BadTerms`, `BadIdentifier`.
    """
    require_identifier(task, what="task")
    if tuple(terms.ratios.by_grade) != pool.grades:
        raise BadTerms("The ratios must name the grades of the pool, best first.")
    ranked = _ranked(pool, f"{seed}{SEPARATOR}{task}{SEPARATOR}")
    population = {one: len(found) for one, found in ranked.items()}
    sizes = terms.sizes(population)
    chosen: list[tuple[bytes, str, Stratum, str]] = []
    reserves: list[Drawn] = []
    counts: list[Count] = []
    for grade in pool.grades:
        strata = (Stratum(grade, True), Stratum(grade, False))
        control = _control([(one, ranked[one]) for one in strata], terms.control, sizes)
        left = sum(sizes[one] for one in strata) - len(control)
        for one in strata:
            quota = [entry for entry in control if entry[2] == one]
            # Key units first: what the quota took of the others is not taken from them.
            want = min(left, max(sizes[one] - len(quota), 0))
            left -= want
            taken, rest = _next(ranked[one], {entry[1] for entry in quota}, want, terms.reserve, sizes[one])
            chosen += [(*entry, one, CONTROL) for entry in ((digest, name) for digest, name, _ in quota)]
            chosen += [(digest, name, one, RISK) for digest, name in taken]
            reserves += [
                Drawn(place, name, grade, one.key, RISK) for place, (_, name) in enumerate(rest, start=1)
            ]
            counts.append(
                Count(
                    grade=grade,
                    key=one.key,
                    population=population[one],
                    drawn=len(quota) + len(taken),
                    control=len(quota),
                )
            )
    chosen.sort()
    drawn = tuple(
        Drawn(place, name, one.grade, one.key, part)
        for place, (_, name, one, part) in enumerate(chosen, start=1)
    )
    return Selection(drawn=drawn, reserves=tuple(reserves), counts=tuple(counts))


def _ranked(pool: ObjectPool, prefix: str) -> dict[Stratum, list[_Ranked]]:
    found: dict[Stratum, list[_Ranked]] = {
        Stratum(grade, key): [] for grade in pool.grades for key in (True, False)
    }
    # One look-up by plain key a row, and one copy of the hash of the prefix: a pool may hold a million.
    lists = {(one.grade, one.key): found[one] for one in found}
    start = hashlib.sha256(prefix.encode())
    for name, grade, key, _, excluded in pool.rows:
        if not excluded:
            digest = start.copy()
            digest.update(name.encode())
            lists[grade, key].append((digest.digest(), name))
    return found


def _control(
    strata: list[tuple[Stratum, list[_Ranked]]], quota: int, sizes: Mapping[Stratum, int]
) -> list[tuple[bytes, str, Stratum]]:
    """Return the quota of one grade, key units and others alike, never more than the grade gets."""
    most = min(quota, sum(sizes[one] for one, _ in strata))
    if not most:
        return []
    everyone = ((digest, name, one) for one, entries in strata for digest, name in entries)
    return heapq.nsmallest(most, everyone, key=lambda entry: (entry[0][HALF:], entry[1]))


def _next(
    entries: list[_Ranked], taken: set[str], want: int, reserve: int, size: int
) -> tuple[list[_Ranked], list[_Ranked]]:
    """Return the first ranks not taken yet, and those after them that are kept in reserve."""
    most = want + len(taken) + (-(-size * reserve // WHOLE) if reserve and size else 0)
    first = sorted(entries)[:most] if most * FEW > len(entries) else heapq.nsmallest(most, entries)
    free = [entry for entry in first if entry[1] not in taken]
    return free[:want], free[want : most - len(taken)]
