"""A wire without sockets: the client on one end, this very node on the other."""

from collections.abc import Mapping

import django.test

from creditmesh.client.wire import Received


class DirectWire:
    """Stands where the wire stands: hands requests to the node's own code, byte for byte."""

    origin = "http://localhost"

    def exchange(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Send one request through every layer of the node but the socket."""
        sent = {name: value for name, value in headers.items() if name != "Content-Type"}
        kind = headers.get("Content-Type", "")
        browser = django.test.Client(raise_request_exception=False, SERVER_NAME="localhost")
        answer = browser.generic(method, path, body, content_type=kind, headers=sent)
        lowered = {name.lower(): value for name, value in answer.items()}
        return Received(answer.status_code, lowered, answer.content)

    def close(self) -> None:
        """There is nothing to close."""
