"""Who could be drawn: the latest risk classes or a list, with what decides about taking part."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.db.models import Count, Max, Q
from pyarrow import parquet

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.queries import inputs, overlay, runs, standings, systems
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.evaluation.supervision.models import ObjectList, Result, Special, Task
from creditmesh.apps.evaluation.supervision.rules.terms import lines
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.definition.units import DEVICE
from creditmesh.scoring.records.units import belongs

INSPECTIONS = "PEN-02"
COUNTY = 6  # digits of a region that the file of a draw shows


class NoPool(CreditmeshError):
    """A task without anything to draw from."""

    code = "no-object-pool"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One object that could be drawn, under its own name."""

    object: str
    name: str
    subject: str
    grade: str
    region: str
    in_scope: bool
    key: bool
    exempt_until: date | None
    last_inspected: date | None
    visits: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a pool comes from, and its grades, best first."""

    grades: tuple[str, ...]
    run: UUID | None
    public: bool  # the grades are public anyway, so objects may go by their own numbers


@dataclass(frozen=True, kw_only=True)
class PoolSize:
    """How many objects a pool holds as things stand, by class from the best; whoever is out of scope apart."""

    objects: int
    by_grade: tuple[tuple[str, int], ...]
    out_of_scope: int


def pool_size(
    *, viewer: Actor, system: str = "", list_: UUID | None = None, region: str = "", section: str = ""
) -> PoolSize:
    """Return how many objects a task drafted now would draw from; nothing is frozen before it is committed to.

    Raises `NotPermitted`, `NoPool`, `UnknownRun`, `NoResultsYet`.
    """
    viewer.demand(Permission.SUPERVISION_PLAN)
    if list_ is not None:
        found = ObjectList.objects.filter(uuid=list_, unit=viewer.organisation).first()
        if found is None:
            raise NoPool("There is no such list of objects in your department.")
        task = Task(list=found, region=region)
        held = found.objects_listed.filter(region__startswith=region).order_by().values_list("grade")
        counted: dict[str, int] = dict(held.annotate(Count("pk")))
        outside = 0
    else:
        task = Task(system=system, region=region, section=section)
        filters = standings.Filters(region=region, section=section)
        told = standings.by_grade(run=runs.latest_stored(system=system), filters=filters)
        outside = sum(many for (outcome, _), many in told.items() if outcome == Outcome.EXCLUDED)
        counted = {}
        for (outcome, grade), many in told.items():
            if outcome != Outcome.EXCLUDED:
                counted[grade] = counted.get(grade, 0) + many
    grades = source_of(task).grades
    thin = _thin(grades)
    for grade in [one for one in counted if one not in grades]:
        counted[thin] = counted.get(thin, 0) + counted.pop(grade)
    return PoolSize(
        objects=sum(counted.values()),
        by_grade=tuple((one, counted.get(one, 0)) for one in grades),
        out_of_scope=outside,
    )


def source_of(task: Task) -> Source:
    """Return where the pool of a task comes from; raise `NoPool`, `NoResultsYet`."""
    if task.list is not None:
        return Source(grades=lines(task.list.grades), run=None, public=task.list.public)
    found = runs.latest_stored(system=task.system)
    if found.purpose != Purpose.RISK_CLASSIFICATION.value:
        raise NoPool(f"'{task.system}' does not make risk classes; choose a system that does.")
    return Source(grades=tuple(found.symbols), run=found.uuid, public=False)


def members(task: Task, *, source: Source, node: ThisNode, on: date) -> Iterator[Member]:
    """Yield everyone who could be drawn. Raises `UnknownRun`."""
    seen = _inspected(node=node, on=on)
    specials = _specials(task.unit)
    for object_, name, subject, grade, region, in_scope in _everyone(task, source, node):
        key, exempt = specials.get(object_, (False, None))
        # A key unit's devices are key as well; exempt is only what was itself exempted.
        key = key or specials.get(subject, (False, None))[0]
        last, visits = seen.get(object_, (None, 0))
        yield Member(
            object=object_,
            name=name,
            subject=subject,
            grade=grade,
            region=region[:COUNTY],
            in_scope=in_scope,
            key=key,
            exempt_until=exempt,
            last_inspected=last,
            visits=visits,
        )


def last_officers(objects: list[str]) -> dict[str, set[str]]:
    """Return the codes of those who inspected each object the last time."""
    found: dict[str, tuple[date, set[str]]] = {}
    rows = Result.objects.filter(
        visit__object__in=objects, visit__assignments__isnull=False, visit__assignments__ended_at=None
    )
    pairs = rows.values_list("visit__object", "inspected_on", "visit__assignments__inspector__code")
    for name, day, code in pairs:
        latest, who = found.get(name, (day, set()))
        if day > latest:
            latest, who = day, set()
        if day == latest:
            who.add(code)
        found[name] = (latest, who)
    return {name: who for name, (_, who) in found.items()}


def _everyone(task: Task, source: Source, node: ThisNode) -> Iterator[tuple[str, str, str, str, str, bool]]:
    if task.list is not None:
        listed = task.list.objects_listed.filter(region__startswith=task.region).order_by("object")
        for one in listed.iterator():
            yield one.object, one.name, one.subject, one.grade, one.region, True
        return
    run = runs.stored(source.run) if source.run is not None else runs.latest_stored(system=task.system)
    filters = standings.Filters(region=task.region, section=task.section)
    thin = _thin(source.grades)
    owners = _owners(run, node=node)
    for row in standings.every(run=run, filters=filters, language="zh"):
        in_scope = row.outcome is not Outcome.EXCLUDED
        subject = row.subject if owners is None else owners.get(row.subject, "")
        yield row.subject, row.name, subject, row.grade or thin, row.region or "", in_scope


def _thin(grades: tuple[str, ...]) -> str:
    """Return the class of who has too little data for one: nobody escapes for want of data, so it is not the best."""
    return grades[min(1, len(grades) - 1)]


def _owners(run: Run, *, node: ThisNode) -> dict[str, str] | None:
    """Return the enterprise behind each device a run classified, by the first tie of its system: who uses it.

    None where enterprises were classified.
    """
    if not overlay.standings(run).filter(subject__startswith=DEVICE).exists():
        return None
    unit = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue).definition.unit
    if unit is None or not unit.belongs_to:
        return {}
    column = belongs(next(iter(unit.belongs_to)))
    found: dict[str, str] = {}
    with TemporaryDirectory(prefix="owners-", dir=node.home) as folder:
        # What a run of changes says comes after what the full run at its base said.
        for source in [run] if run.base is None else [run.base, run]:
            file = Path(folder) / f"{source.uuid}.parquet"
            if node.lake.copy_results(system=source.system, run=str(source.uuid), to=file):
                table = parquet.read_table(file, columns=["subject", column])
                pairs = zip(*(one.to_pylist() for one in table.columns), strict=True)
                found.update((device, owner) for device, owner in pairs if owner is not None)
    return found


def _specials(unit: str) -> dict[str, tuple[bool, date | None]]:
    found: dict[str, tuple[bool, date | None]] = {}
    for one in Special.objects.filter(unit=unit, ended_at=None).order_by("id"):
        key, exempt = found.get(one.object, (False, None))
        found[one.object] = (key or one.key, one.exempt_until or exempt)
    return found


def _inspected(*, node: ThisNode, on: date) -> dict[str, tuple[date | None, int]]:
    """Return when an object was last inspected and how often this year: own results, and all that were delivered."""
    this_year = Q(inspected_on__year=on.year)
    own = Result.objects.values("visit__object").annotate(
        last=Max("inspected_on"), visits=Count("visit", distinct=True, filter=this_year)
    )
    found: dict[str, tuple[date | None, int]] = {
        one["visit__object"]: (one["last"], one["visits"]) for one in own
    }
    if INSPECTIONS not in node.catalogue.items:
        return found
    engine = node.lake.connection(catalogue=inputs.only(node.catalogue, [INSPECTIONS]))
    try:
        rows = engine.execute(
            "SELECT _subject, max(inspected_on), "
            "count(DISTINCT task_number) FILTER (WHERE year(inspected_on) = ?) "
            "FROM pen_02 WHERE inspected_on <= ? GROUP BY ALL",
            [on.year, on],
        ).fetchall()
    finally:
        engine.close()
    for subject, last, visits in rows:
        before, own_visits = found.get(subject, (None, 0))
        found[subject] = (last if before is None else max(before, last), max(own_visits, visits))
    return found
