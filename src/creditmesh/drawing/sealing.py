"""Tickets: objects and inspectors under numbers that anyone can draw with and only the auditor can open.

A risk class is never public (design, section 1), but a draw by risk class must be open to everyone. So each object
takes part under a ticket, the hash of a salt and its id; the tickets, with their grades, are published, the salts
are kept for the auditor.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from creditmesh.drawing.written import SEPARATOR, sha256

SALT_BYTES = 16


@dataclass(frozen=True)
class Ticket:
    """What opens a ticket."""

    ticket: str
    salt: str
    id: str

    @property
    def holds(self) -> bool:
        """Return whether the ticket is that of the id."""
        return ticket_of(self.id, salt=self.salt) == self.ticket


def ticket_of(name: str, *, salt: str) -> str:
    """Return the ticket of an id: SHA-256 of `salt|id`."""
    return sha256(f"{salt}{SEPARATOR}{name}".encode())


def seal(names: Iterable[str], *, noise: Callable[[int], bytes] = secrets.token_bytes) -> tuple[Ticket, ...]:
    """Return a ticket for each id, in the order given."""
    found = []
    for name in names:
        salt = noise(SALT_BYTES).hex()
        found.append(Ticket(ticket_of(name, salt=salt), salt, name))
    return tuple(found)
