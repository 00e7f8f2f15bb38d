"""The target of learning: which value is the bad one, and what is said where that cannot be told."""

import pyarrow as pa
import pytest

from creditmesh.scoring.learning.table.target import CannotLearn, outcome


def told(values: list[object], positive: str | None = None) -> list[bool]:
    found = outcome(pa.table({"y": pa.array(values)}), target="y", positive=positive, weights=None)
    return [bool(one) for one in found.bad[:2]]


def refused(values: list[object], positive: str | None = None) -> str:
    with pytest.raises(CannotLearn) as refusal:
        told(values, positive)
    return refusal.value.sentence


class TestTheBadValue:
    @pytest.mark.parametrize(
        "values",
        [
            [1, 0],
            [1.0, 0.0],
            ["1.0", "0.0"],
            [True, False],
            ["yes", "no"],
            ["bad", "good"],
            ["违约", "正常"],
            ["是", "否"],
        ],
    )
    def test_is_found_by_itself_where_it_is_plain(self, values) -> None:
        assert told(values * 40) == [True, False]

    @pytest.mark.parametrize(
        ("values", "positive"),
        [
            (["charged off", "paid"], "charged off"),
            ([2, 1], "2"),
            ([2.0, 1.0], "2.0"),
            (["B", "A"], "B"),
            ([0, 1], "0"),
        ],
    )
    def test_can_be_stated(self, values, positive) -> None:
        assert told(values * 40, positive) == [True, False]

    def test_of_one_and_two_is_asked_for(self) -> None:
        assert "--positive '1' or --positive '2'" in refused([1, 2] * 40)
        assert told([1, 2] * 40, "2") == [False, True]

    def test_sets_rows_without_an_outcome_aside(self) -> None:
        found = outcome(pa.table({"y": [1, 0, None] * 40}), target="y", positive=None, weights=None)

        assert (int(found.known.sum()), int(found.bad.sum())) == (80, 40)


class TestWhatCannotBeTold:
    @pytest.mark.parametrize(
        ("values", "positive", "says"),
        [
            (["charged off", "paid"], None, "--positive 'charged off' or --positive 'paid'"),
            ([2, 5], None, "--positive '2' or --positive '5'"),
            (["yes", "true"], None, "Say which value of y is the bad one"),
            (["paid", "late"], "default", "'default' is no value of y, which has late and paid"),
            ([0, 1, 2], None, "must have two values, and has 3 ('0', '1', '2'); make it 1 for bad and 0 for good"),
            (["A", "B", "C", "D", "E", "F"], None, "has 6 ('A', 'B', 'C', 'D', 'E' …)"),
            (["1", "0", "unknown"], None, "'unknown' seems to mean that there is none: leave those cells empty"),
            ([1], None, "is '1' in every row that has one: there is nothing to tell apart"),
            ([None], None, "is empty in every row"),
        ],
    )  # fmt: skip
    def test_is_said_with_what_to_do(self, values, positive, says) -> None:
        assert says in refused(values * 60, positive)

    def test_for_want_of_rows_is_said_in_numbers(self) -> None:
        assert "55 rows with an outcome, 5 of the rarer kind" in refused([1] * 5 + [0] * 50)
