"""Open the tickets of a draw for the auditor, who leaves a line in the ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from creditmesh.apps.evaluation.supervision.queries import auditing
from creditmesh.apps.evaluation.supervision.rules.states import require_reason
from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor


@transaction.atomic
def open_tickets(*, task: UUID, why: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Return what opens the tickets of a draw: who takes part under which number, and what inspectors declared.

    Raises `NotPermitted`, `UnknownTask`, `ReasonMissing`, `FrozenChanged`.
    """
    found = auditing.openings(task, viewer=by)
    thing = Thing("supervision-task", str(task))
    audit.append(who=by.who(), act="draw.open-tickets", thing=thing, at=at, why=require_reason(why))
    return found
