"""Weights by judgement, entropy and CRITIC, against the examples their authors published."""

import numpy as np
import pytest
from pymcdm import weights as published

from creditmesh.catalogue.model import Catalogue
from creditmesh.scoring.definition.checks.judging import Inconsistent
from creditmesh.scoring.definition.checks.weighing import computed
from creditmesh.scoring.definition.parts import WeightsFrom
from creditmesh.scoring.learning import weights
from creditmesh.scoring.learning.weights import BadJudgement

NO_LISTS = Catalogue(lists=())
# Saaty 1977: relative brightness of four chairs, as judged by two groups of people
CHAIRS = [[1, 5, 6, 7], ["1/5", 1, 4, 6], ["1/6", "1/4", 1, 4], ["1/7", "1/6", "1/4", 1]]
CHAIRS_AGAIN = [[1, 4, 6, 7], ["1/4", 1, 3, 4], ["1/6", "1/3", 1, 2], ["1/7", "1/4", "1/2", 1]]
# Saaty 1990, "How to make a decision": eight criteria of buying a house
HOUSE = [
    [1, 5, 3, 7, 6, 6, "1/3", "1/4"],
    ["1/5", 1, "1/3", 5, 3, 3, "1/5", "1/7"],
    ["1/3", 3, 1, 6, 3, 4, 6, "1/5"],
    ["1/7", "1/5", "1/6", 1, "1/3", "1/4", "1/7", "1/8"],
    ["1/6", "1/3", "1/3", 3, 1, "1/2", "1/5", "1/6"],
    ["1/6", "1/3", "1/4", 4, 2, 1, "1/5", "1/6"],
    [3, 5, "1/6", 7, 5, 5, 1, "1/2"],
    [4, 7, 5, 8, 6, 6, 2, 1],
]
# Diakoulaki, Mavrotas and Papayannakis 1995: eight pharmaceutical firms by three ratios
FIRMS = [
    [61, 1.08, 4.33],
    [20.7, 0.26, 4.34],
    [16.3, 1.98, 2.53],
    [9.0, 3.29, 1.65],
    [5.4, 2.77, 2.33],
    [4.0, 4.12, 1.21],
    [-6.1, 3.52, 2.10],
    [-34.6, 3.31, 0.98],
]
# Xu 2004, "A note on the subjective and objective integrated approach to determine attribute weights"
XU = [[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]]


class TestJudgement:
    def test_gives_the_weights_saaty_printed_for_the_house(self) -> None:
        found = weights.ahp(HOUSE, overruled="as published")
        assert [round(one, 3) for one in found.weights] == [
            0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333,
        ]  # fmt: skip
        assert round(found.greatest_eigenvalue, 3) == 9.669
        assert round(found.consistency_index, 3) == 0.238
        assert round(found.consistency_ratio, 2) == 0.17
        assert sum(found.basis_points) == 10_000

    def test_gives_the_weights_saaty_printed_for_the_chairs(self) -> None:
        found = weights.ahp(CHAIRS_AGAIN)
        assert [round(one, 2) for one in found.weights] == [0.62, 0.22, 0.10, 0.06]
        assert round(found.greatest_eigenvalue, 1) == 4.1
        first = weights.ahp(CHAIRS, overruled="as published")
        assert round(first.greatest_eigenvalue, 2) == 4.39

    def test_is_refused_when_it_contradicts_itself(self) -> None:
        with pytest.raises(Inconsistent, match=r"0\.145"):
            weights.ahp(CHAIRS)

    def test_of_a_consistent_matrix_is_its_ratios(self) -> None:
        found = weights.ahp([[1, 2, 4], [None, 1, 2], [None, None, 1]])
        assert found.basis_points == (5_714, 2_857, 1_429)
        assert found.consistency_ratio == pytest.approx(0, abs=1e-9)

    @pytest.mark.parametrize(
        ("matrix", "said"),
        [
            ([[1, 2], [2, 1]], "inverse"),
            ([[1, 2, 3], [1, 1]], "square"),
            ([[1, None], [None, 1]], "Nothing is said"),
            ([[1, 10], [None, 1]], "outside"),
            ([[1, "much"], [None, 1]], "no judgement"),
            ([[2, 3], [None, 1]], "against itself"),
        ],
    )
    def test_is_refused_when_it_is_no_matrix_of_judgements(
        self, matrix: list[list[object]], said: str
    ) -> None:
        with pytest.raises(BadJudgement, match=said):
            weights.ahp(matrix)


class TestData:
    def test_by_critic_gives_what_its_authors_printed(self) -> None:
        assert [round(one, 2) for one in weights.critic(np.array(FIRMS))] == [0.20, 0.48, 0.32]

    def test_by_entropy_gives_what_xu_printed(self) -> None:
        assert [round(one, 4) for one in weights.entropy(np.array(XU))] == [0.4630, 0.3992, 0.1378, 0.0]

    def test_by_entropy_agrees_with_pymcdm_where_nothing_is_zero(self) -> None:
        table = np.random.default_rng(1).uniform(1, 9, (30, 5))
        assert weights.entropy(table) == pytest.approx(tuple(published.entropy_weights(table)))

    def test_by_entropy_takes_a_zero_for_a_small_amount(self) -> None:
        table = np.array([[0.0, 10], [5, 10], [5, 11]])
        nearly = np.array([[1e-9, 10], [5, 10], [5, 11]])
        assert weights.entropy(table) == pytest.approx(weights.entropy(nearly), abs=1e-6)

    def test_that_never_varies_weighs_nothing(self) -> None:
        table = np.array([[1.0, 5], [2, 5], [4, 5]])
        assert weights.critic(table) == (1.0, 0.0)
        assert weights.entropy(table)[1] == 0.0

    @pytest.mark.parametrize("table", [[[1.0, 2.0]], [[1.0, np.nan], [2.0, 1.0]], [[3.0, 3.0], [3.0, 3.0]]])
    def test_that_says_nothing_is_refused(self, table: list[list[float]]) -> None:
        with pytest.raises(BadJudgement):
            weights.critic(np.array(table))

    def test_below_zero_is_refused_by_entropy(self) -> None:
        with pytest.raises(BadJudgement, match="negative"):
            weights.entropy(np.array(FIRMS))


class TestMixture:
    def test_is_the_stated_part_of_each(self) -> None:
        parts = {"ahp": [0.5, 0.5], "critic": [0.9, 0.1]}
        assert weights.mixture(parts, {"ahp": 7_500, "critic": 2_500}) == (6_000, 4_000)

    def test_whose_shares_do_not_sum_is_refused(self) -> None:
        with pytest.raises(BadJudgement, match="10000"):
            weights.mixture({"ahp": [1.0]}, {"ahp": 9_000})

    def test_of_weights_for_other_indicators_is_refused(self) -> None:
        with pytest.raises(BadJudgement, match="for the same indicators"):
            weights.mixture({"ahp": [0.5, 0.5], "critic": [1.0]}, {"ahp": 5_000, "critic": 5_000})

    def test_in_a_file_is_computed_from_what_stands_there(self) -> None:
        stated = WeightsFrom(
            ahp=((1, 3), (None, 1)), entropy=(5_000, 5_000), shares={"ahp": 5_000, "entropy": 5_000}
        )
        assert computed(stated, 2) == (6_250, 3_750)

    def test_for_another_number_of_weights_is_refused(self) -> None:
        with pytest.raises(BadJudgement, match="here are 3"):
            computed(WeightsFrom(entropy=(5_000, 5_000)), 3)


class TestShift:
    def test_keeps_the_sum_and_the_proportions_of_the_others(self) -> None:
        assert weights.shifted((5_000, 3_000, 2_000), 0, by=0.1) == (5_500, 2_700, 1_800)
