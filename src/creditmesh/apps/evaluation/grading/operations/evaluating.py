"""Compute a run from what it recorded: the same for its first execution and for every replay."""

from pathlib import Path

from creditmesh.apps.evaluation.grading.models import Run, RunPart
from creditmesh.apps.evaluation.grading.queries import adjustments, inputs, systems
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring import evaluate as engine
from creditmesh.scoring.evaluate import Beside, Summary


class ResultsGone(CreditmeshError):
    """The results of a finished run are not in the lake any more."""

    code = "results-gone"


def evaluate(*, run: Run, node: ThisNode, out: Path) -> Summary:
    """Write the result of a run to a file, from nothing but what the run has recorded.

    Raises `ResultsGone` when the results of the run before, or of a part, which this one reads, are lost.
    """
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    with inputs.connection(run, node=node) as connection:
        return engine.run(
            connection,
            system=system,
            as_of=run.as_of,
            out=out,
            beside=beside(run=run, node=node, folder=out.parent),
        )


def beside(*, run: Run, node: ThisNode, folder: Path) -> Beside:
    """Return what a run reads beside the records: the run before, the runs of its parts, adjustments.

    Raises `ResultsGone`.
    """
    before = previous_file(run=run, node=node, folder=folder)
    parts = RunPart.objects.filter(run=run).select_related("source").order_by("name")
    return Beside(
        previous=None if before is None else str(before),
        parts={one.name: str(kept_file(run=one.source, node=node, folder=folder)) for one in parts},
        adjusted=adjustments.counted(run),
    )


def previous_file(*, run: Run, node: ThisNode, folder: Path) -> Path | None:
    """Return the result file of the run pinned as the one before; None when there was none."""
    return None if run.previous is None else kept_file(run=run.previous, node=node, folder=folder)


def kept_file(*, run: Run, node: ThisNode, folder: Path) -> Path:
    """Return the results of a finished run as a local file, copied into the folder where the lake is remote.

    Raises `ResultsGone`.
    """
    files = node.lake.results_file(run.system, str(run.uuid))
    if len(files) == 1 and Path(files[0]).is_file():
        return Path(files[0])
    copy = folder / f"{run.uuid}.parquet"
    if not copy.exists() and not node.lake.copy_results(system=run.system, run=str(run.uuid), to=copy):
        raise ResultsGone(f"The results of run {run.uuid} are not in the lake; restore them from a backup.")
    return copy
