"""Columns of any table: what counts as a number, a day, a truth or nothing, and which rows have an outcome."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scoring.learning.tables import loans

from creditmesh.kernel.errors import CreditmeshError
from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning import fitting
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.options import Options, system_id
from creditmesh.scoring.learning.table import comparing, reading
from creditmesh.scoring.learning.table.columns import as_date, as_number, column_of, floats, values
from creditmesh.scoring.learning.table.target import CannotLearn, outcome


def column(found: list[Any]) -> Any:
    return column_of(pa.table({"x": found}), "x")


def read(found: list[Any], type_: ColumnType) -> list[Any]:
    return values(column(found), type_=type_).arrow().to_pylist()


class TestAColumn:
    def test_of_texts_is_read_as_numbers_where_they_are_some(self) -> None:
        found = floats(column(["1,234.5", "１２", "n/a", "x", None, " 7 "]))

        assert np.nan_to_num(found, nan=-1).tolist() == [1234.5, 12, -1, -1, -1, 7]

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("12,5", 12.5), ("0,125", 0.125), ("-1,234,567", -1_234_567), ("1,234.", 1_234), ("13.49%", 13.49),
            (" 7 % ", 7), ("¥3,000", 3_000), ("$ 4.5", 4.5), ("1,2,3", None), ("1.234,56", None), ("%", None),
        ],
    )  # fmt: skip
    def test_of_numbers_is_read_as_people_write_them(self, written: str, meant: float | None) -> None:
        assert as_number(written) == meant

    def test_of_days_holds_no_numbers(self) -> None:
        assert np.isnan(floats(column([date(2026, 3, 1), None]))).all()

    def test_of_floating_numbers_reads_as_texts_without_a_point_that_says_nothing(self) -> None:
        assert read([1.0, 0.5, float("nan"), None], ColumnType.TEXT) == ["1", "0.5", None, None]

    def test_of_truths_is_read_from_many_words(self) -> None:
        assert read(["是", "N", "perhaps", None], ColumnType.TRUTH) == [True, False, None, None]
        assert read([True, False, None], ColumnType.TRUTH) == [True, False, None]

    @pytest.mark.parametrize(
        "written",
        ["2026-03-01", "2026/03/01", "20260301", "2026-03-01T10:00:00", "01-Mar-26",
         "2026/3/1 0:00", "2026-03-01 10:00", "2026年3月1日", "2026.03.01", date(2026, 3, 1),
         datetime(2026, 3, 1, 9, 30, tzinfo=UTC)],
    )  # fmt: skip
    def test_of_days_is_read_as_people_and_programs_write_them(self, written: object) -> None:
        assert as_date(written) == date(2026, 3, 1)

    def test_of_days_that_are_none_is_absent(self) -> None:
        assert read(["2026-02-30", "soon", "2026-03-01", None], ColumnType.DATE) == [
            None, None, date(2026, 3, 1), None,
        ]  # fmt: skip


class TestTheInputs:
    def test_leave_days_out_where_there_is_no_moment_to_count_them_from(self) -> None:
        table = pa.table({"opened": ["2020-01-01", "2021-05-07"] * 20, "n": ["1", "2.5"] * 20})

        found = reading.inputs_of(table, leave=())

        assert [(one.name, one.type, one.scale) for one in found.columns] == [("n", ColumnType.INTEGER, 10)]
        assert [(one.column, one.said) for one in found.notes] == [
            ("opened", "dates need a time column to be counted from; left out")
        ]

    @pytest.mark.parametrize("written", ["{n:02}/03/2019", "{n}/3/19", "03.{n}.2019 10:00"])
    def test_leave_out_days_of_which_nobody_can_say_where_the_month_stands(self, written: str) -> None:
        table = pa.table({"opened": [written.format(n=1 + n % 28) for n in range(60)], "n": list(range(60))})

        found = reading.inputs_of(table, leave=())

        assert [one.name for one in found.columns if one.name == "opened"] == []
        assert "write 2019-04-03" in found.notes[0].said

    def test_count_the_days_to_the_moment(self) -> None:
        table = pa.table(
            {
                "opened": pa.array([date(2020, 1, 1), date(2020, 1, 11), None]),
                "at": pa.array([date(2020, 1, 31)] * 3),
            }
        )
        moment = reading.plain_column(
            "at", "at", ColumnType.DATE, 1, values(column_of(table, "at"), type_=ColumnType.DATE)
        )

        (days,) = reading.inputs_of(table, leave={"at"}, moment=moment).columns

        assert (days.label_en, days.expression) == ("Days from opened to at", "days(opened, at)")
        assert days.values.arrow().to_pylist() == [30, 20, None]

    def test_set_days_against_each_other_where_there_is_no_moment(self) -> None:
        table = pa.table(
            {
                "opened": ["2020-01-01", "2020-02-01", None] * 20,
                "asked": ["2020-01-11", "2020-01-31", "2020-03-01"] * 20,
                "same day": ["2020-05-05"] * 60,
            }
        )

        found = reading.inputs_of(table, leave=())

        assert [(one.label_en, one.expression) for one in found.columns] == [
            ("Days from opened to asked", "days(opened, asked)")
        ]
        assert found.columns[0].values.arrow().to_pylist()[:3] == [10, -1, None]
        assert [(one.column, "other days" in one.said) for one in found.notes] == [
            ("same day", False), ("opened", True), ("asked", True),
        ]  # fmt: skip

    def test_leave_out_numbers_of_rows_and_numbers_handed_out_one_by_one(self) -> None:
        random = np.random.default_rng(0)
        table = pa.table(
            {
                "__index_level_0__": range(200),
                "Unnamed: 0": range(200),
                "loan": random.permutation(300)[:200] + 5_000,
                "amount": random.permutation(10**6)[
                    :200
                ],  # all different, but of so many that it may be chance
                "days": [n % 150 for n in range(200)],
            }
        )

        found = reading.inputs_of(table, leave=())

        assert [one.name for one in found.columns if not one.reads] == ["amount", "days"]
        assert [(one.column, one.said.split(";")[0]) for one in found.notes] == [
            ("__index_level_0__", "numbers of rows that a program wrote"),
            ("Unnamed: 0", "numbers of rows that a program wrote"),
            ("loan", "every row has its own whole number, as an id has"),
        ]

    def test_say_so_of_numbers_that_are_too_large_or_too_fine(self) -> None:
        table = pa.table(
            {"fine": [n * 1e-9 for n in range(60)], "large": [10**17 + 10**15 * n for n in range(60)]}
        )

        found = reading.inputs_of(table, leave=())

        assert [one.column for one in found.notes if "too large or too fine" in one.said] == ["fine", "large"]

    def test_compare_no_more_pairs_than_a_reader_could_look_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(comparing, "MOST", 2)
        table = pa.table({name: range(n, 40 + n) for n, name in enumerate("abcd")})

        found = comparing.with_comparisons(reading.inputs_of(table, leave=()), table).columns

        assert [one.id for one in found if one.optional] == ["a_less_b", "a_per_b"]


class TestTheOutcome:
    def test_counts_rows_by_their_weight_and_leaves_out_those_of_none(self) -> None:
        table = loans(100).append_column("times", pa.array([0.0, 2.5] * 50))

        found = outcome(table, target="y", positive=None, weights="times")

        assert found.known.tolist() == [False, True] * 50
        assert set(found.weight.tolist()) == {0.0, 2.5}
        assert not (found.bad & ~found.known).any()

    @pytest.mark.parametrize("times", [[-1.0] * 100, ["heavy"] * 100])
    def test_is_refused_where_weights_are_none(self, times: list[Any]) -> None:
        with pytest.raises(CannotLearn, match="none below zero"):
            outcome(
                loans(100).append_column("times", pa.array(times)), target="y", positive=None, weights="times"
            )

    def test_is_refused_where_the_bad_value_never_stands_there(self) -> None:
        with pytest.raises(CannotLearn, match="'late' is no value of y, which has 0 and 1"):
            outcome(loans(100), target="y", positive="late", weights=None)


class TestAWishThatCannotBeMet:
    @pytest.mark.parametrize(
        ("wish", "said"),
        [
            ({"time_column": "行业"}, "must hold dates or whole numbers"),
            ({"time_column": "age {years}"}, "rows without a time; fill them"),
            ({"trends": {"行业": "up"}}, "--monotone names 行业"),
            ({"trends": {"nothing": "up"}}, "--monotone names nothing"),
            ({"drop": ("nothing",)}, "no column 'nothing'"),
            ({"id_column": "nothing"}, "no column 'nothing'"),
            ({"grade_shares": (50, 50)}, "one share for each of the 4 grades"),
            ({"grade_shares": (50, 30, 20, 10)}, "summing to 100"),
        ],
    )
    def test_is_refused_before_anything_is_learnt(self, wish: dict[str, Any], said: str) -> None:
        asked = Options(**{"id_column": "编号", "challenger": False, "shape": Shape(refined=False), **wish})

        with pytest.raises(CreditmeshError, match=said):
            fitting.fit(loans(100), target="y", options=asked)


def test_a_system_is_named_after_its_file() -> None:
    assert system_id("My System 2") == "my-system-2"
    assert system_id("2026 loans") == "learnt-2026-loans"
    assert system_id("贷款") == "learnt"
