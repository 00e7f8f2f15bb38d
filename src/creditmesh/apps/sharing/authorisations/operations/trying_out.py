"""Ask for an authorisation; in the sandbox the invented enterprise signs at once, by the code of the real ones."""

from datetime import datetime

from django.db import transaction

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations.letters.drafting import Choice, Wish
from creditmesh.apps.sharing.authorisations.models import Request
from creditmesh.apps.sharing.authorisations.operations import preparing, requesting, signing


@transaction.atomic
def ask(*, by: Actor, subject: str, purpose: str, wish: Wish, node: ThisNode, at: datetime) -> Request:
    """Ask an enterprise for an authorisation, see `requesting.ask`, and return the request.

    A sandbox institution that asks an enterprise of the sandbox gets what it asks for, signed. It can ask no
    other enterprise, and no other institution can ask one of the sandbox: those requests reach nobody.
    """
    made = requesting.ask(by=by, subject=subject, purpose=purpose, wish=wish, node=node, at=at)
    known = sandbox.subject(made.subject)
    if known is None or not by.sandbox:
        return made
    owner = Actor(
        user_id=None,
        label="sandbox",
        organisation=known.key,
        organisation_name=known.name,
        roles=frozenset({Role.ENTERPRISE_OWNER}),
        subject=known.key,
        sandbox=True,
    )
    offer = preparing.from_request(made.uuid, by=owner, node=node, at=at)
    choice = Choice(
        items=offer.wish.items,
        raw_detail=offer.wish.raw_detail,
        data_months=offer.wish.data_months,
        life_days=offer.wish.life_days,
        max_queries=offer.wish.max_queries,
        per_day=offer.wish.per_day,
        clause_confirmed=True,
    )
    draft = preparing.prepare(offer, choice=choice, by=owner, node=node, at=at, channel="sandbox")
    signing.sign_invented(draft.uuid, by=owner, node=node, at=at)
    made.refresh_from_db()
    return made
