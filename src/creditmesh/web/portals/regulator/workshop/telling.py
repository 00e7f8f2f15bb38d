"""Differences of files in words, for pages."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from creditmesh.apps.evaluation.systems.rules import comparing
from creditmesh.apps.evaluation.systems.rules.comparing import Change
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.web.portals.frame.vocabulary.systems import FIELDS


@dataclass(frozen=True, kw_only=True)
class Told:
    """One difference: where, what, before and after."""

    where: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a difference of texts."""

    sign: str
    text: str


def differences(before: bytes, after: bytes) -> dict[str, Any]:
    """Return what a template needs to show how two files differ."""
    return {"told": told(before, after), "lines": lines(before, after), "compared": bool(before)}


def told(before: bytes, after: bytes) -> tuple[Told, ...]:
    """Return the differences in words; none where one of the files cannot be read."""
    try:
        old = parse(before.decode("utf-8", errors="replace"), file="before").data
        new = parse(after.decode("utf-8", errors="replace"), file="after").data
    except CatalogueRefused:
        return ()
    return tuple(_told(one) for one in comparing.changes(old, new))


def lines(before: bytes, after: bytes) -> tuple[Line, ...]:
    """Return the usual difference of two texts, line by line."""
    found = comparing.unified(
        before.decode("utf-8", errors="replace"), after.decode("utf-8", errors="replace")
    )
    return tuple(Line(sign=one[:1], text=one[1:] if not one.startswith("@@") else one) for one in found)


def field_words(steps: tuple[str, ...]) -> str:
    """Return the way to a field in words: `band 2 · points`."""
    return " · ".join(str(FIELDS.get(one, one)) for one in steps)


def _told(change: Change) -> Told:
    place = 0 if (get_language() or "zh").startswith("zh") else 1
    # The outermost label is the system's own, which the page's head says.
    return Told(
        where=" › ".join(one[place] or one[1 - place] for one in change.trail[1:]),
        what=field_words(change.field),
        before=change.before,
        after=change.after,
    )
