"""Send one message to an address from outside, without being led astray or held up."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from creditmesh.apps.members.institutions.rules.callbacks import Target, check_addresses

SECONDS = 10.0  # from the look-up of the name to the end of the answer
MOST_BYTES = 65_536  # of an answer that are read

Resolve = Callable[[str, int], Sequence[str]]


class NotDelivered(Exception):
    """The message was not taken; the text says why, for people."""


@dataclass(frozen=True)
class Post:
    """What is sent."""

    target: Target
    headers: Mapping[str, str]
    body: bytes


def look_up(host: str, port: int) -> Sequence[str]:
    """Return every address a name has, in the order the system prefers; raise `NotDelivered`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered("the name is not known") from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def post(
    message: Post, *, networks: Sequence[str], resolve: Resolve = look_up, seconds: float = SECONDS
) -> int:
    """Send a message and return the status of the answer, 200 to 299.

    The name is looked up once, and the connection goes to an address that was judged; a redirect is an
    answer like any other, never followed. Raises `NotDelivered`, and `AddressRefused` before anything is sent.
    """
    target = message.target
    address = check_addresses(resolve(target.host, target.port), networks=networks)
    connection = _Pinned(target, address=address, seconds=seconds)
    # A peer that sends a byte now and then would never time out by itself.
    watchdog = threading.Timer(seconds, connection.time_out)
    watchdog.start()
    try:
        connection.request("POST", target.path, body=message.body, headers=dict(message.headers))
        answer = connection.getresponse()
        status = answer.status
        answer.read(MOST_BYTES)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as trouble:
        raise NotDelivered(_in_words(trouble)) from None
    finally:
        watchdog.cancel()
        connection.cut()
    if connection.late:
        raise NotDelivered("no answer in time")  # what came looked whole because it was cut off
    if not 200 <= status < 300:
        raise NotDelivered(f"answered {status}")
    return status


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was judged, whatever the name means by now."""

    def __init__(self, target: Target, *, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._secure = target.secure
        self._address = address
        self.default_port = 443 if target.secure else 80
        self.late = False

    def connect(self) -> None:
        """Connect to the pinned address; the certificate is checked against the name."""
        plain = socket.create_connection((self._address, self.port), timeout=self.timeout)
        if self._secure:
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.sock = context.wrap_socket(plain, server_hostname=self.host)
        else:
            self.sock = plain

    def time_out(self) -> None:
        """End the connection because it takes too long."""
        self.late = True
        self.cut()

    def cut(self) -> None:
        """End the connection, also under somebody who reads from it."""
        held = self.sock
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
        self.close()


def _in_words(trouble: Exception) -> str:
    if isinstance(trouble, ssl.SSLError):
        return "the certificate or the encryption is not accepted"
    if isinstance(trouble, TimeoutError):
        return "no answer in time"
    return f"the connection failed ({type(trouble).__name__})"
