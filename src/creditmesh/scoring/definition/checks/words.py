"""What can be wrong in the words of a file: places for values that nothing fills."""

import re
from collections.abc import Iterator

from creditmesh.catalogue.model import Text
from creditmesh.scoring.definition.checks.problems import Path, Problem
from creditmesh.scoring.definition.indicators import Indicator
from creditmesh.scoring.definition.loaded import System

VALUE = "{value}"
PLACE = re.compile(r"[{｛][^{}｛｝]*[}｝]")  # also in the braces of Chinese keyboards


def in_words(system: System) -> Iterator[Problem]:
    """Yield placeholders that would be shown as they stand: misspelt ones, and any outside a `reason`."""
    definition = system.definition
    for g, group in enumerate(definition.groups):
        for n, one in enumerate(group.indicators):
            yield from _in_indicator(("groups", g, "indicators", n), one)
        for s, sub in enumerate(group.sub_groups):
            for n, one in enumerate(sub.indicators):
                yield from _in_indicator(("groups", g, "sub_groups", s, "indicators", n), one)
    for kind in ("triggers", "caps"):
        for n, rule in enumerate(getattr(definition, kind)):
            yield from _unfilled((kind, n, "repair"), rule.repair)


def _in_indicator(path: Path, one: Indicator) -> Iterator[Problem]:
    yield from _unfilled((*path, "improve"), one.improve)
    for language, words in (("zh", one.reason.zh), ("en", one.reason.en)):
        for found in PLACE.findall(words):
            if found != VALUE:
                said = f"Nothing fills {found}; the measured value is {VALUE}. Did you mean '{VALUE}'?"
                yield Problem((*path, "reason", language), "placeholder", said)


def _unfilled(path: Path, text: Text | None) -> Iterator[Problem]:
    for language, words in () if text is None else (("zh", text.zh), ("en", text.en)):
        for found in PLACE.findall(words):
            said = f"Nothing fills {found} here; only a `reason` tells a value. Take it out."
            yield Problem((*path, language), "placeholder", said)
