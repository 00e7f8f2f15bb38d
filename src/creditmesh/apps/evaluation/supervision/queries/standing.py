"""What a drawn task stands on: its file, who must not meet, and the bench of its inspectors today."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.db.models.functions import Cast

from creditmesh.apps.evaluation.supervision.models import (
    DeclaredInterest,
    Inspector,
    RecusalRequest,
    Result,
    Task,
    Visit,
)
from creditmesh.apps.evaluation.supervision.queries import candidates, packed
from creditmesh.apps.evaluation.supervision.queries.announcing import announcement_of
from creditmesh.apps.evaluation.supervision.rules.codes import Decision, InspectorState, TaskState, VisitState
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.drawing.pools import Inspector as Drawable
from creditmesh.drawing.visits.officers import Bench
from creditmesh.drawing.visits.recusal import Interest, Tie

OPEN_TASKS = (TaskState.DRAWN.value, TaskState.ASSIGNED.value)
OPEN_VISITS = (VisitState.PLANNED.value, VisitState.UNSTAFFED.value)


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
    found = list(
        Inspector.objects.filter(
            unit__in=[task.unit, *lines(task.joint_units)], state=InspectorState.ACTIVE.value
        )
        .annotate(load=open_load())
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
    codes = barred_codes(visit, employee_years=employee_years, rotation=rotation)
    return frozen | {names[code] for code in codes if code in names}


def barred_codes(visit: Visit, *, employee_years: int, rotation: bool) -> set[str]:
    """Return the numbers of those who must not go there, of whatever department."""
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
    return codes


def open_load() -> Count:
    """Return the count of an inspector's open visits, a joint one counted once."""
    visit = "assignments__visit"
    one = Case(
        When(**{f"{visit}__joined": ""}, then=Cast(f"{visit}__uuid", CharField())),
        default=F(f"{visit}__joined"),
    )
    busy = Q(assignments__ended_at=None, assignments__visit__state=VisitState.PLANNED.value)
    return Count(one, filter=busy, distinct=True)


def open_at_the_places_of(unit: str) -> QuerySet[Visit]:
    """Return the open visits, nothing of which is written down yet, to the places a department has still to visit."""
    open_ = Visit.objects.filter(task__state__in=OPEN_TASKS, state__in=OPEN_VISITS).exclude(
        pk__in=Result.objects.values("visit")
    )
    own = open_.filter(task__unit=unit)
    subjects = own.exclude(subject="").values("subject")
    places = Q(object__in=own.values("object")) | Q(subject__in=subjects)
    return open_.filter(places).select_related("task").order_by("id")


def together(visit: Visit) -> list[Visit]:
    """Return the open visits that are one with this visit, itself first."""
    if not visit.joined:
        return [visit]
    others = Visit.objects.filter(joined=visit.joined, state__in=OPEN_VISITS).exclude(pk=visit.pk)
    return [visit, *others.select_related("task").order_by("id")]


def reserves_left(task: Task, *, grade: str, key: bool) -> list[str]:
    """Return the tickets still in reserve for a stratum, next first; raise `UnknownDraw`, `FrozenChanged`."""
    file: dict[str, Any] = packed.unpack(task, "file")
    used = set(task.visits.values_list("ticket", flat=True))
    return [row[1] for row in file["reserves"] if (row[2], row[3]) == (grade, key) and row[1] not in used]
