"""Carry out trials: freeze what is read, evaluate both files, compare, and keep what came of it."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.operations import (
    cutting,
    foreseeing,
    holding,
    moving,
    reading,
    rescoring,
    weighing,
)
from creditmesh.apps.evaluation.trials.operations.holding import Clock, Hold
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.queries.limits import Numbers, numbers
from creditmesh.apps.evaluation.trials.queries.outcomes import Outcome
from creditmesh.apps.evaluation.trials.rules.trial import Kind, Stage, months_after
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import WORKER, Thing
from creditmesh.apps.ground.audit.rules import Outcome as Ended
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import evaluate as engine
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction

UNEXPECTED = (
    "The trial stopped on an error of the program: {error}. Ask for it again; if it stops again, report it."
)


def execute(*, trial: UUID, node: ThisNode, clock: Clock) -> trials.TrialRow:
    """Carry out a trial that was asked for, or take it over from a dead worker, and return it done.

    Raises `TrialTaken`, `UnknownTrial`; any other error marks the trial as failed and goes on.
    """
    found, hold = holding.take(uuid=trial, clock=clock)
    folder = node.home / "trials" / f"{trial}-{hold.attempt}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _execute(found, hold, node, folder)
    except holding.TrialTaken:
        raise
    except Exception as error:
        _fail(found, hold, error)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return trials.row(trials.stored(trial))


def execute_if_free(*, trial: UUID, node: ThisNode, clock: Clock) -> trials.TrialRow | None:
    """Carry out a trial unless another worker has it or it has ended; a task may be delivered twice."""
    try:
        return execute(trial=trial, node=node, clock=clock)
    except holding.TrialTaken:
        return None


def _execute(found: Trial, hold: Hold, node: ThisNode, folder: Path) -> None:
    started = time.monotonic()
    rules = numbers(timezone.localdate(hold.clock()))
    with transaction.atomic():
        hold.tell(Stage.OPENING)
        reading.freeze(found, node=node)
    with reading.connection(found, node=node) as connection:
        work = _Work(found=found, hold=hold, connection=connection, node=node, folder=folder, rules=rules)
        result = _tried(work)
    with transaction.atomic():
        hold.change(
            state=State.DONE.value,
            stage=Stage.FINISHED.value,
            progress=100,
            lease_until=None,
            finished_at=hold.clock(),
            result=json.dumps(result, ensure_ascii=False),
            milliseconds=int((time.monotonic() - started) * 1000),
        )
        thing = Thing("trial", str(found.uuid))
        audit.append(who=WORKER, act="trial.execute", thing=thing, at=hold.clock(), why=str(found))
        audit.announce(event="trial.done", key=str(found.uuid), at=hold.clock())


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One attempt: the trial, who holds it, the engine, and where files go."""

    found: Trial
    hold: Hold
    connection: Any
    node: ThisNode
    folder: Path
    rules: Numbers


def _tried(work: _Work) -> dict[str, Any]:
    found, connection, hold = work.found, work.connection, work.hold
    old, new = reading.systems(found, node=work.node)
    hold.tell(Stage.EVALUATING)
    before, after = _evaluated(work, old, new)
    hold.tell(Stage.COMPARING)
    compared = moving.compare(connection, before=before, after=after, old=old or new, new=new)
    cutting.gather_facts(connection, catalogue=work.node.catalogue)
    cutting.cut(connection, as_of=found.as_of)
    result = {**compared, "cuts": cutting.shares(connection, limits=work.rules.limits)}
    if found.kind == Kind.BACKTEST:
        return result | _foresight(work, (before, old or new), (after, new))
    hold.tell(Stage.WEIGHING)
    result["sensitivity"] = weighing.sensitivities(
        connection,
        system=new,
        relation=after,
        percent=work.rules.weight_step,
        sample=work.rules.sample,
        tell=lambda done: hold.tell(Stage.WEIGHING, done),
    )
    return result


def _evaluated(work: _Work, old: System | None, new: System) -> tuple[str, str]:
    """Evaluate both files and return their results as relations; inputs that are the same are gathered once."""
    connection, first = work.connection, work.folder / "before.parquet"
    if old is None:
        _run(work, new, first, place=0)
        return rescoring.files([first]), rescoring.files([first])
    _run(work, old, first, place=0)
    if rescoring.same_inputs(old, new):
        try:
            rescoring.score(connection, system=new, relation=rescoring.files([first]), into="rescored")
        except rescoring.InputsDiffer:
            pass
        else:
            return rescoring.files([first]), "rescored"
    out = work.folder / "after.parquet"
    _run(work, new, out, place=1)
    return rescoring.files([first]), rescoring.files([out])


def _run(work: _Work, system: System, out: Path, *, place: int) -> None:
    beside = reading.beside(work.found, place=place, system=system, node=work.node, folder=work.folder)
    engine.run(work.connection, system=system, as_of=work.found.as_of, out=out, beside=beside)


def _foresight(work: _Work, before: tuple[str, System], after: tuple[str, System]) -> dict[str, Any]:
    found, connection = work.found, work.connection
    told = json.loads(found.settings)
    wanted = Outcome.model_validate(told["outcome"])
    until = months_after(found.as_of, told["months"])
    hits = work.folder / "hits.parquet"
    with reading.connection(found, node=work.node, today=True) as today:
        foreseeing.find_hits(
            today,
            outcome=wanted,
            item=work.node.catalogue.items[wanted.item],
            after=found.as_of,
            until=until,
            into=str(hits),
        )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hits AS FROM {rescoring.files([hits])}")
    measured = {}
    for word, (relation, system) in (("before", before), ("after", after)):
        measured[word] = foreseeing.foresight(
            connection,
            result=relation,
            symbols=system.definition.symbols,
            higher_is_worse=system.definition.direction is Direction.HIGHER_IS_WORSE,
            start=found.as_of,
            days=(until - found.as_of).days,
        )
    worst = after[1].definition.symbols[-1]
    return {
        "until": until.isoformat(),
        "known": told["known"],
        "foresight": measured,
        "errors": cutting.errors(connection, worst=worst, limits=work.rules.limits),
    }


def _fail(found: Trial, hold: Hold, error: Exception) -> None:
    sentence = error.sentence if isinstance(error, CreditmeshError) else UNEXPECTED.format(error=error)
    with transaction.atomic():
        try:
            hold.change(
                state=State.FAILED.value, failure=sentence, lease_until=None, finished_at=hold.clock()
            )
        except holding.TrialTaken:
            return
        audit.append(
            who=WORKER,
            act="trial.execute",
            thing=Thing("trial", str(found.uuid)),
            at=hold.clock(),
            why=sentence,
            outcome=Ended.FAILED,
        )
