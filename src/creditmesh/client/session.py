"""Signed calls: a token that is renewed, a signature on each request, a check of each answer."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from creditmesh.client.refusals import BY_STATUS, ClientError, Refused, Unreachable, Untrusted
from creditmesh.client.wire import Received, Wire
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import BadKey, PrivateKey, PublicKey
from creditmesh.exchange.messages import Response, SignatureRefused

KEYS = "/.well-known/creditmesh/keys.json"
TOKEN = "/oauth/token"  # noqa: S105 - an address
SIGNATURE_LIFE = 300  # seconds
EARLY = 60  # seconds before its end at which a token is renewed
JSON_TYPES = ("application/json", "application/problem+json")


class Session:
    """Who calls: a program's id, secret and key; and whose answers count: the node's keys."""

    def __init__(
        self,
        wire: Wire,
        *,
        client_id: str,
        client_secret: str,
        key: PrivateKey,
        node_keys: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self.wire = wire
        self.key = key
        self.clock: Callable[[], float] = time.time
        self.scopes: tuple[str, ...] = ()
        self.language = ""  # of sentences; empty: the node's own
        self._login = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._token: tuple[str, float] = ("", 0)
        self._pinned = node_keys is not None
        self._known = _public(node_keys or ())
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return a token that is valid for a while; fetch one only when needed. Raises Refused, Unreachable."""
        with self._lock:
            if self._token[1] - EARLY < self.clock():
                self._token = self._new_token()
            return self._token[0]

    def call(
        self, method: str, path: str, *, body: bytes = b"", query: Mapping[str, Any] | None = None
    ) -> Received:
        """Send a signed request and return the answer, whose signature was found good.

        Raises Refused (the node said no), Untrusted (nothing proves the answer), Unreachable.
        """
        given = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        target = f"{path}?{urlencode(given)}" if given else path
        used = self.token()
        request, received = self._send(method, target, body, used)
        if received.status == 401 and _problem(received).get("type", "").endswith(":token-refused"):
            with self._lock:
                if self._token[0] == used:
                    self._token = ("", 0)
            request, received = self._send(method, target, body, self.token())
        signed = "signature" in received.headers
        if signed or received.status < 400:
            self._check(request, received)
        if received.status >= 400:
            raise _refusal(received, signed=signed)
        return received

    def _send(self, method: str, target: str, body: bytes, token: str) -> tuple[Request, Received]:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if self.language:
            headers["Accept-Language"] = self.language
        if body:
            headers["Content-Type"] = "application/json"
        plain = Request(method, self.wire.origin + target, headers, body)
        now = int(self.clock())
        added = messages.sign_request(
            plain,
            key=self.key,
            keyid=self.key.public.thumbprint(),
            created=now,
            expires=now + SIGNATURE_LIFE,
            nonce=secrets.token_urlsafe(24),
        )
        request = Request(method, plain.url, {**headers, **added}, body)
        return request, self.wire.exchange(method, target, headers=request.headers, body=body)

    def _check(self, request: Request, received: Received) -> None:
        response = Response(received.status, received.headers, received.body)
        try:
            messages.verify_response(response, request, resolve=self._resolve, now=int(self.clock()))
        except SignatureRefused as refused:
            raise Untrusted(f"The answer is not proven to be of this node: {refused.sentence}") from None

    def _resolve(self, keyid: str) -> PublicKey | None:
        if keyid not in self._known and not self._pinned:
            self._known = _public(self.node_keys())
        return self._known.get(keyid)

    def node_keys(self) -> list[dict[str, Any]]:
        """Return the keys the node publishes; keep them and pass them as `node_keys` to pin them."""
        received = self.wire.exchange("GET", KEYS, headers={"Accept": "application/json"}, body=b"")
        keys = _object(received).get("keys")
        if received.status != 200 or not isinstance(keys, list):
            raise Unreachable(f"{self.wire.origin} publishes no keys: is it a node?")
        return keys

    def _new_token(self) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"}
        if self.scopes:
            form["scope"] = " ".join(self.scopes)
        headers = {
            "Authorization": f"Basic {self._login}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        received = self.wire.exchange("POST", TOKEN, headers=headers, body=urlencode(form).encode())
        told = _object(received)
        token, life = told.get("access_token"), told.get("expires_in")
        if received.status == 200 and isinstance(token, str) and isinstance(life, int):
            return token, self.clock() + life
        code, title = (
            str(told.get("error", "no-token")),
            str(told.get("error_description", "No token was given.")),
        )
        raise BY_STATUS.get(received.status, Refused)(
            code, received.status, title, retry_after=_wait(received)
        )


def _public(jwks: Sequence[Mapping[str, Any]]) -> dict[str, PublicKey]:
    """Return the keys in force by id; a retired key proves old documents, and no new answer."""
    found = {}
    for one in jwks:
        if isinstance(one, Mapping) and "retired_at" not in one:
            try:
                key = PublicKey.from_jwk(one)
            except (BadKey, ClientError):
                continue
            found[key.thumbprint()] = key
    return found


def _object(received: Received) -> dict[str, Any]:
    if received.header("content-type").split(";")[0].strip() not in JSON_TYPES:
        return {}
    try:
        found = json.loads(received.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _problem(received: Received) -> dict[str, str]:
    return {name: str(value) for name, value in _object(received).items()}


def _refusal(received: Received, *, signed: bool) -> Refused:
    told = _object(received)
    code = str(told.pop("type", "unknown")).rpartition(":")[2]
    title = str(told.pop("title", "The node gave no reason."))
    kind = BY_STATUS.get(received.status, Refused)
    return kind(code, received.status, title, signed=signed, retry_after=_wait(received), members=told)


def _wait(received: Received) -> int | None:
    stated = received.header("retry-after")
    return int(stated) if stated.isascii() and stated.isdigit() else None
