"""Programs of an institution: make one, give it a new secret, end it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from oauth2_provider.models import AccessToken, Application

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing, Who
from creditmesh.apps.ground.parties.rules import Actor, NotPermitted, Permission
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.operations import in_force
from creditmesh.apps.members.institutions.rules.keys import KeyState
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.standing import InstitutionSuspended, NotAdmitted, State
from creditmesh.kernel.errors import CreditmeshError

MOST_PROGRAMS = 20


class TooManyPrograms(CreditmeshError):
    """An institution has as many programs as it may."""

    code = "too-many-programs"


class NoScope(CreditmeshError):
    """A program would be allowed nothing."""

    code = "no-scope"


@dataclass(frozen=True)
class IssuedProgram:
    """A program with its secret, which is shown once and never again."""

    client: str
    secret: str
    name: str


@transaction.atomic
def create(*, by: Actor, name: str, scopes: Iterable[Scope], at: datetime) -> IssuedProgram:
    """Make a program of the actor's institution and return its secret, of which only a hash is kept.

    A person does this: raises `NotPermitted` for programs; `NotAdmitted`, `InstitutionSuspended`,
    `TooManyPrograms`, `NoScope`.
    """
    return make(home=_home(by), name=name, scopes=scopes, by=by.who(), at=at)


def make(
    *, home: models.Institution, name: str, scopes: Iterable[Scope], by: Who, at: datetime
) -> IssuedProgram:
    """Make a program of an institution whose row is locked; the caller has seen to it that `by` may."""
    chosen = sorted(set(scopes))
    if not chosen:
        raise NoScope("Choose at least one thing the program may do.")
    if home.programs.filter(ended_at=None).count() >= MOST_PROGRAMS:
        raise TooManyPrograms(f"An institution has at most {MOST_PROGRAMS} programs: end one first.")
    client, secret = f"cmp-{secrets.token_hex(10)}", secrets.token_urlsafe(32)
    application = Application.objects.create(
        client_id=client,
        client_secret=secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        name=name,
    )
    models.Program.objects.create(
        institution=home,
        application=application,
        name=name,
        scopes=" ".join(chosen),
        made_by=by.label[:200],
        made_at=at,
    )
    audit.append(who=by, act="program.create", thing=Thing("program", client), at=at, why=" ".join(chosen))
    return IssuedProgram(client=client, secret=secret, name=name)


@transaction.atomic
def renew_secret(*, by: Actor, client: str, at: datetime) -> IssuedProgram:
    """Give a program a new secret; the old one and the tokens given for it end at once.

    Raises `UnknownProgram`, `NotPermitted`, `InstitutionSuspended`.
    """
    _home(by)
    row = row_of(institution=by.organisation, client=client)
    in_force.end()
    application = row.application
    secret = secrets.token_urlsafe(32)
    application.client_secret = secret
    application.save(update_fields=["client_secret"])
    AccessToken.objects.filter(application=application).delete()
    audit.append(who=by.who(), act="program.renew", thing=Thing("program", client), at=at)
    return IssuedProgram(client=client, secret=secret, name=row.name)


@transaction.atomic
def end(*, by: Actor, institution: str, client: str, at: datetime, why: str = "") -> None:
    """End a program at once, with its keys and tokens: by a person of its institution, or the operator.

    Raises `UnknownProgram`; without effect when it has ended already.
    """
    demand(by, institution=institution)
    row = row_of(institution=institution, client=client)
    if row.ended_at is not None:
        return
    in_force.end()
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    row.keys.exclude(state=KeyState.REVOKED).update(state=KeyState.REVOKED, revoked_at=at)
    AccessToken.objects.filter(application=row.application).delete()
    audit.append(who=by.who(), act="program.end", thing=Thing("program", client), at=at, why=why)


def row_of(*, institution: str, client: str) -> models.Program:
    """Return the row of a program, locked until the transaction ends; raise `UnknownProgram`."""
    rows = models.Program.objects.select_related("application").select_for_update(of=("self",))
    found = rows.filter(institution__organisation__code=institution, application__client_id=client)
    row = found.order_by("id").first()
    if row is None:
        raise queries.UnknownProgram(
            "Your institution has no such program: look it up in the list of programs."
        )
    return row


def demand(by: Actor, *, institution: str) -> None:
    """Refuse whoever is neither of the institution nor the operator, as if there were nothing to act on.

    Raises `UnknownProgram`, or `NotPermitted` for the institution's own who may not.
    """
    if by.may(Permission.MANAGE_INSTITUTIONS):
        return
    if by.organisation != institution or not institution:
        raise queries.UnknownProgram(
            "Your institution has no such program: look it up in the list of programs."
        )
    by.demand(Permission.MANAGE_OWN_CLIENTS)


def _home(by: Actor) -> models.Institution:
    by.demand(Permission.MANAGE_OWN_CLIENTS)
    if by.client or by.user_id is None:
        raise NotPermitted(Permission.MANAGE_OWN_CLIENTS)  # a program makes no programs
    try:
        home = queries.row_of(by.organisation, locked=True)
    except queries.UnknownInstitution:
        raise NotAdmitted from None
    if home.state != State.ACTIVE:
        raise InstitutionSuspended
    return home
