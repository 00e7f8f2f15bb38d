"""The pictures of a report as plain shapes: the page and the PDF draw the very same.

Colours are attributes, not classes: the PDF renderer styles nothing inside a picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno

from creditmesh.web.portals.reports.wording import iso_day, words

COLOURS = ("#2c9a6c", "#3f83b8", "#d98c1f", "#c23d36")  # best to worst
INKS = ("#1c7a54", "#1b5e8c", "#8f5500", "#a82a26")  # the same for text on white
SOFT = ("#e3f3ec", "#e5eff7", "#fdf1dc", "#fbe8e6")
GREY = "#98a5b1"
WIDTH = 1000
MOST_DOTS = 8


@dataclass(frozen=True, kw_only=True)
class Band:
    """A grade on the scale."""

    symbol: str
    label: str
    start: int
    width: int
    middle: int
    at_least: int
    colour: str
    opacity: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Points of a group or sub-group out of the scale; `base` is where nothing is known."""

    label: str
    points: int | None  # thousandths
    width: int
    colour: str
    weight: int
    parts: tuple["Bar", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One evaluation of the past."""

    x: int
    y: int
    score: int
    label: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class Code:
    """A QR code as the path of its dark modules."""

    size: int
    path: str


def rank_of(evaluation: Mapping[str, Any]) -> int | None:
    """Return how many grades are better than an evaluation's, None without a grade."""
    symbols = [one["symbol"] for one in evaluation["grades"]]
    return symbols.index(evaluation["grade"]) if evaluation["grade"] in symbols else None


def scale(evaluation: Mapping[str, Any]) -> tuple[Band, ...]:
    """Return the scale with its grades, worst on the left."""
    whole, grades = evaluation["scale"], evaluation["grades"]
    bands = []
    for place, one in enumerate(grades):
        end = whole if place == 0 else grades[place - 1]["at_least"]
        start, stop = WIDTH * one["at_least"] // whole, WIDTH * end // whole
        here = one["symbol"] == evaluation["grade"]
        bands.append(
            Band(
                symbol=one["symbol"],
                label=words(one["label"]),
                start=start,
                width=stop - start,
                middle=(start + stop) // 2,
                at_least=one["at_least"],
                colour=colour(place),
                opacity="1" if here else "0.32",
                here=here,
            )
        )
    return tuple(reversed(bands))


def mark(evaluation: Mapping[str, Any]) -> int | None:
    """Return where on the scale the score lies, None without one."""
    score = evaluation["score"]
    return None if score is None else max(8, min(WIDTH - 8, score * WIDTH // (evaluation["scale"] * 1000)))


def bars(groups: Sequence[Mapping[str, Any]], *, evaluation: Mapping[str, Any]) -> tuple[Bar, ...]:
    """Return the points of each group, with those of its parts."""
    return tuple(
        Bar(
            label=words(one["label"]),
            points=one["points"],
            width=_share(one["points"], evaluation),
            colour=_colour_of(one["points"], evaluation),
            weight=one["weight"],
            parts=bars(one["parts"], evaluation=evaluation),
        )
        for one in groups
    )


def history(evaluation: Mapping[str, Any], *, width: int = WIDTH, height: int = 150) -> tuple[Dot, ...]:
    """Return the evaluations of the past as dots of a line; empty when there are fewer than two."""
    # A day that was evaluated again stands once, as it was evaluated last.
    by_day = {one["as_of"]: one for one in evaluation["history"] if one["score"] is not None}
    known = list(by_day.values())[-MOST_DOTS:]
    if len(known) < 2:
        return ()
    symbols = [one["symbol"] for one in evaluation["grades"]]
    step = (width - 120) / (len(known) - 1)
    return tuple(
        Dot(
            x=round(60 + place * step),
            y=round(height - height * one["score"] / (evaluation["scale"] * 1000)),
            score=one["score"],
            label=iso_day(one["as_of"]),
            colour=colour(symbols.index(one["grade"])) if one["grade"] in symbols else GREY,
        )
        for place, one in enumerate(known)
    )


def polyline(dots: Sequence[Dot]) -> str:
    """Return the points of the line through the dots."""
    return " ".join(f"{one.x},{one.y}" for one in dots)


def code(address: str) -> Code:
    """Return the QR code of an address."""
    matrix = segno.make_qr(address, error="m").matrix
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, line in enumerate(matrix) for x, dark in enumerate(line) if dark
    )
    return Code(size=len(matrix), path=path)


def colour(rank: int) -> str:
    """Return the colour of a grade by how many are better."""
    return COLOURS[min(rank, len(COLOURS) - 1)]


def _share(points: int | None, evaluation: Mapping[str, Any]) -> int:
    return 0 if points is None else max(0, min(WIDTH, points * WIDTH // (evaluation["scale"] * 1000)))


def _colour_of(points: int | None, evaluation: Mapping[str, Any]) -> str:
    if points is None:
        return GREY
    for rank, one in enumerate(evaluation["grades"]):
        if points >= one["at_least"] * 1000:
            return colour(rank)
    return GREY
