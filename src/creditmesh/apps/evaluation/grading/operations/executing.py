"""Execute runs: freeze what is read, evaluate, keep the result, write the standings; resumable at any instant."""

import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import duckdb
from django.db import transaction

from creditmesh.apps.evaluation.grading.models import (
    Run,
    RunAdjustment,
    RunCell,
    RunPart,
    RunTable,
    UnitTotal,
)
from creditmesh.apps.evaluation.grading.operations import evaluating, holding, results, writing
from creditmesh.apps.evaluation.grading.operations.changes import amending, reaching
from creditmesh.apps.evaluation.grading.operations.holding import Clock, Hold
from creditmesh.apps.evaluation.grading.queries import (
    adjustments,
    inputs,
    overlay,
    parts,
    runs,
    standings,
    systems,
)
from creditmesh.apps.evaluation.grading.rules import Stage
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.queries.items import collected
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake.composing import show_changed
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import Own

UNEXPECTED = (
    "The run stopped on an error of the program: {error}. Ask for a new run; if it stops again, report it."
)
DISK = "The run stopped at a file: {error}. Make room in the node's data folder, then ask again."


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What several runs read in common: versions of the tables, what was collected, and what it says on each subject."""

    versions: Mapping[str, int]
    collected: str  # as a run keeps it
    own: Mapping[str, Own] = field(default_factory=dict)  # by the hash of the system's file


def execute_run(*, run: UUID, node: ThisNode, clock: Clock, shared: Shared | None = None) -> runs.RunRow:
    """Execute a run that was asked for, or take it over from a dead worker, and return it done.

    What is read is frozen at the first attempt, so that a second one computes the same. Standings are
    written in chunks that nobody sees before the last act, which marks the run as done; that way a
    million rows do not keep other writers waiting. Every chunk is fenced by the attempt's number.
    With `shared` the run freezes that, and takes from it what it need not gather again.

    Raises `RunTaken`, `UnknownRun`, `LeaseLost`; any other error marks the run as failed and goes on.
    """
    found, hold = holding.take(uuid=run, clock=clock)
    folder = node.home / "runs" / f"{run}-{hold.attempt}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _execute(found, hold, node, folder, shared)
    except holding.LeaseLost:
        raise
    except Exception as error:
        _fail(hold, _sentence(error))
        raise
    finally:
        _clear(node, run, folder)
    return runs.run(run)


def execute_if_free(
    *, run: UUID, node: ThisNode, clock: Clock, shared: Shared | None = None
) -> runs.RunRow | None:
    """Execute a run unless another worker has it or it has ended; a task may be delivered twice."""
    try:
        return execute_run(run=run, node=node, clock=clock, shared=shared)
    except (holding.RunTaken, holding.LeaseLost):
        return None


def _execute(found: Run, hold: Hold, node: ThisNode, folder: Path, shared: Shared | None) -> None:
    started = time.monotonic()
    with transaction.atomic():
        hold.tell(stage=Stage.OPENING)
        _freeze(found, node, shared)
    if found.changes_only and found.base is None:
        _settle(found, hold, node, folder)
    if found.base is not None:
        node = replace(node, cluster=None)  # few subjects: no work for a cluster
    out = folder / "result.parquet"  # of a run of changes: whom it speaks of
    hold.tell(stage=Stage.EVALUATING)
    if found.base is None:
        beat, own = (lambda: hold.tell(stage=Stage.EVALUATING)), _gathered(found, shared)
        evaluating.evaluate(run=found, node=node, out=out, beat=beat, own=own)
    else:
        evaluating.evaluate_changes(run=found, node=node, out=out)
    hold.tell(stage=Stage.KEEPING)
    node.lake.keep_results(system=found.system, run=str(found.uuid), file=out)
    with results.connection(folder=str(folder)) as engine:
        show_changed(engine, overlay.changed(found))
        digesting = amending.full_digest if found.base is None else amending.changed_digest
        digest = digesting(run=found, node=node, engine=engine, out=out)
        _write(found, hold, node, engine, out)
        with transaction.atomic():
            counted = _write_cells(found, engine)
            subjects = sum(counted.values())
            _write_totals(found, node, engine, out)
            hold.finish(
                digest=digest,
                subjects=subjects,
                evaluated=subjects if found.base is None else len(overlay.changed(found, fresh=True)),
                insufficient=counted["insufficient"],
                excluded=counted["excluded"],
                milliseconds=int((time.monotonic() - started) * 1000),
            )
            thing = Thing("run", str(found.uuid))
            audit.append(who=WORKER, act="run.execute", thing=thing, at=hold.clock(), why=str(found))
            audit.announce(event="run.done", key=str(found.uuid), at=hold.clock())


def _gathered(found: Run, shared: Shared | None) -> Own | None:
    """Return what was gathered for this run among others, if it froze the same; a run taken over may not have."""
    if shared is None or found.collected != shared.collected or inputs.versions(found) != shared.versions:
        return None
    return shared.own.get(found.file_id)


def _freeze(found: Run, node: ThisNode, shared: Shared | None) -> None:
    """Write down all that the result depends on, once; a later attempt finds it and leaves it."""
    engine = evaluating.engine_of(node if found.base is None else replace(node, cluster=None))
    if found.engine:
        if found.engine != engine:  # another attempt may be made on another engine: the result is the same
            found.engine = engine
            found.save(update_fields=["engine"])
        return
    shared = shared or newest(node)
    found.collected = shared.collected
    RunTable.objects.bulk_create(
        RunTable(run=found, item=item, lake_version=version)
        for item, version in sorted(shared.versions.items())
    )
    system = systems.archived(found.file_id, home=node.home, catalogue=node.catalogue)
    _freeze_others(found, system, node)
    # Of an earlier day: a day classified twice from the same records must come out the same.
    found.previous = runs.done(system=found.system, before=found.as_of).first()
    found.engine = engine
    found.catalogue = "\n".join(f"{one.id}@{one.version}" for one in node.catalogue.lists)
    found.rule_pack = rule_packs.load().version
    found.save(update_fields=["collected", "previous", "engine", "catalogue", "rule_pack"])


def newest(node: ThisNode) -> Shared:
    """Return what a run that begins now freezes of the lake."""
    # Read before the versions: what counts as collected is then surely in the tables.
    text = inputs.collected_text(collected(catalogue=node.catalogue))
    return Shared(versions=node.lake.versions(), collected=text)


def _settle(found: Run, hold: Hold, node: ThisNode, folder: Path) -> None:
    """Decide once whom a run of changes looks at; a later attempt finds it and leaves it."""
    seen = reaching.reach(run=found, node=node, folder=folder)
    with transaction.atomic():
        hold.tell(stage=Stage.OPENING)
        found.engine = evaluating.engine_of(node if seen.amends is None else replace(node, cluster=None))
        found.save(update_fields=["engine"])
        reaching.keep(found, seen)


def _freeze_others(found: Run, system: System, node: ThisNode) -> None:
    """Write down the runs of other systems and the adjustments that the result depends on."""
    parts_ = parts.chosen(system, as_of=found.as_of, node=node)
    RunPart.objects.bulk_create(RunPart(run=found, name=name, source=one) for name, one in parts_.items())
    if system.definition.adjustments is not None:
        RunAdjustment.objects.bulk_create(
            RunAdjustment(run=found, adjustment=one, subject=one.subject, steps=one.steps)
            for one in adjustments.in_force(system=found.system, on=found.as_of)
        )


def _write(found: Run, hold: Hold, node: ThisNode, engine: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the standings of the subjects a run speaks of, chunk by chunk, in place of those a dead worker may have left."""
    hold.tell(stage=Stage.WRITING)
    system = systems.archived(found.file_id, home=node.home, catalogue=node.catalogue)
    worse = systems.higher_is_worse(system)
    # grades moved since what the full run was compared with: a list of who moved then means one thing
    before = evaluating.previous_file(run=found.base or found, node=node, folder=out.parent)
    total = results.prepare_standings(
        engine=engine,
        files=[str(out)],
        before=[] if before is None else [str(before)],
        grades=found.symbols,
        higher_is_worse=worse,
    )
    rows = results.standings(engine=engine)
    if found.base is not None:
        base = evaluating.kept_file(run=found.base, node=node, folder=out.parent)
        total = results.place(engine, base=base, higher_is_worse=worse)
        rows = results.placed(engine)
    table = standings.table_of(found)
    with transaction.atomic():
        hold.tell(stage=Stage.WRITING)
        table._default_manager.filter(run=found).delete()
        RunCell.objects.filter(run=found).delete()
    written = 0
    for chunk in rows:
        with transaction.atomic():
            hold.tell(stage=Stage.WRITING, done_bp=written * 10_000 // total)
            writing.insert(table=table, run=found.pk, rows=chunk)
        written += len(chunk)


def _write_cells(found: Run, engine: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Write how many of which region and industry stand where, and return how many came out how."""
    if found.base is None:
        cells = {tuple(row[:-1]): row[-1] for row in results.cells(engine=engine)}
    else:
        table = standings.table_of(found)
        cells = dict(amending.changed_cells(run=found, table=table, engine=engine))
    RunCell.objects.bulk_create(
        (
            RunCell(run=found, **dict(zip(amending.CELL, cell, strict=True)), subjects=many)
            for cell, many in sorted(cells.items())
        ),
        batch_size=1000,
    )
    counted: Counter[str] = Counter()
    for cell, many in cells.items():
        counted[cell[amending.CELL.index("outcome")]] += many
    return counted


def _write_totals(found: Run, node: ThisNode, engine: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write what the units tied to each enterprise got, where a system scores units."""
    UnitTotal.objects.filter(run=found).delete()
    system = systems.archived(found.file_id, home=node.home, catalogue=node.catalogue)
    unit = system.definition.unit
    for tie in () if unit is None else unit.belongs_to:
        rows = results.totals(
            engine=engine,
            files=[str(out)],
            tie=tie,
            grades=found.symbols,
            higher_is_worse=systems.higher_is_worse(system),
        )
        UnitTotal.objects.bulk_create((UnitTotal(run=found, tie=tie, **one) for one in rows), batch_size=1000)


def _sentence(error: Exception) -> str:
    if isinstance(error, CreditmeshError):
        return error.sentence
    return (DISK if isinstance(error, OSError) else UNEXPECTED).format(error=error)


def _fail(hold: Hold, sentence: str) -> None:
    with transaction.atomic():
        hold.fail(sentence=sentence)
        thing = Thing("run", str(hold.uuid))
        audit.append(
            who=WORKER, act="run.execute", thing=thing, at=hold.clock(), why=sentence, outcome=Outcome.FAILED
        )


def _clear(node: ThisNode, run: UUID, folder: Path) -> None:
    """Remove the work folder, and those of attempts that died before."""
    for left in [folder, *(node.home / "runs").glob(f"{run}-*")]:
        shutil.rmtree(left, ignore_errors=True)
