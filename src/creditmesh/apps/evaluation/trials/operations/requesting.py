"""Ask for a trial of a draft or a version."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.evaluation.grading.models import STANDINGS
from creditmesh.apps.evaluation.grading.operations.requesting import NoTableForPurpose, require_records
from creditmesh.apps.evaluation.grading.queries import parts
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.systems.queries.versions import LiveSystem
from creditmesh.apps.evaluation.systems.rules.standing import require_editor
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.queries import outcomes, trials
from creditmesh.apps.evaluation.trials.rules.trial import Kind, TrialRefused, require_past
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.catalogue.model import Catalogue
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System


def simulate(*, draft: UUID, by: Actor, node: ThisNode, at: datetime) -> trials.TrialRow:
    """Ask what a draft would do today, against the version valid today; announces `trial.requested`.

    Raises `NotPermitted`, `UnknownDraft`, `CatalogueRefused`, `NoTableForPurpose`, `NoRunOfPart`, `PartDiffers`.
    """
    require_editor(by)
    found = drafts.draft(draft)
    return request(
        kind=Kind.SIMULATION, content=found.content, as_of=timezone.localdate(at), by=by, node=node, at=at
    )


def backtest(  # noqa: PLR0913 - of what, on which day, against what followed
    *,
    content: bytes,
    on: date,
    months: int,
    outcome: str,
    where: str = "",
    by: Actor,
    node: ThisNode,
    at: datetime,
) -> trials.TrialRow:
    """Ask whether a file would have foreseen on a past day what followed it.

    Raises `NotPermitted`, `TrialRefused`, `CatalogueRefused`, `NoTableForPurpose`.
    """
    require_editor(by)
    require_past(on=on, months=months, today=timezone.localdate(at))
    wanted = outcomes.chosen(outcome=outcome, where=where, catalogue=node.catalogue)
    settings = {"months": months, "outcome": wanted.model_dump(mode="json")}
    return request(kind=Kind.BACKTEST, content=content, as_of=on, by=by, node=node, at=at, settings=settings)


@transaction.atomic
def request(  # noqa: PLR0913 - what, how, as of when, by whom
    *,
    kind: Kind,
    content: bytes,
    as_of: date,
    by: Actor,
    node: ThisNode,
    at: datetime,
    settings: dict[str, object] | None = None,
) -> trials.TrialRow:
    """Write down that a file is to be tried against what is valid on the day; announces `trial.requested`.

    Raises `CatalogueRefused`, `NoTableForPurpose`, `TrialRefused`, `NoRunOfPart`, `PartDiffers`.
    """
    system = loaded(content, catalogue=node.catalogue)
    told = system.definition
    parts.chosen(
        system, as_of=as_of, node=node
    )  # to say at once what is lacking; frozen when the trial begins
    if told.purpose not in STANDINGS:
        raise NoTableForPurpose(f"This node keeps no results of the purpose '{told.purpose}' yet.")
    against = against_on(told.id, timezone.localdate(at) if kind is Kind.BACKTEST else as_of)
    if kind is Kind.SHADOW and against is None:
        raise TrialRefused(f"Nothing of '{told.id}' is valid on {as_of} to run beside.")
    made = Trial(
        uuid=uuid4(),
        kind=kind.value,
        system=told.id,
        purpose=told.purpose.value,
        version=told.version[:40],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        against_version=against.version[:40] if against else "",
        against_content=against.content if against else b"",
        against_sha256=against.sha256 if against else "",
        as_of=as_of,
        settings=json.dumps(settings or {}, ensure_ascii=False),
        requested_by=by.who().label[:200],
        requested_at=at,
    )
    made.save(force_insert=True)
    thing = Thing("trial", str(made.uuid))
    audit.append(who=by.who(), act="trial.request", thing=thing, at=at, why=f"{made} {made.sha256}")
    audit.announce(event="trial.requested", key=str(made.uuid), at=at)
    return trials.row(made)


def against_on(system: str, on: date) -> LiveSystem | None:
    """Return what a file of a system is compared with: what is valid on a day, else the shipped file."""
    return versions.live(system, on) or versions.shipped_version(system)


def loaded(content: bytes, *, catalogue: Catalogue) -> System:
    """Return the system a file states; raise `CatalogueRefused`, `NotOfRecords`."""
    with TemporaryDirectory(prefix="creditmesh-trial-") as folder:
        path = Path(folder) / "draft.yml"
        path.write_bytes(content)
        system = loading.load(path, catalogue=catalogue, alone=True)
    require_records(system.definition)
    return system
