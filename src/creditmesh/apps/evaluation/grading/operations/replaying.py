"""Compute a finished run again from what it recorded, and compare bit for bit."""

import shutil
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import evaluating, results
from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.grading.rules import SIGHT, Difference, Replay, require_conduct
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.scoring.definition.parts import Purpose


def replay_run(*, run: UUID, node: ThisNode, by: Actor, at: datetime) -> Replay:
    """Compute a run again and say whether every column of every row is the same; nothing is changed.

    The digest written down when the run ended, the result kept in the lake and the new result must all
    agree. The examples of differences carry scores: who may not see results gets their number alone.
    Raises `NotPermitted`, `UnknownRun`, `NoResultsYet`, `ResultsGone`.
    """
    require_conduct(by=by)
    found = runs.stored(run)
    if not runs.row(found).replays:
        raise runs.NoResultsYet(f"Run {run} is {found.state}: only a run that is done can be replayed.")
    (node.home / "runs").mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="replay-", dir=node.home / "runs"))
    try:
        replay = _replay(found, node, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    audit.append(
        who=by.who(),
        act="run.replay",
        thing=Thing("run", str(run)),
        at=at,
        why=f"{replay.subjects_recomputed} subjects, {replay.rows_differing} differ",
        outcome=Outcome.DONE if replay.same else Outcome.FAILED,
    )
    return replay if by.may(SIGHT[Purpose(found.purpose)]) else replace(replay, differences=())


def _replay(found: Run, node: ThisNode, folder: Path) -> Replay:
    started = time.monotonic()
    out = folder / "result.parquet"
    # in this process, whatever computed it first: that the engines agree is part of what is proved
    evaluating.evaluate(run=found, node=replace(node, cluster=None), out=out)
    kept = [str(evaluating.kept_file(run=found, node=node, folder=folder))]
    with results.connection(folder=str(folder)) as engine:
        columns = results.column_names(engine=engine, files=[str(out)])
        recomputed = results.digest(engine=engine, files=[str(out)])
        in_lake = results.digest(engine=engine, files=kept, columns=columns)
        total: int = 0
        examples: tuple[Difference, ...] = ()
        if recomputed != in_lake:
            total, examples = results.compare(engine=engine, recorded=kept, recomputed=[str(out)])
        return Replay(
            run=str(found.uuid),
            same=found.digest == in_lake == recomputed,
            digest_recorded=found.digest,
            digest_kept=in_lake,
            digest_recomputed=recomputed,
            subjects_recorded=found.subjects or 0,
            subjects_recomputed=results.count(engine=engine, files=[str(out)]),
            rows_differing=total,
            differences=examples,
            seconds=round(time.monotonic() - started, 3),
        )
