"""The monthly cadence: every live system in use here is run in full once from its day on, missed months once."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import Run
from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.evaluation.grading.queries import runs, systems
from creditmesh.apps.evaluation.grading.rules import UNFINISHED, State, due_day
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Lifecycle

DAY = "grading.cadence.day"
HOUR = "grading.cadence.hour"
ATTEMPTS = "grading.cadence.attempts"
CLOCKWORK = Actor(user_id=None, label="worker", roles=frozenset({Role.OPERATOR}))
"""The node itself, when it runs what is due."""


def keep(*, node: ThisNode, at: datetime) -> tuple[UUID, ...]:
    """Ask for the full runs that are due, and return them; those of parts first, the others when these have ended.

    Safe to call at any time and from several workers: a due day is answered by one run of a system.
    """
    today = timezone.localdate(at)
    due = due_on(at)
    wanted = {system.id: system for system in in_use(on=today, node=node) if _lacks(system.id, due)}
    ready = [one for one in wanted.values() if not _parts(one) & set(wanted)]
    asked = (_ask(one.id, due, node=node, at=at) for one in ready)
    return tuple(run for run in asked if run is not None)


def due_on(at: datetime) -> date:
    """Return the latest day of the cadence whose hour has come."""
    local = timezone.localtime(at)
    pack = rule_packs.load()
    hour = int(pack.rule(HOUR, on=local.date()).value)
    day = int(pack.rule(DAY, on=local.date()).value)
    return due_day((local - timedelta(hours=hour)).date(), day)


def in_use(*, on: date, node: ThisNode) -> list[System]:
    """Return the systems that are live on a day and have results on this node."""
    found = []
    for name in runs.systems_with_results():
        try:
            system = systems.loaded(systems.valid(name, on=on, home=node.home), catalogue=node.catalogue)
        except (systems.UnknownSystem, systems.NothingValid, CatalogueRefused):
            continue  # a file tried on the command line, or between two versions
        told = system.definition
        valid = told.effective_from <= on and (told.effective_until is None or on < told.effective_until)
        if told.lifecycle is Lifecycle.LIVE and valid:
            found.append(system)
    return found


def _lacks(system: str, due: date) -> bool:
    """Tell whether a system has neither a full run since a due day nor one under way, and did not fail too often."""
    since = Run.objects.filter(system=system, as_of__gte=due, base=None)
    full = [State.DONE.value, *(one.value for one in UNFINISHED)]
    if since.filter(state__in=full, changes_only=False).exists():
        return False
    most = int(rule_packs.load().rule(ATTEMPTS, on=due).value)
    return since.filter(state=State.FAILED, due=due).count() < most


def _parts(system: System) -> set[str]:
    combination = system.definition.combination
    return set() if combination is None else {part.system for part in combination.parts.values()}


def _ask(system: str, due: date, *, node: ThisNode, at: datetime) -> UUID | None:
    today = timezone.localdate(at)
    try:
        with transaction.atomic():
            return requesting.request_run(
                system=system, as_of=today, by=CLOCKWORK, node=node, at=at, due=due
            ).uuid
    except (IntegrityError, CreditmeshError):
        return None  # another worker was quicker, or a part has no result yet: the next round tries again
