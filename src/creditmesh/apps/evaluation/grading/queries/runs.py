"""What is known of runs; nothing here tells anybody's grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet

from creditmesh.apps.evaluation.grading.models import Run, RunTable
from creditmesh.apps.evaluation.grading.rules import UNFINISHED, Stage, State
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose

MOST_RUNS = 200
_TOGETHER = ("previous__base", "file", "base__previous__base", "amends__base")


class UnknownRun(CreditmeshError):
    """No run has this id."""

    code = "unknown-run"


class NoResultsYet(CreditmeshError):
    """No run of this system has ended well so far."""

    code = "no-results-yet"


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run as pages and the API show it; free of grades, so that an operator may see it too."""

    uuid: UUID
    system: str
    version: str
    sha256: str
    purpose: Purpose
    as_of: date
    state: State
    stage: Stage
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
    catalogue: tuple[str, ...]
    previous: UUID | None
    digest: str
    base: UUID | None = None  # of a run of changes: the full run whose results stand where it says nothing
    amends: UUID | None = None  # the run before it, which it carries on
    evaluated: int | None = None  # how many subjects it looked at itself
    whole_because: str = ""  # why a run of changes became a full one
    changes_only: bool = False
    due: date | None = None  # the day of the cadence it answers

    @property
    def kind(self) -> str:
        """Return whether it was asked for everyone, came with the month, or looks at changes."""
        if self.changes_only:
            return "changes"
        return "asked" if self.due is None else "monthly"

    @property
    def is_unfinished(self) -> bool:
        """Tell whether the run still waits or works."""
        return self.state in UNFINISHED

    @property
    def replays(self) -> bool:
        """Tell whether there is a result that can be computed again."""
        return self.state is State.DONE


@dataclass(frozen=True, kw_only=True)
class TableVersion:
    """The version of an item's table that a run read."""

    item: str
    lake_version: int


def row(run: Run) -> RunRow:
    """Return what may be shown of a run."""
    return RunRow(
        uuid=run.uuid,
        system=run.system,
        version=run.version,
        sha256=run.file_id,
        purpose=Purpose(run.purpose),
        as_of=run.as_of,
        state=State(run.state),
        stage=Stage(run.stage),
        progress=run.progress,
        failure=run.failure,
        requested_by=run.requested_by,
        requested_at=run.requested_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        attempt=run.attempt,
        subjects=run.subjects,
        seconds=None if run.milliseconds is None else run.milliseconds / 1000,
        engine=run.engine,
        rule_pack=run.rule_pack,
        catalogue=tuple(run.catalogue.split("\n")) if run.catalogue else (),
        previous=None if run.previous is None else run.previous.uuid,
        digest=run.digest,
        base=None if run.base is None else run.base.uuid,
        amends=None if run.amends is None else run.amends.uuid,
        evaluated=run.evaluated,
        whole_because=run.whole_because,
        changes_only=run.changes_only,
        due=run.due,
    )


def runs(*, system: str | None = None, limit: int = 50) -> list[RunRow]:
    """Return the newest runs first, of one system or of all; at most 200."""
    found = Run.objects.select_related("previous", "base", "amends").order_by("-requested_at", "-id")
    if system is not None:
        found = found.filter(system=system)
    return [row(one) for one in found[: max(1, min(limit, MOST_RUNS))]]


def stored(uuid: UUID) -> Run:
    """Return the run's own row, for operations and other queries; raise `UnknownRun`."""
    try:
        return Run.objects.select_related(*_TOGETHER).get(uuid=uuid)
    except Run.DoesNotExist:
        raise UnknownRun(f"There is no run {uuid}. Look the run up in the list of runs.") from None


def run(uuid: UUID) -> RunRow:
    """Return one run; raise `UnknownRun`."""
    return row(stored(uuid))


def tables(uuid: UUID) -> list[TableVersion]:
    """Return the table versions a run read, by item; raise `UnknownRun`."""
    found = RunTable.objects.filter(run=stored(uuid)).order_by("item", "id")
    return [TableVersion(item=one.item, lake_version=one.lake_version) for one in found]


def done(*, system: str, before: date | None = None, purposes: Sequence[Purpose] = ()) -> QuerySet[Run]:
    """Return the finished runs of a system (as of days before one), the one that counts today first."""
    found = Run.objects.filter(system=system, state=State.DONE)
    if before is not None:
        found = found.filter(as_of__lt=before)
    if purposes:
        found = found.filter(purpose__in=purposes)
    return found.select_related(*_TOGETHER).order_by("-as_of", F("finished_at").desc(), "-id")


def counting(*, system: str) -> Run | None:
    """Return the row of the run whose results count today; None before the first."""
    # Two questions: Django takes longer to sort by a hundred columns than to look one row up.
    first = done(system=system).values_list("id", flat=True).first()
    return None if first is None else Run.objects.select_related(*_TOGETHER).get(id=first)


def latest_stored(*, system: str) -> Run:
    """Return the row of the run whose results count today; raise `NoResultsYet`."""
    found = counting(system=system)
    if found is None:
        raise NoResultsYet(f"No run of '{system}' has ended so far. Ask for a run, then come back.")
    return found


def latest_run(*, system: str) -> RunRow | None:
    """Return the run whose results count today: the latest day, then the latest end; None before the first."""
    found = counting(system=system)
    return None if found is None else row(found)


def unfinished(*, system: str | None = None) -> list[RunRow]:
    """Return the runs that wait or work, oldest first."""
    found = Run.objects.select_related("previous", "base", "amends").filter(state__in=sorted(UNFINISHED))
    if system is not None:
        found = found.filter(system=system)
    return [row(one) for one in found.order_by("requested_at", "id")]


def systems_with_results() -> tuple[str, ...]:
    """Return the systems some run of which has ended well, by name."""
    return tuple(
        Run.objects.filter(state=State.DONE).order_by("system").values_list("system", flat=True).distinct()
    )


def interrupted() -> list[UUID]:
    """Return the ids of the runs some worker has taken up and not ended, oldest first."""
    found = Run.objects.filter(state=State.RUNNING).order_by("requested_at", "id")
    return list(found.values_list("uuid", flat=True))
