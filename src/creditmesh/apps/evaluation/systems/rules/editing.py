"""Change single values of a YAML text and leave every other character, comments too, as it was."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from creditmesh.apps.evaluation.systems.rules.places import Path, Spot, spots
from creditmesh.kernel.errors import CreditmeshError

Value = str | int | bool | None
# What needs no quotes in any place of a file of ours, inside brackets too.
PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff()（）、%.+-]*")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class CannotEdit(CreditmeshError):
    """A value cannot be changed in place; the text can still be edited by hand."""

    code = "cannot-edit-in-place"


@dataclass(frozen=True)
class Piece:
    """A stretch of the text and what stands there instead."""

    start: int
    end: int
    text: str


def with_values(text: str, values: Mapping[Path, Value]) -> str:
    """Return the text with these values in place of those that stand there.

    A value whose key is not there is added behind the keys of its mapping, unless it is None.
    Raises `CannotEdit` when the place is not there or is no single value.
    """
    known = _known(text)
    pieces = [piece for path, value in values.items() if (piece := _piece(text, known, path, value))]
    return _patched(text, pieces)


def without_item(text: str, path: Path) -> str:
    """Return the text without an item of a list; raise `CannotEdit` when it is the only one or not there."""
    known = _known(text)
    items = known.get(path[:-1])
    if items is None or path not in known or items.size < 2:
        raise CannotEdit("This line cannot be taken away: it is the only one, or it is not there any more.")
    start, end = _stretch(text, known, path, items)
    if items.flow:
        place = int(path[-1])
        if place:
            start = known[(*path[:-1], place - 1)].end
        else:
            end = known[(*path[:-1], 1)].start
    return _patched(text, [Piece(start, end, "")])


def with_copy(text: str, path: Path) -> str:
    """Return the text with an item of a list standing twice, the copy before it; raise `CannotEdit`."""
    known = _known(text)
    items = known.get(path[:-1])
    if items is None or path not in known:
        raise CannotEdit("This line is not there any more; load the page again.")
    start, end = _stretch(text, known, path, items)
    if items.flow:
        return _patched(text, [Piece(start, start, text[start:end] + ", ")])
    copied = text[start:end]
    return _patched(text, [Piece(start, start, copied if copied.endswith("\n") else copied + "\n")])


def written(value: Value, *, like: str = "") -> str:
    """Return a value as YAML of one line; text without quotes only where it cannot be taken for anything else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    unquoted = PLAIN.fullmatch(value) and value.lower() not in WORDS
    if (unquoted or DATE.fullmatch(value)) and like[:1] not in {'"', "'"}:
        return value
    return json.dumps(value, ensure_ascii=False)


def _known(text: str) -> dict[Path, Spot]:
    try:
        return spots(text)
    except (yaml.YAMLError, AttributeError, TypeError) as wrong:
        raise CannotEdit("The file is not YAML at the moment: mend it as text first.") from wrong


def _piece(text: str, known: Mapping[Path, Spot], path: Path, value: Value) -> Piece | None:
    spot = known.get(path)
    if spot is not None and spot.kind != "scalar":
        raise CannotEdit(f"{_said(path)} is no single value; edit it as text.")
    if spot is not None:
        stood = text[spot.start : spot.end]
        # A text of several lines ends with the break before the next key, which has to stay.
        tail = "\n" if stood.endswith("\n") else ""
        empty = " " if not stood and text[spot.start - 1 : spot.start] == ":" else ""
        return Piece(spot.start, spot.end, empty + written(value, like=stood) + tail)
    if value is None:
        return None
    parent = known.get(path[:-1])
    if parent is None or parent.kind != "mapping":
        raise CannotEdit(f"{_said(path)} is not there any more; load the page again.")
    key, said = str(path[-1]), written(value)
    if parent.flow:
        comma = ", " if parent.keys else ""
        return Piece(parent.end - 1, parent.end - 1, f"{comma}{key}: {said}")
    place = _line_end(text, parent.end)
    return Piece(place, place, f"\n{' ' * parent.column}{key}: {said}")


def _stretch(text: str, known: Mapping[Path, Spot], path: Path, items: Spot) -> tuple[int, int]:
    """Return where an item begins and ends: whole lines, from its dash, in a list of lines."""
    spot = known[path]
    if items.flow:
        return spot.start, spot.end
    start = text.rfind("\n", 0, spot.start) + 1
    end = _line_end(text, spot.end)
    return start, min(end + 1, len(text))


def _line_end(text: str, place: int) -> int:
    if text[place - 1 : place] == "\n":
        return place - 1
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def _patched(text: str, pieces: Sequence[Piece]) -> str:
    for one in sorted(pieces, key=lambda piece: piece.start, reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def _said(path: Path) -> str:
    return ".".join(str(step) for step in path)
