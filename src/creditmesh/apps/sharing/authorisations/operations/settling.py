"""A loan is settled: what was given for its care ends some days later, without the enterprise doing anything."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.rules import LIVE
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError


class WrongSettlement(CreditmeshError):
    """No reference, or a day that has not come."""

    code = "wrong-settlement"


@transaction.atomic
def settle(reference: str, *, on: date, by: Actor, region: str, at: datetime) -> int:
    """Note that the actor's institution says the loan of a reference was settled on a day; return how many
    authorisations that shortens.

    Those whose purpose needs a loan end `authorisation.after-settlement` days later. Declaring it again keeps
    the earlier day. Raises `WrongSettlement`.
    """
    by.demand(Permission.REQUEST_AUTHORISATIONS)
    reference = reference.strip()
    if not reference or on > timezone.localdate(at):
        raise WrongSettlement(
            "Give the reference of the loan and the day it was settled, not later than today."
        )
    days = int(rule_packs.load().rule("authorisation.after-settlement", on=on, jurisdiction=region).value)
    rows = (
        Authorisation.objects.select_for_update()
        .filter(institution=by.organisation, reference=reference, state__in=[one.value for one in LIVE])
        .order_by("id")
    )
    ended = 0
    for row in rows:
        standing = queries.stands(row)
        if standing is None or not standing.terms.needs_loan:
            continue
        last = on + timedelta(days=days)
        if row.ends_on is None or last < row.ends_on:
            row.settled_on, row.ends_on = on, last
            row.save(update_fields=["settled_on", "ends_on"])
            ended += 1
            thing = Thing("authorisation", str(row.uuid))
            audit.append(who=by.who(), act="authorisation.settle", thing=thing, at=at, why=f"{on} + {days}")
    return ended
