"""The search finds exactly what trying everything finds."""

import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from tests.scoring.improving.small import Small, every_smallest, small
from tests.scoring.monotone import record

from creditmesh.scoring import loading
from creditmesh.scoring.improving.levers import levers
from creditmesh.scoring.improving.searching import reaches, search
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets.to_python import function

FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=200)
NAMES = ("general", "public-credit", "food-production-2022", "general-shandong")


def the_same_as_trying_everything(one: Small) -> None:
    """Assert that the search finds the smallest sets with their least efforts, all of them, and that they hold."""
    grade = one.score(one.row).grade
    assume(grade not in {None, one.plan.symbols[0]} and one.levers)
    target = one.plan.symbols.index(str(grade)) - 1
    rest = {"row": one.row, "score": one.score, "target": target}

    found = search(one.plan, levers=one.levers, **rest)

    assert found.settled
    brute = every_smallest(one.plan, all_levers=one.levers, **rest)
    assert [(way.effort, tuple(n for n, _ in way.changes)) for way in found.found] == brute
    for way in found.found:
        assert reaches(one.plan, one.score({**one.row, **way.values()}), target)


class TestTheSearchOfRandomSystems:
    @given(small())
    @FEW
    def test_finds_the_smallest_sets_and_no_others(self, one: Small):
        the_same_as_trying_everything(one)

    @pytest.mark.slow
    @given(small())
    @MANY
    def test_finds_them_in_many_systems(self, one: Small):
        the_same_as_trying_everything(one)


@pytest.mark.parametrize("name", NAMES)
def test_the_search_of_shipped_systems_finds_what_trying_everything_finds(name: str):
    system = loading.load(loading.shipped()[name])
    plan = compile_plan(system)
    score, chance, looked = function(plan), random.Random(name), 0
    while looked < 4:
        row = record(chance, system, plan)
        grade = score(row).grade
        if grade in {None, plan.symbols[0]}:
            continue
        found = [one for one in levers(system, plan, row=row, score=score) if len(one.choices) <= 6][:6]
        rest = {"row": row, "score": score, "target": plan.symbols.index(str(grade)) - 1}
        searched = search(plan, levers=found, **rest)
        assert [(one.effort, tuple(n for n, _ in one.changes)) for one in searched.found] == every_smallest(
            plan, all_levers=found, **rest
        )
        looked += 1
