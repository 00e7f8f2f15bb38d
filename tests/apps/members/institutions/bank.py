"""A bank as its own engineers would build it: a program with a secret and a key, that signs what it sends."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from oauth2_provider.models import AccessToken
from tests.web.served import AsServed

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries as people
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, OrganisationKind, Role
from creditmesh.apps.members.institutions.operations import admitting, keys, programs
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.standing import Limits
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import Algorithm, PrivateKey

HOST = "http://testserver"
ROOMY = Limits(requests_per_minute=100_000, inquiries_per_day=100_000, raw_per_day=100_000)
ROLES = {
    OrganisationKind.BANK: Role.BANK_STAFF,
    OrganisationKind.GUARANTOR: Role.GUARANTOR_STAFF,
    OrganisationKind.INSURER: Role.INSURER_STAFF,
}


@dataclass(frozen=True)
class Sent:
    """A signed request before it is sent, to be spoilt on the way."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    def go(self, browser: Client | None = None) -> Any:
        """Send it and return the answer."""
        return (browser or AsServed()).generic(
            self.method,
            self.path,
            data=self.body,
            content_type="application/json" if self.body else "",
            headers=self.headers,
        )


@dataclass
class Bank:
    """An institution with one program, made in the database at once."""

    code: str
    client: str
    secret: str
    key: PrivateKey
    person: Actor
    token: str = ""
    keyid: str = field(default="")

    def __post_init__(self) -> None:
        """Name the key as the node does."""
        self.keyid = self.keyid or self.key.public.thumbprint()

    def fetch_token(self, scope: str = "") -> Any:
        """Ask the node for a token, keep it, and return the answer."""
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        basic = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        answer = Client().post("/oauth/token", form, headers={"Authorization": f"Basic {basic}"})
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def signed(
        self, method: str, path: str, body: Any = None, *, created: int | None = None, **changes: Any
    ) -> Sent:
        """Return a signed request; `changes`: nonce, expires, key, keyid, token."""
        if not self.token:
            assert self.fetch_token().status_code == 200
        made = int(time.time()) if created is None else created
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {changes.get('token', self.token)}"}
        added = messages.sign_request(
            Request(method, HOST + path, headers, data),
            key=changes.get("key", self.key),
            keyid=changes.get("keyid", self.keyid),
            created=made,
            expires=changes.get("expires", made + 300),
            nonce=changes.get("nonce") or secrets.token_urlsafe(18),
        )
        return Sent(method, path, data, {**headers, **added})

    def get(self, path: str, **changes: Any) -> Any:
        """Send a signed GET and return the answer."""
        return self.signed("GET", path, **changes).go()

    def post(self, path: str, body: Any, **changes: Any) -> Any:
        """Send a signed POST with JSON and return the answer."""
        return self.signed("POST", path, body, **changes).go()


def open_bank(
    code: str = "bank-one",
    *,
    kind: OrganisationKind = OrganisationKind.BANK,
    algorithm: Algorithm = Algorithm.ED25519,
    scopes: tuple[Scope, ...] = tuple(Scope),
    limits: Limits = ROOMY,
    sandbox: bool = False,
    at: datetime | None = None,
) -> Bank:
    """Return a new institution with a person, a program and a key in force."""
    now = at or datetime.now(UTC)
    new = parties.NewOrganisation(code=code, name=f"{code}（虚构）", kind=kind)
    parties.create_organisation(by=COMMAND_LINE, new=new, at=now)
    admitting.admit(by=COMMAND_LINE, organisation=code, limits=limits, sandbox=sandbox, at=now)
    person = staff(code, f"{code}-clerk", kind=kind, at=now)
    made = programs.create(by=person, name="loan system", scopes=scopes, at=now)
    key = PrivateKey.generate(algorithm)
    put_key(person, client=made.client, key=key, at=now)
    return Bank(code=code, client=made.client, secret=made.secret, key=key, person=person)


def staff(code: str, username: str, *, kind: OrganisationKind = OrganisationKind.BANK, at: datetime) -> Actor:
    """Return a new person of an institution."""
    made = parties.create_user(
        by=COMMAND_LINE, username=username, password="quiet-river-under-stone-bridges", at=at
    )
    parties.add_membership(by=COMMAND_LINE, username=username, organisation=code, role=ROLES[kind], at=at)
    return people.actor(made)


def put_key(person: Actor, *, client: str, key: PrivateKey, at: datetime) -> Any:
    """Register a key for a program and prove it; return it as lists show it."""
    line = keys.register(by=person, client=client, material=key.public.to_pem(), at=at)
    signature = base64.b64encode(key.sign(line.challenge.encode())).decode()
    return keys.prove(by=person, key=line.uuid, signature=signature, at=at)


def as_program(bank: Bank) -> Actor:
    """Return the bank's program as operations see it."""
    return replace(bank.person, user_id=None, label="loan system", client=bank.client)


def expire_token(bank: Bank) -> None:
    """Let the bank's token have ended."""
    AccessToken.objects.filter(application__client_id=bank.client).update(
        expires=datetime(2020, 1, 1, tzinfo=UTC)
    )
