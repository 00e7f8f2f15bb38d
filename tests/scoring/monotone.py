"""A worse record never gives a better grade: the check any system must pass, for its own tests too."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from creditmesh.scoring.definition.given import STEPS, given, part_columns
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.language.tree import Name, Type, limits
from creditmesh.scoring.plan import Plan
from creditmesh.scoring.targets.to_python import Scored

Score = Callable[[Mapping[str, object]], Scored]
Row = dict[str, Any]
LARGEST = (12, 20_000, 10**12)  # counts, shares, money
EARLIEST = date(2000, 1, 1)


def severity(plan: Plan, scored: Scored) -> int:
    """Return how bad a grade is, counted from the best; an enterprise without a grade is not compared."""
    return -1 if scored.grade is None else plan.symbols.index(scored.grade)


def worsenings(system: System) -> dict[str, str]:
    """Return the inputs that say which way they speak against an enterprise, results of other systems too."""
    found: dict[str, str] = {
        name: feature.worse for name, feature in system.definition.features.items() if feature.worse
    }
    combination = system.definition.combination
    for name, part in {} if combination is None else combination.parts.items():
        score, rank = part_columns(name)
        found |= {score: "more" if part.direction is Direction.HIGHER_IS_WORSE else "less", rank: "more"}
    return found | ({STEPS: "more"} if system.definition.adjustments else {})


def record(chance: Random, system: System, plan: Plan) -> Row:
    """Return the inputs of an enterprise or device that is collected everywhere, one in five missing."""
    row: Row = {"as_of": system.definition.effective_from, "region": None, "industry": "F52"}
    for name, one in (inputs(system) | given(system)).items():
        missing = name != STEPS and chance.random() < 0.2
        row[name] = None if missing else value(chance, one)
    return row | dict.fromkeys(plan.collected, True)


def value(chance: Random, one: Name) -> Any:
    """Return a value of an input."""
    if one.type is Type.TRUTH:
        return chance.random() < 0.3
    if one.type is Type.INTEGER:
        low, high = limits(one)
        return min(max(chance.randint(0, chance.choice(LARGEST)), low), high)
    if one.type is Type.DATE:
        return EARLIEST + timedelta(days=chance.randint(0, 9_800))
    return chance.choice(sorted(one.choices or {"a"}))


def check(chance: Random, system: System, plan: Plan, score: Score) -> None:
    """Assert of one record that no input made worse gives a better grade, whatever else stands in it."""
    row = record(chance, system, plan)
    known = inputs(system) | given(system)
    for name, way in worsenings(system).items():
        ends = sorted((value(chance, known[name]), value(chance, known[name])), reverse=way == "less")
        never_better(plan, score, ({**row, name: ends[0]}, {**row, name: ends[1]}, name))


def never_better(plan: Plan, score: Score, pair: tuple[Row, Row, str]) -> None:
    """Assert that the second of two enterprises has no better grade, unless one of them is left out."""
    before, after = score(pair[0]), score(pair[1])
    if "excluded" in {before.outcome, after.outcome}:
        return
    assert severity(plan, after) >= severity(plan, before), (pair[2], pair[0][pair[2]], pair[1][pair[2]])
