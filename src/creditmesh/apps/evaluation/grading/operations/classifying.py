"""Classify by one system or by several at once, on one state of the lake; told as plain data for the command line."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import executing, requesting
from creditmesh.apps.evaluation.grading.operations.executing import Shared
from creditmesh.apps.evaluation.grading.operations.holding import Clock
from creditmesh.apps.evaluation.grading.queries import distribution, inputs, runs
from creditmesh.apps.evaluation.grading.queries import systems as systems_
from creditmesh.apps.evaluation.grading.rules import State, require_conduct
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.scoring import evaluate as engine_
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import Own
from creditmesh.scoring.records.shared import unions
from creditmesh.scoring.targets.spark import cluster


def classify(
    *, system: str, as_of: date, by: Actor, node: ThisNode, clock: Clock, file: Path | None = None
) -> dict[str, Any]:
    """Run a system over everyone now and return `run`, `subjects`, `grades`, `seconds` and more (design.md §10).

    A run of the same system and day that waits, or that a dead worker left, is executed instead of a new
    one. Raises as `request_run` and `execute_run`.
    """
    uuid = (
        _waiting(system, as_of)
        or requesting.request_run(system=system, as_of=as_of, by=by, node=node, at=clock(), file=file).uuid
    )
    return told(viewer=by, run=executing.execute_run(run=uuid, node=node, clock=clock))


def classify_together(
    *, systems: Sequence[str], as_of: date, by: Actor, node: ThisNode, clock: Clock
) -> list[dict[str, Any]]:
    """Run several systems over everyone now, on one state of the lake, and return each as `classify` does.

    What they ask of an item is computed in one pass over it, and once where several ask the same; those whose
    results others take along come first. Raises as `classify`.
    """
    require_conduct(by=by)
    ordered = _in_order(systems, as_of=as_of, node=node)
    with in_common(ordered.values(), as_of=as_of, node=node) as shared:
        found = []
        for name in ordered:
            uuid = (
                _waiting(name, as_of)
                or requesting.request_run(system=name, as_of=as_of, by=by, node=node, at=clock()).uuid
            )
            run = executing.execute_run(run=uuid, node=node, clock=clock, shared=shared)
            found.append(told(viewer=by, run=run))
    return found


@contextmanager
def in_common(of: Iterable[tuple[str, System]], *, as_of: date, node: ThisNode) -> Iterator[Shared]:
    """Give what runs of these systems (each with the hash of its file) read in common; it ends with the block.

    On a cluster that is the state of the lake alone.
    """
    place = node.home / "runs"
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="shared-", dir=place))
    try:
        shared = executing.newest(node)
        if node.cluster is None:
            own = _gather(dict(of), shared, as_of=as_of, node=node, folder=folder)
            shared = replace(shared, own=own)
        yield shared
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def execute_due(*, run: UUID, node: ThisNode, clock: Clock) -> int:
    """Execute a run and, with it, all others of the cadence that wait for the same day; return how many it did.

    The run itself comes first: should another fail, only such are left as have tasks of their own. One that
    another worker takes meanwhile is left to it. Raises as `execute_run`.
    """
    waiting = dict(_beside(run))
    if len(waiting) < 2:
        return int(executing.execute_if_free(run=run, node=node, clock=clock) is not None)
    read = {one: systems_.archived(one, home=node.home, catalogue=node.catalogue) for one in waiting.values()}
    with in_common(read.items(), as_of=Run.objects.get(uuid=run).as_of, node=node) as shared:
        ended = [
            executing.execute_if_free(run=one, node=node, clock=clock, shared=shared)
            for one in sorted(waiting, key=lambda one: one != run)
        ]
    return sum(one is not None for one in ended)


def _in_order(names: Sequence[str], *, as_of: date, node: ThisNode) -> dict[str, tuple[str, System]]:
    """Return each system once with the hash of its file, after those whose results it takes along."""
    read = {}
    for name in dict.fromkeys(names):
        path = systems_.valid(name, on=as_of, home=node.home)
        read[name] = sha256(path.read_bytes()).hexdigest(), systems_.loaded(path, catalogue=node.catalogue)
    ordered: dict[str, tuple[str, System]] = {}
    while len(ordered) < len(read):
        waiting = {name: one for name, one in read.items() if name not in ordered}
        free = {name: one for name, one in waiting.items() if not _parts(one[1]) & (set(waiting) - {name})}
        ordered |= free or waiting  # a circle of parts is refused where a file is read
    return ordered


def _parts(system: System) -> set[str]:
    combination = system.definition.combination
    return set() if combination is None else {part.system for part in combination.parts.values()}


def _beside(run: UUID) -> list[tuple[UUID, str]]:
    """Return the full runs asked for on the same due day that nobody has begun, and the hashes of their files."""
    found = Run.objects.filter(uuid=run).first()
    if found is None or found.due is None or found.state != State.REQUESTED:
        return []
    beside = Run.objects.filter(
        due=found.due, as_of=found.as_of, state=State.REQUESTED, base=None, changes_only=False
    )
    return list(beside.order_by("requested_at", "id").values_list("uuid", "file_id"))


def _gather(
    files: Mapping[str, System], shared: Shared, *, as_of: date, node: ThisNode, folder: Path
) -> dict[str, Own]:
    """Gather what the records say on each subject for all systems that can share a pass, by hash of their file."""
    pairs = inputs.collected_pairs(shared.collected)
    hashes = {system.id: hash_ for hash_, system in files.items()}
    found: dict[str, Own] = {}
    for number, union in enumerate(unions(files.values())):
        if len(union.columns) == 1:
            continue
        place = folder / str(number)
        place.mkdir()
        known = dict(shared.versions)
        with node.lake.connection(catalogue=node.catalogue, as_known=known, collected=pairs) as connection:
            own = engine_.gather_own(connection, system=union.system, as_of=as_of, folder=place)
        found |= {hashes[id_]: replace(own, columns=columns) for id_, columns in union.columns.items()}
    return found


def on_engine(node: ThisNode, *, engine: str | None, master: str | None) -> ThisNode:
    """Return the node as it computes with an engine (None: the one it is set to) at a master of Spark.

    Raises `SparkUnavailable` before anything is asked for.
    """
    if engine == "duckdb" or (engine is None and node.cluster is None and master is None):
        return replace(node, cluster=None)
    usual = node.cluster or cluster.Cluster("local[2]")
    chosen = usual if master is None else cluster.Cluster(master, usual.settings)
    cluster.require(chosen.master)
    return replace(node, cluster=chosen)


def told(*, viewer: Actor, run: runs.RunRow) -> dict[str, Any]:
    """Return a finished run as the command line prints it; raises `NotPermitted`."""
    found = distribution.distribution(viewer=viewer, run=run.uuid)
    return {
        "run": str(run.uuid),
        "system": run.system,
        "version": run.version,
        "as_of": run.as_of.isoformat(),
        "subjects": found.subjects,
        "grades": {one.grade: one.subjects for one in found.grades},
        "insufficient": found.insufficient,
        "excluded": found.excluded,
        "seconds": run.seconds,
        "digest": run.digest,
        "engine": run.engine,
    }


def _waiting(system: str, as_of: date) -> UUID | None:
    unfinished = (one for one in runs.unfinished(system=system) if one.as_of == as_of)
    return next((one.uuid for one in unfinished if not one.changes_only), None)
