"""Compute a run from what it recorded: the same for its first execution and for every replay."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import duckdb

from creditmesh.apps.evaluation.grading.models import Run, RunPart
from creditmesh.apps.evaluation.grading.queries import adjustments, inputs, overlay, systems
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake import composing, reading
from creditmesh.lake.marks import TABLE as MARKS
from creditmesh.scoring import evaluate as engine
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import Beside, Own, Summary
from creditmesh.scoring.records import touching
from creditmesh.scoring.targets.spark import cluster as spark
from creditmesh.scoring.targets.spark import running
from creditmesh.scoring.targets.spark.showing import Shown

TIES = "ties_"
GRADED = ("subject", "score", "grade")  # what other runs read of one


class ResultsGone(CreditmeshError):
    """The results of a finished run are not in the lake any more."""

    code = "results-gone"


def evaluate(
    *,
    run: Run,
    node: ThisNode,
    out: Path,
    beat: Callable[[], None] = lambda: None,
    own: Own | None = None,
) -> Summary:
    """Write the result of a run to a file, from nothing but what the run has recorded.

    `own` is what its records say on each subject, where that was gathered for several runs at once.
    Raises `ResultsGone` when the results of the run before, or of a part, which this one reads, are lost; with a
    cluster also `SparkUnavailable`, `SparkFailed`, and whatever `beat` raises, which is called while it works.
    """
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    if run.base is not None:
        return _amend(run, system, node, out)
    if node.cluster is not None:
        return _spread(run, system, node, out, beat)
    with inputs.connection(run, node=node) as connection:
        return engine.run(
            connection,
            system=system,
            as_of=run.as_of,
            out=out,
            beside=replace(beside(run=run, node=node, folder=out.parent), own=own),
        )


def evaluate_changes(*, run: Run, node: ThisNode, out: Path) -> None:
    """Write what a run of changes itself keeps: its subjects anew, and those it carries over from the one it amends.

    Everyone else is left where they are: what it costs goes by who is looked at. Raises `ResultsGone`.
    """
    system = systems.archived(run.file_id, home=node.home, catalogue=node.catalogue)
    folder = out.parent
    fresh = out.with_name("fresh.parquet")
    told = beside(run=run, node=node, folder=folder)
    with inputs.connection(run, node=node, items=touching.items_of(system)) as connection:
        engine.run(
            connection,
            system=system,
            as_of=run.as_of,
            out=fresh,
            beside=replace(told, subjects=overlay.changed(run, fresh=True), ties=reached_ties(folder)),
        )
    assert run.amends is not None  # noqa: S101 - a run of changes is put on one
    if run.amends.base is None:
        fresh.replace(out)
        return
    earlier = _stored(run=run.amends, node=node, folder=folder)
    composing.carry(fresh=fresh, earlier=earlier, carried=overlay.changed(run, fresh=False), out=out)


def _amend(run: Run, system: System, node: ThisNode, out: Path) -> Summary:
    """Write what a run of changes says of everyone: its subjects anew, the others as the runs before it left them."""
    kept = out.with_name(f"{out.stem}-kept.parquet")
    evaluate_changes(run=run, node=node, out=kept)
    assert run.base is not None  # noqa: S101 - a run of changes is put on one
    base = kept_file(run=run.base, node=node, folder=out.parent)
    composing.compose(base=base, kept=kept, changed=overlay.changed(run), out=out)
    with duckdb.connect() as connection:
        return engine.summary(connection, symbols=system.definition.symbols, result=out)


def reached_ties(folder: Path) -> dict[str, str]:
    """Return the files of who shares what with whom that were made to find whom a change reaches, by relation."""
    return {one.stem.removeprefix(TIES): str(one) for one in sorted(folder.glob(f"{TIES}*.parquet"))}


def engine_of(node: ThisNode) -> str:
    """Return what computes on this node, as a run records it. Raises `SparkUnavailable`."""
    with_ = f"duckdb {metadata.version('duckdb')}"
    if node.cluster is not None:
        with_ = f"spark {spark.version()} at {node.cluster.master}"
    return f"creditmesh {metadata.version('creditmesh')}, {with_}"[:200]


def _spread(run: Run, system: System, node: ThisNode, out: Path, beat: Callable[[], None]) -> Summary:
    """Let a cluster compute; all it reads and writes lies in the lake, which its workers reach."""
    items = inputs.only(node.catalogue, sorted(system.items))
    known = {item: one for item, one in inputs.versions(run).items() if item in items.items or item == MARKS}
    read = reading.read(node.lake.place, catalogue=items, as_known=known)
    parts = RunPart.objects.filter(run=run).select_related("source").order_by("name")
    shown = Shown(
        items=read.items,
        stopped=read.stopped,
        collected=inputs.collected(run),
        previous=() if run.previous is None else _files(run.previous, node, out.parent),
        parts={one.name: _files(one.source, node, out.parent) for one in parts},
        adjusted=adjustments.counted(run),
    )
    root = node.lake.place.root
    shared = f"{Path(root).resolve() if node.lake.place.is_local else root}/spark/{run.uuid}-{run.attempt}"
    assert node.cluster is not None  # noqa: S101 - asked for with a cluster only
    with spark.opened(node.cluster) as session:
        asked = running.Run(system=system, as_of=run.as_of, shown=shown, shared=shared, out=out, beat=beat)
        running.run(session, asked)
    with duckdb.connect() as connection:
        return engine.summary(connection, symbols=system.definition.symbols, result=out)


def _files(run: Run, node: ThisNode, folder: Path) -> list[str]:
    if run.base is not None:
        # several runs in one: put together beside the lake, where a cluster reads it as it reads the lake
        if not node.lake.place.is_local:
            raise ResultsGone(
                f"Run {run.uuid} holds changes only, and a cluster reads no such run from an object store: classify"
                f" '{run.system}' in full first."
            )
        shared = Path(node.lake.place.root).resolve() / "spark" / f"{run.uuid}-whole.parquet"
        if not shared.exists():
            shared.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(kept_file(run=run, node=node, folder=folder), shared)
        return [str(shared)]
    files = node.lake.results_file(run.system, str(run.uuid))
    if not files:
        raise ResultsGone(f"The results of run {run.uuid} are not in the lake; restore them from a backup.")
    return [str(Path(one).resolve()) if node.lake.place.is_local else one for one in files]


def beside(*, run: Run, node: ThisNode, folder: Path) -> Beside:
    """Return what a run reads beside the records: the run before, the runs of its parts, adjustments.

    Raises `ResultsGone`.
    """
    before = previous_file(run=run, node=node, folder=folder)
    parts = RunPart.objects.filter(run=run).select_related("source").order_by("name")
    return Beside(
        previous=None if before is None else str(before),
        parts={one.name: str(graded_file(run=one.source, node=node, folder=folder)) for one in parts},
        adjusted=adjustments.counted(run),
    )


def previous_file(*, run: Run, node: ThisNode, folder: Path) -> Path | None:
    """Return the result file of the run pinned as the one before; None when there was none."""
    return None if run.previous is None else graded_file(run=run.previous, node=node, folder=folder)


def graded_file(*, run: Run, node: ThisNode, folder: Path) -> Path:
    """Return a file of everyone's score and grade at least, after a finished run; raise `ResultsGone`."""
    return _composed(run, node, folder, name="graded", columns=GRADED)


def kept_file(*, run: Run, node: ThisNode, folder: Path) -> Path:
    """Return what a finished run says of everyone as a local file, made in the folder where no such file lies ready.

    Raises `ResultsGone`.
    """
    return _composed(run, node, folder, name="whole")


def _composed(run: Run, node: ThisNode, folder: Path, *, name: str, columns: tuple[str, ...] = ()) -> Path:
    """Return the stored file of a full run; of a run of changes its rows and those of its base in one (some columns)."""
    if run.base is None:
        return _stored(run=run, node=node, folder=folder)
    file = folder / f"{run.uuid}-{name}.parquet"
    if not file.exists():
        kept = _stored(run=run, node=node, folder=folder)
        base = _stored(run=run.base, node=node, folder=folder)
        draft = file.with_suffix(".draft")
        composing.compose(base=base, kept=kept, changed=overlay.changed(run), out=draft, columns=columns)
        draft.replace(file)
    return file


def _stored(*, run: Run, node: ThisNode, folder: Path) -> Path:
    """Return the rows a run itself keeps as a local file, copied into the folder where the lake is remote."""
    files = node.lake.results_file(run.system, str(run.uuid))
    if len(files) == 1 and Path(files[0]).is_file():
        return Path(files[0])
    copy = folder / f"{run.uuid}.parquet"
    if not copy.exists() and not node.lake.copy_results(system=run.system, run=str(run.uuid), to=copy):
        raise ResultsGone(f"The results of run {run.uuid} are not in the lake; restore them from a backup.")
    return copy
