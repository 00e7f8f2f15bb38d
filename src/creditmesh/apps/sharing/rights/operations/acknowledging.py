"""A department says that it has read that what it was given is stale."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.rights.models import DutyNotice
from creditmesh.kernel.errors import CreditmeshError


class UnknownDutyNotice(CreditmeshError):
    """There is no such notice for one's department."""

    code = "unknown-duty-notice"


@transaction.atomic
def acknowledge(notice: UUID, *, by: Actor, at: datetime) -> DutyNotice:
    """Note that a department has read a notice; doing it again changes nothing.

    Raises `NotPermitted`, and `UnknownDutyNotice` for any that is not its own.
    """
    by.demand(Permission.INQUIRE_FOR_DUTY)
    mine = DutyNotice.objects.select_for_update().filter(organisation=by.organisation)
    row = mine.exclude(organisation="").filter(uuid=notice).order_by("id").first()
    if row is None:
        raise UnknownDutyNotice("There is no such notice for your department. Look it up in the list.")
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = at, by.label[:200]
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        audit.append(
            who=by.who(), act="notice.acknowledge", thing=Thing("notice", str(row.uuid)), at=at, why=row.kind
        )
    return row
