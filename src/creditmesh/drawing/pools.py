"""Pools as they were frozen: who could be drawn, who was left out and why, each pool with its digest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from creditmesh.drawing.written import SEPARATOR, require_identifier, sha256, written
from creditmesh.kernel.errors import CreditmeshError


class BadPool(CreditmeshError):
    """A pool with an object twice, or with a grade the task does not know."""

    code = "bad-pool"


class Left(StrEnum):
    """Why an object is left out of a draw; the first that holds is the reason."""

    OUT_OF_SCOPE = "out_of_scope"  # deregistered, moved away, not what the items are about
    EXEMPT = "exempt"  # an exempt period was granted
    COOL_DOWN = "cool_down"  # inspected a short while ago
    VISITS = "visits"  # inspected as often this year as its grade allows


class Candidate(NamedTuple):
    """An object with all that decides whether it may be drawn. `last_inspected` is the day of the last visit."""

    id: str
    grade: str
    key: bool = False  # on a list of key units
    region: str = ""
    last_inspected: date | None = None
    visits: int = 0  # this year
    exempt_until: date | None = None  # the last day it is exempt
    in_scope: bool = True


# What decides, of an object nothing was ever noted of: nearly all of a pool of a million.
_UNTOUCHED = (None, 0, None, True)


class Listed(NamedTuple):
    """A line of a frozen pool. `excluded` is empty or one of `Left`."""

    id: str
    grade: str
    key: bool
    region: str
    excluded: str


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """When objects are left out. Source of the numbers: the rule pack (domain facts, section 3, step 1)."""

    on: date
    cool_down_days: int
    most_visits: Mapping[str, int]  # by grade, a year; a grade without one has no limit
    key_items: bool = False  # for key items neither cool-down nor a yearly limit holds

    def reason(self, one: Candidate, *, worst: str) -> str:
        """Return why a candidate is left out, empty when it takes part.

        Cool-down spares neither the worst grade nor key items: what is dangerous may be seen again at once.
        """
        if not one.in_scope:
            return Left.OUT_OF_SCOPE.value
        if one.exempt_until is not None and self.on <= one.exempt_until:
            return Left.EXEMPT.value
        if self.key_items or one.grade == worst:
            return ""
        last = one.last_inspected
        if last is not None and (self.on - last).days < self.cool_down_days:
            return Left.COOL_DOWN.value
        most = self.most_visits.get(one.grade)
        return Left.VISITS.value if most is not None and one.visits >= most else ""


@dataclass(frozen=True, kw_only=True)
class ObjectPool:
    """The objects of a draw, by id; `grades` from best to worst."""

    grades: tuple[str, ...]
    rows: tuple[Listed, ...]

    @cached_property
    def sha256(self) -> str:
        """Return the digest of the rows: a JSON list of [id, grade, key, region, excluded], by id."""
        return sha256(written(self.rows))

    @cached_property
    def left_out(self) -> dict[str, int]:
        """Return how many are left out, by reason."""
        counted: dict[str, int] = {}
        for row in self.rows:
            if row.excluded:
                counted[row.excluded] = counted.get(row.excluded, 0) + 1
        return counted


def freeze(candidates: Iterable[Candidate], *, grades: Sequence[str], leaving: Leaving) -> ObjectPool:
    """Return the pool as it is now, each object with the reason why it is left out, if it is.

    Raises `BadPool`, `BadIdentifier`.
    """
    worst = grades[-1]
    rows = [
        Listed(
            one[0], one[1], one[2], one[3], "" if one[4:] == _UNTOUCHED else leaving.reason(one, worst=worst)
        )
        for one in candidates
    ]
    rows.sort(key=itemgetter(0))
    return pool_of(rows, grades=grades)


def pool_of(rows: Sequence[Listed], *, grades: Sequence[str]) -> ObjectPool:
    """Return a pool of lines that are in order of their ids; raise `BadPool`, `BadIdentifier`."""
    known = frozenset(grades)
    before = ""
    for row in rows:
        name = row[0]
        if name <= before or SEPARATOR in name or row[1] not in known:
            require_identifier(name, what="object")
            if name <= before:
                raise BadPool(f"The object '{name[:60]}' stands twice in the pool, or out of order.")
            raise BadPool(f"The object '{name[:60]}' has the grade '{row.grade}', which the task lacks.")
        before = name
    return ObjectPool(grades=tuple(grades), rows=tuple(rows))


class Duty(StrEnum):
    """What someone in the inspector pool can be drawn as."""

    OFFICER = "officer"
    EXPERT = "expert"  # goes along, never counts as an officer


class Inspector(NamedTuple):
    """A line of the inspector pool. `facts` commits to declared interests without showing them."""

    id: str
    unit: str  # department
    region: str
    valid_to: str  # the last day the certificate is valid, ISO
    specialties: tuple[str, ...]
    duty: str = Duty.OFFICER.value
    active: bool = True
    load: int = 0  # visits still open when the pool was frozen
    facts: str = ""


@dataclass(frozen=True, kw_only=True)
class InspectorPool:
    """The inspectors of a draw, by id."""

    rows: tuple[Inspector, ...]

    @cached_property
    def sha256(self) -> str:
        """Return the digest of the rows, a JSON list of lists, by id."""
        return sha256(written(self.rows))


def freeze_inspectors(inspectors: Iterable[Inspector]) -> InspectorPool:
    """Return the inspector pool in order; raise `BadPool`, `BadIdentifier`."""
    rows = sorted(one._replace(specialties=tuple(sorted(one.specialties))) for one in inspectors)
    before = ""
    for row in rows:
        require_identifier(row.id, what="inspector")
        if row.id == before:
            raise BadPool(f"The inspector '{row.id[:60]}' stands twice in the pool.")
        before = row.id
    return InspectorPool(rows=tuple(rows))
