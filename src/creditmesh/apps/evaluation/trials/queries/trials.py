"""What is known of trials."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from creditmesh.apps.evaluation.grading.rules import UNFINISHED, State
from creditmesh.apps.evaluation.systems.rules.standing import Evidence
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.rules.trial import Kind, Stage, require_looker
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.parts import Purpose

MOST = 100


class UnknownTrial(CreditmeshError):
    """No trial has this id."""

    code = "unknown-trial"


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One trial as pages show it; `result` is empty before it has ended well."""

    uuid: UUID
    kind: Kind
    system: str
    purpose: Purpose
    version: str
    sha256: str
    against_version: str
    against_sha256: str
    as_of: date
    settings: Mapping[str, Any]
    state: State
    stage: Stage
    progress: int
    failure: str
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    tables: Mapping[str, int]
    seconds: float | None
    result: Mapping[str, Any]

    @property
    def is_unfinished(self) -> bool:
        """Tell whether the trial still waits or works."""
        return self.state in UNFINISHED

    @property
    def is_done(self) -> bool:
        """Tell whether there is a result."""
        return self.state is State.DONE


def row(found: Trial, *, with_result: bool = True) -> TrialRow:
    """Return what may be shown of a trial."""
    return TrialRow(
        uuid=found.uuid,
        kind=Kind(found.kind),
        system=found.system,
        purpose=Purpose(found.purpose),
        version=found.version,
        sha256=found.sha256,
        against_version=found.against_version,
        against_sha256=found.against_sha256,
        as_of=found.as_of,
        settings=json.loads(found.settings),
        state=State(found.state),
        stage=Stage(found.stage),
        progress=found.progress,
        failure=found.failure,
        requested_by=found.requested_by,
        requested_at=found.requested_at,
        finished_at=found.finished_at,
        tables=json.loads(found.tables) if found.tables else {},
        seconds=None if found.milliseconds is None else found.milliseconds / 1000,
        result=json.loads(found.result) if with_result and found.result else {},
    )


def stored(uuid: UUID) -> Trial:
    """Return a trial's own row, for operations; raise `UnknownTrial`."""
    found = Trial.objects.filter(uuid=uuid).first()
    if found is None:
        raise UnknownTrial("There is no such trial. Look it up in the list of trials.")
    return found


def trial(uuid: UUID, *, viewer: Actor) -> TrialRow:
    """Return one trial with its result; raise `NotPermitted`, `UnknownTrial`."""
    require_looker(viewer)
    return row(stored(uuid))


def of_bytes(sha256: str, *, kind: Kind | None = None) -> list[TrialRow]:
    """Return the trials of exactly these bytes without their results, newest first; at most 100."""
    found = Trial.objects.filter(sha256=sha256).defer("content", "against_content", "result")
    if kind is not None:
        found = found.filter(kind=kind.value)
    return [row(one, with_result=False) for one in found.order_by("-requested_at", "-id")[:MOST]]


def latest(*, system: str = "", kind: Kind | None = None) -> list[TrialRow]:
    """Return the newest trials without their results, of one system or all; at most 100."""
    found = Trial.objects.defer("content", "against_content", "result").order_by("-requested_at", "-id")
    if system:
        found = found.filter(system=system)
    if kind is not None:
        found = found.filter(kind=kind.value)
    return [row(one, with_result=False) for one in found[:MOST]]


def evidence(sha256: str) -> Evidence | None:
    """Return the latest finished simulation of exactly these bytes, None when there is none."""
    found = Trial.objects.filter(sha256=sha256, kind=Kind.SIMULATION.value, state=State.DONE.value).order_by(
        "-finished_at", "-id"
    )
    last = found.values_list("uuid", flat=True).first()
    return None if last is None else Evidence(simulation=str(last), sha256=sha256)


def interrupted() -> list[UUID]:
    """Return the ids of the trials some worker has taken up and not ended, oldest first."""
    found = Trial.objects.filter(state=State.RUNNING.value).order_by("requested_at", "id")
    return list(found.values_list("uuid", flat=True))
