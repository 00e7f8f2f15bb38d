"""The effect of a draft on today's enterprises in a moment: the latest run's stored inputs scored again."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from creditmesh.apps.evaluation.grading.operations import evaluating
from creditmesh.apps.evaluation.grading.queries import runs, systems
from creditmesh.apps.evaluation.systems.rules.standing import require_editor
from creditmesh.apps.evaluation.trials.operations import moving, rescoring
from creditmesh.apps.evaluation.trials.queries.limits import numbers
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Grades before and after on stored inputs; `sampled` of `whole` enterprises, or why it cannot be said."""

    as_of: date | None
    sampled: int
    whole: int
    result: dict[str, Any]
    refusal: CreditmeshError | None = None


class NothingRunYet(CreditmeshError):
    """No run of the system has ended, so there are no stored inputs to score again."""

    code = "nothing-run-yet"


def preview(*, draft: System, node: ThisNode, by: Actor, on: date) -> Preview:
    """Return how grades of the latest run would change under a draft that loads; numbers only, no names.

    All enterprises where they are few enough, else a sample by the hash of their keys. Raises `NotPermitted`.
    """
    require_editor(by)
    run = runs.counting(system=draft.id)
    if run is None:
        wrong = NothingRunYet(
            f"No run of '{draft.id}' has ended, so there is nothing to score again. Simulate the draft instead."
        )
        return Preview(as_of=None, sampled=0, whole=0, result={}, refusal=wrong)
    live = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    if not rescoring.same_inputs(live, draft):
        differ = rescoring.InputsDiffer(
            "The draft takes other records or counts them in another way than the latest run did. Simulate it:"
            " that gathers what it needs."
        )
        return Preview(as_of=run.as_of, sampled=0, whole=0, result={}, refusal=differ)
    with TemporaryDirectory(prefix="creditmesh-preview-") as folder:
        try:
            file = evaluating.kept_file(run=run, node=node, folder=Path(folder))
            return _previewed(file, live, draft, run.as_of, numbers(on).sample, Path(folder))
        except (rescoring.InputsDiffer, evaluating.ResultsGone) as refused:
            return Preview(as_of=run.as_of, sampled=0, whole=0, result={}, refusal=refused)


def _previewed(file: Path, live: System, draft: System, as_of: date, most: int, folder: Path) -> Preview:
    spill: dict[str, Any] = {"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder)}
    with duckdb.connect(config=spill) as connection:
        relation = rescoring.files([file])
        [(whole,)] = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()  # noqa: S608
        chosen = f"ORDER BY hash(subject), subject LIMIT {most}" if whole > most else ""
        connection.execute(f"CREATE TEMP TABLE stored AS SELECT * FROM {relation} {chosen}")  # noqa: S608
        rescoring.score(connection, system=draft, relation="stored", into="rescored")
        result = moving.compare(
            connection, before="stored", after="rescored", old=live, new=draft, named=False
        )
        return Preview(as_of=as_of, sampled=min(whole, most), whole=whole, result=result)
