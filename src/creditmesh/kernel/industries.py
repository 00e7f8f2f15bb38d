"""Industry codes of GB/T 4754-2017: section A, division A01, group A011, class A0111."""

import csv
import re
from functools import lru_cache
from importlib import resources

_SHAPE = re.compile(r"([A-T])?([0-9]{2,4})?")
# Our translations of the twenty sections, for pages in English; the standard itself is in Chinese.
_SECTIONS_IN_ENGLISH = {
    "A": "Agriculture, forestry, fishery",
    "B": "Mining",
    "C": "Manufacturing",
    "D": "Electricity, heat, gas, water",
    "E": "Construction",
    "F": "Wholesale and retail",
    "G": "Transport, storage, post",
    "H": "Accommodation and catering",
    "I": "Software and IT services",
    "J": "Finance",
    "K": "Real estate",
    "L": "Leasing and business services",
    "M": "Research and technical services",
    "N": "Water, environment, public facilities",
    "O": "Household, repair, other services",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Culture, sports, entertainment",
    "S": "Public administration, associations",
    "T": "International organisations",
}
LEVELS = {1: "section", 3: "division", 4: "group", 5: "class"}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    text = resources.files("creditmesh.kernel").joinpath("tables/industries.csv").read_text("utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=1)
def _section_of_division() -> dict[str, str]:
    return {code[1:]: code[0] for code in _table() if len(code) == 3}


def canonical(code: str) -> str | None:
    """Return the code with its section letter, or None when the edition of 2017 has no such code.

    The letter may be missing, lower case or apart, as departments write it.

    >>> canonical("1391"), canonical("c 1391"), canonical("A1391")
    ('C1391', 'C1391', None)
    """
    shape = _SHAPE.fullmatch(code.replace(" ", "").upper())
    if shape is None:
        return None
    digits = shape[2] or ""
    section = _section_of_division().get(digits[:2], "") if digits else shape[1] or ""
    found = section + digits
    return found if found in _table() and shape[1] in (None, section) else None


def is_known(code: str) -> bool:
    """Return whether the edition of 2017 has the code, written with or without its section letter."""
    return canonical(code) is not None


def name(code: str) -> str | None:
    """Return the Chinese name of the code, or None when it is unknown.

    >>> name("C1391")
    '淀粉及淀粉制品制造'
    """
    found = canonical(code)
    return None if found is None else _table()[found]


def section_in_english(section: str) -> str | None:
    """Return what a section is called in English, or None when there is no such section.

    >>> section_in_english("F")
    'Wholesale and retail'
    """
    return _SECTIONS_IN_ENGLISH.get(section)


def section_of(code: str) -> str | None:
    """Return the letter of the section the code lies in, or None when it is unknown."""
    found = canonical(code)
    return None if found is None else found[0]


def level_of(code: str) -> str | None:
    """Return `section`, `division`, `group` or `class`, or None when the code is unknown."""
    found = canonical(code)
    return None if found is None else LEVELS[len(found)]


def ancestors(code: str) -> tuple[str, ...]:
    """Return the codes above this one, section first; nothing for a section or an unknown code.

    >>> ancestors("C1391")
    ('C', 'C13', 'C139')
    """
    found = canonical(code)
    return () if found is None else tuple(found[:size] for size in LEVELS if size < len(found))


def codes(level: str) -> tuple[str, ...]:
    """Return every code of a level (`section`, `division`, `group`, `class`) in the standard's order."""
    return tuple(code for code in _table() if LEVELS[len(code)] == level)
