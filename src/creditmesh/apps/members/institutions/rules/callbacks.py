"""Where notices may be sent: which addresses a callback may have, judged before anything is sent.

A callback address comes from outside, so it must not make the node reach what only the node can reach
(server-side request forgery): loopback, private networks, link-local addresses, the metadata services of
clouds. The name is resolved once, every address it resolves to is judged, and the connection goes to the very
address that was judged.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from creditmesh.kernel.errors import CreditmeshError

LONGEST = 500
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Never, whatever networks the operator names: what gives a machine in a cloud its credentials.
METADATA = tuple(
    ipaddress.ip_network(one)
    for one in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BadCallback(CreditmeshError):
    """The address cannot be one for notices."""

    code = "bad-callback"


class AddressRefused(CreditmeshError):
    """The name leads to an address that notices are never sent to."""

    code = "address-refused"

    def __init__(self) -> None:
        super().__init__(
            "This name leads to a private or reserved address: notices are sent to public addresses only, or "
            "to networks the operator of the node has named."
        )


@dataclass(frozen=True)
class Target:
    """An address for notices, taken apart."""

    secure: bool
    host: str
    port: int
    path: str  # with the query


def target(url: str, *, plain_allowed: bool) -> Target:
    """Return an address for notices taken apart; raise `BadCallback`.

    `plain_allowed` lets http pass, for demonstrations.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadCallback("This is not a web address.") from None
    if len(url) > LONGEST or not url.isascii() or any(one.isspace() or one < " " for one in url):
        raise BadCallback(f"The address is at most {LONGEST} letters of ASCII without spaces.")
    if parts.scheme not in ({"https", "http"} if plain_allowed else {"https"}):
        raise BadCallback("The address begins with https://.")
    if not parts.hostname or parts.username is not None or parts.password is not None or "#" in url:
        raise BadCallback("The address has a host name, and neither a user name nor a part after #.")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure=secure, host=parts.hostname, port=port or (443 if secure else 80), path=path)


def check_addresses(addresses: Sequence[str], *, networks: Sequence[str]) -> str:
    """Return the address to connect to; raise `AddressRefused` unless all of them may be reached.

    `networks` are private ones the operator named.
    """
    if not addresses or not all(reachable(one, networks=networks) for one in addresses):
        raise AddressRefused
    return addresses[0]


def reachable(text: str, *, networks: Sequence[str]) -> bool:
    """Return whether notices may be sent to an IP address."""
    try:
        address = _meant(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if any(address in one for one in METADATA if one.version == address.version):
        return False
    named = [ipaddress.ip_network(one) for one in networks]
    if any(address in one for one in named if one.version == address.version):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _meant(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
