"""Follow what happens: a run of changes of each system for which something new decides grades by itself."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import Run, RunPart
from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.evaluation.grading.operations.changes.cadence import CLOCKWORK, in_use
from creditmesh.apps.evaluation.grading.queries import adjustments, inputs, parts, runs
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.lake.marks import TABLE as MARKS
from creditmesh.scoring.definition.indicators import Cap, Exclusion, Trigger
from creditmesh.scoring.definition.loaded import System, items_of

NAME = re.compile(r"[a-z][a-z0-9_]*")


def follow(*, node: ThisNode, at: datetime) -> tuple[UUID, ...]:
    """Ask for a run of changes of every system for which there is something new, and return the runs.

    New is: rows of an item behind a trigger, a cap or an exclusion, marks, another run of a part, an adjustment that
    began or ended. What else landed waits for such news or for the next run of the cadence. A run under way is left
    to end; its end calls this again.
    """
    today = timezone.localdate(at)
    now = node.lake.versions()
    found = []
    for system in in_use(on=today, node=node):
        latest = runs.counting(system=system.id)
        if latest is None or latest.as_of > today or runs.unfinished(system=system.id):
            continue
        if _news(system, latest, now, node=node, at=at):
            found.append(_ask(system.id, node=node, at=at))
    return tuple(run for run in found if run is not None)


def deciding_items(system: System) -> frozenset[str]:
    """Return the items behind triggers, caps and exclusions: what decides a grade by itself."""
    told = system.definition
    rules: list[Exclusion | Trigger | Cap] = [*told.exclusions, *told.triggers, *told.caps]
    words = {word for rule in rules for word in NAME.findall(rule.when)}
    read = (feature for name, feature in told.features.items() if name in words)
    return frozenset(code for feature in read for code in items_of(system, feature))


def _news(system: System, latest: Run, now: dict[str, int], *, node: ThisNode, at: datetime) -> bool:
    then = inputs.versions(latest)
    watched = {*deciding_items(system), MARKS}
    if any(now.get(code) != then.get(code) for code in watched):
        return True
    today = timezone.localdate(at)
    if system.definition.adjustments is not None:
        counting = dict(adjustments.in_force(system=system.id, on=today).values_list("subject", "steps"))
        if counting != adjustments.counted(latest):
            return True
    taken = dict(RunPart.objects.filter(run=latest).values_list("name", "source"))
    try:
        chosen = parts.chosen(system, as_of=today, node=node)
    except (parts.NoRunOfPart, parts.PartDiffers):
        return False
    return taken != {name: run.pk for name, run in chosen.items()}


def _ask(system: str, *, node: ThisNode, at: datetime) -> UUID | None:
    today = timezone.localdate(at)
    try:
        with transaction.atomic():
            asked = requesting.request_run(
                system=system, as_of=today, by=CLOCKWORK, node=node, at=at, changes_only=True
            )
    except (CatalogueRefused, CreditmeshError):
        return None  # another worker was quicker, or the file is no longer one this node can run: the page says so
    return asked.uuid
