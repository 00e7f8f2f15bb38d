"""Region codes of GB/T 2260 with their history since 1980, and the invented county of the sample region.

The table and how it was derived: tables/README.md.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

FICTITIOUS_PREFIX = "99"
SAMPLE_COUNTY = "990121"
# Levels that carry no name of their own and are left out of an address.
_NAMELESS = ("市辖区", "县", "直辖")


@dataclass(frozen=True)
class Region:
    """One name a code has had, with the years of its validity, both included where known."""

    code: str
    name: str
    valid_from: int | None  # None: since before the table begins
    valid_to: int | None  # None: still valid in the newest list
    approximate: bool = False  # a bound lies somewhere between two revisions years apart
    successor: str | None = None
    successor_by: str | None = None  # always derived: "same name" or "same stem"
    fictitious: bool = False

    def is_valid(self, on: date) -> bool:
        """Return whether the name was valid in that year, at least in a part of it."""
        return (self.valid_from or 0) <= on.year <= (self.valid_to or 9999)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[Region, ...]]:
    table: dict[str, tuple[Region, ...]] = {}
    for region in (*_real(), *_fictitious()):
        table[region.code] = (*table.get(region.code, ()), region)
    return table


def _rows(file: str) -> Iterator[dict[str, str]]:
    text = resources.files("creditmesh.kernel").joinpath(f"tables/{file}").read_text("utf-8")
    return csv.DictReader(text.splitlines())


def _real() -> Iterator[Region]:
    derived = {"n": "same name", "s": "same stem", "": None}
    for row in _rows("regions.csv"):
        yield Region(
            code=row["code"],
            name=row["name"],
            valid_from=int(row["valid_from"]) if row["valid_from"] else None,
            valid_to=int(row["valid_to"]) if row["valid_to"] else None,
            approximate=row["bounds"] != "",
            successor=row["successor"] or None,
            successor_by=derived[row["successor_by"]],
        )


def _fictitious() -> Iterator[Region]:
    for row in _rows("fictitious_regions.csv"):
        yield Region(code=row["code"], name=row["name"], valid_from=None, valid_to=None, fictitious=True)


def codes() -> tuple[str, ...]:
    """Return every code the table has ever had, those of the invented county included."""
    return tuple(_table())


def history(code: str) -> tuple[Region, ...]:
    """Return every name the code has had, oldest first; nothing for an unknown code.

    >>> [(one.name, one.valid_to) for one in history("632121")]
    [('平安县', 2013)]
    """
    return _table().get(code, ())


def is_known(code: str, *, on: date | None = None) -> bool:
    """Return whether the code was valid on that day, or without a day, ever.

    A USCC keeps the region of its first registration, so its digits may name a code long gone.
    """
    return any(on is None or one.is_valid(on) for one in history(code))


def name(code: str, *, on: date | None = None) -> str | None:
    """Return the name of the code on that day, or without a day its latest; None when it had none.

    >>> name("630203"), name("000000")
    ('平安区', None)
    """
    names = [one.name for one in history(code) if on is None or one.is_valid(on)]
    return names[-1] if names else None


def ancestors(code: str) -> tuple[str, ...]:
    """Return the known codes above this one, province first.

    >>> ancestors("990121001")
    ('990000', '990100', '990121')
    """
    above = (code[:2] + "0000", code[:4] + "00", code[:6])
    return tuple(one for one in dict.fromkeys(above) if one != code and one in _table())


def full_name(code: str, *, on: date | None = None) -> str | None:
    """Return the names from the province down to the code, or None when the code is unknown.

    >>> full_name("630203")
    '青海省海东市平安区'
    """
    own = name(code, on=on)
    if own is None:
        return None
    above = [name(one, on=on) or name(one) or "" for one in ancestors(code)]
    return "".join(one for one in above if not one.startswith(_NAMELESS) and "直辖" not in one) + own


def children(code: str, *, on: date | None = None) -> tuple[str, ...]:
    """Return the codes directly below this one that were valid on that day, or ever without a day."""
    return tuple(one for one in _below().get(code, ()) if is_known(one, on=on))


@lru_cache(maxsize=1)
def _below() -> dict[str, tuple[str, ...]]:
    below: dict[str, list[str]] = {}
    for code in sorted(_table()):
        below.setdefault((ancestors(code) or ("",))[-1], []).append(code)
    return {code: tuple(found) for code, found in below.items()}


def successors(code: str) -> tuple[str, ...]:
    """Return the chain of codes that followed this one, as far as it could be derived (never official).

    >>> successors("632121")
    ('630221', '630203')
    """
    chain: list[str] = []
    while (found := _successor(code)) is not None and found not in chain:
        chain.append(found)
        code = found
    return tuple(chain)


def _successor(code: str) -> str | None:
    return next((one.successor for one in reversed(history(code)) if one.successor), None)


def is_fictitious(code: str) -> bool:
    """Return whether the code lies in the invented province 99 of the sample region.

    >>> is_fictitious("990121001"), is_fictitious("630000")
    (True, False)
    """
    return code.startswith(FICTITIOUS_PREFIX)
