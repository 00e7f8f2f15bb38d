"""Withdraw an authorisation: it ends at once, also for an inquiry that is under way."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.rules import Move, State, after
from creditmesh.kernel.errors import CreditmeshError


class UnknownAuthorisation(CreditmeshError):
    """There is no such authorisation among one's own."""

    code = "unknown-authorisation"

    def __init__(self) -> None:
        super().__init__("There is no such authorisation among yours: look it up in the list.")


@transaction.atomic
def withdraw(uuid: UUID, *, by: Actor, at: datetime, why: str = "") -> None:
    """End an authorisation of the enterprise the actor speaks for. What was asked before stays lawful.

    Waits for an inquiry that holds the row; every later one is refused. Raises `UnknownAuthorisation` and
    `WrongMove`.
    """
    by.demand(Permission.WITHDRAW_AUTHORISATIONS)
    row = own_locked(uuid, subject=by.subject)
    row.state = after(State(row.state), Move.WITHDRAW).value
    row.ended_at, row.end_reason = at, why[:300]
    row.save(update_fields=["state", "ended_at", "end_reason"])
    audit.append(
        who=by.who(), act="authorisation.withdraw", thing=Thing("authorisation", str(uuid)), at=at, why=why
    )
    audit.announce(event="authorisation.withdrawn", key=str(uuid), at=at)


def own_locked(uuid: UUID, *, subject: str) -> Authorisation:
    """Return a row of the enterprise, locked until the transaction ends; raise `UnknownAuthorisation`."""
    if not subject:
        raise UnknownAuthorisation
    found = (
        Authorisation.objects.select_for_update().filter(uuid=uuid, subject=subject).order_by("id").first()
    )
    if found is None:
        raise UnknownAuthorisation
    return found
