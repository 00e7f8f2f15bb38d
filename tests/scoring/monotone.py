"""A worse record never gives a better grade: the check any system must pass, for its own tests too."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.language.tree import Name, Type, limits
from creditmesh.scoring.plan import Plan
from creditmesh.scoring.targets.to_python import Scored

Score = Callable[[Mapping[str, object]], Scored]
NUMBERS = st.integers(0, 12) | st.integers(0, 20_000) | st.integers(0, 10**12)


def severity(plan: Plan, scored: Scored) -> int:
    """Return how bad a grade is, counted from the best; an enterprise without a grade is not compared."""
    return -1 if scored.grade is None else plan.symbols.index(scored.grade)


def worsenings(system: System) -> Iterator[str]:
    """Yield the inputs that say which way they speak against an enterprise."""
    for name, feature in system.definition.features.items():
        if feature.worse is not None:
            yield name


@st.composite
def records(draw: st.DrawFn, system: System, plan: Plan) -> dict[str, Any]:
    """Inputs of an enterprise that is collected everywhere."""
    row: dict[str, Any] = {"as_of": system.definition.effective_from, "region": None, "industry": "F52"}
    for name, one in inputs(system).items():
        row[name] = draw(st.none() | value(one))
    return row | dict.fromkeys(plan.collected, True)


def value(one: Name) -> st.SearchStrategy[Any]:
    """Return values of an input."""
    if one.type is Type.TRUTH:
        return st.booleans()
    if one.type is Type.INTEGER:
        low, high = limits(one)
        return NUMBERS.map(lambda number: min(max(number, low), high))
    if one.type is Type.DATE:
        return st.dates(min_value=date(2000, 1, 1), max_value=date(2026, 1, 1))
    return st.sampled_from(sorted(one.choices or {"a"}))


@st.composite
def pairs(draw: st.DrawFn, system: System, plan: Plan) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Two enterprises that differ in one input, which speaks more against the second."""
    row = draw(records(system, plan))
    known = inputs(system)
    name = draw(st.sampled_from(sorted(worsenings(system))))
    low, high = draw(value(known[name])), draw(value(known[name]))
    if low > high:
        low, high = high, low
    if system.definition.features[name].worse == "less":
        low, high = high, low
    return {**row, name: low}, {**row, name: high}, name


def never_better(plan: Plan, score: Score, pair: tuple[Mapping[str, Any], Mapping[str, Any], str]) -> None:
    """Assert that the second of two enterprises has no better grade, unless one of them is left out."""
    before, after = score(pair[0]), score(pair[1])
    if "excluded" in {before.outcome, after.outcome}:
        return
    assert severity(plan, after) >= severity(plan, before), (pair[2], pair[0][pair[2]], pair[1][pair[2]])
