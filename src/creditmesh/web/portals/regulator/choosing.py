"""Which index system a page is about: the one asked for, else the general one, else another that has results."""

from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils import timezone
from django.utils.translation import get_language

from creditmesh.apps.evaluation.grading.queries import runs
from creditmesh.apps.evaluation.systems.queries import versions
from creditmesh.catalogue import loading as lists
from creditmesh.catalogue.model import Text
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Purpose
from creditmesh.scoring.definition.system import Definition

MOST_READ = 32  # published files held; each is read in a part of a second
GENERAL = "general"  # what every enterprise has; professional systems judge some of them, or their devices


@dataclass(frozen=True, kw_only=True)
class SystemName:
    """An index system in a list: its id, what it is called, and whether it judges devices instead of enterprises."""

    id: str
    label: Text
    of_units: bool

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


def stated() -> dict[str, System]:
    """Return every index system the node knows as it is valid today, by id: published here, or as shipped."""
    published = versions.published(timezone.localdate())
    known = {name: shipped(name) for name in loading.shipped() if name not in published}
    known |= {name: _published(sha256) for name, sha256 in published.items()}
    return dict(sorted(known.items()))


@cache
def shipped(name: str) -> System:
    """Return an index system as it comes with the program; raise `KeyError` for an unknown name."""
    return loading.load(loading.shipped()[name])


@lru_cache(maxsize=MOST_READ)
def _published(sha256: str) -> System:
    document = parse(versions.content_of(sha256).decode(), file=f"{sha256}.yml")
    return loading.checked(document, catalogue=lists.load(), alone=True)


def systems(*, purpose: Purpose | None = None) -> tuple[SystemName, ...]:
    """Return the index systems the node knows, of one purpose if it is given, in the order of their ids."""
    return tuple(
        SystemName(id=name, label=one.definition.label, of_units=one.definition.unit is not None)
        for name, one in stated().items()
        if purpose is None or one.definition.purpose is purpose
    )


def risk_systems() -> tuple[SystemName, ...]:
    """Return those that make risk classes: no other result has a place on their pages."""
    return systems(purpose=Purpose.RISK_CLASSIFICATION)


def definition(name: str) -> Definition:
    """Return an index system as it is valid today; raise `KeyError` for an unknown name."""
    return stated()[name].definition


def title_of(name: str) -> str:
    """Return what an index system is called in the language of the page; its id when it is not known."""
    known = shipped(name) if name in loading.shipped() else stated().get(name)
    return name if known is None else known.definition.label.in_language(get_language() or "zh-hans")


def chosen(asked: str) -> Choice:
    """Return the choice a page of risk classes works with; an unknown name falls back to the first system with results."""
    known = risk_systems()
    names = [one.id for one in known]
    if asked in names:
        return Choice(systems=known, system=asked, latest=runs.latest_run(system=asked))
    for one in sorted(known, key=lambda one: (one.id != GENERAL, one.of_units, one.id)):
        latest = runs.latest_run(system=one.id)
        if latest is not None:
            return Choice(systems=known, system=one.id, latest=latest)
    return Choice(systems=known, system=GENERAL if GENERAL in names else "", latest=None)


def grade_labels(name: str) -> dict[str, str]:
    """Return what a system itself calls its grades, in the language of the page; nothing for an unknown system."""
    language = get_language() or "zh-hans"
    found = stated().get(name)
    if found is None:
        return {}
    return {one.symbol: one.label.in_language(language) for one in found.definition.grades}
