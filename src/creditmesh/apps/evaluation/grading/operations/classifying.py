"""Classify here and now, and tell it as plain data: for the command line and for set-up."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.grading.operations import executing, requesting
from creditmesh.apps.evaluation.grading.operations.holding import Clock
from creditmesh.apps.evaluation.grading.queries import distribution, runs
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
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
