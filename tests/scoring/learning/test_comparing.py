"""Columns set against each other, odd columns, and what the card says of parts of the rows and of the rejected."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scoring.learning.tables import loans

from creditmesh.scoring.learning import applying, fitting
from creditmesh.scoring.learning.fitting import Fitted
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.model.screening import screened
from creditmesh.scoring.learning.options import Options
from creditmesh.scoring.learning.table import comparing, reading
from creditmesh.scoring.learning.table.target import CannotLearn
from creditmesh.scoring.learning.watching import cards
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets.to_python import function

ON = date(2026, 1, 1)


def ratios(rows: int = 300) -> pa.Table:
    """Return firms that fail when two nearly equal ratios differ; debts and other debts rise together."""
    random = np.random.default_rng(4)
    sales = random.normal(1, 0.4, rows).round(3)
    other = random.normal(0, 0.02, rows).round(4)
    loan = random.integers(1_000, 90_000, rows)
    bad = random.random(rows) < np.where(other > 0.005, 0.9, 0.05)
    return pa.table(
        {
            "[sales] / total assets": sales,
            "all sales / Total assets ": sales + other,
            "loan": loan,
            "guaranteed": (loan * random.uniform(0.9, 1, rows)).astype(int) + 0.5,
            "y": bad.astype(int),
        }
    )


class TestComparisons:
    def test_are_made_over_one_whole_and_of_what_rises_together(self) -> None:
        table = ratios()
        found = comparing.with_comparisons(reading.inputs_of(table, leave={"y"}), table).columns
        assert [one.label_en for one in found if one.optional] == [
            "[sales] / total assets minus all sales / Total assets ",
            "loan minus guaranteed",
            "loan per 10,000 of guaranteed",
        ]
        assert screened(found, np.array(table["y"]) == 1, np.arange(300), seed=0)[:5] == [0, 1, 2, 3, 4]

    def test_that_decide_are_learnt_and_read_alike_in_sql_and_in_python(self) -> None:
        made = fitting.fit(
            ratios(), target="y", options=Options(challenger=False, shape=Shape(most_tables=1))
        )
        system = fitting.system_of(made.system)
        heaviest = max(system.definition.indicators, key=lambda one: one.weight)
        assert " - " in str(heaviest.value)
        table = ratios()
        table = table.set_column(2, "loan", pa.array([None, -5, 0, *[7] * 297]))
        plan = compile_plan(system)
        score = function(plan)
        full = applying.run(system, table, on=ON).to_pylist()
        for row, known in zip(applying.rows(system, table, on=ON), full, strict=True):
            assert {name: known[name] for name in score(row).columns(reasons=3)} == dict(
                score(row).columns(reasons=3)
            )
        assert made.card.data["performance"]["tested"]["auc"] > 0.85


@pytest.fixture(scope="module")
def told() -> Fitted:
    table = loans().append_column("refused", pa.array([n % 5 == 0 for n in range(500)]))
    table = table.append_column("list", pa.array([[1, 2]] * 500)).append_column("", pa.array(range(500)))
    table = table.append_column("at", pa.array([None] * 500)).append_column("x" * 300, pa.array(range(500)))
    asked = Options(
        id_column="编号",
        rejected_column="refused",
        cuts=("行业", "debt", "refused"),
        challenger=False,
        shape=Shape(refined=False),
    )
    return fitting.fit(table, target="y", options=asked)


class TestTheCard:
    def test_tells_of_the_rejected_without_learning_from_them(self, told: Fitted) -> None:
        data = told.card.data
        assert (data["data"]["rows"], data["rejected"]["rows"]) == (400, 100)
        assert data["data"]["without_outcome"] == 100
        assert sum(data["rejected"]["grades"].values()) == pytest.approx(10_000, abs=2)
        assert "no validation" in cards.learnt(data)

    def test_cuts_by_value_and_by_quarters(self, told: Fitted) -> None:
        cuts: list[dict[str, Any]] = told.card.data["cuts"]
        assert {one["value"] for one in cuts if one["column"] == "行业"} == {"甲", "乙", "丙"}
        assert [one["value"][:1] for one in cuts if one["column"] == "debt"] == ["1", "2", "3", "4"]
        assert all(
            sum(one["rows"] for one in cuts if one["column"] == name) == 400 for name in ("行业", "debt")
        )
        assert "| 行业 | 甲 |" in cards.learnt(told.card.data)

    def test_names_columns_that_cannot_be_used(self, told: Fitted) -> None:
        assert {"", "x" * 300, "list", "at"} <= {one["column"] for one in told.card.data["notes"]}

    def test_of_rejection_that_nobody_states_is_refused(self) -> None:
        with pytest.raises(CannotLearn, match="rejected"):
            fitting.fit(loans(60), target="y", options=Options(rejected_column="行业"))
