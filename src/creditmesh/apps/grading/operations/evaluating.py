"""Compute a run from what it recorded: the same for its first execution and for every replay."""

from pathlib import Path

from creditmesh.apps.grading.models import Run
from creditmesh.apps.grading.queries import inputs, systems
from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.scoring import evaluate as engine
from creditmesh.scoring.evaluate import Summary


def evaluate(*, run: Run, node: ThisNode, out: Path) -> Summary:
    """Write the result of a run to a file, from nothing but what the run has recorded."""
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    with inputs.connection(run, node=node) as connection:
        return engine.run(
            connection,
            system=system,
            as_of=run.as_of,
            out=out,
            previous=previous_name(previous_files(run=run, node=node)),
        )


def previous_files(*, run: Run, node: ThisNode) -> list[str]:
    """Return the result files of the run pinned as the one before; none when there was none."""
    if run.previous is None:
        return []
    return node.lake.results_file(run.previous.system, str(run.previous.uuid))


def previous_name(files: list[str]) -> str | None:
    """Return the result files as the evaluation names them; None when there are none."""
    return files[0] if files else None
