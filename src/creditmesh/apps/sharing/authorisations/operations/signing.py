"""Sign an authorisation: with the node's key after the signer's second factor, or with the enterprise's own key."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.authorisations.letters import document
from creditmesh.apps.sharing.authorisations.models import Authorisation, EnterpriseKey, Request
from creditmesh.apps.sharing.authorisations.operations import second_factor
from creditmesh.apps.sharing.authorisations.operations.requesting import open_request
from creditmesh.apps.sharing.authorisations.operations.withdrawing import own_locked
from creditmesh.apps.sharing.authorisations.queries import PLATFORM
from creditmesh.apps.sharing.authorisations.rules import LIVE, Move, State, Terms, after
from creditmesh.catalogue import purposes, rule_packs
from creditmesh.exchange.canonical import JSON
from creditmesh.exchange.certificates import Certified, public_key
from creditmesh.exchange.jws import BadSignature, sign_detached, verify_detached
from creditmesh.exchange.keys import PublicKey
from creditmesh.kernel.errors import CreditmeshError

ROOTS = "certificate-roots"  # folder of the node's home with the PEM files of authorities it trusts
LONGEST = 20_000  # characters of an uploaded signature


class ClauseNotConfirmed(CreditmeshError):
    """The conspicuous clause was not confirmed when the document was prepared."""

    code = "clause-not-confirmed"


class DraftTooOld(CreditmeshError):
    """The document was prepared too long ago to be signed."""

    code = "draft-too-old"


class SignatureNotAccepted(CreditmeshError):
    """An uploaded signature does not prove that this enterprise signed this document."""

    code = "signature-not-accepted"


class NoTrustedRoots(CreditmeshError):
    """The node trusts no certificate authority, so no certificate proves anything."""

    code = "no-trusted-roots"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the signer sat: kept beside the document, not inside."""

    address: str = ""
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A detached JWS made outside, with the certificate of its key when the key is not registered."""

    jws: str
    certificate: str = ""  # PEM, its issuers after it


@dataclass(frozen=True, kw_only=True)
class _Signature:
    jws: str
    method: str
    key: PublicKey
    kid: str
    serial: str = ""


Signs = Callable[[Authorisation], _Signature]


def sign_here(
    uuid: UUID, *, code: str, by: Actor, node: ThisNode, at: datetime, place: Place
) -> Authorisation:
    """Sign a draft with the node's key, after the signer typed a code of the authenticator app.

    Raises the refusals of `second_factor.confirm`, `UnknownAuthorisation`, `WrongMove`, `ClauseNotConfirmed`
    and `DraftTooOld`.
    """
    by.demand(Permission.SIGN_AUTHORISATIONS)
    _draft(uuid, by=by, at=at)
    thing = Thing("authorisation", str(uuid))
    second_factor.confirm(code, by=by, what=thing, at=at)

    header: dict[str, JSON] = {
        "amr": ["pwd", "otp"],
        "iat": int(at.timestamp()),
        "sub": f"user {by.user_id}",
    }
    return _sign(uuid, by=by, at=at, place=place, signs=lambda row: _by_node(row, node, header))


def sign_invented(uuid: UUID, *, by: Actor, node: ThisNode, at: datetime) -> Authorisation:
    """Sign a draft of an enterprise of the sandbox, which has nobody to sign for it.

    Raises `SignatureNotAccepted` for every other enterprise.
    """
    by.demand(Permission.SIGN_AUTHORISATIONS)
    if not (by.sandbox and sandbox.holds(by.subject)):
        raise SignatureNotAccepted("Only invented enterprises sign without a person.")
    _draft(uuid, by=by, at=at)
    header: dict[str, JSON] = {"amr": ["sandbox"], "iat": int(at.timestamp()), "sub": "sandbox"}
    return _sign(uuid, by=by, at=at, place=Place(), signs=lambda row: _by_node(row, node, header))


def sign_outside(
    uuid: UUID, *, upload: Upload, by: Actor, node: ThisNode, at: datetime, place: Place
) -> Authorisation:
    """Take the detached JWS that the enterprise made over the draft with a key of its own.

    With a certificate (PEM, its issuers after it) the key is the certificate's, which must name the enterprise
    and lead to a root the node trusts; without, a key the enterprise registered. Raises `SignatureNotAccepted`,
    `NoTrustedRoots`, `BadCertificate` and what `sign_here` raises for drafts.
    """
    by.demand(Permission.SIGN_AUTHORISATIONS)
    row = _draft(uuid, by=by, at=at)
    try:
        found = _outside(row, upload, by=by, node=node, at=at)
    except CreditmeshError as refusal:
        thing = Thing("authorisation", str(uuid))
        audit.append(
            who=by.who(),
            act="authorisation.sign",
            thing=thing,
            at=at,
            why=refusal.code,
            outcome=Outcome.REFUSED,
        )
        raise
    return _sign(uuid, by=by, at=at, place=place, signs=lambda _row: found)


def _by_node(row: Authorisation, node: ThisNode, header: Mapping[str, JSON]) -> _Signature:
    signer = node.signer
    jws = sign_detached(bytes(row.body), key=signer.key, kid=signer.key_id, header=header)
    return _Signature(jws=jws, method=PLATFORM, key=signer.key.public, kid=signer.key_id)


def _draft(uuid: UUID, *, by: Actor, at: datetime) -> Authorisation:
    with transaction.atomic():
        row = own_locked(uuid, subject=by.subject)
    after(State(row.state), Move.SIGN)
    days = int(rule_packs.load().rule("authorisation.draft.life", on=timezone.localdate(at)).value)
    if at > row.prepared_at + timedelta(days=days):
        raise DraftTooOld(f"The document is older than {days} days: prepare it again, then sign.")
    terms = _terms(row)
    template, today = purposes.load().version(terms.purpose, terms.purpose_version), terms.day(at)
    if template is None or not template.in_force(today) or today > terms.valid_to:
        # Signed, it would end the one in force, and carry nothing, or more than may be given today.
        raise DraftTooOld("The purpose has other bounds since, or the last day is over: prepare it again.")
    if not terms.conspicuous_clause_confirmed:
        raise ClauseNotConfirmed("Confirm that you read what is given and what for, then sign.")
    return row


def _outside(row: Authorisation, upload: Upload, *, by: Actor, node: ThisNode, at: datetime) -> _Signature:
    jws, certificate = upload.jws[:LONGEST].strip(), upload.certificate.strip()
    if certificate:
        certified = _certified(certificate, by=by, node=node, at=at)
        names = {certified.key.thumbprint(), certified.serial}
        key, kid = _verified(row, jws, lambda kid: certified.key if kid in names else None)
        return _Signature(jws=jws, method="certificate", key=key, kid=kid, serial=certified.serial)
    key, kid = _verified(row, jws, lambda kid: registered_key(by.subject, kid))
    return _Signature(jws=jws, method="key", key=key, kid=kid)


def registered_key(subject: str, kid: str) -> PublicKey | None:
    """Return a key of the enterprise that is proved and not revoked, None for any other."""
    row = (
        EnterpriseKey.objects.filter(subject=subject, kid=kid, revoked_at=None, proved_at__isnull=False)
        .order_by("id")
        .first()
    )
    return PublicKey.from_jwk(json.loads(row.jwk)) if row else None


def _verified(
    row: Authorisation, jws: str, resolve: Callable[[str], PublicKey | None]
) -> tuple[PublicKey, str]:
    try:
        header = verify_detached(jws, bytes(row.body), resolve=resolve)
    except BadSignature as wrong:
        raise SignatureNotAccepted(wrong.sentence) from None
    key = resolve(header.kid)
    if key is None:  # it was there a moment ago
        raise SignatureNotAccepted("The key was revoked meanwhile: sign with another one.")
    return key, header.kid


def _certified(pem: str, *, by: Actor, node: ThisNode, at: datetime) -> Certified:
    folder = node.home / ROOTS
    roots = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.pem"))]
    if not roots:
        raise NoTrustedRoots(
            "This node trusts no certificate authority yet: ask its operator, or register a key instead."
        )
    certified = public_key(pem, at=at, roots=roots)
    if not re.search(rf"(?<![0-9A-Z]){re.escape(by.subject)}(?![0-9A-Z])", certified.subject):
        raise SignatureNotAccepted(
            "The certificate does not name your enterprise's code: use the one issued to your enterprise."
        )
    return certified


@transaction.atomic
def _sign(uuid: UUID, *, by: Actor, at: datetime, place: Place, signs: Signs) -> Authorisation:
    row = own_locked(uuid, subject=by.subject)
    if row.request is not None:
        request = open_request(row.request.uuid, subject=by.subject, at=at)
        Request.objects.filter(pk=request.pk).update(state="signed", answered_at=at)
    row.state = after(State(row.state), Move.SIGN).value
    terms = _terms(row)
    if not institutions.institution(terms.institution).active:
        raise SignatureNotAccepted("The institution is suspended here: nothing can be given to it now.")
    made = signs(row)
    row.jws, row.method, row.kid = made.jws, made.method, made.kid
    row.algorithm, row.verified_with = made.key.algorithm.value, json.dumps(made.key.jwk())
    row.certificate_serial = made.serial[:80]
    row.address, row.device = place.address[:64], place.device[:200]
    row.signed_at, row.signed_by = at, by.who().label[:200]
    row.save()
    _supersede(row, at=at)
    audit.append(
        who=by.who(),
        act="authorisation.sign",
        thing=Thing("authorisation", str(uuid)),
        at=at,
        why=f"{made.method} {made.kid} sha-256 {row.digest}",
    )
    audit.announce(event="authorisation.signed", key=str(uuid), at=at)
    return row


def _supersede(row: Authorisation, *, at: datetime) -> None:
    older = (
        Authorisation.objects.select_for_update()
        .filter(
            subject=row.subject,
            institution=row.institution,
            purpose=row.purpose,
            reference=row.reference,
            state__in=[one.value for one in LIVE],
        )
        .exclude(pk=row.pk)
        .order_by("id")
    )
    for one in older:
        one.state = after(State(one.state), Move.SUPERSEDE).value
        one.ended_at, one.superseded_by = at, row.uuid
        one.save(update_fields=["state", "ended_at", "superseded_by"])


def _terms(row: Authorisation) -> Terms:
    terms = document.agreed(row, signed=bytes(row.body), digest=row.digest)
    if terms is None:
        raise SignatureNotAccepted("The document kept here was changed: prepare it again.")
    return terms
