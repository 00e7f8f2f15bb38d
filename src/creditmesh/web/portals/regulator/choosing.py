"""Which index system a page is about: the one asked for, else the general one, else another that has results."""

from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.catalogue.model import Text
from creditmesh.scoring import loading
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.definition.system import Definition

GENERAL = "general"  # what every enterprise has; professional systems judge some of them, or their devices


@dataclass(frozen=True, kw_only=True)
class SystemName:
    """An index system in a list: its id and what it is called."""

    id: str
    label: Text

    @property
    def title(self) -> str:
        """Return what the system is called in the language of the page."""
        return self.label.in_language(get_language() or "zh-hans")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The systems there are, the one chosen, and its latest run if there is one."""

    systems: tuple[SystemName, ...]
    system: str
    latest: runs.RunRow | None

    @property
    def title(self) -> str:
        """Return what the chosen system is called."""
        return next((one.title for one in self.systems if one.id == self.system), self.system)


@cache
def systems() -> tuple[SystemName, ...]:
    """Return the index systems shipped with the node, in the order of their ids."""
    return tuple(SystemName(id=name, label=definition(name).label) for name in sorted(loading.shipped()))


@cache
def risk_systems() -> tuple[SystemName, ...]:
    """Return those that make risk classes: no other result has a place on their pages."""
    return tuple(one for one in systems() if definition(one.id).purpose is Purpose.RISK_CLASSIFICATION)


@cache
def definition(name: str) -> Definition:
    """Return a shipped index system as its file states it; raise `KeyError` for an unknown name."""
    found: Definition = loading.load(loading.shipped()[name]).definition
    return found


def chosen(asked: str) -> Choice:
    """Return the choice a page of risk classes works with; an unknown name falls back to the first system with results."""
    known = risk_systems()
    names = [one.id for one in known]
    if asked in names:
        return Choice(systems=known, system=asked, latest=runs.latest_run(system=asked))
    for name in sorted(names, key=lambda one: (one != GENERAL, definition(one).unit is not None, one)):
        latest = runs.latest_run(system=name)
        if latest is not None:
            return Choice(systems=known, system=name, latest=latest)
    return Choice(systems=known, system=GENERAL if GENERAL in names else "", latest=None)


def grade_labels(name: str) -> dict[str, str]:
    """Return what a system itself calls its grades, in the language of the page; nothing for an unknown system."""
    language = get_language() or "zh-hans"
    if name not in {one.id for one in systems()}:
        return {}
    return {one.symbol: one.label.in_language(language) for one in definition(name).grades}
