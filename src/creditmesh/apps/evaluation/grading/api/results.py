"""Grading for programs: runs without grades for those who conduct them, results for regulators only."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from creditmesh.apps.evaluation.grading.operations import exporting, requesting, viewing
from creditmesh.apps.evaluation.grading.queries import distribution, runs, standings, systems
from creditmesh.apps.evaluation.grading.rules import Outcome
from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.access import may
from creditmesh.apps.ground.parties.rules import Actor, Permission

router = Router(tags=["grading"])
SEE = may(Permission.SEE_RISK_CLASSES)
CONDUCT = may(Permission.REQUEST_RUNS)
Name = Annotated[str, Field(min_length=1, max_length=80)]


class RunRequest(Schema):
    """What a run is asked for with; without a day it is today."""

    model_config = ConfigDict(extra="forbid")

    system: Name
    as_of: date | None = None


class RunOut(Schema):
    """A run, without any grade."""

    uuid: UUID
    system: str
    version: str
    sha256: str
    purpose: str
    as_of: date
    state: str
    stage: str
    progress: int
    failure: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int
    subjects: int | None
    seconds: float | None
    engine: str
    rule_pack: str
    catalogue: list[str]
    previous: UUID | None
    digest: str
    kind: str
    due: date | None
    base: UUID | None
    amends: UUID | None
    evaluated: int | None
    whole_because: str


class TableOut(Schema):
    """The version of a table a run read."""

    item: str
    lake_version: int


class SystemOut(Schema):
    """An index system the node can run."""

    id: str
    version: str
    label_zh: str
    label_en: str
    purpose: str
    lifecycle: str
    status: str
    grades: list[str]
    indicators: int


class GradeOut(Schema):
    """How many got a grade."""

    grade: str
    rank: int
    subjects: int
    share_bp: int


class DistributionOut(Schema):
    """How many got which grade."""

    run: UUID
    system: str
    as_of: date
    subjects: int
    graded: int
    grades: list[GradeOut]
    insufficient: int
    excluded: int


class GroupOut(Schema):
    """Grades of one region or industry."""

    key: str
    label: str
    subjects: int
    counts: list[int]
    insufficient: int
    excluded: int
    worst_share_bp: int


class GroupTableOut(Schema):
    """Grades by region or industry."""

    grades: list[str]
    rows: list[GroupOut]


class MoveOut(Schema):
    """How many went from one grade to another."""

    previous: str
    grade: str
    subjects: int
    steps: int | None


class StandingOut(Schema):
    """Where one subject stands."""

    subject: str
    name: str
    place: int
    outcome: str
    grade: str
    previous_grade: str
    score: int | None
    coverage_bp: int | None
    region: str
    region_label: str
    industry: str
    section: str
    section_label: str
    triggers: list[str]
    reasons: list[str]


class StandingPageOut(Schema):
    """A page of a list; `following` is the next request's `after`."""

    run: UUID
    system: str
    as_of: date
    grades: list[str]
    rows: list[StandingOut]
    following: str | None
    total: int
    total_is_exact: bool


class Narrowing(Schema):
    """What a list is narrowed to."""

    text: Annotated[str, Field(max_length=100)] = ""
    grade: Annotated[str, Field(max_length=16)] = ""
    region: Annotated[str, Field(max_length=9, pattern=r"^([0-9]*|unknown)$")] = ""
    section: Annotated[str, Field(max_length=8)] = ""
    outcome: Outcome | None = None
    moved: Annotated[str, Field(pattern=r"^(worse|better|newly_worst)?$")] = ""

    def filters(self) -> standings.Filters:
        """Return the same as the queries take it."""
        return standings.Filters(
            text=self.text,
            grade=self.grade,
            region=self.region,
            section=self.section,
            outcome=self.outcome or "",
            moved=self.moved,
        )


class Paging(Schema):
    """Which page of a list, in which order."""

    sort: standings.Sort = standings.Sort.WORST_FIRST
    after: Annotated[str | None, Field(max_length=80)] = None
    size: Annotated[int, Field(ge=1, le=standings.LARGEST_PAGE)] = 50


class Reading(Schema):
    """Which run is read (the latest without one), in which language."""

    run: UUID | None = None
    language: Annotated[str, Field(pattern=r"^(zh|en)")] = "zh"


def _actor(request: HttpRequest) -> Actor:
    return request.auth  # type: ignore[attr-defined, no-any-return]


@router.get("/systems", response=list[SystemOut], auth=may(Permission.SEE_SYSTEMS))
def list_systems(request: HttpRequest) -> list[systems.SystemLine]:
    """List the index systems the node can run."""
    node = this_node()
    return systems.overview(on=timezone.localdate(), home=node.home, catalogue=node.catalogue)


@router.get("/runs", response=list[RunOut], auth=CONDUCT)
def list_runs(
    request: HttpRequest,
    system: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=runs.MOST_RUNS)] = 50,
) -> list[runs.RunRow]:
    """List runs, newest first."""
    return runs.runs(system=system, limit=limit)


@router.post("/runs", response={202: RunOut}, auth=CONDUCT)
def request_run(request: HttpRequest, asked: RunRequest) -> Status[runs.RunRow]:
    """Ask for a run; the worker takes it up."""
    at = timezone.now()
    as_of = asked.as_of or timezone.localdate(at)
    asked_for = requesting.request_run(
        system=asked.system, as_of=as_of, by=_actor(request), node=this_node(), at=at
    )
    return Status(202, asked_for)


@router.get("/runs/{uuid}", response=RunOut, auth=CONDUCT)
def show_run(request: HttpRequest, uuid: UUID) -> runs.RunRow:
    """Show where a run stands."""
    return runs.run(uuid)


@router.get("/runs/{uuid}/tables", response=list[TableOut], auth=CONDUCT)
def show_tables(request: HttpRequest, uuid: UUID) -> list[runs.TableVersion]:
    """Show which version of which table a run read."""
    return runs.tables(uuid)


@router.post("/runs/{uuid}/abandon", response=RunOut, auth=CONDUCT)
def abandon_run(request: HttpRequest, uuid: UUID) -> runs.RunRow:
    """Give up a run that waits or works."""
    return requesting.abandon_run(run=uuid, by=_actor(request), at=timezone.now())


@router.get("/systems/{system}/distribution", response=DistributionOut, auth=SEE)
def show_distribution(
    request: HttpRequest, system: str, reading: Query[Reading]
) -> distribution.Distribution:
    """Show how many subjects got which grade."""
    return distribution.distribution(viewer=_actor(request), system=system, run=reading.run)


@router.get("/systems/{system}/regions", response=GroupTableOut, auth=SEE)
def show_regions(request: HttpRequest, system: str, reading: Query[Reading]) -> distribution.GroupTable:
    """Show grades by region."""
    return distribution.by_region(
        viewer=_actor(request), system=system, run=reading.run, language=reading.language
    )


@router.get("/systems/{system}/industries", response=GroupTableOut, auth=SEE)
def show_industries(request: HttpRequest, system: str, reading: Query[Reading]) -> distribution.GroupTable:
    """Show grades by industry section."""
    return distribution.by_industry(
        viewer=_actor(request), system=system, run=reading.run, language=reading.language
    )


@router.get("/systems/{system}/movements", response=list[MoveOut], auth=SEE)
def show_movements(request: HttpRequest, system: str, reading: Query[Reading]) -> list[distribution.Move]:
    """Show who moved from which grade to which since the run before."""
    return distribution.movements(viewer=_actor(request), system=system, run=reading.run)


@router.get("/systems/{system}/standings", response=StandingPageOut, auth=SEE)
def list_standings(
    request: HttpRequest,
    system: str,
    reading: Query[Reading],
    narrowing: Query[Narrowing],
    paging: Query[Paging],
) -> standings.StandingPage:
    """List who stands where."""
    return standings.listing(
        viewer=_actor(request),
        system=system,
        run=reading.run,
        filters=narrowing.filters(),
        sort=paging.sort,
        after=paging.after,
        size=paging.size,
        language=reading.language,
    )


@router.get("/systems/{system}/export.{form}", auth=SEE)
def export_standings(
    request: HttpRequest,
    system: str,
    form: exporting.Format,
    reading: Query[Reading],
    narrowing: Query[Narrowing],
    why: Annotated[str, Query(min_length=1, max_length=200)],
) -> StreamingHttpResponse:
    """Hand out a list as a CSV or Excel file; `why` goes into the ledger."""
    export = exporting.export_list(
        viewer=_actor(request),
        system=system,
        run=reading.run,
        filters=narrowing.filters(),
        form=form,
        why=why,
        at=timezone.now(),
        language=reading.language,
    )
    answer = StreamingHttpResponse(export.pieces, content_type=export.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    return answer


@router.get("/systems/{system}/subjects/{subject}", response=dict[str, Any], auth=SEE)
def show_subject(
    request: HttpRequest,
    system: str,
    subject: str,
    reading: Query[Reading],
    why: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """Explain where one subject stands, down to the records behind each point; written to the ledger."""
    seen = viewing.view_subject(
        viewer=_actor(request),
        subject=subject,
        system=system,
        run=reading.run,
        node=this_node(),
        at=timezone.now(),
        why=why,
    )
    return viewing.as_plain_data(seen, language=reading.language)
