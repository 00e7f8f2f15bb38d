"""Ask a person named in the records for the own consent; only that person can give it.

The enterprise makes the link and can do no more. A code comes from the operator, to whoever has shown who he or she
is; or the legal representative, whose papers the operator saw at registration, answers signed in with a second factor.
"""

import hashlib
import hmac
import json
import secrets
import uuid as uuids
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import NOBODY, Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.enterprises.queries import acting
from creditmesh.apps.sharing.authorisations import queries
from creditmesh.apps.sharing.authorisations.letters import persons
from creditmesh.apps.sharing.authorisations.models import PersonalConsent
from creditmesh.apps.sharing.authorisations.operations import second_factor
from creditmesh.apps.sharing.authorisations.operations.withdrawing import own_locked
from creditmesh.apps.sharing.authorisations.rules import LIVE, Standing, state_at
from creditmesh.catalogue import rule_packs
from creditmesh.exchange.canonical import sha256
from creditmesh.exchange.jws import sign_detached
from creditmesh.kernel.errors import CreditmeshError

MOST_WRONG = 5
REPRESENTATIVE = "legal_representative"
MOST_ASKED = 50  # persons of one authorisation


class ConsentNotPossible(CreditmeshError):
    """Nobody can be asked: the authorisation has ended, or nothing in it names such a person."""

    code = "consent-not-possible"


class UnknownConsent(CreditmeshError):
    """The link leads nowhere: wrong, used up, or too old."""

    code = "unknown-consent"

    def __init__(self) -> None:
        super().__init__("This link leads nowhere (any more): ask the enterprise for a new one.")


class ConsentNotProved(CreditmeshError):
    """Name or code do not match."""

    code = "consent-not-proved"


class NotThatPerson(CreditmeshError):
    """The name on the paper is not the name that is asked about, or the account is not that person's."""

    code = "not-that-person"


@dataclass(frozen=True)
class Asked:
    """What the enterprise hands to the person: the link, which alone opens nothing."""

    uuid: UUID
    token: str
    hint: str


@dataclass(frozen=True)
class Question:
    """What a person is asked: shown before the name is typed, so it names nobody."""

    uuid: UUID
    standing: Standing
    role: str
    fields: tuple[str, ...]
    state: str
    over: bool
    identified: bool  # the operator has seen who the person is, and given the code


@transaction.atomic
def ask_person(uuid: UUID, *, role: str, name: str, by: Actor, node: ThisNode, at: datetime) -> Asked:
    """Ask a person for the own consent to go with an authorisation of the actor's enterprise.

    Raises `UnknownAuthorisation` and `ConsentNotPossible`.
    """
    by.demand(Permission.PREPARE_AUTHORISATIONS)
    row = own_locked(uuid, subject=by.subject)
    standing = queries.stands(row)
    if role not in persons.ROLES or not name.strip():
        raise ConsentNotPossible("Name the person and the role in which the records name the person.")
    if standing is None or state_at(standing, at=at) not in LIVE:
        raise ConsentNotPossible("The authorisation is not in force: nothing would be shown.")
    if row.consents.count() >= MOST_ASKED:
        raise ConsentNotPossible(f"At most {MOST_ASKED} persons can be asked for one authorisation.")
    digest = persons.name_digest(uuid, name)
    row.consents.filter(role=role, name_digest=digest, state="asked").delete()
    token = secrets.token_urlsafe(24)
    days = int(rule_packs.load().rule("authorisation.consent.life", on=timezone.localdate(at)).value)
    made = PersonalConsent.objects.create(
        uuid=uuids.uuid4(),
        authorisation=row,
        role=role,
        name_digest=digest,
        hint=persons.masked(name),
        fields=json.dumps(persons.fields_of(role, standing.terms, node.catalogue)),
        token=token,
        asked_at=at,
        lapses_at=at + timedelta(days=days),
    )
    thing = Thing("personal-consent", str(made.uuid))
    audit.append(who=by.who(), act="personal-consent.ask", thing=thing, at=at, why=str(uuid))
    return Asked(uuid=made.uuid, token=token, hint=made.hint)


@transaction.atomic
def identify(uuid: UUID, *, name: str, how: str, by: Actor, at: datetime) -> str:
    """Note that the operator has seen who a person is, and return the code for that person, shown once.

    `name` is typed from the paper; `how` says what was seen, never its number. A new code takes the place of an
    earlier one. Raises `NotPermitted`, `UnknownConsent`, `ConsentNotPossible` without a word on how or once it is
    answered, and `NotThatPerson`.
    """
    by.demand(Permission.REVIEW_CLAIMS)
    row = PersonalConsent.objects.select_for_update().filter(uuid=uuid).order_by("id").first()
    if row is None:
        raise UnknownConsent
    if not how.strip() or row.state != "asked" or row.lapses_at <= at or row.wrong >= MOST_WRONG:
        raise ConsentNotPossible("Say how the person was identified; one who has answered is asked no more.")
    if persons.name_digest(row.authorisation.uuid, name) != row.name_digest:
        raise NotThatPerson("The name on the paper is not the one that is asked about: ask the enterprise.")
    code = f"{secrets.randbelow(10**6):06}"
    row.code_digest = _code_digest(row.token, code)
    row.identified_by, row.identified_at, row.identified_how = by.label[:200], at, how.strip()[:300]
    row.save(update_fields=["code_digest", "identified_by", "identified_at", "identified_how"])
    thing = Thing("personal-consent", str(row.uuid))
    audit.append(who=by.who(), act="personal-consent.identify", thing=thing, at=at, why=row.identified_how)
    return code


def question(token: str, *, at: datetime) -> Question:
    """Return what the person of a link is asked; raise `UnknownConsent`."""
    row = PersonalConsent.objects.select_related("authorisation").filter(token=token).order_by("id").first()
    standing = queries.stands(row.authorisation) if row else None
    if row is None or standing is None:
        raise UnknownConsent
    return Question(
        uuid=row.uuid,
        standing=standing,
        role=row.role,
        fields=tuple(json.loads(row.fields)),
        state=row.state,
        identified=bool(row.code_digest),
        over=row.state == "asked" and (row.lapses_at <= at or state_at(standing, at=at) not in LIVE),
    )


def answer(token: str, *, name: str, code: str, agrees: bool, node: ThisNode, at: datetime) -> None:
    """Take a person's answer, or later withdrawal (`agrees` False). Raises `UnknownConsent`, `ConsentNotProved`.

    Five wrong tries close the link for good. What was tried is committed even when it is refused.
    """
    _require_open(token, agrees=agrees, at=at)
    if not _answered(token, name=name, code=code, agrees=agrees, node=node, at=at):
        raise ConsentNotProved("Name or code do not match: check both.")


def answer_signed_in(token: str, *, code: str, agrees: bool, by: Actor, node: ThisNode, at: datetime) -> None:
    """Take the answer of the legal representative, signed in, with a code of the authenticator app.

    Raises `UnknownConsent`, `NotThatPerson`, and what `second_factor.confirm` raises.
    """
    _require_open(token, agrees=agrees, at=at)
    if not is_of(token, by=by):
        raise NotThatPerson("This account is not that of the person who is asked.")
    row = PersonalConsent.objects.get(token=token)
    second_factor.confirm(code, by=by, what=Thing("personal-consent", str(row.uuid)), at=at)
    with transaction.atomic():
        row = PersonalConsent.objects.select_for_update().get(token=token)
        _settle(row, agrees=agrees, node=node, method="account of the representative, second factor", at=at)
        thing = Thing("personal-consent", str(row.uuid))
        audit.append(who=by.who(), act="personal-consent.answer", thing=thing, at=at, why=row.state)


def is_of(token: str, *, by: Actor) -> bool:
    """Return whether a link asks the very person who is signed in: one whose registration as the legal
    representative of the enterprise was approved, under the name that is asked about.
    """
    row = PersonalConsent.objects.select_related("authorisation").filter(token=token).order_by("id").first()
    if row is None or row.role != REPRESENTATIVE:
        return False
    name = acting.proven_representative(by.user_id, row.authorisation.subject)
    return bool(name) and persons.name_digest(row.authorisation.uuid, name) == row.name_digest


def _require_open(token: str, *, agrees: bool, at: datetime) -> None:
    asked = question(token, at=at)
    if asked.over or (agrees and asked.state != "asked") or asked.state not in ("asked", "given"):
        raise UnknownConsent


@transaction.atomic
def _answered(token: str, *, name: str, code: str, agrees: bool, node: ThisNode, at: datetime) -> bool:
    row = PersonalConsent.objects.select_for_update().filter(token=token).order_by("id").first()
    if row is None or row.wrong >= MOST_WRONG:
        raise UnknownConsent
    thing = Thing("personal-consent", str(row.uuid))
    # Without a code nobody has shown who he or she is, and nothing is right.
    right = bool(row.code_digest) and hmac.compare_digest(row.code_digest, _code_digest(token, code.strip()))
    if not right or persons.name_digest(row.authorisation.uuid, name) != row.name_digest:
        row.wrong += 1
        row.save(update_fields=["wrong"])
        audit.append(who=NOBODY, act="personal-consent.answer", thing=thing, at=at, outcome=Outcome.REFUSED)
        return False
    _settle(row, agrees=agrees, node=node, method="identified by the operator, name and code", at=at)
    audit.append(who=NOBODY, act="personal-consent.answer", thing=thing, at=at, why=row.state)
    return True


def _settle(row: PersonalConsent, *, agrees: bool, node: ThisNode, method: str, at: datetime) -> None:
    if agrees:
        _give(row, node=node, method=method, at=at)
    else:
        row.state = "withdrawn" if row.state == "given" else "refused"
    row.answered_at = at
    row.save()


def _give(row: PersonalConsent, *, node: ThisNode, method: str, at: datetime) -> None:
    standing = queries.stands(row.authorisation)
    if standing is None:
        raise UnknownConsent
    said = persons.statement(
        persons.Given(
            consent=row.uuid,
            role=row.role,
            name_digest=row.name_digest,
            fields=json.loads(row.fields),
            at=at.isoformat(timespec="seconds"),
            method=method,
        ),
        terms=standing.terms,
    )
    row.state, row.statement, row.evidence_digest = "given", said, sha256(said)
    row.jws = sign_detached(said, key=node.signer.key, kid=node.signer.key_id)


def _code_digest(token: str, code: str) -> str:
    # The token is 192 random bits and salts the six digits.
    return hashlib.sha256(f"{token} {code}".encode()).hexdigest()
