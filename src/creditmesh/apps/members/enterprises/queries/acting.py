"""Who may act for an enterprise, and in which role."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from creditmesh.apps.ground.parties.models import Membership, Organisation
from creditmesh.apps.ground.parties.rules import OrganisationKind, Role
from creditmesh.apps.members.enterprises.models import Claim, Invitation
from creditmesh.apps.members.enterprises.rules import PLACES, Capacity, State, strongest

_STRENGTH = {role: place for place, role in enumerate(PLACES)}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts for an enterprise, with the strongest role held."""

    user_id: int
    username: str
    full_name: str
    role: Role
    since: datetime
    second_factor: bool


@dataclass(frozen=True, kw_only=True)
class OpenInvitation:
    """An invitation nobody has used yet; the code itself is not kept."""

    uuid: str
    role: Role
    note: str
    made_at: datetime
    expires_at: datetime
    over: bool


def may_act(user_id: int | None, subject: str) -> Role | None:
    """Return the strongest role in which a user acts for an enterprise now; None when the user does not."""
    if user_id is None or not subject:
        return None
    held = Membership.objects.filter(
        user_id=user_id,
        user__is_active=True,
        organisation__code=subject,
        organisation__kind=OrganisationKind.ENTERPRISE.value,
        ends_at=None,
    )
    return strongest(Role(role) for role in held.values_list("role", flat=True))


def proven_representative(user_id: int | None, subject: str) -> str:
    """Return the name under which a user was approved as the legal representative of an enterprise, if the user
    still acts for it; empty for everybody else.
    """
    if user_id is None or may_act(user_id, subject) is None:
        return ""
    approved = Claim.objects.filter(
        user_id=user_id,
        subject=subject,
        capacity=Capacity.LEGAL_REPRESENTATIVE.value,
        state=State.ACTIVE.value,
    )
    return approved.order_by("-id").values_list("claimant", flat=True).first() or ""


def is_registered(subject: str) -> bool:
    """Return whether somebody owns the enterprise here, and so can be asked for an authorisation."""
    return _owners(subject) > 0


def owners(subject: str) -> int:
    """Return how many owners the enterprise has."""
    return _owners(subject)


def people(subject: str) -> tuple[Person, ...]:
    """Return who acts for the enterprise, owners first."""
    rows = (
        Membership.objects.filter(
            organisation__code=subject,
            organisation__kind=OrganisationKind.ENTERPRISE.value,
            ends_at=None,
        )
        .select_related("user")
        .order_by("starts_at", "id")
    )
    protected = _with_second_factor([row.user_id for row in rows])
    found: dict[int, Person] = {}
    for row in rows:
        role = Role(row.role)
        known = found.get(row.user_id)
        if known is None or _STRENGTH[role] < _STRENGTH[known.role]:
            found[row.user_id] = Person(
                user_id=row.user_id,
                username=row.user.username,
                full_name=row.user.full_name,
                role=role,
                since=row.starts_at,
                second_factor=row.user_id in protected,
            )
    return tuple(sorted(found.values(), key=lambda one: _STRENGTH[one.role]))


def invitations(subject: str, *, at: datetime) -> tuple[OpenInvitation, ...]:
    """Return invitations of the enterprise that were neither used nor taken back, newest first; those of whoever is
    no owner any more hold no longer.
    """
    owned = _owned(subject).values("user_id")
    rows = Invitation.objects.filter(
        subject=subject, used_at=None, revoked_at=None, made_by_id__in=owned
    ).order_by("-id")
    return tuple(
        OpenInvitation(
            uuid=str(row.uuid),
            role=Role(row.role),
            note=row.note,
            made_at=row.made_at,
            expires_at=row.expires_at,
            over=row.expires_at <= at,
        )
        for row in rows
    )


def has_second_factor(user_id: int | None) -> bool:
    """Return whether a user's sign-in is protected by an authenticator app."""
    return user_id is not None and bool(_with_second_factor([user_id]))


def organisation_of(subject: str) -> Organisation | None:
    """Return the organisation that stands for an enterprise, None when nobody has claimed it yet."""
    return (
        Organisation.objects.filter(code=subject, kind=OrganisationKind.ENTERPRISE.value)
        .order_by("id")
        .first()
    )


def _owners(subject: str) -> int:
    return _owned(subject).values("user_id").distinct().count()


def _owned(subject: str) -> QuerySet[Membership]:
    return Membership.objects.filter(
        organisation__code=subject,
        organisation__kind=OrganisationKind.ENTERPRISE.value,
        role=Role.ENTERPRISE_OWNER.value,
        user__is_active=True,
        ends_at=None,
    )


def _with_second_factor(users: list[int]) -> frozenset[int]:
    totp = Authenticator.objects.filter(user_id__in=users, type=Authenticator.Type.TOTP)
    return frozenset(totp.values_list("user_id", flat=True))
