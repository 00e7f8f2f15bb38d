"""Figures: one description that is drawn as a table with bars by the template and as a chart by the script."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

GRADE_TONES = {"A": "a", "B": "b", "C": "c", "D": "d", "E": "e"}
PLAIN_TONES = ("1", "3", "4", "2", "5")


class Kind(StrEnum):
    """How a figure is drawn."""

    BARS = "bars"
    STACKED = "stacked"
    LINE = "line"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of values, one for each category; `tones` colours bars one by one."""

    name: str
    values: tuple[int | float | None, ...]
    tone: str = "1"
    tones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a bar, in hundredths of its whole width."""

    start: float
    width: float
    tone: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One category with its values and its bar."""

    label: str
    values: tuple[int | float | None, ...]
    pieces: tuple[Piece, ...]
    href: str = ""
    shares: tuple[float | None, ...] = ()

    @property
    def cells(self) -> tuple[tuple[int | float | None, float | None], ...]:
        """Return every value with its share of the row in percent, None where no share is shown."""
        return tuple(zip(self.values, self.shares or (None,) * len(self.values), strict=True))


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A figure; `maximum` fixes the end of the value axis (100 for shares)."""

    key: str
    title: str
    category_label: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = Kind.BARS
    note: str = ""
    unit: str = ""
    across: bool = False  # bars lie, names stand on the left
    step: bool = False
    maximum: int | None = None
    with_shares: bool = False  # the table tells of every value which part of its row it is
    as_shares: bool = False  # the picture shows those parts: every bar is as long as the others
    hrefs: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        """Return whether a legend is needed."""
        return len(self.series) > 1

    @property
    def is_line(self) -> bool:
        """Return whether the figure is a line over time."""
        return self.kind is Kind.LINE

    @property
    def drawing(self) -> dict[str, object]:
        """Return what the script needs to draw the figure."""
        shares = [self._shares(place) for place in range(len(self.categories))]
        return {
            "kind": self.kind.value,
            "across": self.across,
            "step": self.step,
            "unit": "%" if self.as_shares else self.unit,
            "maximum": 100 if self.as_shares else self.maximum,
            # Counts have no halves: neither has their axis.
            "whole": all(
                isinstance(value, int) for one in self.series for value in one.values if value is not None
            ),
            "categories": list(self.categories),
            "series": [
                {
                    "name": one.name,
                    "values": [row[nth] for row in shares] if self.as_shares else list(one.values),
                    "tone": one.tone,
                    "tones": list(one.tones),
                }
                for nth, one in enumerate(self.series)
            ],
        }

    @property
    def drawing_text(self) -> str:
        """Return what the script needs as JSON, for an attribute: htmx takes scripts out of what comes later."""
        return json.dumps(self.drawing, ensure_ascii=False)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the table behind the figure, each row with its bar."""
        largest = self._largest()
        return tuple(
            Row(
                label=label,
                values=tuple(one.values[place] for one in self.series),
                pieces=self._pieces(place, largest),
                href=self.hrefs[place] if self.hrefs else "",
                shares=self._shares(place) if self.with_shares else (),
            )
            for place, label in enumerate(self.categories)
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """Return each series as the points of an SVG polyline on a field of 100 by 30."""
        return tuple(polyline(one.values, top=self._largest()) for one in self.series)

    def _largest(self) -> float:
        if self.maximum:
            return self.maximum
        sums = [
            sum(one.values[place] or 0 for one in self.series)
            if self.kind is Kind.STACKED
            else max((one.values[place] or 0) for one in self.series)
            for place in range(len(self.categories))
        ]
        return max(sums, default=0) or 1

    def _shares(self, place: int) -> tuple[float, ...]:
        values = [one.values[place] or 0 for one in self.series]
        whole = sum(values) or 1
        return tuple(round(100 * value / whole, 1) for value in values)

    def _pieces(self, place: int, largest: float) -> tuple[Piece, ...]:
        if self.is_line:
            return ()
        if self.as_shares:
            largest = sum(one.values[place] or 0 for one in self.series) or 1
        pieces, start = [], 0.0
        for one in self.series if self.kind is Kind.STACKED else self.series[:1]:
            width = round(100 * (one.values[place] or 0) / largest, 2)
            pieces.append(Piece(start=start, width=width, tone=one.tones[place] if one.tones else one.tone))
            start = round(start + width, 2)
        return tuple(pieces)


def polyline(values: Sequence[int | float | None], *, top: float, width: int = 100, height: int = 30) -> str:
    """Return the points of an SVG polyline; gaps are skipped."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    last = max(len(values) - 1, 1)
    points = [
        (round(width * place / last, 1), round(height - 2 - (height - 4) * value / (top or 1), 1))
        for place, value in known
    ]
    if len(points) == 1:  # a line of one point would not be seen
        points = [(0, points[0][1]), (width, points[0][1])]
    return " ".join(f"{x},{y}" for x, y in points)


def tone_of(symbol: str) -> str:
    """Return the colour of a grade; grades of an unknown set are grey."""
    return GRADE_TONES.get(symbol, "n")
