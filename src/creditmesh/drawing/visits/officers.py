"""Who inspects: two officers of the leading department at least, one of each other, drawn by hash."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from creditmesh.drawing.pools import Duty, Inspector, InspectorPool
from creditmesh.drawing.visits.recusal import Conflict
from creditmesh.drawing.written import SEPARATOR
from creditmesh.kernel.errors import CreditmeshError

WHOLE_POOL = 0  # width of a region prefix that every region shares
RANK_BYTES = 4  # of one rank
Region = tuple[int, str]  # how many digits of it count, and these digits
Places = NDArray[np.int64]
Ranks = NDArray[np.uint32]


class BadNeed(CreditmeshError):
    """A team that would be too small, or of departments named twice."""

    code = "bad-draw-need"


class Need(NamedTuple):
    """What one department sends. The first need of a task is that of the leading department."""

    unit: str
    officers: int
    specialties: tuple[str, ...] = ()  # one of these is enough; none: any
    experts: int = 0


class Visit(NamedTuple):
    """An object to be inspected, and the region it lies in."""

    object: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """How teams are put together. Source of the numbers: the rule pack; never fewer than two officers."""

    needs: tuple[Need, ...]
    valid_on: date  # certificates must be valid on that day: the last one of the visiting window
    least: int = 2  # officers in all, 行政处罚法 art. 42
    load: int = 30  # most open visits of one person
    widths: tuple[int, ...] = (6, 4, 2, WHOLE_POOL)  # region prefixes tried one after the other

    def __post_init__(self) -> None:
        units = [need.unit for need in self.needs]
        if not units or len(set(units)) != len(units):
            raise BadNeed("Name the leading department first and each department once.")
        if min(need.officers for need in self.needs) < 1 or min(need.experts for need in self.needs) < 0:
            raise BadNeed("Each department sends at least one officer.")
        if self.least < 2 or sum(need.officers for need in self.needs) < self.least:
            raise BadNeed("A team has at least two officers: one alone may not inspect.")


class Member(NamedTuple):
    """Someone in a team: lead, assistant or expert."""

    inspector: str
    unit: str
    role: str


class Team(NamedTuple):
    """Who inspects an object. Without members `failure` says for which department nobody was found and why."""

    object: str
    width: int  # of the region prefix within which they were found; -1 when they were not
    members: tuple[Member, ...]
    failure: str = ""


def assign(
    *,
    visits: Sequence[Visit],
    pool: InspectorPool,
    staffing: Staffing,
    conflicts: Sequence[Conflict],
    seed: str,
    task: str,
) -> tuple[Team, ...]:
    """Return the teams of all visits, in their order; a team is whole or it is a failure with its reason.

    Each visit has ranks of its own, read one after the other for the whole pool from SHAKE-128 of
    `seed|task|object`: one hash a visit and not one for each pair. Where a department has too few in the region
    of the object, the region of that department is widened.
    """
    barred: dict[str, set[str]] = {}
    for conflict in conflicts:
        barred.setdefault(conflict.object, set()).add(conflict.inspector)
    bench = Bench(rows=pool.rows, staffing=staffing)
    teams = []
    for visit in visits:
        rank = rank_of(seed=seed, task=task, object_=visit.object)
        team = bench.team(visit=visit, barred=barred.get(visit.object, frozenset()), rank=rank)
        bench.count(team)
        teams.append(team)
    return tuple(teams)


def rank_of(*, seed: str, task: str, object_: str) -> str:
    """Return what the ranks of all inspectors for one visit are the hash of."""
    return f"{seed}{SEPARATOR}{task}{SEPARATOR}{object_}"


class Bench:
    """Everyone who could go at all, by need and region, so that thousands of visits need not look through all.

    The place of an inspector in `rows` is the place of the rank in the hash of a visit: whoever comes to the pool
    later stands at its end.
    """

    def __init__(self, *, rows: Sequence[Inspector], staffing: Staffing) -> None:
        self.rows = tuple(rows)
        self.staffing = staffing
        self._place = {row.id: place for place, row in enumerate(self.rows)}
        self._load = np.fromiter((row.load for row in self.rows), dtype=np.int64, count=len(self.rows))
        self._near: dict[tuple[int, Duty, Region], Places] = {}

    def count(self, team: Team) -> None:
        """Add a visit to the load of everyone in a team."""
        for member in team.members:
            self._load[self._place[member.inspector]] += 1

    def team(self, *, visit: Visit, barred: Collection[str], rank: str) -> Team:
        """Return the team of one visit; `rank` as `rank_of` says."""
        ranks = _ranks(rank, len(self.rows))
        found: list[Member] = []
        widest = 0
        for need, where in enumerate(self.staffing.needs):
            step, officers, experts = self._nearest(need, visit, barred, ranks)
            if len(officers) < where.officers or len(experts) < where.experts:
                said = (
                    f"{where.unit}: {len(officers)} of {where.officers} officers, "
                    f"{len(experts)} of {where.experts} experts"
                )
                return Team(visit.object, -1, (), said)
            widest = max(widest, step)
            found += [
                Member(one.id, where.unit, "lead" if not need and not turn else "assistant")
                for turn, one in enumerate(officers)
            ]
            found += [Member(one.id, where.unit, "expert") for one in experts]
        return Team(visit.object, self.staffing.widths[widest], tuple(found))

    def another(
        self, *, unit: str, duty: Duty, visit: Visit, barred: Collection[str], rank: str
    ) -> Inspector | None:
        """Return who comes next when someone of a department falls out, None when nobody is left."""
        ranks = _ranks(rank, len(self.rows))
        need = [one.unit for one in self.staffing.needs].index(unit)
        for width in self.staffing.widths:
            for one in self._first(need, duty, (width, visit.region[:width]), 1, barred, ranks):
                return one
        return None

    def _nearest(
        self, need: int, visit: Visit, barred: Collection[str], ranks: Ranks
    ) -> tuple[int, list[Inspector], list[Inspector]]:
        """Return the officers and experts of the narrowest region with enough, or all there are of the widest."""
        asked = self.staffing.needs[need]
        officers: list[Inspector] = []
        experts: list[Inspector] = []
        step = 0
        for step, width in enumerate(self.staffing.widths):  # noqa: B007 - how far it went is the answer
            near = (width, visit.region[:width])
            officers = self._first(need, Duty.OFFICER, near, asked.officers, barred, ranks)
            experts = self._first(need, Duty.EXPERT, near, asked.experts, barred, ranks)
            if len(officers) == asked.officers and len(experts) == asked.experts:
                break
        return step, officers, experts

    def _first(
        self, need: int, duty: Duty, region: Region, most: int, barred: Collection[str], ranks: Ranks
    ) -> list[Inspector]:
        """Return the first ranks of one duty in a region; of equal ranks the first in the pool."""
        if not most:
            return []
        near = self._of(need, duty, region)
        near = near[self._load[near] < self.staffing.load]
        if barred:
            away = [self._place[one] for one in barred if one in self._place]
            near = near[~np.isin(near, away)]
        keys = ranks[near].astype(np.int64) << 31 | near
        if most < len(keys):
            keys = np.partition(keys, most - 1)[:most]
        keys.sort()
        return [self.rows[key & 0x7FFFFFFF] for key in keys.tolist()]

    def _of(self, need: int, duty: Duty, region: Region) -> Places:
        key = (need, duty, region)
        if key not in self._near:
            asked, (width, prefix) = self.staffing.needs[need], region
            found = [
                place
                for place, one in enumerate(self.rows)
                if one.duty == duty.value
                and one.region[:width] == prefix
                and _fits(one, asked, self.staffing)
            ]
            self._near[key] = np.array(found, dtype=np.int64)
        return self._near[key]


def _ranks(rank: str, size: int) -> Ranks:
    stream = hashlib.shake_128(rank.encode()).digest(RANK_BYTES * size)
    return np.frombuffer(stream, dtype=">u4")


def _fits(one: Inspector, need: Need, staffing: Staffing) -> bool:
    if not one.active or one.unit != need.unit or one.valid_to < staffing.valid_on.isoformat():
        return False
    return not need.specialties or not frozenset(need.specialties).isdisjoint(one.specialties)
