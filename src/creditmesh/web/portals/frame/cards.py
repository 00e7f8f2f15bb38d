"""Cards of a home page: what waits for somebody, one function each in the portal it belongs to.

A new card is one function there and its place in that portal's `CARDS`; it is asked only for those its permission
lets see it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from creditmesh.apps.ground.parties.rules import Actor, Permission


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a card; `at` stands on the right, `href` makes the text a link."""

    text: str
    href: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card of the home page: what it is about, a figure if one says it all, a few lines, where it leads."""

    title: str
    text: str  # one sentence
    href: str
    action: str  # words of the link
    symbol: str = "document"
    tone: str = ""  # good, warn, bad: something waits
    figure: int | None = None
    lines: tuple[Line, ...] = field(default=())


Kind = tuple[Permission, Callable[[Actor, datetime], Card]]
"""The permission that opens a card, and what makes it."""


def cards_for(actor: Actor, kinds: Iterable[Kind], *, at: datetime) -> tuple[Card, ...]:
    """Return the cards a person sees, in their order."""
    return tuple(build(actor, at) for permission, build in kinds if actor.may(permission))
