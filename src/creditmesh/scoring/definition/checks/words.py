"""What can be wrong in the words of a file: none at all, and places for values that nothing fills."""

import re
from collections.abc import Iterable, Iterator, Mapping

from creditmesh.catalogue.model import Part, Text
from creditmesh.scoring.definition.checks.problems import Path, Problem
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System

VALUE = "{value}"
BRACES = "{}｛｝"
PLACE = re.compile(r"[{｛][^{}｛｝]*[}｝]")  # also in the braces of Chinese keyboards


def in_words(system: System) -> Iterator[Problem]:
    """Yield words that are none, and placeholders that would be shown as they stand, misspelt or in no `reason`."""
    definition = system.definition
    yield from _empty((), definition)
    for g, group in enumerate(definition.groups):
        for n, one in enumerate(group.indicators):
            yield from _in_indicator(("groups", g, "indicators", n), one)
        for s, sub in enumerate(group.sub_groups):
            for n, one in enumerate(sub.indicators):
                yield from _in_indicator(("groups", g, "sub_groups", s, "indicators", n), one)
    for kind in ("triggers", "caps"):
        for n, rule in enumerate(getattr(definition, kind)):
            yield from _unfilled((kind, n, "repair"), rule.repair)


def _empty(path: Path, found: object) -> Iterator[Problem]:
    if isinstance(found, Text):
        for language, words in (("zh", found.zh), ("en", found.en)):
            if not words.strip():
                said = "Nothing stands here, and pages would show it; write the words in both languages."
                yield Problem((*path, language), "words", said)
        return
    for step, one in _inside(found):
        yield from _empty((*path, step), one)


def _inside(found: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(found, Part):
        return found  # a model yields its fields by name
    if isinstance(found, Mapping):
        return ((str(key), one) for key, one in found.items())
    return enumerate(found) if isinstance(found, tuple) else ()


def _in_indicator(path: Path, one: Indicator) -> Iterator[Problem]:
    yield from _unfilled((*path, "improve"), one.improve)
    for language, words in (("zh", one.reason.zh), ("en", one.reason.en)):
        for found in _places(words.replace(VALUE, "")):
            said = f"Nothing fills {found}; the measured value is {VALUE}. Did you mean '{VALUE}'?"
            yield Problem((*path, "reason", language), "placeholder", said)


def _places(words: str) -> list[str]:
    """Return the places for values in a text, and braces that stand alone."""
    return PLACE.findall(words) or [one for one in words if one in BRACES]


def _unfilled(path: Path, text: Text | None) -> Iterator[Problem]:
    for language, words in () if text is None else (("zh", text.zh), ("en", text.en)):
        for found in _places(words):
            said = f"Nothing fills {found} here; only a `reason` tells a value. Take it out."
            yield Problem((*path, language), "placeholder", said)
