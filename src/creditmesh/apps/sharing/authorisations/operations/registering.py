"""Keys with which an enterprise signs outside the platform: each is registered by proving its possession."""

import json
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.sharing.authorisations.models import EnterpriseKey
from creditmesh.apps.sharing.authorisations.operations import second_factor
from creditmesh.exchange.jws import BadSignature, verify_detached
from creditmesh.exchange.keys import PublicKey
from creditmesh.kernel.errors import CreditmeshError

MOST_KEYS = 10


class UnknownEnterpriseKey(CreditmeshError):
    """The enterprise has no such key."""

    code = "unknown-enterprise-key"

    def __init__(self) -> None:
        super().__init__("There is no such key among your enterprise's: look it up in the list.")


class KeyRefused(CreditmeshError):
    """The key is registered already, there are too many, or its possession is not proved."""

    code = "enterprise-key-refused"


@transaction.atomic
def offer_key(*, name: str, pem: str, by: Actor, at: datetime) -> EnterpriseKey:
    """Take a public key (PEM) and return the row with the challenge to sign with it.

    Raises `BadKey` and `KeyRefused`.
    """
    by.demand(Permission.SIGN_AUTHORISATIONS)
    key = PublicKey.from_pem(pem)
    own = EnterpriseKey.objects.filter(subject=by.subject, revoked_at=None)
    own.filter(kid=key.thumbprint(), proved_at=None).delete()
    if own.filter(kid=key.thumbprint()).exists():
        raise KeyRefused("This key is registered already.")
    if own.count() >= MOST_KEYS:
        raise KeyRefused(f"An enterprise has at most {MOST_KEYS} keys: revoke one first.")
    return EnterpriseKey.objects.create(
        subject=by.subject,
        name=name.strip()[:100],
        kid=key.thumbprint(),
        algorithm=key.algorithm.value,
        jwk=json.dumps(key.jwk()),
        challenge=f"creditmesh/key-possession {by.subject} {key.thumbprint()} {secrets.token_urlsafe(24)}",
        registered_by=by.who().label[:200],
        registered_at=at,
    )


def prove_key(uuid: UUID, *, jws: str, code: str, by: Actor, at: datetime) -> EnterpriseKey:
    """Put a key into force once its challenge is signed with it and the signer typed a second factor.

    Without the second factor a stolen sign-in could bring a key of its own and sign with that. Raises
    `UnknownEnterpriseKey`, `KeyRefused`, and the refusals of `second_factor.confirm`.
    """
    by.demand(Permission.SIGN_AUTHORISATIONS)
    _check_possession(uuid, jws=jws, by=by)
    second_factor.confirm(code, by=by, what=Thing("enterprise-key", str(uuid)), at=at)
    with transaction.atomic():
        row = _own(uuid, by=by)
        if row.proved_at is None:
            row.proved_at = at
            row.save(update_fields=["proved_at"])
            thing = Thing("enterprise-key", row.kid)
            audit.append(who=by.who(), act="enterprise-key.register", thing=thing, at=at, why=row.algorithm)
    return row


@transaction.atomic
def _check_possession(uuid: UUID, *, jws: str, by: Actor) -> None:
    row = _own(uuid, by=by)
    key = PublicKey.from_jwk(json.loads(row.jwk))
    try:
        verify_detached(
            jws.strip(), row.challenge.encode(), resolve=lambda kid: key if kid == row.kid else None
        )
    except BadSignature as wrong:
        raise KeyRefused(wrong.sentence) from None


@transaction.atomic
def revoke_key(uuid: UUID, *, by: Actor, at: datetime) -> None:
    """End a key of the enterprise at once; what was signed with it before stays signed."""
    by.demand(Permission.SIGN_AUTHORISATIONS)
    row = _own(uuid, by=by)
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    audit.append(who=by.who(), act="enterprise-key.revoke", thing=Thing("enterprise-key", row.kid), at=at)


def _own(uuid: UUID, *, by: Actor) -> EnterpriseKey:
    rows = EnterpriseKey.objects.select_for_update().filter(uuid=uuid, subject=by.subject, revoked_at=None)
    row = rows.order_by("id").first()
    if row is None or not by.subject:
        raise UnknownEnterpriseKey
    return row
