"""The figures of the evidence: days earlier by the dataset's method, lift, readings of an expert file."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.evidencing import chicago, experts, measuring, pictures
from hypothesis import given
from hypothesis import strategies as st

DATES = np.array(["2014-09-02", "2014-09-02", "2014-09-05", "2014-09-12"], dtype="datetime64[D]")
LAST_IS_BAD = np.array([False, False, False, True])


class TestDaysEarlier:
    def test_the_riskiest_takes_the_first_day(self) -> None:
        assert measuring.days_earlier(DATES, LAST_IS_BAD, np.array([0.1, 0.1, 0.2, 0.9])) == 10

    def test_ties_keep_the_order_of_the_file(self) -> None:
        assert measuring.days_earlier(DATES, LAST_IS_BAD, np.zeros(4)) == 0

    def test_as_many_are_inspected_on_every_day_as_were(self) -> None:
        found = measuring.found_on(DATES, np.array([1, 4, 2, 3]))
        assert sorted(found) == sorted(DATES)

    @given(st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
    def test_no_order_beats_the_perfect_one(self, rows: list[tuple[int, bool, int]]) -> None:
        days = np.datetime64("2014-09-02") + np.array([day for day, _, _ in rows])
        bad = np.array([one for _, one, _ in rows])
        if bad.any():
            best = measuring.days_earlier(days, bad, bad.astype(float))
            assert measuring.days_earlier(days, bad, np.array([score for _, _, score in rows])) <= best

    def test_half_of_the_order_is_looked_at(self) -> None:
        assert measuring.first_half(LAST_IS_BAD, np.array([3, 1, 2, 4])) == 1.0
        assert measuring.first_half(LAST_IS_BAD, np.array([3, 2, 1, 0])) == 0.0


def test_inside_groups_a_score_that_only_tells_groups_apart_says_nothing() -> None:
    groups = np.array(["blue"] * 4 + ["brown"] * 4)
    bad = np.array([True, True, True, False, True, False, False, False])
    assert measuring.auc_within(bad, (groups == "blue").astype(float), groups) == 0.5


def test_lift_is_the_share_of_a_grade_over_that_of_all() -> None:
    rows = measuring.lift(np.array([True, False, False, False]), ["D", "D", "A", "A"])
    assert [(row["grade"], row["lift"]) for row in rows] == [("A", 0.0), ("D", 2.0)]


def test_an_order_gets_as_many_of_each_grade_as_the_other_gave() -> None:
    made = experts.same_shares(np.array([5.0, 1.0, 3.0]), np.array(["D", "A", "A"]))
    assert made.tolist() == ["D", "A", "A"]


def test_a_picture_names_every_bar(tmp_path: Path) -> None:
    pictures.bars(tmp_path / "x.svg", title="T", rows=[("ours & more", 2.0), ("random", -1.0)], ours="ours")
    text = (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert "ours &amp; more" in text
    assert "-1.00" in text


class TestAnExpertFileOverMappedInputs:
    def test_a_worse_record_scores_worse(self) -> None:
        known = {"negative_opinion": pd.Series([0, 3]), "employees": pd.Series([5, None])}
        found = experts.graded("general", known, collected={"OPI-01", "ENT-05"}, on=date(2020, 9, 1))
        assert found["score"][1] > found["score"][0]

    def test_an_input_the_file_does_not_have_is_refused(self) -> None:
        with pytest.raises(AssertionError, match="hobbies"):
            experts.graded("general", {"hobbies": pd.Series([1])}, collected=set(), on=date(2020, 9, 1))

    def test_a_wrong_sign_is_called_wrong(self) -> None:
        bad = np.array([True, False] * 200)
        result = pd.DataFrame({"points_opinion": np.where(bad, 0, 350_000)})
        rows = experts.read_indicators("general", _with_all(result), bad)
        assert [(row["indicator"], row["reading"]) for row in rows] == [("opinion", "WRONG SIGN")]


def _with_all(result: pd.DataFrame) -> pd.DataFrame:
    from creditmesh.scoring import loading

    ids = [f"points_{one.id}" for one in loading.load(loading.shipped()["general"]).definition.indicators]
    return result.reindex(columns=ids)


def test_the_headline_is_computed_where_the_outcomes_are_given(tmp_path: Path) -> None:
    scores = {"Inspection_ID": [1, 2, 3, 4], "place": [4, 3, 2, 1], "place_own_record": [1, 2, 3, 4]}
    truth = {"Inspection_ID": [4, 3, 2, 1], "Inspection_Date": DATES[::-1], "criticalFound": [1, 0, 0, 0]}
    pd.DataFrame(scores).to_parquet(tmp_path / "scores.parquet")
    pd.DataFrame(truth).to_parquet(tmp_path / "truth.parquet")
    rows = {
        row["by"]: row["days"]
        for row in chicago.headline(tmp_path / "scores.parquet", tmp_path / "truth.parquet")
    }
    assert (rows["ours"], rows["ours, own record only"], rows["perfect"]) == (10, 0, 10)
