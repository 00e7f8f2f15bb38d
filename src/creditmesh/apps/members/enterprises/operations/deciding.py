"""Check a claim that was handed in, and decide on it: by a person, or by rule where that is allowed."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as party_queries
from creditmesh.apps.ground.parties.models import Membership
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Permission, Role
from creditmesh.apps.members.enterprises.models import Claim
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.apps.members.enterprises.queries.claims import UnknownClaim
from creditmesh.apps.members.enterprises.rules import (
    WAITING,
    Capacity,
    Check,
    Checked,
    Review,
    State,
    Verdict,
    activates_itself,
    after_check,
    move,
)
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError

logger = logging.getLogger(__name__)
THE_RULE = Actor(user_id=None, label="worker")
"""Who decides when no person does."""


class ReasonMissing(CreditmeshError):
    """A decision was to be made without a reason."""

    code = "reason-missing"


def check(claim: UUID, *, by: Check, node: ThisNode, at: datetime) -> State | None:
    """Check a claim that was handed in and return where it stands then; None when there is nothing to check.

    A check that breaks counts as one that cannot tell: a person decides.
    """
    row = Claim.objects.filter(uuid=claim, state=State.SUBMITTED.value).order_by("id").first()
    if row is None:
        return None
    try:
        checked = by(claims.statement(row))
    except Exception as error:  # noqa: BLE001 - a service somebody plugged in must not leave the claim stuck
        # Only the kind of error: its words may hold names.
        logger.warning("The check %s broke: %s", by.name, type(error).__name__)
        checked = Checked(findings=(), by=by.name)
    with transaction.atomic():
        return _checked(claim, checked, node=node, at=at)


@transaction.atomic
def approve(claim: UUID, *, by: Actor, why: str, at: datetime, replacing: bool = False) -> None:
    """Let the claimant act for the enterprise as an owner; with `replacing` the present owners end.

    Raises `UnknownClaim`, `ReasonMissing`, `rules.WrongClaimState`, `parties.queries.UnknownSubject` when
    the enterprise is not held here, `parties.operations.WrongRole` when the claimant joined another
    organisation meanwhile.
    """
    by.demand(Permission.REVIEW_CLAIMS)
    row = _decidable(claim, why)
    if replacing:
        _end_owners(row.subject, by=by, at=at)
    _activate(row, by=by, why=why, at=at)


@transaction.atomic
def reject(claim: UUID, *, by: Actor, why: str, at: datetime) -> None:
    """Turn a claim down; the claimant reads the reason. Raises as `approve` does."""
    by.demand(Permission.REVIEW_CLAIMS)
    row = _decidable(claim, why)
    row.state = move(State(row.state), State.REJECTED).value
    _decided(row, by=by, why=why, at=at)
    audit.append(
        who=by.who(),
        act="claim.reject",
        thing=Thing("claim", str(row.uuid)),
        at=at,
        why=why,
        outcome=Outcome.REFUSED,
        subject=row.subject,
    )


def _checked(claim: UUID, checked: Checked, *, node: ThisNode, at: datetime) -> State | None:
    row = Claim.objects.select_for_update().filter(uuid=claim).order_by("id").first()
    if row is None or row.state != State.SUBMITTED:
        return None
    rivals = Claim.objects.filter(subject=row.subject, state__in=sorted(one.value for one in WAITING))
    row.contested = acting.owners(row.subject) > 0 or rivals.exclude(pk=row.pk).exists()
    row.verdict, row.checked_by, row.checked_at = checked.verdict.value, checked.by[:100], at
    row.findings = {part.value: agrees for part, agrees in checked.findings}
    row.entity_type = checked.entity_type[:60]
    then = after_check(checked.verdict, contested=row.contested)
    row.state = move(State(row.state), then).value
    row.save()
    audit.append(
        who=THE_RULE.who(),
        act="claim.check",
        thing=Thing("claim", str(row.uuid)),
        at=at,
        why=f"{row.verdict} by {row.checked_by}",
        outcome=Outcome.ALLOWED if checked.verdict is Verdict.MATCH else Outcome.FAILED,
        subject=row.subject,
    )
    rule = rule_packs.load().rule(
        "enterprise.claim.first-owner", on=timezone.localdate(at), jurisdiction=node.region
    )
    review = Review.DOUBTFUL if rule.value == Review.DOUBTFUL else Review.ALWAYS
    if activates_itself(then, review=review, capacity=Capacity(row.capacity), demonstration=node.demo):
        told = "demonstration: approved without a person" if node.demo else f"{rule.id}: {rule.value}"
        return _activate_or_leave(row, why=told, at=at)
    return State(row.state)


def _activate_or_leave(row: Claim, *, why: str, at: datetime) -> State:
    try:
        with transaction.atomic():
            _activate(row, by=THE_RULE, why=why, at=at)
    except CreditmeshError as refusal:
        # Such as a claimant who joined another organisation meanwhile: a person looks at it.
        logger.warning("A claim is left to a person: %s", refusal.code)
        row.refresh_from_db()
    return State(row.state)


def _decidable(claim: UUID, why: str) -> Claim:
    row = Claim.objects.select_for_update().filter(uuid=claim).order_by("id").first()
    if row is None:
        raise UnknownClaim("There is no such claim: look at the list again.")
    if not why.strip():
        raise ReasonMissing("Say why: the claimant reads it, and the ledger keeps it.")
    return row


def _activate(row: Claim, *, by: Actor, why: str, at: datetime) -> None:
    row.state = move(State(row.state), State.ACTIVE).value
    home = acting.organisation_of(row.subject)
    if home is None:
        subject = party_queries.subject(key=row.subject)
        new = parties.NewOrganisation(
            code=subject.key,
            name=(subject.name or row.name)[:200],
            kind=OrganisationKind.ENTERPRISE,
            region=subject.region,
        )
        home = parties.create_organisation(by=by, new=new, at=at)
    parties.add_membership(
        by=by, username=row.user.username, organisation=home.code, role=Role.ENTERPRISE_OWNER, at=at
    )
    _decided(row, by=by, why=why, at=at)
    thing = Thing("claim", str(row.uuid))
    audit.append(who=by.who(), act="claim.approve", thing=thing, at=at, why=why, subject=row.subject)
    audit.announce(event="enterprise.activated", key=row.subject, at=at)


def _decided(row: Claim, *, by: Actor, why: str, at: datetime) -> None:
    row.decided_at, row.decided_by, row.why = at, by.label[:200], why.strip()
    row.save()


def _end_owners(subject: str, *, by: Actor, at: datetime) -> None:
    owned = Membership.objects.filter(
        organisation__code=subject, role=Role.ENTERPRISE_OWNER.value, ends_at=None
    ).select_related("user")
    for one in owned.order_by("id"):
        parties.end_membership(
            by=by, username=one.user.username, organisation=subject, role=Role.ENTERPRISE_OWNER, at=at
        )
        Claim.objects.filter(user=one.user, subject=subject, state=State.ACTIVE.value).update(
            state=State.ENDED.value
        )
