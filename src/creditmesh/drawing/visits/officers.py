"""Who inspects: two officers of the leading department at least, one of each other, drawn by hash."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from creditmesh.drawing.pools import Duty, Inspector, InspectorPool
from creditmesh.drawing.visits.recusal import Conflict
from creditmesh.drawing.written import SEPARATOR
from creditmesh.kernel.errors import CreditmeshError

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

WHOLE_POOL = 0  # width of a region prefix that every region shares


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

    Inspectors rank by SHA-256 of `seed|task|object|inspector`. Where a department has too few in the region of
    the object, the region of that department is widened.
    """
    load = {one.id: one.load for one in pool.rows}
    barred: dict[str, set[str]] = {}
    for conflict in conflicts:
        barred.setdefault(conflict.object, set()).add(conflict.inspector)
    bench = Bench(pool=pool, staffing=staffing)
    teams = []
    for visit in visits:
        team = bench.team(
            visit=visit,
            barred=barred.get(visit.object, frozenset()),
            load=load,
            rank=f"{seed}{SEPARATOR}{task}{SEPARATOR}{visit.object}{SEPARATOR}",
        )
        for member in team.members:
            load[member.inspector] += 1
        teams.append(team)
    return tuple(teams)


class Bench:
    """Everyone who could go at all, by need and region, so that thousands of visits need not look through all."""

    def __init__(self, *, pool: InspectorPool, staffing: Staffing) -> None:
        self.staffing = staffing
        self._fitting = [[one for one in pool.rows if _fits(one, need, staffing)] for need in staffing.needs]
        self._near: dict[tuple[int, int, str], list[Inspector]] = {}

    def team(self, *, visit: Visit, barred: Collection[str], load: Mapping[str, int], rank: str) -> Team:
        """Return the team of one visit; `rank` is what comes before the inspector's id in the hash."""
        found: list[Member] = []
        widest = 0
        for place, need in enumerate(self.staffing.needs):
            step, officers, experts = self._nearest(place, visit, barred, load, rank)
            if len(officers) < need.officers or len(experts) < need.experts:
                said = (
                    f"{need.unit}: {len(officers)} of {need.officers} officers, "
                    f"{len(experts)} of {need.experts} experts"
                )
                return Team(visit.object, -1, (), said)
            widest = max(widest, step)
            found += [
                Member(one.id, need.unit, "lead" if not place and not turn else "assistant")
                for turn, one in enumerate(officers)
            ]
            found += [Member(one.id, need.unit, "expert") for one in experts]
        return Team(visit.object, self.staffing.widths[widest], tuple(found))

    def another(
        self,
        *,
        unit: str,
        duty: Duty,
        visit: Visit,
        barred: Collection[str],
        load: Mapping[str, int],
        rank: str,
    ) -> Inspector | None:
        """Return who comes next when someone of a department falls out, None when nobody is left."""
        start = hashlib.sha256(rank.encode())
        place = [need.unit for need in self.staffing.needs].index(unit)
        for width in self.staffing.widths:
            near = self._of(place, width, visit.region[:width])
            free = [one for one in near if one.id not in barred and load[one.id] < self.staffing.load]
            for one in _first(free, duty, 1, start):
                return one
        return None

    def _nearest(
        self, place: int, visit: Visit, barred: Collection[str], load: Mapping[str, int], rank: str
    ) -> tuple[int, list[Inspector], list[Inspector]]:
        """Return the officers and experts of the narrowest region with enough, or all there are of the widest."""
        need = self.staffing.needs[place]
        start = hashlib.sha256(rank.encode())
        officers: list[Inspector] = []
        experts: list[Inspector] = []
        step = 0
        for step, width in enumerate(self.staffing.widths):  # noqa: B007 - how far it went is the answer
            free = [
                one
                for one in self._of(place, width, visit.region[:width])
                if one.id not in barred and load[one.id] < self.staffing.load
            ]
            officers = _first(free, Duty.OFFICER, need.officers, start)
            experts = _first(free, Duty.EXPERT, need.experts, start)
            if len(officers) == need.officers and len(experts) == need.experts:
                break
        return step, officers, experts

    def _of(self, place: int, width: int, prefix: str) -> list[Inspector]:
        key = (place, width, prefix)
        if key not in self._near:
            self._near[key] = [one for one in self._fitting[place] if one.region[:width] == prefix]
        return self._near[key]


def _first(free: Sequence[Inspector], duty: Duty, most: int, start: Hash) -> list[Inspector]:
    """Return the first ranks among those of one duty; `start` has taken in all but the inspector's id."""
    if not most:
        return []
    ranked = []
    for one in free:
        if one.duty == duty.value:
            digest = start.copy()
            digest.update(one.id.encode())
            ranked.append((digest.digest(), one))
    return [one for _, one in heapq.nsmallest(most, ranked)]


def _fits(one: Inspector, need: Need, staffing: Staffing) -> bool:
    if not one.active or one.unit != need.unit or one.valid_to < staffing.valid_on.isoformat():
        return False
    return not need.specialties or not frozenset(need.specialties).isdisjoint(one.specialties)
