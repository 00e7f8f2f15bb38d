"""What is told of a system at work: cards of learnt and of written systems, drift, and where weights come from."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scoring.example import example
from tests.scoring.learning.tables import loans

from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System, inputs
from creditmesh.scoring.definition.parts import WeightsFrom
from creditmesh.scoring.learning import applying, fitting
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.options import Options
from creditmesh.scoring.learning.table.columns import NoSuchColumn
from creditmesh.scoring.learning.watching import cards, cutting, drifting, telling
from creditmesh.scoring.learning.watching.drifting import Drift
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets.to_sql import ABOUT

ON = date(2026, 1, 1)


@pytest.fixture(scope="module")
def general() -> System:
    return loading.load(loading.shipped()["general"])


@pytest.fixture(scope="module")
def of_one_year() -> dict[str, Any]:
    """Return the card of loans that were all made in one year, a fifth of them held out."""
    table = loans(150).set_column(6, "year", pa.array([2020] * 150))
    asked = Options(
        id_column="编号", time_column="year", holdout=0.2, challenger=False, shape=Shape(refined=False)
    )
    return dict(fitting.fit(table, target="y", options=asked).card.data)


class TestTheCardOfALearntSystem:
    def test_of_one_moment_has_nothing_later_to_be_held_against(self, of_one_year: dict[str, Any]) -> None:
        assert of_one_year["stability"] is None
        assert of_one_year["performance"]["held_out"]["rows"] == 30
        said = cards.learnt(of_one_year)
        assert "留出样本 / Held out: AUC" in said
        assert "No time column, so not measured" in said
        assert "`--cut COLUMN`" in said
        assert "Rejected:" not in said

    def test_tells_of_the_challenger_and_of_stability(self, of_one_year: dict[str, Any]) -> None:
        other = {"auc": 0.8, "ks": 0.5, "brier": 0.1, "readability_costs_auc": 0.0123}
        told = {
            **of_one_year,
            "performance": {**of_one_year["performance"], "challenger": other},
            "stability": {"rows": [1, 2], "score": 0.03, "indicators": {"debt": 0.2}},
        }

        said = cards.learnt(told)

        assert "LightGBM（对照 / challenger）: AUC 0.8000" in said
        assert "+0.0123 AUC" in said
        assert "- PSI score 0.0300\n- PSI debt 0.2000" in said


class TestDrift:
    def test_tells_missing_rows_of_indicators_and_not_of_the_score(self) -> None:
        assert Drift("debt", 0.2, 0.1, 250, 1_000).missing == "2.50 % / 10.00 %"
        assert Drift("score", 0.2, 0.1, None, None).missing == ""

    def test_is_not_measured_with_the_card_of_another_system(self, general: System) -> None:
        card = {"reference": {"score": {}, "rows": 1, "indicators": {"debt": {}}}}

        with pytest.raises(drifting.NoReference, match="The card is not of general: debt"):
            drifting.drift(general, card=card, result=pa.table({}))


class TestTheProbabilityOfScores:
    def test_is_by_the_line_of_the_card_and_missing_where_a_score_is(
        self, of_one_year: dict[str, Any]
    ) -> None:
        line = drifting.line_of(of_one_year)
        scores = pa.table({"score": pa.array([0, 500_000, None, 1_000_000], pa.int64())})  # thousandths

        found = applying.probability(scores, line).to_pylist()

        assert found[2] is None
        assert found[1] == pytest.approx(1 / (1 + np.exp(-(line.at_zero + 500 * line.per_point))))
        assert 0 < found[0] < found[1] < found[3] < 1

    def test_is_not_told_by_a_card_that_says_nothing_of_it(self) -> None:
        with pytest.raises(drifting.NoReference, match="says nothing of probability"):
            drifting.line_of({"calibration": None})


class TestCuts:
    def test_of_few_numbers_are_by_number(self) -> None:
        table = pa.table({"size": [1, 2, 3, None] * 10})
        found = cutting.cuts(
            table, ("size",), rows=np.arange(40), bad=np.zeros(40, dtype=bool), tested=np.zeros(40),
            places=np.zeros(40, dtype=np.int64), grades="AB",
        )  # fmt: skip

        assert [(one["value"], one["rows"], one["auc"]) for one in found] == [
            ("-", 10, None), ("1", 10, None), ("2", 10, None), ("3", 10, None),
        ]  # fmt: skip


class TestWeightsTold:
    def test_are_listed_for_groups_and_sub_groups(self, general: System) -> None:
        told = telling.weights(general, table=None, result=None, on=ON)

        lists = {one["list"]: one["weights"] for one in told["lists"]}
        assert sum(lists["groups"].values()) == sum(lists["lists"].values()) == 10_000
        assert "sensitivity" not in told

    def test_are_not_told_from_a_table_of_something_else(self, general: System) -> None:
        with pytest.raises(NoSuchColumn, match="lacks"):
            telling.weights(general, table=loans(5), result=None, on=ON)
        with pytest.raises(NoSuchColumn, match="has all its columns"):
            telling.weights(general, table=None, result=loans(5), on=ON)

    def test_say_what_hangs_on_them_in_a_result_of_a_run(self) -> None:
        system = example()
        collected = dict.fromkeys(compile_plan(system).collected, True)
        row = dict.fromkeys((*inputs(system), *ABOUT)) | {"as_of": ON}
        rows = pa.Table.from_pylist([row | collected])
        told = telling.weights(system, table=rows, result=None, on=ON)
        assert {one["rows"] for one in told["sensitivity"]} == {1}

    def test_say_how_far_judgements_contradict_each_other(self) -> None:
        judged = WeightsFrom(ahp=((1, 1), (None, 1)))
        definition = example().definition.model_copy(update={"weights_from": judged})
        system = replace(example(), definition=definition)

        lines = telling.lines(telling.weights(system, table=None, result=None, on=ON))

        assert lines[0].startswith("groups, consistency ratio 0.0: ")

    def test_say_why_data_gives_none(self) -> None:
        system = example()
        ids = [one.id for one in system.definition.groups]
        result = pa.table({f"points_{one}": [5.0, 5.0] for one in ids})

        told = telling.weights(system, table=None, result=result, on=ON)

        reason = told["lists"][0]["critic"]
        assert isinstance(reason, str)
        assert f"  by critic: {reason}" in telling.lines(told)
