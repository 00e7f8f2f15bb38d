"""Small random systems whose every feasible change can be tried, and the trying of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product

from hypothesis import strategies as st
from tests.scoring.example import TODAY
from tests.scoring.random_systems import systems

from creditmesh.scoring.definition.given import given
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.improving.levers import Lever, Score, levers
from creditmesh.scoring.improving.searching import reaches
from creditmesh.scoring.language.tree import Type
from creditmesh.scoring.plan import Plan, compile_plan
from creditmesh.scoring.targets.to_python import function

MOST_CHOICES = 5


@dataclass(frozen=True)
class Small:
    """A random system with one row of it, and some of what could be changed there."""

    system: System
    plan: Plan
    row: Mapping[str, object]
    score: Score
    levers: tuple[Lever, ...]


NEAR = {
    Type.INTEGER: st.integers(-5, 40) | st.integers(-2_000, 20_000),
    Type.TEXT: st.sampled_from(["a", "b", "c", "d"]),
    Type.DATE: st.integers(-2_000, 100).map(lambda n: TODAY + timedelta(n)),
    Type.TRUTH: st.booleans(),
}


@st.composite
def present(draw: st.DrawFn, system: System, plan: Plan) -> dict[str, object]:
    """A row in which every input has a value."""
    row: dict[str, object] = {"subject": "s", "name": None, "region": None, "industry": "C", "as_of": TODAY}
    for name, one in (inputs(system) | given(system)).items():
        row[name] = draw(NEAR[one.type])
    return row | dict.fromkeys(plan.collected, True)


@st.composite
def small(draw: st.DrawFn) -> Small:
    """A random system whose numbers say which way is worse, and a row with at most four levers of five choices."""
    drawn = draw(systems())
    worse = {name: draw(st.sampled_from(["more", "less"])) for name in drawn.definition.features}
    features = {
        name: one.model_copy(update={"worse": worse[name]}) for name, one in drawn.definition.features.items()
    }
    system = replace(
        drawn, definition=drawn.definition.model_copy(update={"features": features, "exclusions": ()})
    )
    plan = compile_plan(system)
    row = draw(present(system, plan))
    score = function(plan)
    found = levers(system, plan, row=row, score=score)[:4]
    return Small(
        system,
        plan,
        row,
        score,
        tuple(replace(one, choices=one.choices[:MOST_CHOICES]) for one in found),
    )


def every_smallest(
    plan: Plan, *, all_levers: Sequence[Lever], row: Mapping[str, object], score: Score, target: int
) -> list[tuple[int, tuple[int, ...]]]:
    """Return effort and levers of the cheapest way of each smallest set, by trying everything."""
    for many in range(1, len(all_levers) + 1):
        found = []
        for chosen in combinations(range(len(all_levers)), many):
            ways = [
                sum(one.effort for one in choices)
                for choices in product(*(all_levers[n].choices for n in chosen))
                if reaches(
                    plan, score({**row, **{k: v for one in choices for k, v in one.values.items()}}), target
                )
            ]
            if ways:
                found.append((min(ways), chosen))
        if found:
            return sorted(found)
    return []
