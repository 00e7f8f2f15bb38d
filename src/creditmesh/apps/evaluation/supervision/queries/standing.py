"""What a drawn task stands on: its file, who must not meet, and the bench of its inspectors today."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from creditmesh.apps.evaluation.supervision.models import (
    DeclaredInterest,
    Inspector,
    RecusalRequest,
    Task,
    Visit,
)
from creditmesh.apps.evaluation.supervision.queries import candidates, packed
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.rules.codes import Decision, InspectorState, VisitState
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.drawing.pools import Inspector as Drawable
from creditmesh.drawing.visits.officers import Bench
from creditmesh.drawing.visits.recusal import Interest, Tie


@dataclass(frozen=True)
class Today:
    """The bench of a task as it is today: inspectors under the names they were drawn by, and their load.

    Who came to the pool after the draw goes by the plain number and stands at the end, so that the ranks of the
    others are as they were.
    """

    bench: Bench
    people: dict[str, Inspector]  # by the name in the draw
    names: dict[str, str]  # code -> name in the draw


def bench_of(task: Task) -> Today:
    """Return the bench of a task; raise `UnknownDraw`, `FrozenChanged`."""
    told = announcement_of(task)
    opened = packed.unpack(task, "openings")
    names = {code: name for name, _, _, code in opened["inspectors"]}
    busy = Q(assignments__ended_at=None, assignments__visit__state=VisitState.PLANNED.value)
    found = list(
        Inspector.objects.filter(
            unit__in=[task.unit, *lines(task.joint_units)], state=InspectorState.ACTIVE.value
        )
        .annotate(load=Count("assignments", filter=busy))
        .order_by("code")
    )
    people: dict[str, Inspector] = {names.get(one.code, one.code): one for one in found}
    drawn = [str(row[0]) for row in packed.unpack(task, "inspectors")]
    later = sorted(set(people).difference(drawn))
    rows = [_drawable(name, people.get(name)) for name in [*drawn, *later]]
    return Today(
        bench=Bench(rows=rows, staffing=told.staffing),
        people=people,
        names={one.code: names.get(one.code, one.code) for one in found},
    )


def _drawable(name: str, one: Inspector | None) -> Drawable:
    """Return someone as he is today; who left or is away keeps his place in the pool and cannot be drawn."""
    if one is None:
        return Drawable(name, "", "", "", (), active=False)
    return Drawable(
        name,
        one.unit,
        one.region,
        one.valid_to.isoformat(),
        lines(one.specialties),
        one.duty,
        True,
        one.load,  # type: ignore[attr-defined]
    )


def barred(visit: Visit, *, names: Mapping[str, str], employee_years: int, rotation: bool) -> set[str]:
    """Return who must not go there, under the names in the draw: by ties, by rotation, by recusal."""
    frozen = {
        inspector
        for object_, inspector, _ in packed.unpack(visit.task, "conflicts")
        if object_ == visit.ticket
    }
    about = [visit.object, *([visit.subject] if visit.subject else [])]
    codes = set(
        RecusalRequest.objects.filter(visit=visit, state=Decision.GRANTED.value).values_list(
            "inspector__code", flat=True
        )
    )
    for tie in DeclaredInterest.objects.filter(object__in=about).select_related("inspector"):
        one = Interest(kind=Tie(tie.kind), object=tie.object, until=tie.until)
        if one.bars(on=visit.last, former_employee_years=employee_years):
            codes.add(tie.inspector.code)
    if rotation:
        codes |= candidates.last_officers([visit.object]).get(visit.object, set())
    return frozen | {names[code] for code in codes if code in names}


def reserves_left(task: Task, *, grade: str, key: bool) -> list[str]:
    """Return the tickets still in reserve for a stratum, next first; raise `UnknownDraw`, `FrozenChanged`."""
    file: dict[str, Any] = packed.unpack(task, "file")
    used = set(task.visits.values_list("ticket", flat=True))
    return [row[1] for row in file["reserves"] if (row[2], row[3]) == (grade, key) and row[1] not in used]
