"""Signing keys of programs: register, prove or confirm, revoke. Two are in force at once, to change over."""

import base64
import binascii
import json
import secrets
import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction

from creditmesh.apps.ground.audit import operations as audit
from creditmesh.apps.ground.audit.rules import Outcome, Thing
from creditmesh.apps.ground.parties.rules import Actor, Permission
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.operations import in_force, programs
from creditmesh.apps.members.institutions.rules import keys as rules
from creditmesh.apps.members.institutions.rules.keys import KEY_LIFE, KeyLine, KeyState, TooManyKeys
from creditmesh.exchange.keys import BadKey, PublicKey
from creditmesh.kernel.errors import CreditmeshError

LONGEST_TEXT = 4_000  # characters of a PEM text, a JWK or a signature


class KeyKnown(CreditmeshError):
    """The key was registered for this program before."""

    code = "key-known"


class NotProven(CreditmeshError):
    """The signature over the challenge does not fit the key."""

    code = "not-proven"


class NotWaiting(CreditmeshError):
    """The key is in force or revoked already, or its registration is too long ago."""

    code = "key-not-waiting"


class SamePerson(CreditmeshError):
    """The person who registered a key cannot confirm it."""

    code = "same-person"


class ProgramEnded(CreditmeshError):
    """The program has ended."""

    code = "program-ended"


@transaction.atomic
def register(*, by: Actor, client: str, material: str, at: datetime) -> KeyLine:
    """Register a public key (PEM or JWK) for a program of the actor's institution; it waits to be proven.

    It comes into force by `prove` (the private half signs the challenge) or `confirm` (a second person).
    Raises `BadKey`, `UnknownProgram`, `ProgramEnded`, `TooManyKeys`, `KeyKnown`.
    """
    _may(by, client=client)
    public = read(material)
    row = programs.row_of(institution=by.organisation, client=client)
    if row.ended_at is not None:
        raise ProgramEnded("The program has ended: make a new one.")
    held = [_line(one, row) for one in row.keys.order_by("id")]
    if any(one.thumbprint == public.thumbprint() for one in held):
        raise KeyKnown("This key was registered before: make a new pair, keys are not taken up again.")
    if not rules.room_for_another(held, at=at):
        raise TooManyKeys
    made = models.SigningKey.objects.create(
        uuid=uuid.uuid4(),
        program=row,
        thumbprint=public.thumbprint(),
        algorithm=public.algorithm.value,
        jwk=json.dumps(public.jwk()),
        state=KeyState.WAITING,
        challenge=rules.challenge(
            client=client, thumbprint=public.thumbprint(), random=secrets.token_urlsafe(24)
        ),
        registered_by=by.who().label[:200],
        registrar=by.user_id,
        registered_at=at,
        expires_at=at + KEY_LIFE,
    )
    _note(by, "signing_key.register", made, at=at)
    return _line(made, row)


def prove(*, by: Actor, key: UUID, signature: str, at: datetime) -> KeyLine:
    """Bring a key into force by a signature over its challenge, in Base64. Raises `UnknownSigningKey`.

    A signature that does not fit is written down and refused: `NotProven`. Raises `NotWaiting`.
    """
    proven = _prove(by=by, key=key, signature=signature, at=at)
    if proven is None:
        raise NotProven(
            "The signature does not fit the key: sign exactly the challenge, without a line end, with the "
            "private half of this key, and send the signature in Base64."
        )
    return proven


@transaction.atomic
def _prove(*, by: Actor, key: UUID, signature: str, at: datetime) -> KeyLine | None:
    row = _row(by, key)
    _check_waiting(row, at=at)
    public = PublicKey.from_jwk(json.loads(row.jwk))
    message = row.challenge.encode()
    if not any(public.verify(one, message) for one in rules.spellings(_decoded(signature))):
        _note(by, "signing_key.prove", row, at=at, outcome=Outcome.REFUSED)
        return None
    return _activate(by, row, act="signing_key.prove", at=at)


@transaction.atomic
def confirm(*, by: Actor, key: UUID, at: datetime) -> KeyLine:
    """Bring a key into force as a second person of the institution.

    Raises `UnknownSigningKey`, `NotWaiting`, and `SamePerson` for programs and whoever registered it.
    """
    row = _row(by, key)
    _check_waiting(row, at=at)
    if by.client or by.user_id is None or row.registrar is None or row.registrar == by.user_id:
        raise SamePerson(
            "A second person of your institution confirms the key, or a signature over the challenge proves it."
        )
    return _activate(by, row, act="signing_key.confirm", at=at)


@transaction.atomic
def vouch(*, by: Actor, institution: str, key: UUID, at: datetime) -> KeyLine:
    """Bring a key of a sandbox into force as the operator, who answers for it.

    Raises `UnknownSigningKey`, `NotWaiting`, `NotPermitted`; `SamePerson` for any but a sandbox.
    """
    by.demand(Permission.MANAGE_INSTITUTIONS)
    row = _row(by, key, institution=institution)
    _check_waiting(row, at=at)
    if not queries.institution(institution).sandbox:
        raise SamePerson("Only a sandbox's key is vouched for: real keys are proven or confirmed.")
    return _activate(by, row, act="signing_key.confirm", at=at)


@transaction.atomic
def revoke(*, by: Actor, institution: str, key: UUID, at: datetime, why: str = "") -> None:
    """End a key at once: by its institution or the operator; without effect when it has ended already.

    A request under way that is not settled yet is refused too. Raises `UnknownSigningKey`.
    """
    in_force.end()
    row = _row(by, key, institution=institution)
    if row.state == KeyState.REVOKED:
        return
    row.state, row.revoked_at = KeyState.REVOKED, at
    row.save(update_fields=["state", "revoked_at"])
    _note(by, "signing_key.revoke", row, at=at, why=why)


def read(material: str) -> PublicKey:
    """Return the public key of a PEM or JWK text. Raises `BadKey`, for private keys too."""
    text = material.strip()
    if len(text) > LONGEST_TEXT:
        raise BadKey("This is longer than any public key: send one key, as PEM or JWK.")
    if not text.startswith("{"):
        return PublicKey.from_pem(text)
    try:
        jwk = json.loads(text)
    except (ValueError, RecursionError):
        raise BadKey("This JWK is not readable JSON.") from None
    return PublicKey.from_jwk(jwk)


def _may(by: Actor, *, client: str) -> None:
    """Let people act for all programs of their institution, a program for itself alone."""
    by.demand(Permission.MANAGE_OWN_CLIENTS)
    if by.client and by.client != client:
        raise queries.UnknownProgram(
            "Your institution has no such program: look it up in the list of programs."
        )


def _row(by: Actor, key: UUID, *, institution: str = "") -> models.SigningKey:
    home = institution if by.may(Permission.MANAGE_INSTITUTIONS) else by.organisation
    if not by.may(Permission.MANAGE_INSTITUTIONS):
        by.demand(Permission.MANAGE_OWN_CLIENTS)
    rows = models.SigningKey.objects.select_related("program__application").select_for_update(of=("self",))
    found = rows.filter(uuid=key, program__institution__organisation__code=home)
    if by.client:
        found = found.filter(program__application__client_id=by.client)
    row = found.order_by("id").first()
    if row is None:
        raise queries.UnknownSigningKey("Your institution has no such key: look it up in the list of keys.")
    return row


def _check_waiting(row: models.SigningKey, *, at: datetime) -> None:
    if row.state != KeyState.WAITING or at >= row.registered_at + rules.WAITING_LIFE:
        raise NotWaiting("This key waits for nothing: it is in force, revoked, or its registration lapsed.")


def _activate(by: Actor, row: models.SigningKey, *, act: str, at: datetime) -> KeyLine:
    row.state, row.confirmed_at, row.confirmed_by = KeyState.ACTIVE, at, by.who().label[:200]
    row.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    _note(by, act, row, at=at)
    return queries.key_line(row)


def _line(row: models.SigningKey, program: models.Program) -> KeyLine:
    row.program = program
    return queries.key_line(row)


def _note(
    by: Actor,
    act: str,
    row: models.SigningKey,
    *,
    at: datetime,
    outcome: Outcome = Outcome.DONE,
    why: str = "",
) -> None:
    thing = Thing("signing_key", row.thumbprint)
    audit.append(who=by.who(), act=act, thing=thing, at=at, why=why, outcome=outcome)


def _decoded(signature: str) -> bytes:
    text = "".join(signature.split()).replace("-", "+").replace("_", "/")
    try:
        return (
            base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            if len(text) < LONGEST_TEXT
            else b""
        )
    except (binascii.Error, ValueError):
        return b""
