"""Execute runs: freeze what is read, evaluate, keep the result, write the standings; resumable at any instant."""

import shutil
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from uuid import UUID

from django.db import transaction

from creditmesh.apps.audit import operations as audit
from creditmesh.apps.audit.rules import WORKER, Outcome, Thing
from creditmesh.apps.grading.models import Run, RunCell, RunTable
from creditmesh.apps.grading.operations import holding, results, writing
from creditmesh.apps.grading.operations.holding import Clock, Hold
from creditmesh.apps.grading.queries import inputs, runs, standings, systems
from creditmesh.apps.grading.rules import Stage, State
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import evaluate

UNEXPECTED = "The run stopped on an error of the program: {error}. Ask for a new run; if it stops again, report it."
DISK = "The run stopped because a file could not be written: {error}. Make room in the node's data folder, then ask again."


def execute_run(*, run: UUID, node: ThisNode, clock: Clock) -> runs.RunRow:
    """Execute a run that was asked for, or take it over from a dead worker, and return it done.

    What is read is frozen at the first attempt, so that a second one computes the same. Standings are
    written in chunks that nobody sees before the last act, which marks the run as done; that way a
    million rows do not keep other writers waiting. Every chunk is fenced by the attempt's number.

    Raises `RunTaken`, `UnknownRun`, `LeaseLost`; any other error marks the run as failed and goes on.
    """
    found, hold = holding.take(uuid=run, clock=clock)
    try:
        _execute(found, hold, node)
    except holding.LeaseLost:
        raise
    except CreditmeshError as error:
        _fail(hold, error.sentence)
        raise
    except OSError as error:
        _fail(hold, DISK.format(error=error))
        raise
    except Exception as error:
        _fail(hold, UNEXPECTED.format(error=error))
        raise
    finally:
        shutil.rmtree(_folder(node, hold), ignore_errors=True)
    return runs.run(run)


def execute_if_free(*, run: UUID, node: ThisNode, clock: Clock) -> runs.RunRow | None:
    """Execute a run unless another worker has it or it has ended; a task may be delivered twice."""
    try:
        return execute_run(run=run, node=node, clock=clock)
    except (holding.RunTaken, holding.LeaseLost):
        return None


def resume_runs(*, node: ThisNode, clock: Clock) -> int:
    """Execute, one after another, every run whose worker died; return how many were taken up."""
    waiting = Run.objects.filter(state=State.RUNNING).order_by("requested_at", "id").values_list("uuid", flat=True)
    return sum(execute_if_free(run=uuid, node=node, clock=clock) is not None for uuid in list(waiting))


def _execute(found: Run, hold: Hold, node: ThisNode) -> None:
    started = time.monotonic()
    with transaction.atomic():
        hold.tell(stage=Stage.OPENING)
        _freeze(found, node, hold)
    folder = _folder(node, hold)
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "result.parquet"
    system = systems.archived(found.file_id, home=node.home)
    before = previous_files(found, node)
    hold.tell(stage=Stage.EVALUATING)
    with inputs.connection(found, node=node) as engine:
        summary = evaluate.run(
            engine, system=system, as_of=found.as_of, out=out, previous=inputs.previous_name(engine, before)
        )
    hold.tell(stage=Stage.KEEPING)
    node.lake.keep_results(system=found.system, run=str(found.uuid), file=out)
    with results.connection(folder=str(folder)) as engine:
        digest = results.digest(engine=engine, files=[str(out)])
        written = _write(found, hold, engine, [str(out)], before)
        with transaction.atomic():
            hold.finish(
                digest=digest,
                subjects=written,
                insufficient=summary.insufficient,
                excluded=summary.excluded,
                milliseconds=int((time.monotonic() - started) * 1000),
            )
            thing = Thing("run", str(found.uuid))
            audit.append(who=WORKER, act="run.execute", thing=thing, at=hold.clock(), why=str(found))
            audit.announce(event="run.done", key=str(found.uuid), at=hold.clock())


def previous_files(found: Run, node: ThisNode) -> list[str]:
    """Return the result files of the run pinned as the one before, none when there was none."""
    if found.previous is None:
        return []
    return node.lake.results_file(found.system, str(found.previous.uuid))


def _freeze(found: Run, node: ThisNode, hold: Hold) -> None:
    """Write down all that the result depends on, once; a later attempt finds it and leaves it."""
    if found.engine:
        return
    versions = node.lake.versions()
    RunTable.objects.bulk_create(
        RunTable(run=found, item=item, lake_version=version) for item, version in sorted(versions.items())
    )
    found.previous = runs.done(system=found.system, up_to=found.as_of).first()
    found.engine = f"creditmesh {metadata.version('creditmesh')}, duckdb {metadata.version('duckdb')}"
    found.catalogue = "\n".join(f"{one.id}@{one.version}" for one in node.catalogue.lists)
    found.rule_pack = systems.rule_pack(on=found.as_of)
    found.collected = inputs.collected_text(node=node)
    found.save(update_fields=["previous", "engine", "catalogue", "rule_pack", "collected"])


def _write(found: Run, hold: Hold, engine: object, files: Sequence[str], before: Sequence[str]) -> int:
    hold.tell(stage=Stage.WRITING)
    facts = systems.facts(systems.archived_again(found.file_id))
    return 0


def _folder(node: ThisNode, hold: Hold) -> Path:
    return node.home / "runs" / f"{hold.uuid}-{hold.attempt}"


def _fail(hold: Hold, sentence: str) -> None:
    with transaction.atomic():
        hold.fail(sentence=sentence)
        thing = Thing("run", str(hold.uuid))
        audit.append(
            who=WORKER, act="run.execute", thing=thing, at=hold.clock(), why=sentence, outcome=Outcome.FAILED
        )
