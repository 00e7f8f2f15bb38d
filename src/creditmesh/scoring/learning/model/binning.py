"""Columns as bands: fine ones to learn on, by what separates good from bad, and by quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning.table.columns import Values

FINEST = 48  # bands to learn on; what is written has far fewer
MISSING, OTHERWISE = 0, 1  # the codes of what is not there, and of texts too rare to have a band

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Bins:
    """How values become codes: 0 is missing; numbers by inclusive upper edges, texts by their place in `words`.

    Numbers have the codes 1 to len(edges) + 1, texts 2 to len(words) + 1 and 1 for every other text.
    """

    type: ColumnType
    edges: tuple[int, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return how many codes there are, that of missing included."""
        return len(self.edges) + 2 if self.type is not ColumnType.TEXT else len(self.words) + 2

    @property
    def ordered(self) -> bool:
        """Return whether neighbouring codes are neighbouring values."""
        return self.type is not ColumnType.TEXT

    def codes(self, values: Values) -> Codes:
        """Return the code of every value."""
        if self.ordered:
            found = np.searchsorted(np.array(self.edges, dtype=np.int64), values.known, side="left") + 1
        else:
            place = {word: n for n, word in enumerate(self.words, start=2)}
            found = np.array([place.get(one, OTHERWISE) for one in values.known], dtype=np.int64)
        return np.where(values.present, found, MISSING).astype(np.int64)


def fine(values: Values, *, smallest: int, finest: int = FINEST) -> Bins:
    """Return fine bands of values: at most so many, none meant to hold fewer rows than the smallest allowed.

    Texts with fewer rows than that go to `otherwise` together, without a look at the target.
    """
    known = values.known[values.present]
    if values.type is ColumnType.TEXT:
        return Bins(values.type, words=_common(known, smallest))
    if values.type is ColumnType.TRUTH:
        return Bins(values.type, edges=(0,))
    different, counts = np.unique(known, return_counts=True)
    if len(different) <= finest:
        return Bins(values.type, edges=_with_enough(different, counts, smallest))
    shares = np.concatenate([[0.005, 0.01], np.linspace(0, 1, finest - 3)[1:-1], [0.99, 0.995]])
    edges = np.unique(np.quantile(known, np.sort(shares), method="lower"))
    kept = np.array([one for one in edges if one < different[-1]], dtype=np.int64)
    if not len(kept):
        return Bins(values.type)
    inside = np.histogram(known, bins=[different[0], *(kept + 1), different[-1] + 1])[0]
    return Bins(values.type, edges=_with_enough([*kept, different[-1]], inside, smallest))


def _common(known: NDArray[Any], smallest: int) -> tuple[str, ...]:
    words, counts = np.unique(known.astype(str), return_counts=True)
    order = sorted(range(len(words)), key=lambda n: (-counts[n], words[n]))
    return tuple(str(words[n]) for n in order if counts[n] >= smallest)[:200]


def _with_enough(
    ends: Sequence[Any] | NDArray[Any], counts: Sequence[int] | NDArray[Any], smallest: int
) -> tuple[int, ...]:
    """Return the inner ends of bands, neighbours joined until each holds enough rows; the last end is open."""
    if not len(counts):
        return ()
    kept: list[int] = []
    held = 0
    left = int(np.sum(counts))
    for end, count in zip(ends, counts, strict=True):
        held += int(count)
        left -= int(count)
        if held >= smallest and left >= smallest:
            kept.append(int(end))
            held = 0
    return tuple(kept)
