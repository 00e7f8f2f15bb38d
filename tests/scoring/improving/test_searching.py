"""The search finds exactly what trying everything finds."""

import random
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.scoring.example import compiled
from tests.scoring.improving.small import Small, every_smallest, small
from tests.scoring.monotone import record

from creditmesh.scoring.improving import searching
from creditmesh.scoring.improving.gains import Gains
from creditmesh.scoring.improving.levers import Lever, levers
from creditmesh.scoring.improving.reach import Reach
from creditmesh.scoring.improving.searching import reaches, search

FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=200)
COMBINED = (
    "integrated-supervision",
    "food-shanghai",
    "general-qinghai",
    "food-production-2022",
    "food-anhui",
)
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
    system, plan, score = compiled(name)
    chance, looked = random.Random(name), 0
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


def thinned(lever: Lever, most: int = 5) -> Lever:
    """Leave so many choices of a lever, the last among them."""
    choices = lever.choices
    kept = sorted({len(choices) - 1 - n * len(choices) // most for n in range(min(most, len(choices)))})
    return replace(lever, choices=tuple(choices[n] for n in kept))


@pytest.mark.parametrize("name", COMBINED)
def test_the_search_of_combined_systems_finds_what_trying_everything_finds(name: str):
    system, plan, score = compiled(name)
    chance, looked = random.Random(name), 0
    while looked < 6:
        row = record(chance, system, plan)
        grade = score(row).grade
        if grade in {None, plan.symbols[0]}:
            continue
        found = [thinned(one) for one in levers(system, plan, row=row, score=score)][-4:]
        rest = {"row": row, "score": score, "target": plan.symbols.index(str(grade)) - 1}
        searched = search(plan, levers=found, **rest)

        assert searched.settled
        assert [(one.effort, tuple(n for n, _ in one.changes)) for one in searched.found] == every_smallest(
            plan, all_levers=found, **rest
        )
        looked += 1


class TestWhatIsWithinReach:
    @given(small(), st.data())
    @FEW
    def test_is_never_less_than_what_changes_bring(self, one: Small, data: st.DataObject):
        self.holds(one.plan, one.levers, one.row, one.score, data)

    @given(st.sampled_from(COMBINED), st.integers(0, 10_000), st.data())
    @settings(FEW, max_examples=12)
    def test_of_combined_systems_neither(self, name: str, seed: int, data: st.DataObject):
        system, plan, score = compiled(name)
        row = record(random.Random(seed), system, plan)
        found = [thinned(one) for one in levers(system, plan, row=row, score=score)][-5:]
        self.holds(plan, found, row, score, data)

    def holds(self, plan, found, row, score, data: st.DataObject) -> None:
        gains = Gains(plan, levers=found, row=row, score=score)
        reach = Reach(plan, levers=found, row=row, gains=gains)
        places = [(0, *range(1, len(one.choices) + 1)) for one in found]
        allowed = {
            n: data.draw(st.lists(st.sampled_from(one), min_size=1, unique=True))
            for n, one in enumerate(places)
        }
        taken = {n: data.draw(st.sampled_from(one)) for n, one in allowed.items()}
        changed = {
            name: value
            for n, place in taken.items()
            if place
            for name, value in found[n].choices[place - 1].values.items()
        }
        promised, reached = reach.best(allowed), score({**row, **changed}).rank

        assert promised is None or reached is None or promised <= reached


def test_a_search_that_must_stop_says_so(monkeypatch):
    monkeypatch.setattr(searching, "MOST_LOOKS", 3)
    system, plan, score = compiled("integrated-supervision")
    chance = random.Random(1)
    rows = (record(chance, system, plan) for _ in range(200))
    looked = [
        search(plan, levers=levers(system, plan, row=row, score=score), row=row, score=score, target=0)
        for row in rows
        if score(row).grade not in {None, "A"}
    ]

    assert {one.settled for one in looked} == {True, False}
    assert all(one.looks <= 4 for one in looked)


def test_an_enterprise_whose_gains_fall_short_on_the_way_is_searched_no_further():
    system, plan, score = compiled("public-credit")
    row = record(random.Random("public-credit17"), system, plan)
    target = plan.symbols.index(str(score(row).grade)) - 1

    found = search(
        plan, levers=levers(system, plan, row=row, score=score), row=row, score=score, target=target
    )

    assert found.settled
    assert all(reaches(plan, score({**row, **one.values()}), target) for one in found.found)


def test_a_set_whose_values_all_miss_the_grade_gives_nothing():
    """With a lever that serves one indicator and harms another, no value of the next may reach the grade."""

    def possible(free):
        return free[0] == (1, 2)  # as long as nothing is chosen

    harmful = SimpleNamespace(choices=(SimpleNamespace(effort=1), SimpleNamespace(effort=2)))
    one = SimpleNamespace(
        levers=(harmful, harmful), every=((1, 2), (1, 2)), needed=None, possible=possible,
        gains=SimpleNamespace(best=lambda n: 0, of=((0, 0), (0, 0))),
    )  # fmt: skip

    assert searching._Cheapest(one, (0, 1)).run() is None
