"""Pages of a list: which part is shown, and whether there is more."""

from collections.abc import Mapping
from dataclasses import dataclass

SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A part of a list, counted from 1."""

    number: int
    total: int
    size: int = SIZE

    @property
    def offset(self) -> int:
        """Return how many entries stand before this part."""
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        """Return the number of the first entry shown; 0 when there is none."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Return the number of the last entry shown."""
        return min(self.offset + self.size, self.total)

    @property
    def previous(self) -> int:
        """Return the number of the part before."""
        return self.number - 1

    @property
    def next(self) -> int:
        """Return the number of the part after."""
        return self.number + 1

    @property
    def has_previous(self) -> bool:
        """Return whether there is a part before."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Return whether there is a part after."""
        return self.last < self.total


def asked(query: Mapping[str, str], *, total: int, size: int = SIZE) -> Pages:
    """Return the part a query string asks for, the nearest there is when it asks for nonsense."""
    text = query.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
    return Pages(number=max(1, min(number, -(-total // size) or 1)), total=total, size=size)
