"""The draw itself: rank by hash, take so many of each grade, keep the next ranks in reserve."""

import hashlib
import math
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
# So many more than asked for lie below the bound of `_first`, against chance: six standard deviations and some.
SPREAD = 6
MARGIN = 40


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


class _Ranks(NamedTuple):
    """The ranks of a stratum beside the ids they belong to."""

    digests: list[bytes]
    names: list[str]


def select(*, pool: ObjectPool, terms: Terms, seed: str, task: str) -> Selection:
    """Return who is drawn. The order of the pool and who else is in it change nobody's rank.

    The rank is SHA-256 of `seed|task|object`; the quota of each grade ranks by the second half of the same
    digest first, so that it knows nothing of the other order. Raises `BadTerms`, `BadIdentifier`.
    """
    require_identifier(task, what="task")
    if tuple(terms.ratios.by_grade) != pool.grades:
        raise BadTerms("The ratios must name the grades of the pool, best first.")
    ranked = _ranked(pool, f"{seed}{SEPARATOR}{task}{SEPARATOR}")
    population = {one: len(found.names) for one, found in ranked.items()}
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


def _ranked(pool: ObjectPool, prefix: str) -> dict[Stratum, _Ranks]:
    names: dict[tuple[str, bool], list[str]] = {
        (grade, key): [] for grade in pool.grades for key in (True, False)
    }
    ids, grades, keys, _, excluded = pool.columns
    for name, grade, key, reason in zip(ids, grades, keys, excluded, strict=True):
        if not reason:
            names[grade, key].append(name)
    # One call a name and no tuple for it: a pool may hold a million.
    start, sha256 = prefix.encode(), hashlib.sha256
    return {
        Stratum(*one): _Ranks([sha256(start + name.encode()).digest() for name in found], found)
        for one, found in names.items()
    }


def _control(
    strata: list[tuple[Stratum, _Ranks]], quota: int, sizes: Mapping[Stratum, int]
) -> list[tuple[bytes, str, Stratum]]:
    """Return the quota of one grade, key units and others alike, never more than the grade gets."""
    most = min(quota, sum(sizes[one] for one, _ in strata))
    if not most:
        return []
    # The first of the grade are among the first of each of its strata.
    first = [
        (half, ranks.names[place], ranks.digests[place], stratum)
        for stratum, ranks in strata
        for half, place in _first([digest[HALF:] for digest in ranks.digests], most)
    ]
    return [(digest, name, stratum) for _, name, digest, stratum in sorted(first)[:most]]


def _next(
    ranks: _Ranks, taken: set[str], want: int, reserve: int, size: int
) -> tuple[list[_Ranked], list[_Ranked]]:
    """Return the first ranks not taken yet, and those after them that are kept in reserve."""
    most = want + len(taken) + (-(-size * reserve // WHOLE) if reserve and size else 0)
    first = [(digest, ranks.names[place]) for digest, place in _first(ranks.digests, most)]
    free = [entry for entry in first if entry[1] not in taken]
    return free[:want], free[want : most - len(taken)]


def _first(digests: list[bytes], most: int) -> list[tuple[bytes, int]]:
    """Return so many of the lowest digests in their order, each with its place.

    Digests are spread evenly, so that all but few can be left out before anything is sorted.
    """
    bound = (most + MARGIN + SPREAD * math.isqrt(most)) * 2**64 // max(len(digests), 1)
    if bound < 2**64:
        below = bound.to_bytes(8, "big")
        few = [(digest, place) for place, digest in enumerate(digests) if digest < below]
        if len(few) >= most:
            return sorted(few)[:most]
    return sorted(zip(digests, range(len(digests)), strict=True))[:most]
