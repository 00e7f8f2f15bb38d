"""Who else acts for an enterprise: invited by an owner, joined by a code, ended by an owner."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import Membership, Organisation, User
from creditmesh.apps.ground.parties.rules import Actor, Permission, Role
from creditmesh.apps.members.enterprises.models import Claim, Invitation
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.members.enterprises.rules import PLACES, State, keep_an_owner
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError

INVITED_AS = (Role.ENTERPRISE_USER, Role.ENTERPRISE_VIEWER)
"""The roles an owner can give by a code; an owner is claimed for and checked."""

MOST_OPEN = 20  # invitations of one enterprise that wait at once


class NoSecondFactor(CreditmeshError):
    """Somebody without a second factor tried to act as an owner."""

    code = "no-second-factor"


class WrongInvitation(CreditmeshError):
    """A role cannot be given by invitation, or too many invitations wait."""

    code = "wrong-invitation"


class UnknownInvitation(CreditmeshError):
    """A code is wrong, used, over or taken back: the same answer for each."""

    code = "unknown-invitation"


class UnknownPerson(CreditmeshError):
    """Nobody of that number acts for one's enterprise."""

    code = "unknown-person"


def demand_owner(by: Actor) -> None:
    """Refuse unless a person acts as owner whose sign-in has a second factor.

    Raises `NotPermitted`, `NoSecondFactor`.
    """
    by.demand(Permission.MANAGE_OWN_PEOPLE)
    if not acting.has_second_factor(by.user_id):
        raise NoSecondFactor(
            "Set up an authenticator app first (Account): an owner acts only with a second factor."
        )


@transaction.atomic
def invite(*, role: Role, note: str, by: Actor, node: ThisNode, at: datetime) -> str:
    """Return a new code with which one person joins the actor's enterprise; it is shown once and never again.

    Raises `NoSecondFactor`, `WrongInvitation`.
    """
    demand_owner(by)
    if role not in INVITED_AS:
        raise WrongInvitation("By invitation somebody becomes a user or a viewer; an owner registers as one.")
    _locked(by.subject)
    if len(acting.invitations(by.subject, at=at)) >= MOST_OPEN:
        raise WrongInvitation(f"{MOST_OPEN} invitations wait already: take one back first.")
    life = rule_packs.load().rule(
        "enterprise.invitation.life", on=timezone.localdate(at), jurisdiction=node.region
    )
    code = base64.b32encode(secrets.token_bytes(10)).decode()
    row = Invitation.objects.create(
        uuid=uuid4(),
        subject=by.subject,
        role=role.value,
        digest=_digest(code),
        note=note.strip()[:100],
        made_by=User.objects.get(pk=by.user_id or 0),
        made_at=at,
        expires_at=at + timedelta(days=int(life.value)),
    )
    thing = Thing("invitation", str(row.uuid))
    audit.append(who=by.who(), act="invitation.make", thing=thing, at=at, why=role, subject=by.subject)
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


@transaction.atomic
def take_back(invitation: UUID, *, by: Actor, at: datetime) -> None:
    """Make an invitation of the actor's enterprise void. Raises `NoSecondFactor`, `UnknownInvitation`."""
    demand_owner(by)
    waiting = Invitation.objects.filter(
        uuid=invitation, subject=by.subject, used_at=None, revoked_at=None
    ).update(revoked_at=at)
    if not waiting:
        raise _unknown_code()
    thing = Thing("invitation", str(invitation))
    audit.append(who=by.who(), act="invitation.take_back", thing=thing, at=at, subject=by.subject)


def join(code: str, *, by: Actor, at: datetime) -> str:
    """Join the enterprise that invited and return its subject key.

    Raises `UnknownInvitation`, the same whatever is wrong with the code, and `parties.operations.WrongRole`
    when the actor belongs to another organisation.
    """
    with transaction.atomic():
        row = (
            Invitation.objects.select_for_update()
            .filter(digest=_digest(code), used_at=None, revoked_at=None, expires_at__gt=at)
            .order_by("id")
            .first()
        )
        user = User.objects.filter(pk=by.user_id or 0).order_by("id").first()
        # A code of somebody who was ended must be no way back in.
        stands = row is not None and acting.may_act(row.made_by_id, row.subject) is Role.ENTERPRISE_OWNER
        if row is not None and user is not None and stands:
            parties.add_membership(
                by=by, username=user.username, organisation=row.subject, role=Role(row.role), at=at
            )
            row.used_at, row.used_by = at, user
            row.save(update_fields=["used_at", "used_by"])
            thing = Thing("invitation", str(row.uuid))
            audit.append(who=by.who(), act="invitation.use", thing=thing, at=at, subject=row.subject)
            return row.subject
    audit.append(
        who=by.who(), act="invitation.use", thing=Thing("invitation"), at=at, outcome=Outcome.REFUSED
    )
    raise _unknown_code()


@transaction.atomic
def end(user_id: int, *, by: Actor, at: datetime) -> None:
    """End every role of a person in the actor's enterprise at once.

    An owner may end anybody, also himself unless he is the last; anybody else only himself. Raises
    `UnknownPerson`, `rules.LastOwner`, `NoSecondFactor`, `NotPermitted`.
    """
    if user_id != by.user_id:
        demand_owner(by)
    _locked(by.subject)
    held = list(
        Membership.objects.filter(
            user_id=user_id,
            organisation__code=by.subject,
            role__in=[one.value for one in PLACES],
            ends_at=None,
        ).select_related("user")
    )
    if not held:
        raise UnknownPerson("Nobody like that acts for your enterprise: load the page again.")
    for one in held:
        keep_an_owner(owners=acting.owners(by.subject), removed=Role(one.role))
        parties.end_membership(
            by=by, username=one.user.username, organisation=by.subject, role=Role(one.role), at=at
        )
    Claim.objects.filter(user_id=user_id, subject=by.subject, state=State.ACTIVE.value).update(
        state=State.ENDED.value
    )


def _locked(subject: str) -> None:
    # Two owners who end each other at once must not leave the enterprise without one.
    list(Organisation.objects.select_for_update().filter(code=subject).order_by("id"))


def _unknown_code() -> UnknownInvitation:
    return UnknownInvitation(
        "This invitation does not hold: the code is mistyped, used or over. Ask the owner for a new one."
    )


def _digest(code: str) -> str:
    plain = "".join(one for one in code.upper() if one.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
