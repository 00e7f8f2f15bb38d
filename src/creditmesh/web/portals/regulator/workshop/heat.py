"""Pictures the pages of trials need and no other: a matrix with shades, and curves over a square; drawn on the server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHADES = 5


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number of a matrix with its shade: `same`, `worse-3`, `better-1`, `other-2` or nothing."""

    subjects: int
    share: float  # percent of its row
    shade: str


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """A row of the matrix."""

    label: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """From which grade (rows) to which (columns)."""

    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A curve over a square of 100 by 100."""

    name: str
    tone: str
    points: tuple[tuple[float, ...], ...]

    @property
    def polyline(self) -> str:
        """Return the points for an SVG whose y runs downwards."""
        return " ".join(f"{x:g},{100 - y:g}" for x, y in self.points)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Curves with what the two sides of the square say."""

    key: str
    title: str
    across: str
    upward: str
    lines: tuple[Line, ...]


def heat_map(
    *,
    cells: Sequence[tuple[str, str, int]],
    rows: Sequence[str],
    columns: Sequence[str],
    words: Callable[[str], str],
) -> HeatMap:
    """Return the matrix; what is no grade stands behind the grades, and only where there is some."""
    counted = {(was, now): number for was, now, number in cells}
    down = [*rows, *sorted({was for was, _, _ in cells} - set(rows))]
    along = [*columns, *sorted({now for _, now, _ in cells} - set(columns))]
    made = []
    for was in down:
        total = sum(counted.get((was, now), 0) for now in along)
        made.append(
            HeatRow(
                label=words(was),
                total=total,
                cells=tuple(
                    _cell(counted.get((was, now), 0), total, _turn(was, now, rows, columns)) for now in along
                ),
            )
        )
    return HeatMap(columns=tuple(words(one) for one in along), rows=tuple(made))


def _turn(was: str, now: str, rows: Sequence[str], columns: Sequence[str]) -> str:
    if was == now:
        return "same"
    if was not in rows or now not in columns:
        return "other"
    before, after = list(rows).index(was), list(columns).index(now)
    return "worse" if after > before else "better" if after < before else "same"


def _cell(number: int, total: int, turn: str) -> Cell:
    share = 100 * number / total if total else 0.0
    depth = min(SHADES, 1 + int(share * SHADES / 100))
    return Cell(subjects=number, share=round(share, 1), shade=f"{turn}-{depth}" if number else "")
