"""Ask for a run, or give one up."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import STANDINGS, Run, SystemFile
from creditmesh.apps.evaluation.grading.queries import parts, runs, systems
from creditmesh.apps.evaluation.grading.rules import UNFINISHED, State, require_conduct, require_step
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.system import Definition

EARLIEST = date(2000, 1, 1)


class NoSuchDay(CreditmeshError):
    """A run was asked for a day that has not come or lies before all records."""

    code = "day-out-of-range"


class AlreadyUnderWay(CreditmeshError):
    """A run of the same system for the same day waits or works already."""

    code = "already-under-way"


class NoTableForPurpose(CreditmeshError):
    """A system makes a result this node has no table for yet."""

    code = "purpose-not-kept"


class NotOfRecords(CreditmeshError):
    """A system learnt from a table is asked to run over the records of a node."""

    code = "not-of-records"


def require_records(told: Definition) -> None:
    """Refuse a system that reads the columns of a table; raises `NotOfRecords`."""
    if told.of_a_table:
        raise NotOfRecords(
            f"'{told.id}' scores the rows of a table, not the records of this node: run "
            f"`creditmesh score FILE.yml TABLE --out SCORES.parquet`, or learn one for nodes: `creditmesh fit --based-on`."
        )


@transaction.atomic
def request_run(  # noqa: PLR0913 - what, when, by whom, and why it is wanted
    *,
    system: str,
    as_of: date,
    by: Actor,
    node: ThisNode,
    at: datetime,
    file: Path | None = None,
    changes_only: bool = False,
    due: date | None = None,
) -> runs.RunRow:
    """Write down that a system is to be run over everyone as of a day, and announce `run.requested`.

    `file` runs a system file that is not shipped (command line only). The file is kept with the run. With
    `changes_only` it looks at those alone whom something new since the last run reaches (operations/changes);
    asked for in full, such a run that still waits becomes a full one. `due` is the day of the cadence it answers.
    Raises `NotPermitted`, `UnknownSystem`, `NothingValid`, `CatalogueRefused`, `NoSuchDay`, `AlreadyUnderWay`,
    `NotOfRecords`, `NoTableForPurpose`, `NoRunOfPart`, `PartDiffers`.
    """
    require_conduct(by=by)
    today = timezone.localdate(at)
    if not EARLIEST <= as_of <= today:
        raise NoSuchDay(f"The day must lie from {EARLIEST} to today, {today}; {as_of} does not.")
    path = file if file is not None else systems.valid(system, on=as_of, home=node.home)
    content = path.read_bytes()
    system_ = systems.loaded(path, catalogue=node.catalogue)
    told = system_.definition
    require_records(told)
    if told.purpose not in STANDINGS:
        raise NoTableForPurpose(f"This node keeps no results of the purpose '{told.purpose}' yet.")
    parts.chosen(
        system_, as_of=as_of, node=node
    )  # to say at once what is lacking; frozen when the run begins
    sha256 = hashlib.sha256(content).hexdigest()
    SystemFile.objects.get_or_create(
        sha256=sha256,
        defaults={"name": told.id, "version": told.version, "content": content, "kept_at": at},
    )
    run = Run(
        uuid=uuid4(),
        system=told.id,
        version=told.version,
        file_id=sha256,
        purpose=told.purpose.value,
        as_of=as_of,
        requested_by=by.who().label[:200],
        requested_at=at,
        grades="\n".join(told.symbols),
        changes_only=changes_only,
        due=due,
    )
    waiting = None if changes_only else _widened(run)
    if waiting is not None:
        return waiting
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyUnderWay(
            f"A run of '{told.id}' as of {as_of} is under way already; wait for it or give it up."
        ) from error
    audit.append(who=by.who(), act="run.request", thing=Thing("run", str(run.uuid)), at=at, why=str(run))
    audit.announce(event="run.requested", key=str(run.uuid), at=at)
    return runs.row(run)


def _widened(run: Run) -> runs.RunRow | None:
    """Turn a run of changes of the same file and day, which waits, into a full one; None when there is none."""
    waiting = Run.objects.filter(
        system=run.system, as_of=run.as_of, file_id=run.file_id, state=State.REQUESTED, changes_only=True
    ).first()
    if waiting is None:
        return None
    changed = Run.objects.filter(pk=waiting.pk, state=State.REQUESTED).update(changes_only=False, due=run.due)
    return runs.run(waiting.uuid) if changed else None


@transaction.atomic
def abandon_run(*, run: UUID, by: Actor, at: datetime) -> runs.RunRow:
    """Give up a run that waits or works; a worker that is on it finds its work refused at the end.

    Raises `NotPermitted`, `UnknownRun`, `WrongState`.
    """
    require_conduct(by=by)
    found = runs.stored(run)
    require_step(state=State(found.state), to=State.ABANDONED)
    changed = Run.objects.filter(pk=found.pk, state__in=sorted(UNFINISHED)).update(
        state=State.ABANDONED, finished_at=at, lease_until=None
    )
    found.refresh_from_db()
    if not changed:
        require_step(state=State(found.state), to=State.ABANDONED)
    audit.append(who=by.who(), act="run.abandon", thing=Thing("run", str(run)), at=at, why=str(found))
    return runs.row(found)
