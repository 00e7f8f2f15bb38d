"""One HTTP exchange with a node: connections that are kept, sizes that are bounded, errors in plain words."""

import http.client
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from creditmesh.client.refusals import Unreachable

LARGEST_ANSWER = 64 * 1024 * 1024  # bytes
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# What a kept connection does when the other side closed it in the meantime, before it read anything.
STALE = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, http.client.CannotSendRequest)


@dataclass(frozen=True)
class Received:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header by its name in lower case, "" when it did not come."""
        return self.headers.get(name, "")


class Wire:
    """Where a node is, and one kept connection per thread to it."""

    def __init__(self, base_url: str, *, timeout: float) -> None:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or parts.query:
            raise ValueError("base_url is the node's address without a path, such as https://node.example.cn")
        if parts.scheme == "http" and host not in LOOPBACK:
            raise ValueError("use https: tokens and answers must not travel in the open")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._secure = parts.scheme == "https"
        self._place = (host, parts.port)
        self._timeout = timeout
        self._local = threading.local()

    def exchange(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Received:
        """Send a request and return what came back; raise Unreachable.

        When a kept connection turns out to be closed, the same bytes are sent once more: a node that had
        taken them already answers that their nonce was used, and does nothing twice.
        """
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            try:
                return self._once(kept, method, path, headers, body)
            except STALE:
                self.close()
        fresh = self._connection()
        self._local.connection = fresh
        return self._once(fresh, method, path, headers, body)

    def close(self) -> None:
        """Close the connection of this thread."""
        kept = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            kept.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._place
        if self._secure:
            return http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _once(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Received:
        reused = connection.sock is not None
        try:
            connection.request(method, path, body=body or None, headers=dict(headers))
            answer = connection.getresponse()
            data = answer.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as problem:
            if reused and isinstance(problem, STALE):
                raise
            self.close()
            raise Unreachable(f"{self.origin} did not answer: {problem!r}.") from problem
        if len(data) > LARGEST_ANSWER:
            self.close()
            raise Unreachable(f"The answer of {self.origin} is larger than {LARGEST_ANSWER} bytes.")
        found: dict[str, str] = {}
        for name, value in answer.getheaders():
            lower = name.lower()
            found[lower] = f"{found[lower]}, {value}" if lower in found else value
        return Received(answer.status, found, data)
