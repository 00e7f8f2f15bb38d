"""Several departments, one visit: what each would inspect of an object is done on the same days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one department inspects of one object, and when it could come."""

    task: str
    unit: str
    object: str
    items: tuple[str, ...]
    first: date
    last: date
    visit: str = ""  # what the errand is known by to whoever merges


@dataclass(frozen=True, kw_only=True)
class JointVisit:
    """One visit of all departments to an object. `tasks` are those it settles, `visits` the errands it unites."""

    object: str
    lead: str
    units: tuple[str, ...]
    items: tuple[str, ...]
    tasks: tuple[str, ...]
    visits: tuple[str, ...]
    first: date
    last: date


def merge(errands: Sequence[Errand], *, precedence: Sequence[str] = ()) -> tuple[JointVisit, ...]:
    """Return the visits, one for each object and window, by object and day.

    Errands of an object are one visit as long as their days overlap. The department named first in `precedence`
    leads; those it does not name follow by their code.
    """
    by_object: dict[str, list[Errand]] = {}
    for one in sorted(
        errands, key=lambda one: (one.object, one.first, one.last, one.task, one.unit, one.visit)
    ):
        by_object.setdefault(one.object, []).append(one)
    order = {unit: place for place, unit in enumerate(precedence)}
    return tuple(_visit(group, order) for found in by_object.values() for group in _overlapping(found))


def _overlapping(errands: Sequence[Errand]) -> list[list[Errand]]:
    groups: list[list[Errand]] = []
    last: date | None = None
    for one in errands:
        if last is not None and one.first <= last:
            groups[-1].append(one)
            last = min(last, one.last)
        else:
            groups.append([one])
            last = one.last
    return groups


def _visit(group: Sequence[Errand], order: Mapping[str, int]) -> JointVisit:
    units = sorted({one.unit for one in group}, key=lambda unit: (order.get(unit, len(order)), unit))
    return JointVisit(
        object=group[0].object,
        lead=units[0],
        units=tuple(units),
        items=tuple(sorted({item for one in group for item in one.items})),
        tasks=tuple(sorted({one.task for one in group})),
        visits=tuple(one.visit for one in group),
        first=max(one.first for one in group),
        last=min(one.last for one in group),
    )
