"""Who someone is, who belongs where, and which subject a name or code means."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.ground.parties import name_search
from creditmesh.apps.ground.parties.models import ApiKey, CreditSubject, Membership, Organisation, User
from creditmesh.apps.ground.parties.rules import ANONYMOUS, Actor, OrganisationKind, Role
from creditmesh.kernel.errors import CreditmeshError

# A plain statement: it stands in the way of every page and of most calls.
_HELD = """
SELECT organisation.id, organisation.code, organisation.name, organisation.kind, held.role, delivered.source
FROM parties_membership held
JOIN parties_organisation organisation ON organisation.id = held.organisation_id
LEFT JOIN parties_deliveredsource delivered ON delivered.organisation_id = organisation.id
WHERE held.user_id = %s AND held.ends_at IS NULL
ORDER BY held.id
"""


class UnknownOrganisation(CreditmeshError):
    """No organisation has that code."""

    code = "unknown-organisation"


class UnknownUser(CreditmeshError):
    """No user has that name."""

    code = "unknown-user"


class UnknownSubject(CreditmeshError):
    """No credit subject has that key."""

    code = "unknown-subject"


@dataclass(frozen=True)
class SubjectLine:
    """A credit subject as lists and pages show it."""

    key: str
    scheme: str
    name: str
    registration_number: str | None
    region: str
    industry: str
    entity_type: str
    established_date: date | None
    status: str


@dataclass(frozen=True)
class MemberLine:
    """A user's role in an organisation."""

    user_id: int
    username: str
    full_name: str
    organisation: str
    role: Role
    active: bool
    membership_id: int


@dataclass(frozen=True)
class OrganisationLine:
    """An organisation with what it delivers."""

    code: str
    name: str
    kind: OrganisationKind
    region: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class KeyLine:
    """An API key as its holder sees it: never the secret."""

    prefix: str
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def actor(user: User | AnonymousUser, *, key_name: str = "", request: str = "") -> Actor:
    """Return who the user is and what follows from the memberships held now."""
    if not isinstance(user, User) or not user.is_active:
        return ANONYMOUS
    held = statements.rows(_HELD, [user.id])
    # Nobody acts for two organisations at once; should rows say so all the same, the first one counts alone.
    mine = [one for one in held if one[0] == held[0][0]]
    code, name, kind = held[0][1:4] if held else ("", "", "")
    return Actor(
        user_id=user.id,
        label=str(user),
        organisation=code,
        organisation_name=name,
        roles=frozenset(Role(role) for *_, role, _ in mine),
        sources=frozenset(source for *_, source in mine if source is not None),
        subject=code if kind == OrganisationKind.ENTERPRISE else "",
        key_name=key_name,
        request=request,
    )


def user(*, username: str) -> User:
    """Return the user of that name, whatever its capitals; raise `UnknownUser`."""
    found = User.objects.filter(username__iexact=username).order_by("id").first()
    if found is None:
        raise UnknownUser(f"There is no user “{username}”: check the spelling, or create the user first.")
    return found


def organisation(*, code: str) -> Organisation:
    """Return the organisation of that code; raise `UnknownOrganisation`."""
    found = Organisation.objects.filter(code=code).order_by("id").first()
    if found is None:
        raise UnknownOrganisation(f"There is no organisation “{code}”: create it first.")
    return found


def organisation_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by code, as far as they exist."""
    return dict(Organisation.objects.filter(code__in=set(codes)).values_list("code", "name"))


def organisations(*, kinds: Collection[OrganisationKind] = ()) -> tuple[OrganisationLine, ...]:
    """Return every organisation of some kinds, or of all, ordered by kind and code.

    Of enterprises there may be as many as on the register: name the kinds, or ask for `organisation_names`.
    """
    rows = Organisation.objects.prefetch_related("delivers").order_by("kind", "code")
    if kinds:
        rows = rows.filter(kind__in=sorted(kinds))
    return tuple(
        OrganisationLine(
            code=row.code,
            name=row.name,
            kind=OrganisationKind(row.kind),
            region=row.region,
            sources=tuple(sorted(one.source for one in row.delivers.all())),
        )
        for row in rows
    )


def members(*, organisation: str = "") -> tuple[MemberLine, ...]:
    """Return the people of one organisation, or of all, ordered by organisation and user name."""
    rows = Membership.objects.filter(ends_at=None).select_related("user", "organisation")
    if organisation:
        rows = rows.filter(organisation__code=organisation)
    return tuple(
        MemberLine(
            user_id=row.user_id,
            username=row.user.username,
            full_name=row.user.full_name,
            organisation=row.organisation.code,
            role=Role(row.role),
            active=row.user.is_active,
            membership_id=row.id,
        )
        for row in rows.order_by("organisation__code", "user__username", "role")
    )


def api_keys(*, user_id: int) -> tuple[KeyLine, ...]:
    """Return a user's keys, newest first, the revoked ones too."""
    rows = ApiKey.objects.filter(user_id=user_id).order_by("-id")
    return tuple(
        KeyLine(**{name: getattr(row, name) for name in KeyLine.__dataclass_fields__}) for row in rows
    )


def subject(*, key: str) -> SubjectLine:
    """Return the subject of that key; raise `UnknownSubject`."""
    found = subjects(keys=[key])
    if key not in found:
        raise UnknownSubject(f"No enterprise “{key}” is held here: check the code.")
    return found[key]


def subjects(*, keys: Sequence[str]) -> dict[str, SubjectLine]:
    """Return the subjects of those keys, as far as they are known."""
    return {row.key: line(row) for row in CreditSubject.objects.filter(key__in=keys)}


def subject_keys(
    *, name_normal: str | None, registration_number: str | None, limit: int = 3
) -> tuple[str, ...]:
    """Return the keys of at most `limit` subjects with exactly that name and that registration number.

    What is None does not narrow; with both None nothing is found.
    """
    rows: QuerySet[CreditSubject] = CreditSubject.objects.order_by("number")
    if name_normal is None and registration_number is None:
        return ()
    if name_normal is not None:
        rows = rows.filter(name_normal=name_normal)
    if registration_number is not None:
        rows = rows.filter(registration_number=registration_number)
    return tuple(rows.values_list("key", flat=True)[:limit])


def subjects_named(*, text: str, limit: int = 20, offset: int = 0) -> tuple[SubjectLine, ...]:
    """Return subjects whose code begins with the text, or whose name holds it; the most relevant first.

    Order: code, equal name, beginning of the name, part of the name. To know whether there are more, ask
    for one more than is shown.
    """
    numbers: list[int] = []
    wanted = offset + limit
    with connection.cursor() as cursor:
        for stage in name_search.stages(text, vendor=connection.vendor):
            if len(numbers) >= wanted:
                break
            cursor.execute(stage.sql, [*stage.parameters, wanted - len(numbers)])
            numbers += [number for (number,) in cursor.fetchall()]
    shown = numbers[offset:wanted]
    rows = CreditSubject.objects.in_bulk(shown)
    return tuple(line(rows[number]) for number in shown)


def first_subject() -> SubjectLine | None:
    """Return the subject that was registered first, None when there is none."""
    found = CreditSubject.objects.exclude(name="").order_by("number").first()
    return line(found) if found else None


def subject_count() -> int:
    """Return how many subjects are on the register."""
    return CreditSubject.objects.count()


def line(row: CreditSubject) -> SubjectLine:
    """Return a row of the register as pages show it."""
    return SubjectLine(**{name: getattr(row, name) for name in SubjectLine.__dataclass_fields__})
