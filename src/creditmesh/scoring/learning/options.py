"""What the person who learns a system may choose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.learning.model.learning import Shape

FEWEST_GRADES, MOST_GRADES = 2, 5


@dataclass(frozen=True)
class Options:
    """Everything but the table and its target; columns are named as in the table."""

    positive: str | None = None
    id_column: str | None = None
    time_column: str | None = None
    weight_column: str | None = None
    rejected_column: str | None = None
    drop: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()  # columns by whose values the card tells how the system does
    trends: Mapping[str, Literal["up", "down"]] = field(default_factory=dict)
    grades: tuple[str, ...] = ("A", "B", "C", "D")
    grade_shares: tuple[int, ...] = ()  # of the rows, best first, in per cent; none: by steps of the odds
    seed: int = 0
    challenger: bool = True
    holdout: float = 0.0
    shape: Shape = field(default_factory=Shape)
    system: str = "learnt"
    version: str = "1"
    purpose: Purpose = Purpose.RISK_CLASSIFICATION
    owner: tuple[str, str] = ("未指定", "not stated")
    effective_from: str = "2026-01-01"
    base: System | None = (
        None  # shipped; then the columns are its inputs, and the file says only what differs
    )


class BadOption(CreditmeshError):
    """An option of learning is not written as it should be."""

    code = "bad-option"


def symbols_of(text: str) -> tuple[str, ...]:
    """Return the grades of `A-D` or of a list with commas; raise `BadOption`.

    >>> symbols_of("A-D")
    ('A', 'B', 'C', 'D')
    """
    first, dash, last = text.replace("–", "-").partition("-")
    if dash and len(first) == len(last) == 1:
        found = tuple(chr(one) for one in range(ord(first), ord(last) + 1))
    else:
        found = tuple(one.strip() for one in text.split(",") if one.strip())
    if not FEWEST_GRADES <= len(found) <= MOST_GRADES or len(set(found)) < len(found):
        raise BadOption(
            f"'{text}' is not a set of two to five grades; write A-D, A-E, or symbols with commas."
        )
    return found


def shares_of(text: str | None) -> tuple[int, ...]:
    """Return the whole per cents of `40,30,20,10`, none for no text; raise `BadOption`."""
    parts = [one.strip() for one in text.split(",")] if text else []
    if not all(one.isdecimal() for one in parts):
        raise BadOption(f"'{text}' is not a list of whole per cents; write 40,30,20,10.")
    return tuple(int(one) for one in parts)


def purpose_of(text: str) -> Purpose:
    """Return the purpose of that name; raise `BadOption`."""
    if text not in set(Purpose):
        raise BadOption(f"'{text}' is no purpose; write one of {', '.join(Purpose)}.")
    return Purpose(text)


def trends_of(texts: Sequence[str]) -> dict[str, Literal["up", "down"]]:
    """Return the trends of `COLUMN=up` and `COLUMN=down`; raise `BadOption`."""
    found: dict[str, Literal["up", "down"]] = {}
    for text in texts:
        name, _, way = text.rpartition("=")
        if not name or way not in {"up", "down"}:
            raise BadOption(f"'{text}' is not COLUMN=up or COLUMN=down.")
        found[name] = "up" if way == "up" else "down"
    return found


def system_id(stem: str) -> str:
    """Return a file's name as the id of a system.

    >>> system_id("My System 2")
    'my-system-2'
    """
    plain = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:40]
    return plain if plain[:1].isalpha() else f"learnt-{plain}".strip("-")[:40]
