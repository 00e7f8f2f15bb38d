"""Make organisations, users, memberships and keys; every act is in the ledger."""

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties import queries, register
from creditmesh.apps.ground.parties.models import ApiKey, DeliveredSource, Membership, Organisation, User
from creditmesh.apps.ground.parties.rules import (
    Actor,
    NotPermitted,
    OrganisationKind,
    Permission,
    Role,
    SubjectRow,
    roles_for_kind,
)
from creditmesh.kernel.errors import CreditmeshError

KEY_SCHEME = "cm"
LONGEST_KEY = timedelta(days=366)
_USED_AGAIN_AFTER = timedelta(minutes=1)  # how exact `last_used_at` is: one write a minute, not per call


class NameTaken(CreditmeshError):
    """A code or user name is in use already."""

    code = "name-taken"


class WeakPassword(CreditmeshError):
    """A password is too easy to guess."""

    code = "weak-password"


class WrongRole(CreditmeshError):
    """Members of such an organisation cannot have that role, or the user belongs to another one."""

    code = "wrong-role"


class UnknownKey(CreditmeshError):
    """The user has no such API key in force."""

    code = "unknown-key"


class KeyTooLong(CreditmeshError):
    """An API key was to be valid for longer than a year, or not at all."""

    code = "key-too-long"


@dataclass(frozen=True)
class NewOrganisation:
    """What must be known to make an organisation."""

    code: str
    name: str
    kind: OrganisationKind
    region: str = ""
    sources: tuple[str, ...] = ()  # codes of the catalogue's sources it delivers for


@dataclass(frozen=True)
class IssuedKey:
    """A new API key; `secret` is shown once and never again."""

    secret: str
    prefix: str
    expires_at: datetime


@transaction.atomic
def create_organisation(*, by: Actor, new: NewOrganisation, at: datetime) -> Organisation:
    """Make an organisation. Raises `NameTaken` when its code is in use."""
    if Organisation.objects.filter(code=new.code).exists():
        raise NameTaken(f"There is an organisation with the code “{new.code}” already: choose another code.")
    made = Organisation.objects.create(
        code=new.code, name=new.name, kind=new.kind, region=new.region, created_at=at
    )
    DeliveredSource.objects.bulk_create(
        DeliveredSource(organisation=made, source=source) for source in sorted(set(new.sources))
    )
    audit.append(
        who=by.who(), act="organisation.create", thing=Thing("organisation", new.code), at=at, why=new.kind
    )
    return made


@transaction.atomic
def create_user(
    *, by: Actor, username: str, password: str, at: datetime, full_name: str = "", demo: bool = False
) -> User:
    """Make a user who belongs nowhere yet and so may do nothing.

    Raises `NameTaken` (capitals do not tell names apart) and `WeakPassword`.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken(f"There is a user “{username}” already: choose another user name.")
    made = User(username=username, full_name=full_name, demo=demo, date_joined=at)
    _check_password(password, made)
    made.set_password(password)
    made.save(force_insert=True)
    audit.append(who=by.who(), act="user.create", thing=Thing("user", username), at=at)
    return made


@transaction.atomic
def set_password(*, by: Actor, username: str, password: str, at: datetime) -> None:
    """Give a user a new password; who is signed in with the old one is signed out.

    Raises `queries.UnknownUser` and `WeakPassword`.
    """
    user = queries.user(username=username)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.append(who=by.who(), act="user.password", thing=Thing("user", user.username), at=at)


@transaction.atomic
def set_active(*, by: Actor, username: str, active: bool, at: datetime) -> None:
    """Let a user in again, or out: one who is out can neither sign in nor use a key."""
    user = queries.user(username=username)
    user.is_active = active
    user.save(update_fields=["is_active"])
    act = "user.activate" if active else "user.deactivate"
    audit.append(who=by.who(), act=act, thing=Thing("user", user.username), at=at)


@transaction.atomic
def add_membership(*, by: Actor, username: str, organisation: str, role: Role, at: datetime) -> Membership:
    """Give a user a role in an organisation; giving it twice changes nothing.

    Raises `queries.UnknownUser`, `queries.UnknownOrganisation`, and `WrongRole` when the kind of
    organisation does not have the role or the user is a member of another organisation: nobody acts for
    two at once.
    """
    user = User.objects.select_for_update().get(pk=queries.user(username=username).pk)
    home = queries.organisation(code=organisation)
    possible = roles_for_kind(OrganisationKind(home.kind))
    if role not in possible:
        names = ", ".join(sorted(possible))
        raise WrongRole(f"Members of a {home.kind} can be: {names}; not {role}.")
    held = list(Membership.objects.filter(user=user, ends_at=None).select_related("organisation"))
    other = next((one for one in held if one.organisation_id != home.pk), None)
    if other is not None:
        raise WrongRole(
            f"“{user.username}” belongs to “{other.organisation.code}”: end that membership first, "
            "or give the person a second user name."
        )
    made, new = Membership.objects.get_or_create(
        user=user, organisation=home, role=role, ends_at=None, defaults={"starts_at": at}
    )
    if new:
        thing = Thing("membership", f"{user.username}/{home.code}/{role}")
        audit.append(who=by.who(), act="membership.add", thing=thing, at=at)
    return made


@transaction.atomic
def end_membership(*, by: Actor, username: str, organisation: str, role: Role, at: datetime) -> None:
    """Take a role from a user; without effect when it is not held. Raises `queries.UnknownUser`."""
    user = queries.user(username=username)
    ended = Membership.objects.filter(
        user=user, organisation__code=organisation, role=role, ends_at=None
    ).update(ends_at=at)
    if ended:
        thing = Thing("membership", f"{user.username}/{organisation}/{role}")
        audit.append(who=by.who(), act="membership.end", thing=thing, at=at)


@transaction.atomic
def issue_api_key(*, by: Actor, user: User, name: str, days: int, at: datetime) -> IssuedKey:
    """Make a key with which a program acts as the user; only its hash is kept.

    Raises `KeyTooLong` unless it is valid for 1 to 366 days.
    """
    if not 1 <= days <= LONGEST_KEY.days:
        raise KeyTooLong(f"A key is valid for 1 to {LONGEST_KEY.days} days; ask for a new one after that.")
    prefix = secrets.token_hex(6)
    secret = f"{KEY_SCHEME}_{prefix}_{secrets.token_urlsafe(32)}"
    expires_at = at + timedelta(days=days)
    ApiKey.objects.create(
        user=user, name=name, prefix=prefix, digest=_digest(secret), created_at=at, expires_at=expires_at
    )
    audit.append(who=by.who(), act="key.issue", thing=Thing("key", prefix), at=at, why=name)
    return IssuedKey(secret=secret, prefix=prefix, expires_at=expires_at)


@transaction.atomic
def revoke_api_key(*, by: Actor, user: User, prefix: str, at: datetime) -> None:
    """End a user's key at once. Raises `UnknownKey` when the user has no such key in force."""
    if not ApiKey.objects.filter(user=user, prefix=prefix, revoked_at=None).update(revoked_at=at):
        raise UnknownKey(f"“{user.username}” has no key “{prefix}” in force.")
    audit.append(who=by.who(), act="key.revoke", thing=Thing("key", prefix), at=at)


def use_api_key(*, secret: str, at: datetime) -> Actor | None:
    """Return who acts with that key, or None when it is unknown, over, revoked, or its user is out."""
    parts = secret.split("_", 2)
    if len(parts) != 3 or parts[0] != KEY_SCHEME:
        return None
    row = ApiKey.objects.select_related("user").filter(prefix=parts[1]).order_by("id").first()
    if row is None or not secrets.compare_digest(row.digest, _digest(secret)):
        return None
    if row.revoked_at is not None or not row.created_at <= at < row.expires_at or not row.user.is_active:
        return None
    if row.last_used_at is None or at - row.last_used_at > _USED_AGAIN_AFTER:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=at)
    return queries.actor(row.user, key_name=row.name)


def refuse(*, by: Actor, permission: Permission, what: Thing, at: datetime) -> NotPermitted:
    """Write down that someone asked for what no role of theirs grants, and return the refusal to raise."""
    audit.append(
        who=by.who(), act="access.refuse", thing=what, at=at, why=permission, outcome=Outcome.REFUSED
    )
    return NotPermitted(permission)


def register_subjects(*, rows: Iterable[SubjectRow]) -> int:
    """Put subjects on the register, or bring it up to date, and return how many rows were taken.

    All or nothing. What a row leaves empty stays as it is; of two rows with one key the later one counts.
    """
    with transaction.atomic():
        return register.take(rows)


def fresh_password(*, username: str) -> str:
    """Return a random password the node takes for that user.

    One in some hundred thousand random passwords happens to hold the letters of the user's name and would be
    refused as too much like it: another is drawn then.
    """
    while True:
        password = secrets.token_urlsafe(12)
        with suppress(WeakPassword):
            _check_password(password, User(username=username))
            return password


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise WeakPassword(" ".join(weak.messages)) from weak


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
