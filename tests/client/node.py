"""A node small enough for tests of the client: it checks and signs as a real one, and says what it is told to."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from creditmesh.client.calling import Client
from creditmesh.client.wire import Received
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import Algorithm, PrivateKey
from creditmesh.exchange.messages import Response

ORIGIN = "https://node.example"
NOW = 1_800_000_000


class Node:
    """Stands where the wire stands: takes requests, answers as `says` tells."""

    origin = ORIGIN

    def __init__(self) -> None:
        self.key = PrivateKey.generate(Algorithm.ES256)
        self.program = PrivateKey.generate()
        self.published: Any = {"keys": [self.key.public.jwk()]}
        self.says: Callable[[Request], tuple[int, Any]] = lambda _request: (200, {})
        self.tokens = 0
        self.token_answer: tuple[int, Any] | None = None
        self.asked: list[Request] = []
        self.change: Callable[[Received], Received] = lambda answer: answer
        self.signs = True
        self.closed = False

    def exchange(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Answer one request."""
        request = Request(method, ORIGIN + path, headers, body)
        if path == "/oauth/token":
            self.tokens += 1
            stated = self.token_answer or (200, {"access_token": f"token-{self.tokens}", "expires_in": 900})
            return self.received(*stated)
        if path.startswith("/.well-known/"):
            return self.received(200, self.published)
        messages.verify_request(request, resolve=lambda _keyid: self.program.public, now=NOW)
        self.asked.append(request)
        answer = self.received(*self.says(request))
        if self.signs:
            response = Response(answer.status, answer.headers, answer.body)
            added = messages.sign_response(
                response, request, key=self.key, keyid=self.key.public.thumbprint(), created=NOW
            )
            lowered = {name.lower(): value for name, value in added.items()}
            answer = Received(answer.status, {**answer.headers, **lowered}, answer.body)
        return self.change(answer)

    def received(self, status: int, told: Any) -> Received:
        """Return an answer in JSON, or bytes as they are."""
        kind = "application/problem+json" if status >= 400 else "application/json"
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        headers = {"content-type": kind}
        if status == 429:
            headers["retry-after"] = "17"
        return Received(status, headers, body)

    def close(self) -> None:
        """Note that the client closed."""
        self.closed = True


def client_of(node: Node, **more: Any) -> Client:
    """Return a client whose wire leads to the node."""
    made = Client(ORIGIN, client_id="p1", client_secret="s", key=node.program, **more)
    made.session.wire = node  # type: ignore[assignment]
    made.session.clock = lambda: NOW
    return made


def problem(status: int, code: str, **members: Any) -> tuple[int, Any]:
    """Return problem details."""
    return status, {
        "type": f"urn:creditmesh:problem:{code}",
        "title": f"about {code}",
        "status": status,
        **members,
    }
