"""Make an account, say for which enterprise one acts, and hand that in to be checked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import CreditSubject, Membership, User
from creditmesh.apps.ground.parties.rules import ANONYMOUS, Actor
from creditmesh.apps.members.enterprises.models import Claim, Contact
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.members.enterprises.queries.claims import UnknownClaim
from creditmesh.apps.members.enterprises.rules import OPEN, Capacity, State, move
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError

_DAY = timedelta(hours=24)


class ActsAlready(CreditmeshError):
    """Who belongs to an organisation already cannot act for an enterprise too."""

    code = "acts-already"


class ClaimUnderWay(CreditmeshError):
    """A claim of the same person waits for its decision."""

    code = "claim-under-way"


class TooManyClaims(CreditmeshError):
    """Claims were handed in too often today by this account or for this enterprise."""

    code = "too-many-registrations"


class LetterMissing(CreditmeshError):
    """A handler handed in a claim without a letter of agency."""

    code = "letter-missing"


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What somebody who makes an account says."""

    username: str
    password: str
    full_name: str  # the real name: it is compared with the register when the person claims to be the head
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a claimant says about an enterprise."""

    subject: str
    name: str
    representative: str
    capacity: Capacity


@transaction.atomic
def open_account(new: NewAccount, *, at: datetime, request: str = "") -> User:
    """Make an account that may do nothing yet, at the wish of whoever will use it.

    Raises `parties.operations.NameTaken` and `WeakPassword`.
    """
    by = Actor(user_id=None, label=ANONYMOUS.label, request=request)
    user = parties.create_user(
        by=by, username=new.username, password=new.password, full_name=new.full_name, at=at
    )
    if new.phone:
        Contact.objects.create(user=user, phone=new.phone)
    return user


@transaction.atomic
def draft(said: Draft, *, by: Actor, at: datetime) -> UUID:
    """Begin a claim, or change the one that is still a draft, and return its number.

    Raises `ActsAlready`, `ClaimUnderWay`.
    """
    user = _claimant(by)
    row = Claim.objects.filter(user=user, state__in=_values(OPEN)).order_by("id").first()
    if row is None:
        row = Claim(uuid=uuid4(), user=user, created_at=at)
    elif row.state != State.DRAFT:
        raise ClaimUnderWay("Your claim is being checked: wait for the decision, or take it back first.")
    row.subject, row.name = said.subject.strip().upper(), said.name.strip()
    row.representative, row.capacity = said.representative.strip(), said.capacity.value
    row.claimant = user.full_name
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # The same person began another one at the same moment.
        raise ClaimUnderWay("You have begun a claim already: load the page again.") from None
    return row.uuid


def submit(claim: UUID, *, by: Actor, node: ThisNode, at: datetime) -> None:
    """Hand in one's draft; whether it agrees with the register is looked at later, by the worker.

    So neither the answer nor how long it takes tells whether a name was guessed right. Raises
    `UnknownClaim`, `ActsAlready`, `LetterMissing`, and `TooManyClaims`, which is written down.
    """
    with transaction.atomic():
        user = _claimant(by)
        row = _own(claim, by)
        move(State(row.state), State.SUBMITTED)
        if row.capacity == Capacity.HANDLER and not row.evidence.exists():
            raise LetterMissing("A handler needs a letter of agency: add it to the claim, then hand it in.")
        # Claims of one enterprise queue here, so that the count below is not passed by several at once.
        list(CreditSubject.objects.select_for_update().filter(key=row.subject).order_by("number"))
        allowed = _often(user, row.subject, node=node, at=at)
        if allowed:
            row.contested = acting.owners(row.subject) > 0
            row.claimant = user.full_name
            row.state, row.submitted_at = State.SUBMITTED.value, at
            row.save()
            audit.announce(event="enterprise.claimed", key=str(row.uuid), at=at)
        audit.append(
            who=by.who(),
            act="claim.submit",
            thing=Thing("claim", str(row.uuid)),
            at=at,
            why=row.capacity,
            subject=row.subject,
            outcome=Outcome.DONE if allowed else Outcome.REFUSED,
        )
    if not allowed:
        raise TooManyClaims(
            "Too many claims were handed in today by this account or for this enterprise: try again tomorrow, "
            "or ask the operator of the node."
        )


@transaction.atomic
def take_back(claim: UUID, *, by: Actor, at: datetime) -> None:
    """End one's own claim that is not decided yet. Raises `UnknownClaim`, `WrongClaimState`."""
    row = _own(claim, by)
    if row.state == State.ACTIVE:
        raise UnknownClaim("This claim is decided: to stop acting for the enterprise, leave it instead.")
    row.state = move(State(row.state), State.ENDED).value
    row.save(update_fields=["state"])
    thing = Thing("claim", str(row.uuid))
    audit.append(who=by.who(), act="claim.take_back", thing=thing, at=at, subject=row.subject)


def _claimant(by: Actor) -> User:
    user = User.objects.select_for_update().filter(pk=by.user_id or 0, is_active=True).order_by("id").first()
    if user is None or Membership.objects.filter(user=user, ends_at=None).exists():
        raise ActsAlready(
            "This account belongs to an organisation already: make an account of your own for the enterprise."
        )
    return user


def _own(claim: UUID, by: Actor) -> Claim:
    found = (
        Claim.objects.select_for_update().filter(uuid=claim, user_id=by.user_id or 0).order_by("id").first()
    )
    if found is None:
        raise UnknownClaim("You have no such claim: load the page again.")
    return found


def _often(user: User, subject: str, *, node: ThisNode, at: datetime) -> bool:
    """Return whether one more claim may be handed in now."""
    lately = Claim.objects.filter(submitted_at__gt=at - _DAY)
    for rows, rule in (
        (lately.filter(user=user), "enterprise.claim.per-account"),
        (lately.filter(subject=subject), "enterprise.claim.per-enterprise"),
    ):
        limit = rule_packs.load().rule(rule, on=timezone.localdate(at), jurisdiction=node.region)
        if rows.count() >= int(limit.value):
            return False
    return True


def _values(states: frozenset[State]) -> list[str]:
    return sorted(one.value for one in states)
