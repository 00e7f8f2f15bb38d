"""Propose a draft with the simulation of exactly its bytes behind it; run shadows beside what is live."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.systems.operations import proposing
from creditmesh.apps.evaluation.systems.queries import drafts, versions
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.operations import requesting
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.rules.trial import Kind
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor


def propose(  # noqa: PLR0913 - what, for when, why, by whom
    *,
    draft: UUID,
    why: str,
    starts: date,
    ends: date | None = None,
    shadow: bool = False,
    by: Actor,
    node: ThisNode,
    at: datetime,
) -> versions.VersionRow:
    """Propose a draft that was simulated as it stands; raises as `systems.operations.proposing.propose`."""
    found = drafts.draft(draft)
    return proposing.propose(
        draft=draft,
        evidence=trials.evidence(found.sha256),
        why=why,
        starts=starts,
        ends=ends,
        shadow=shadow,
        by=by,
        at=at,
        catalogue=node.catalogue,
    )


@transaction.atomic
def run_shadows(*, run: UUID, node: ThisNode, at: datetime) -> int:
    """Ask for a trial of every version that runs in the shadow of a run that ended; return how many."""
    found = runs.run(run)
    asked = 0
    for shadow in versions.shadows(found.system, found.as_of):
        known = Trial.objects.filter(sha256=shadow.sha256, kind=Kind.SHADOW.value, as_of=found.as_of)
        if known.exists():
            continue
        requesting.request(
            kind=Kind.SHADOW, content=shadow.content, as_of=found.as_of, by=COMMAND_LINE, node=node, at=at
        )
        asked += 1
    return asked
