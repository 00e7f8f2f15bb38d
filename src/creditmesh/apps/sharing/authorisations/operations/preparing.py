"""An enterprise narrows what was asked for, or gives unasked, into the document it will sign."""

import json
import uuid as uuids
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises.rules import strongest
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.authorisations.letters import document, notice
from creditmesh.apps.sharing.authorisations.letters.drafting import (
    Choice,
    Parties,
    Wish,
    require_loan,
    terms_of,
    widest,
    within,
)
from creditmesh.apps.sharing.authorisations.models import Authorisation, Request
from creditmesh.apps.sharing.authorisations.operations.requesting import open_request
from creditmesh.apps.sharing.authorisations.operations.withdrawing import UnknownAuthorisation
from creditmesh.apps.sharing.authorisations.rules import Authoriser, Grantee, Handler, State
from creditmesh.catalogue import purposes, rule_packs
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.purposes import Purpose


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the enterprise may narrow: a request, or everything a purpose allows to an institution."""

    institution: str
    institution_name: str
    purpose: Purpose
    wish: Wish
    request: Request | None


def from_request(uuid: UUID, *, by: Actor, node: ThisNode, at: datetime) -> Offer:
    """Return what a request to the actor's enterprise asks for; raise `UnknownRequest`.

    The template is the version of the day of the request, if that is still in force, else today's; what was
    asked for beyond that is left out.
    """
    by.demand(Permission.SEE_OWN_AUTHORISATIONS)
    with transaction.atomic():
        row = open_request(uuid, subject=by.subject, at=at)
    purpose = purposes.purpose(row.purpose, on=timezone.localdate(at))
    return Offer(
        institution=row.institution,
        institution_name=row.institution_name,
        purpose=purpose,
        wish=within(wish_of(row), purpose=purpose, catalogue=node.catalogue),
        request=row,
    )


def unasked(institution: str, *, purpose: str, reference: str, node: ThisNode, at: datetime) -> Offer:
    """Return everything an institution may be given for a purpose.

    Raises `UnknownInstitution`, also when its kind cannot use the purpose, `UnknownPurpose`, and `LoanNotNamed`.
    """
    found = institutions.institution(institution)
    template = purposes.purpose(purpose, on=timezone.localdate(at))
    if found.sandbox or found.kind.value not in template.institution_kinds:
        raise institutions.UnknownInstitution(
            f"There is no institution “{institution}” that can be given “{purpose}”: choose from the list."
        )
    require_loan(reference, purpose=template)
    wide = widest(template, catalogue=node.catalogue)
    wish = Wish(**{**vars(wide), "reference": reference.strip()[:80]})
    return Offer(
        institution=found.code, institution_name=found.name, purpose=template, wish=wish, request=None
    )


@transaction.atomic
def prepare(
    offer: Offer, *, choice: Choice, by: Actor, node: ThisNode, at: datetime, channel: str = "page"
) -> Authorisation:
    """Write the document the enterprise will sign and return it as a draft; an earlier draft is replaced.

    Raises `BeyondBounds` when the choice goes beyond the offer.
    """
    by.demand(Permission.PREPARE_AUTHORISATIONS)
    if offer.request is not None:
        open_request(offer.request.uuid, subject=by.subject, at=at)
    terms = terms_of(
        offer.wish,
        choice,
        uuid=uuids.uuid4(),
        parties=_parties(offer, by=by, node=node, channel=channel, at=at),
        purpose=offer.purpose,
        at=at,
    )
    names = parties.organisation_names(terms.grantee.branches)
    terms, shown = notice.with_notice(terms, purpose=offer.purpose, catalogue=node.catalogue, names=names)
    signed = document.body(terms)
    drafts = Authorisation.objects.filter(subject=by.subject, state=State.DRAFT.value)
    drafts.filter(request=offer.request, institution=offer.institution, purpose=terms.purpose).delete()
    made = Authorisation.objects.create(
        uuid=terms.uuid,
        request=offer.request,
        body=signed,
        digest=document.digest(signed),
        notice=shown,
        prepared_by=by.user_id,
        prepared_at=at,
        **document.columns(terms),
    )
    audit.append(
        who=by.who(), act="authorisation.prepare", thing=Thing("authorisation", str(made.uuid)), at=at
    )
    return made


@transaction.atomic
def discard(uuid: UUID, *, by: Actor) -> None:
    """Throw a draft of the actor's enterprise away; raise `UnknownAuthorisation`."""
    by.demand(Permission.PREPARE_AUTHORISATIONS)
    rows = Authorisation.objects.filter(uuid=uuid, subject=by.subject, state=State.DRAFT.value)
    if not by.subject or not rows.delete()[0]:
        raise UnknownAuthorisation


def wish_of(row: Request) -> Wish:
    """Return what a request asks for."""
    return Wish(
        items=tuple(json.loads(row.items)),
        modes=tuple(Mode(one) for one in json.loads(row.modes)),
        raw_detail=row.raw_detail,
        data_months=row.data_months,
        life_days=row.life_days,
        max_queries=row.max_queries,
        per_day=row.per_day,
        retention_months=row.retention_months,
        reference=row.reference,
        product=row.product,
        purpose_text=row.purpose_text,
        onward_to=tuple(json.loads(row.onward_to)),
        joint_modelling=row.joint_modelling,
        branches=tuple(json.loads(row.branches)),
    )


def _parties(offer: Offer, *, by: Actor, node: ThisNode, channel: str, at: datetime) -> Parties:
    longest = rule_packs.load().rule(
        "authorisation.validity.max", on=timezone.localdate(at), jurisdiction=node.region
    )
    known = parties.subjects(keys=[by.subject]).get(by.subject)
    role = strongest(by.roles)
    return Parties(
        authoriser=Authoriser(code=by.subject, name=known.name if known else by.organisation_name),
        handler=Handler(name=by.label, capacity=role.value if role else "", account=f"user {by.user_id}"),
        grantee=Grantee(code=offer.institution, name=offer.institution_name, branches=offer.wish.branches),
        node=node.name,
        time_zone=timezone.get_default_timezone_name(),
        channel=channel,
        longest_months=int(longest.value),
    )
