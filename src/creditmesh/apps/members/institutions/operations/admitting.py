"""Admit an institution, and say how much it may ask."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties import queries as parties
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Permission
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.rules.standing import ROLE_OF_KIND, Institution, Limits, State
from creditmesh.catalogue import rule_packs
from creditmesh.kernel.errors import CreditmeshError


class WrongKind(CreditmeshError):
    """Only banks, guarantors and insurers are admitted as institutions."""

    code = "wrong-kind"


class AdmittedAlready(CreditmeshError):
    """The organisation is an institution already."""

    code = "admitted-already"


class BadLimit(CreditmeshError):
    """A limit is not a number from 1 up."""

    code = "bad-limit"


MOST = 2_000_000_000  # what the database's column takes


def usual_limits(*, on: date, sandbox: bool = False) -> Limits:
    """Return the limits of the rule pack that a new institution starts with."""
    pack = rule_packs.load()
    of = "sandbox" if sandbox else "institution"
    names = ("requests_per_minute", "inquiries_per_day", "raw_per_day")
    values = {name: pack.rule(f"limits.{of}.{name}", on=on).value for name in names}
    return Limits(**{name: int(value) for name, value in values.items()})


@transaction.atomic
def admit(
    *, by: Actor, organisation: str, at: datetime, limits: Limits | None = None, sandbox: bool = False
) -> Institution:
    """Admit an organisation as an institution, with the usual limits unless others are stated.

    Raises `UnknownOrganisation`, `WrongKind`, `AdmittedAlready`, `BadLimit`.
    """
    by.demand(Permission.MANAGE_INSTITUTIONS)
    found = parties.organisation(code=organisation)
    if OrganisationKind(found.kind) not in ROLE_OF_KIND:
        raise WrongKind("Only banks, guarantors and insurers are admitted as institutions.")
    if models.Institution.objects.filter(organisation=found).exists():
        raise AdmittedAlready(f"“{found.name}” is admitted already: change its limits instead.")
    stated = limits or usual_limits(on=timezone.localdate(at), sandbox=sandbox)
    _check(stated)
    models.Institution.objects.create(
        organisation=found,
        state=State.ACTIVE,
        sandbox=sandbox,
        requests_per_minute=stated.requests_per_minute,
        inquiries_per_day=stated.inquiries_per_day,
        raw_per_day=stated.raw_per_day,
        admitted_at=at,
    )
    audit.append(
        who=by.who(),
        act="institution.admit",
        thing=Thing("institution", organisation),
        at=at,
        why="sandbox" if sandbox else "",
    )
    return queries.institution(organisation)


@transaction.atomic
def limit(*, by: Actor, institution: str, limits: Limits, at: datetime) -> Institution:
    """Say how much an institution may ask from now on. Raises `UnknownInstitution`, `BadLimit`."""
    by.demand(Permission.MANAGE_INSTITUTIONS)
    row = queries.row_of(institution, locked=True)
    _check(limits)
    row.requests_per_minute = limits.requests_per_minute
    row.inquiries_per_day = limits.inquiries_per_day
    row.raw_per_day = limits.raw_per_day
    row.save(update_fields=["requests_per_minute", "inquiries_per_day", "raw_per_day"])
    why = f"{limits.requests_per_minute}/min, {limits.inquiries_per_day}/day, raw {limits.raw_per_day}/day"
    audit.append(
        who=by.who(), act="institution.limit", thing=Thing("institution", institution), at=at, why=why
    )
    return queries.institution(institution)


def _check(limits: Limits) -> None:
    stated = (limits.requests_per_minute, limits.inquiries_per_day, limits.raw_per_day)
    if not all(1 <= one <= MOST for one in stated):
        raise BadLimit("A limit is a whole number from 1 up; suspend the institution to stop it altogether.")
