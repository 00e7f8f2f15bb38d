"""The parts of learning on inputs made by hand: bands, folds, measures, trends, and how it is written down."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from creditmesh.scoring.definition.features import ColumnType
from creditmesh.scoring.learning import validating, writing
from creditmesh.scoring.learning.model import (
    binning,
    boosting,
    evidence,
    folds,
    measures,
    screening,
    suspicion,
)
from creditmesh.scoring.learning.model.binning import Bins
from creditmesh.scoring.learning.model.boosting import Data, Parts
from creditmesh.scoring.learning.model.calibrating import Line
from creditmesh.scoring.learning.model.learning import Shape, learn
from creditmesh.scoring.learning.points import Points, Single
from creditmesh.scoring.learning.table import comparing, reading
from creditmesh.scoring.learning.table.columns import Values
from creditmesh.scoring.learning.table.target import CannotLearn
from creditmesh.scoring.learning.validating import Task

PLAIN = Shape(refined=False)


def numbers(found: list[int], type_: ColumnType = ColumnType.INTEGER) -> Values:
    return Values(type_, np.array(found, dtype=np.int64), np.ones(len(found), dtype=bool))


def coded(codes: list[int], bad: list[bool]) -> Data:
    rows = len(bad)
    return Data(np.array(codes).reshape(rows, 1), np.array(bad), np.ones(rows), (max(codes) + 1,), (), 10, 0)


class TestBands:
    def test_of_a_truth_are_two(self) -> None:
        found = binning.fine(numbers([0, 1, 1], ColumnType.TRUTH), smallest=1)

        assert (found.size, found.codes(numbers([0, 1])).tolist()) == (3, [1, 2])

    def test_of_numbers_that_are_nearly_all_the_largest_are_one(self) -> None:
        crowded = [*range(60), *[100] * 100_000]

        assert binning.fine(numbers(crowded), smallest=10).edges == ()

    def test_of_nothing_are_none(self) -> None:
        assert binning.fine(numbers([]), smallest=10).edges == ()

    def test_are_one_where_rows_do_not_differ(self) -> None:
        groups = evidence.groups(np.array([1, 1, 0]), np.array([1, 0, 0]), size=3, trend=None)

        assert groups.tolist() == [0, 1, 1]


class TestFolds:
    def test_in_time_leave_out_a_moment_with_too_few_of_a_kind(self) -> None:
        moment = np.repeat(np.arange(5), 40)
        bad = np.tile([True, False], 100)
        bad[moment == 4] = False

        splits = folds.by_time(moment, bad)

        assert [int(moment[test].max()) for _, test in splits] == [1, 2, 3]

    def test_fall_back_to_kinds_where_every_row_is_of_one_moment(self) -> None:
        bad = np.tile([True, False], 100)
        task = Task((), bad, np.ones(200), {}, PLAIN, 0)

        splits = validating.splits_of(task, np.zeros(200, dtype=np.int64))

        assert [int(bad[test].sum()) for _, test in splits] == [20] * 5


class TestMeasures:
    @pytest.mark.parametrize("bad", [[True, True], [False, False]])
    def test_say_nothing_where_one_kind_is_lacking(self, bad: list[bool]) -> None:
        assert np.isnan(measures.auc(np.array(bad), np.array([1, 2])))
        assert np.isnan(measures.ks(np.array(bad), np.array([1, 2])))


class TestParts:
    def test_of_pairs_add_to_those_of_columns(self) -> None:
        found = Parts({0: np.array([0.0, 1.0])}, {(0, 1): np.array([[0.0, 5.0], [0.0, 7.0]])})

        assert found.total(np.array([[0, 0], [1, 1]])).tolist() == [0.0, 8.0]

    def test_have_no_pairs_where_there_is_one_column_or_none_is_wanted(self) -> None:
        data = coded([1, 2] * 20, [True, False] * 20)

        assert boosting.best_pairs(data, 0.0, most=3, free=[0]) == []


class TestAModel:
    @pytest.mark.parametrize("trend", ["up", "down", None])
    def test_keeps_the_trend_that_is_asked_for_against_what_rows_say(self, trend: Any) -> None:
        codes = np.repeat([1, 2, 3, 4], 50).tolist()
        bad = [n % 10 < share for share in (1, 7, 3, 9) for n in range(50)]
        trends = {} if trend is None else {0: trend}

        found = learn(coded(codes, bad), shape=PLAIN, trends=trends, rows_of=frozenset()).singles

        steps = np.diff(found[0][1:]) if found else np.zeros(1)
        assert trend != "up" or (steps >= 0).all()
        assert trend != "down" or (steps <= 0).all()
        assert trend is not None or {bool(one > 0) for one in steps} == {True, False}

    def test_that_says_nothing_is_refused(self) -> None:
        table = pa.table({"x": [0, 1] * 100})
        bad = np.repeat([True, False], 100)
        columns = reading.inputs_of(table, leave=()).columns

        with pytest.raises(CannotLearn, match="No column says anything"):
            validating.learnt(Task(columns, bad, np.ones(200), {}, PLAIN, 0), np.arange(200))


class TestColumnsToLearnFrom:
    def test_are_chosen_by_some_of_many_rows_and_all_plain_ones_stay(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(screening, "MOST_ROWS", 60)
        sizes = np.arange(100) * 37 % 101 + 1
        table = pa.table({"loan": sizes * 1000, "guaranteed": sizes * (300 + 7 * (sizes % 60))})
        columns = comparing.with_comparisons(reading.inputs_of(table, leave=()), table).columns
        assert any(one.optional for one in columns)

        found = screening.screened(columns, np.tile([True, False], 50), np.arange(100), seed=0)

        assert {n for n, one in enumerate(columns) if not one.optional} <= set(found)

    def test_are_told_apart_where_their_name_speaks_of_what_came_after(self) -> None:
        table = pa.table({"loss code": [1, 2] * 100, "sales": [1, 2] * 100})
        columns = reading.inputs_of(table, leave=()).columns

        notes = suspicion.suspicious(columns, np.tile([True, False, False, True], 50))

        assert [one.column for one in notes] == ["loss code"]
        assert "known only afterwards" in notes[0].said


class TestWriting:
    @pytest.mark.parametrize(
        ("first", "last", "written"),
        [
            (0, 0, "x is missing"),
            (1, 3, "x is not missing"),
            (1, 2, "x <= 9"),
            (2, 3, "x > 5"),
            (2, 2, "5 < x <= 9"),
        ],
    )
    def test_says_where_a_strip_of_a_table_holds(self, first: int, last: int, written: str) -> None:
        assert writing.condition("x", first, last, Bins(ColumnType.INTEGER, (5, 9))) == written

    def test_of_a_truth_gives_points_for_yes_and_no(self) -> None:
        column = reading.plain_column("open", "open", ColumnType.TRUTH, 1, numbers([0, 1], ColumnType.TRUTH))
        head = writing.Head("x", "1", "字", "x", "字", "x", "bank_rating", "s", "2026-01-01", (), ())

        text = writing.text(
            head,
            Points((Single(0, 10_000, (7, 1, 9)),), (), Line(0.0, 1.0)),
            [column],
            [Bins(ColumnType.TRUTH, (0,))],
        )

        assert "boolean: {yes: 9, no: 1}" in text
        assert "missing: {score: 7}" in text
