"""Who is drawn: sizes, ranks, quota, reserve; properties over random pools, and a look at uniformity."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing.conftest import GRADES, RATIOS, pool_of

from creditmesh.drawing import selecting
from creditmesh.drawing.pools import BadPool, Listed
from creditmesh.drawing.pools import pool_of as ordered
from creditmesh.drawing.selecting import CONTROL, BadTerms, Terms, select
from creditmesh.drawing.sizes import WHOLE, BadRatios, Ratios, Stratum, by_budget, by_ratio
from creditmesh.drawing.written import BadIdentifier

SEED = "ab" * 32
rows = st.lists(
    st.builds(
        Listed,
        st.text("abcdefgh0123456789", min_size=1, max_size=8),
        st.sampled_from(GRADES),
        st.booleans(),
        st.just("990121"),
        st.sampled_from(["", "", "", "cool_down", "exempt"]),
    ),
    max_size=60,
    unique_by=lambda one: one.id,
)
terms = st.builds(
    Terms,
    ratios=st.lists(st.integers(1, WHOLE), min_size=4, max_size=4).map(
        lambda found: Ratios(by_grade=dict(zip(GRADES, sorted(found), strict=True)), key=sorted(found)[2])
    ),
    budget=st.integers(0, 40),
    control=st.integers(0, 5),
    reserve=st.integers(0, WHOLE),
)
populations = st.dictionaries(
    st.builds(Stratum, st.sampled_from(GRADES), st.booleans()), st.integers(0, 300), min_size=1
)


def pool(found):
    return ordered(sorted(found), grades=GRADES)


def drawn(found):
    return [one.id for one in found.drawn]


class TestRatios:
    @pytest.mark.parametrize(
        "by_grade", [{}, {"A": 0, "B": 1}, {"A": 5, "B": 4}, {"A": WHOLE + 1}, {"A": -1}], ids=str
    )
    def test_exempt_no_grade_and_never_spare_the_worse(self, by_grade):
        with pytest.raises(BadRatios):
            Ratios(by_grade=by_grade)

    @pytest.mark.parametrize("key", [-1, WHOLE + 1])
    def test_of_key_units_are_shares(self, key):
        with pytest.raises(BadRatios):
            Ratios(by_grade={"A": 1}, key=key)

    def test_of_key_units_lift_and_never_lower(self):
        assert RATIOS.of(Stratum("A", True)) == 2000
        assert RATIOS.of(Stratum("D", True)) == 3000
        assert RATIOS.of(Stratum("A", False)) == 100


class TestSizes:
    @given(populations, st.integers(1, WHOLE))
    def test_by_ratio_are_rounded_up_and_never_more_than_there_are(self, population, ratio):
        ratios = Ratios(by_grade=dict.fromkeys(GRADES, ratio))
        for one, size in by_ratio(population, ratios=ratios).items():
            assert size == min(population[one], -(-population[one] * ratio // WHOLE))
            assert (size > 0) == (population[one] > 0)

    @given(populations, st.integers(0, 900))
    def test_by_budget_sum_to_the_budget_or_everyone(self, population, budget):
        shares = by_budget(population, ratios=RATIOS, budget=budget)
        assert sum(shares.values()) == min(budget, sum(population.values()))
        assert all(0 <= size <= population[one] for one, size in shares.items())

    @given(populations, st.integers(0, 900))
    def test_by_budget_leave_no_grade_out_that_could_have_one(self, population, budget):
        shares = by_budget(population, ratios=RATIOS, budget=budget)
        grades = {one.grade for one, size in population.items() if size}
        if budget >= len(grades):
            assert all(sum(shares[one] for one in shares if one.grade == grade) for grade in grades)

    @given(populations, st.integers(0, 900), st.randoms())
    def test_by_budget_do_not_depend_on_the_order(self, population, budget, chance):
        mixed = list(population.items())
        chance.shuffle(mixed)
        assert by_budget(dict(mixed), ratios=RATIOS, budget=budget) == by_budget(
            population, ratios=RATIOS, budget=budget
        )

    def test_by_budget_follow_largest_remainders(self):
        population = {Stratum(grade, False): 1000 for grade in "AB"}
        ratios = Ratios(by_grade={"A": 1000, "B": 2000})
        # Quotas 3.33 and 6.67: the rest goes to the larger remainder.
        assert by_budget(population, ratios=ratios, budget=10) == {
            Stratum("B", False): 7,
            Stratum("A", False): 3,
        }

    def test_by_budget_pass_on_what_a_small_grade_cannot_take(self):
        population = {Stratum("A", False): 100, Stratum("B", False): 2}
        ratios = Ratios(by_grade={"A": 1, "B": WHOLE})
        assert by_budget(population, ratios=ratios, budget=50)[Stratum("A", False)] == 48


class TestASelection:
    @given(rows, terms, st.randoms())
    def test_does_not_depend_on_the_order_it_came_in(self, found, asked, chance):
        mixed = list(found)
        chance.shuffle(mixed)
        first = select(pool=pool(found), terms=asked, seed=SEED, task="T")
        assert select(pool=pool(mixed), terms=asked, seed=SEED, task="T") == first

    @given(rows, terms)
    def test_takes_exactly_what_was_asked_and_nobody_left_out(self, found, asked):
        selection = select(pool=pool(found), terms=asked, seed=SEED, task="T")
        population = {
            Stratum(grade, key): sum(
                1 for one in found if (one.grade, one.key, one.excluded) == (grade, key, "")
            )
            for grade in GRADES
            for key in (True, False)
        }
        sizes = asked.sizes(population)
        for grade in GRADES:
            here = [one for one in selection.drawn if one.grade == grade]
            assert len(here) == sizes[Stratum(grade, True)] + sizes[Stratum(grade, False)]
            assert sum(1 for one in here if one.part == CONTROL) == min(asked.control, len(here))
        names = drawn(selection) + [one.id for one in selection.reserves]
        assert len(names) == len(set(names))
        assert not set(names) & {one.id for one in found if one.excluded}
        assert [one.place for one in selection.drawn] == list(range(1, len(selection.drawn) + 1))

    @given(rows, terms, st.data())
    def test_keeps_the_order_of_all_others_when_one_is_missing(self, found, asked, data):
        if not found:
            return
        gone = data.draw(st.sampled_from(found))
        left = [one for one in found if one != gone]
        whole = drawn(select(pool=pool(found), terms=asked, seed=SEED, task="T"))
        part = drawn(select(pool=pool(left), terms=asked, seed=SEED, task="T"))
        both = set(whole) & set(part)
        assert [one for one in whole if one in both] == [one for one in part if one in both]

    def test_is_another_one_with_another_seed_or_task(self):
        found = pool_of({"A": 500, "B": 100, "C": 50, "D": 20})
        asked = Terms(ratios=RATIOS)
        one = drawn(select(pool=found, terms=asked, seed=SEED, task="T"))
        assert drawn(select(pool=found, terms=asked, seed=SEED, task="T")) == one
        assert drawn(select(pool=found, terms=asked, seed="cd" * 32, task="T")) != one
        assert drawn(select(pool=found, terms=asked, seed=SEED, task="U")) != one

    def test_ranks_by_the_hash_that_is_published(self):
        found = pool_of({"D": 40})
        asked = Terms(ratios=RATIOS)
        ranks = sorted(found.rows, key=lambda one: hashlib.sha256(f"{SEED}|T|{one.id}".encode()).digest())
        assert drawn(select(pool=found, terms=asked, seed=SEED, task="T")) == [one.id for one in ranks[:12]]

    def test_keeps_the_next_ranks_in_reserve(self):
        found = pool_of({"D": 40})
        asked = Terms(ratios=RATIOS, reserve=5000)
        selection = select(pool=found, terms=asked, seed=SEED, task="T")
        ranks = sorted(found.rows, key=lambda one: hashlib.sha256(f"{SEED}|T|{one.id}".encode()).digest())
        assert [one.id for one in selection.reserves] == [one.id for one in ranks[12:18]]

    def test_gives_key_units_their_turn_before_the_quota_takes_it(self):
        found = pool_of({"A": 100}, key_every=10)
        for control in range(7):
            asked = Terms(ratios=RATIOS, control=control)
            made = select(pool=found, terms=asked, seed=SEED, task="T").counts
            counts = {one.key: one for one in made if one.grade == "A"}
            assert counts[True].drawn + counts[False].drawn == 3

    def test_needs_terms_that_can_be_meant(self):
        with pytest.raises(BadTerms):
            Terms(ratios=RATIOS, control=-1)
        with pytest.raises(BadTerms):
            select(pool=pool_of({"A": 1}), terms=Terms(ratios=Ratios(by_grade={"A": 1})), seed=SEED, task="T")

    @pytest.mark.parametrize("task", ["", "a|b"])
    def test_needs_a_task_that_cannot_be_mistaken(self, task):
        with pytest.raises(BadIdentifier):
            select(pool=pool_of({"A": 1}), terms=Terms(ratios=RATIOS), seed=SEED, task=task)

    @pytest.mark.parametrize("names", [["a", "a"], ["b", "a"], ["", "a"], ["a|b", "c"]], ids=str)
    def test_needs_a_pool_in_order(self, names):
        with pytest.raises((BadPool, BadIdentifier)):
            ordered([Listed(one, "A", False, "", "") for one in names], grades=GRADES)
        with pytest.raises(BadPool):
            ordered([Listed("a", "Z", False, "", "")], grades=GRADES)


class TestChance:
    """Over many seeds everyone of a stratum comes up alike: chi-squared against its 99.9 % point, seeds fixed."""

    @pytest.mark.parametrize("control", [0, 4])
    def test_treats_all_of_a_grade_alike(self, control):
        found = pool_of({"D": 40})
        chance = random.Random(20260302)
        asked = Terms(ratios=RATIOS, control=control)
        drawings = 800
        seen = dict.fromkeys([one.id for one in found.rows], 0)
        for _ in range(drawings):
            seed = chance.randbytes(32).hex()
            for one in select(pool=found, terms=asked, seed=seed, task="T").drawn:
                if not control or one.part == CONTROL:
                    seen[one.id] += 1
        each = drawings * (control or 12) / 40
        # Drawn without putting back: the variance is smaller by (1 - share), and so is the statistic.
        share = (control or 12) / 40
        statistic = sum((count - each) ** 2 / each for count in seen.values()) / (1 - share)
        assert statistic < 72.1  # chi-squared, 39 degrees of freedom, 99.9 %
        assert statistic > 15.0  # nor are they alike by arrangement


class TestRanksLaidAside:
    def test_are_taken_up_again_when_chance_left_too_few(self, monkeypatch):
        pool = pool_of({"A": 900, "B": 900, "C": 900, "D": 900})
        asked = {"pool": pool, "terms": Terms(ratios=RATIOS, control=2), "seed": "5a" * 32, "task": "T"}
        usual = select(**asked)
        monkeypatch.setattr(selecting, "SPREAD", -6)
        assert select(**asked) == usual
