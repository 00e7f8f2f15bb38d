"""What a trial reads: tables at frozen versions, the files it compares, and what came before."""

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import evaluating
from creditmesh.apps.evaluation.grading.queries import adjustments, inputs, parts, runs
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.rules.trial import Kind, Known
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.queries.items import collected
from creditmesh.lake.marks import TABLE as MARKS
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.evaluate import Beside


def freeze(found: Trial, *, node: ThisNode) -> None:
    """Write down which version of every table is read, once; a later attempt finds it and leaves it.

    A back-test reads the tables as they were known on its day where the lake goes back that far, else today's.
    Raises `NoRunOfPart`, `PartDiffers`.
    """
    if found.tables:
        return
    old, new = systems(found, node=node)
    _freeze_parts(found, [new] if old is None else [old, new], node)
    found.collected = inputs.collected_text(collected(catalogue=node.catalogue))
    versions = node.lake.versions()
    if found.kind == Kind.BACKTEST:
        told = json.loads(found.settings)
        evening = timezone.make_aware(datetime.combine(found.as_of, time.max))
        then = node.lake.versions_on(evening)
        population = set(new.definition.population.items)
        known = Known.AS_KNOWN if population & set(then) else Known.AS_VALID
        versions = then if known is Known.AS_KNOWN else versions
        found.settings = json.dumps({**told, "known": known.value}, ensure_ascii=False)
    found.tables = json.dumps(dict(sorted(versions.items())))
    found.save(update_fields=["collected", "tables", "settings"])


def _freeze_parts(found: Trial, tried: list[System], node: ThisNode) -> None:
    """Write down the runs of other systems that each file takes along, by the name the file gives them."""
    taken = {
        str(place): {
            name: str(run.uuid) for name, run in parts.chosen(one, as_of=found.as_of, node=node).items()
        }
        for place, one in enumerate(tried)
    }
    if any(taken.values()):
        found.settings = json.dumps({**json.loads(found.settings), "parts": taken}, ensure_ascii=False)


def connection(found: Trial, *, node: ThisNode, today: bool = False) -> Any:
    """Return an engine connection that shows the lake as the trial froze it, or as it is today."""
    known = json.loads(found.tables)
    held = node.catalogue.items
    as_known = {item: version for item, version in known.items() if item in held or item == MARKS}
    lines = found.collected.split("\n") if found.collected else []
    pairs = [(item, prefix) for item, _, prefix in (line.partition("\t") for line in lines)]
    return node.lake.connection(
        catalogue=node.catalogue, as_known=None if today else as_known, collected=pairs
    )


def systems(found: Trial, *, node: ThisNode) -> tuple[System | None, System]:
    """Return the file that is compared with, if there is one, and the file that is tried."""
    new = loading.load(_kept(bytes(found.content), found.sha256, node), catalogue=node.catalogue, alone=True)
    if not found.against_sha256:
        return None, new
    path = _kept(bytes(found.against_content), found.against_sha256, node)
    return loading.load(path, catalogue=node.catalogue, alone=True), new


def beside(found: Trial, *, place: int, system: System, node: ThisNode, folder: Path) -> Beside:
    """Return what an evaluation reads beside the records: the run before its day, the runs of its parts, steps.

    `place` counts the files that are evaluated, the one compared with first. Raises `ResultsGone`.
    """
    before = runs.done(system=found.system, before=found.as_of).first()
    taken = json.loads(found.settings).get("parts", {}).get(str(place), {})
    adjusted = adjustments.in_force(system=found.system, on=found.as_of)

    def file(run: Run) -> str:
        return str(evaluating.kept_file(run=run, node=node, folder=folder))

    return Beside(
        previous=None if before is None else file(before),
        parts={name: file(runs.stored(UUID(uuid))) for name, uuid in taken.items()},
        adjusted={}
        if system.definition.adjustments is None
        else dict(adjusted.values_list("subject", "steps")),
    )


def _kept(content: bytes, sha256: str, node: ThisNode) -> Path:
    path = node.home / "trials" / f"{sha256}.yml"
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_bytes(content)
        aside.replace(path)
    return path
