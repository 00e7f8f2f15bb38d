"""What the draws say of the grades: shares of findings with their uncertainty."""

import math
from dataclasses import dataclass

# Two-sided 95 %.
Z = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval of Wilson, each bound in basis points (rounded outwards)."""

    found: int
    of: int
    low: int
    high: int

    @property
    def share(self) -> int | None:
        """Return the share itself in basis points, None of nobody."""
        return None if not self.of else round(self.found * 10_000 / self.of)


def share(found: int, of: int) -> Share:
    """Return a share with its 95 % interval by Wilson (1927), which holds for small numbers and extreme shares.

    Raises `ValueError` unless 0 <= found <= of.

    >>> share(0, 10)
    Share(found=0, of=10, low=0, high=2776)
    """
    if not 0 <= found <= of:
        raise ValueError(f"{found} of {of} is no share")
    if not of:
        return Share(0, 0, 0, 10_000)
    part = found / of
    square = Z * Z / of
    middle = (part + square / 2) / (1 + square)
    spread = Z / (1 + square) * math.sqrt(part * (1 - part) / of + square / (4 * of))
    low = 0 if not found else math.floor(10_000 * (middle - spread))
    high = 10_000 if found == of else math.ceil(10_000 * (middle + spread))
    return Share(found, of, low, high)
