"""Learning a system from a table, and scoring with what was written."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scoring.learning.tables import loans

from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.learning import applying, fitting, validating
from creditmesh.scoring.learning.fitting import Fitted
from creditmesh.scoring.learning.model import calibrating, measures
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.model.screening import screened
from creditmesh.scoring.learning.options import (
    BadOption,
    Options,
    purpose_of,
    shares_of,
    symbols_of,
    trends_of,
)
from creditmesh.scoring.learning.table import reading
from creditmesh.scoring.learning.table.columns import NoSuchColumn
from creditmesh.scoring.learning.table.target import CannotLearn
from creditmesh.scoring.learning.watching import drifting, telling
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.targets.to_python import function

ON = date(2026, 1, 1)
PLAIN = Shape(refined=False)
SIMPLE = Options(id_column="编号", challenger=False, shape=Shape(most_tables=3))


@pytest.fixture(scope="module")
def made() -> Fitted:
    return fitting.fit(loans(), target="y", options=SIMPLE)


def system(found: Fitted) -> System:
    return fitting.system_of(found.system)


def without(table: pa.Table, **changed: Any) -> pa.Table:
    for name, values in changed.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(values))
    return table


class TestTheFile:
    def test_is_the_same_bytes_for_the_same_table_and_seed(self, made: Fitted) -> None:
        again = fitting.fit(loans(), target="y", options=SIMPLE)
        assert again.system == made.system
        assert again.card.as_json() == made.card.as_json()

    def test_scores_the_same_in_sql_and_in_python(self, made: Fitted) -> None:
        plan = compile_plan(system(made))
        table = loans(seed=3)
        in_sql = applying.run(system(made), table, on=ON).to_pylist()
        score = function(plan)
        for row, full in zip(applying.rows(system(made), table, on=ON), in_sql, strict=True):
            found: Mapping[str, object] = score(row).columns(reasons=plan.reasons)
            assert {name: full[name] for name in found} == dict(found)

    def test_scores_the_rows_it_was_learnt_from_as_the_card_says(self, made: Fitted) -> None:
        found = applying.score(system(made), loans(), on=ON, id_column="编号")
        grades = found["grade"].to_pylist()
        assert {one["grade"]: one["rows"] for one in made.card.data["grades"]} == {
            symbol: grades.count(symbol) for symbol in "ABCD"
        }
        assert found["编号"].to_pylist()[0] == "L00000"
        area = measures.auc(np.array(loans()["y"]) == 1, np.array(found["score"]))
        assert round(area, 4) == made.card.data["performance"]["learnt_on"]["auc"]

    def test_finds_the_truth_and_leaves_the_rest(self, made: Fitted) -> None:
        weights = {one.id: one.weight for one in system(made).definition.indicators if one.role == "weighted"}
        assert sum(weights.values()) == 10_000
        assert weights["debt"] == max(weights.values())
        assert "same" not in weights
        debt = next(one for one in system(made).definition.indicators if one.id == "debt")
        assert debt.bands is not None
        assert any(55 <= (one.up_to or 0) <= 65 for one in debt.bands)

    def test_ranks_unseen_rows(self, made: Fitted) -> None:
        fresh = loans(2_000, seed=9)
        found = applying.score(system(made), fresh, on=ON)
        assert measures.auc(np.array(fresh["y"]) == 1, np.array(found["score"])) > 0.78

    def test_gives_missing_its_own_points(self, made: Fitted) -> None:
        table = loans(40)
        gone = without(table, **{"age {years}": pa.nulls(40, pa.float64())})
        column = next(one.id for one in system(made).definition.indicators if one.id.startswith("age"))
        points = applying.score(system(made), gone, on=ON)[f"points_{column}"].to_pylist()
        found = next(one for one in system(made).definition.indicators if one.id == column)
        policy = found.missing
        assert points == [(policy.score or 0) * found.weight // 10] * 40
        assert (policy.score or 0) > 500

    def test_takes_a_text_it_never_saw_for_otherwise(self, made: Fitted) -> None:
        strange = without(loans(20), 行业=["丁'\"\\"] * 20)
        lookup = next(one for one in system(made).definition.indicators if one.lookup is not None)
        points = applying.score(system(made), strange, on=ON)[f"points_{lookup.id}"].to_pylist()
        assert lookup.lookup is not None
        assert points == [(lookup.lookup.otherwise or 0) * lookup.weight // 10] * 20

    def test_says_what_every_indicator_adds_to_the_score(self, made: Fitted) -> None:
        found = applying.score(system(made), loans(2_000, seed=4), on=ON)
        added = [name for name in found.column_names if name.startswith("points_")]
        sums = [
            sum(one or 0 for one in row) for row in zip(*(found[n].to_pylist() for n in added), strict=True)
        ]
        assert sums == found["score"].to_pylist()
        assert {str(found.schema.field(name).type) for name in (*added, "score")} == {"int64"}
        assert b"higher is worse" in found.schema.metadata[b"creditmesh"]

    def test_names_rows_also_by_a_column_that_is_called_score(self, made: Fitted) -> None:
        table = loans(30)
        found = applying.score(
            system(made), table.append_column("score", table["编号"]), on=ON, id_column="score"
        )
        assert found.column_names[:3] == ["id_score", "score", "grade"]
        assert found["id_score"].to_pylist() == table["编号"].to_pylist()

    def test_takes_a_column_with_blanks_around_its_name_for_it(self, made: Fitted) -> None:
        table = loans(30)
        blanks = table.rename_columns([f" {name} " for name in table.column_names])
        assert applying.score(system(made), blanks, on=ON) == applying.score(system(made), table, on=ON)

    def test_needs_every_column_it_reads(self, made: Fitted) -> None:
        with pytest.raises(NoSuchColumn, match="debt"):
            applying.score(system(made), loans(20).drop_columns(["debt"]), on=ON)
        with pytest.raises(NoSuchColumn, match=r"lacks 2 columns that learnt reads: (debt, 行业|行业, debt)"):
            applying.score(system(made), loans(20).drop_columns(["debt", "行业"]), on=ON)

    def test_reads_numbers_written_as_text_alike(self, made: Fitted) -> None:
        table = loans(60)
        as_text = pa.table({name: [None if one is None else str(one) for one in table[name].to_pylist()]
                            for name in table.column_names})  # fmt: skip
        assert applying.score(system(made), as_text, on=ON) == applying.score(system(made), table, on=ON)

    def test_counts_values_that_are_not_what_was_learnt_from(self, made: Fitted) -> None:
        table = loans(20)
        strange = table.drop_columns("debt").append_column("debt", [[None, *["high"] * 19]])
        assert applying.unreadable(system(made), strange) == {"debt": 19}
        assert applying.unreadable(system(made), table) == {}

    def test_of_records_is_not_scored_on_a_table(self) -> None:
        general = loading.load(loading.shipped()["general"])
        with pytest.raises(applying.NotOfATable, match="classify"):
            applying.score(general, loans(20), on=ON)


class TestWishes:
    @pytest.mark.slow
    @pytest.mark.parametrize("way", ["down"])
    def test_a_trend_holds_in_the_points(self, way: Any) -> None:
        asked = Options(id_column="编号", trends={"debt": way}, challenger=False, shape=Shape(most_tables=2))
        found = system(fitting.fit(loans(300), target="y", options=asked)).definition
        for one in found.indicators:
            if one.id == "debt" and one.bands is not None:
                points = [band.points for band in one.bands]
                assert points == sorted(points, reverse=way == "down")
            assert one.role == "weighted" or "debt" not in f"{one.value} {one.applies_when}"

    def test_time_means_testing_on_later_rows_only(self) -> None:
        asked = Options(id_column="编号", time_column="year", challenger=False, shape=Shape(refined=False))
        card = fitting.fit(loans(), target="y", options=asked).card.data
        assert card["validation"]["kind"] == "forward in time"
        assert card["data"]["period"] == ["2015", "2020"]
        assert card["stability"]["score"] >= 0

    def test_tells_the_period_also_of_days_soon_after_1970(self) -> None:
        table = loans()
        days = [date(1970, 3, 1) + timedelta(days=20 * n) for n in range(table.num_rows)]
        asked = Options(time_column="on", challenger=False, shape=PLAIN)
        card = fitting.fit(table.append_column("on", pa.array(days)), target="y", options=asked).card.data
        assert card["data"]["period"] == ["1970-03-01", str(days[-1])]

    def test_the_interval_is_of_the_figure_it_stands_beside(self, made: Fitted) -> None:
        tested = made.card.data["performance"]["tested"]
        low, high = tested["auc_interval"]
        assert tested["auc"] == pytest.approx((low + high) / 2, abs=2e-4)

    def test_shares_of_grades_are_met(self) -> None:
        asked = Options(
            id_column="编号", grades=("A", "B", "C", "D", "E"), grade_shares=(20, 20, 20, 20, 20),
            challenger=False, shape=Shape(refined=False), holdout=0.2,
        )  # fmt: skip
        card = fitting.fit(loans(), target="y", options=asked).card.data
        assert [one["grade"] for one in card["grades"]] == ["A", "B", "C", "D", "E"]
        assert all(40 <= one["rows"] <= 130 for one in card["grades"])
        assert card["performance"]["held_out"]["rows"] == 100

    def test_the_challenger_says_what_readability_costs(self) -> None:
        asked = Options(id_column="编号", shape=Shape(refined=False))
        told = fitting.fit(loans(), target="y", options=asked).card.data["performance"]
        assert told["challenger"]["readability_costs_auc"] == pytest.approx(
            told["challenger"]["auc"] - told["tested"]["auc"], abs=2e-4
        )

    def test_shares_and_purposes_are_read_from_text(self) -> None:
        assert (shares_of("40, 30,20,10"), shares_of(None)) == ((40, 30, 20, 10), ())
        assert purpose_of("risk_classification") == "risk_classification"
        with pytest.raises(BadOption, match="whole per cents"):
            shares_of("a,b")
        with pytest.raises(BadOption, match="write one of risk_classification"):
            purpose_of("nonsense")

    def test_the_challenger_is_measured_as_the_system_is(self) -> None:
        """Both KS are means over the same splits: of all rows together, or of each part, they are not the same."""
        table = loans()
        columns = reading.inputs_of(table, leave={"y", "编号"}).columns
        task = validating.Task(columns, np.array(table["y"]) == 1, np.ones(500), {}, PLAIN, 0)
        tested = validating.tested(task, validating.splits_of(task, None))
        asked = Options(id_column="编号", challenger=False, shape=PLAIN)
        told = fitting.fit(table, target="y", options=asked).card.data["performance"]["tested"]
        assert told["ks"] == pytest.approx(np.mean(tested.kss), abs=1e-4)
        assert told["auc"] == pytest.approx(np.mean(tested.aucs), abs=1e-4)

    def test_symbols_and_trends_are_read_from_text(self) -> None:
        assert symbols_of("A–E") == ("A", "B", "C", "D", "E")
        assert symbols_of("好,中,差") == ("好", "中", "差")
        assert trends_of(["a=b=up"]) == {"a=b": "up"}
        with pytest.raises(BadOption, match="grades"):
            symbols_of("A")
        with pytest.raises(BadOption, match="COLUMN=up"):
            trends_of(["debt=sideways"])


class TestHostileTables:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"y": [1] * 500}, "nothing to tell apart"),
            ({"y": [n % 3 for n in range(500)]}, "two values"),
            ({"y": ["left", "right"] * 250}, "--positive"),
            ({"y": [1] * 5 + [0] * 495}, "too few"),
            ({"y": [None] * 500}, "empty in every row"),
        ],
    )
    def test_a_target_that_is_not_good_and_bad_is_refused(self, change: dict[str, Any], said: str) -> None:
        with pytest.raises(CannotLearn, match=said):
            fitting.fit(without(loans(), **change), target="y", options=SIMPLE)

    def test_one_row_is_refused(self) -> None:
        with pytest.raises(CannotLearn):
            fitting.fit(loans(1), target="y", options=SIMPLE)

    def test_a_table_with_nothing_usable_is_refused(self) -> None:
        table = loans().select(["编号", "same", "y"]).append_column("gone", pa.nulls(500))
        with pytest.raises(CannotLearn, match="No column is left"):
            fitting.fit(table, target="y", options=SIMPLE)

    def test_a_target_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(NoSuchColumn, match="default"):
            fitting.fit(loans(), target="default", options=SIMPLE)

    def test_ids_constants_and_leaks_are_named(self) -> None:
        table = loans().append_column(
            "坏账核销额", pa.array([float(one) * 100 for one in loans()["y"].to_pylist()])
        )
        asked = Options(challenger=False, shape=Shape(refined=False))
        notes = {
            one["column"]: one["en"]
            for one in fitting.fit(table, target="y", options=asked).card.data["notes"]
        }
        assert "id" in notes["编号"]
        assert "always the same" in notes["same"]
        assert "AUC 1.000" in notes["坏账核销额"]

    def test_names_that_sql_and_python_know_do_no_harm(self) -> None:
        names = ["select", "points_x", "as_of", "class", 'a"b', "score"]
        table = loans(200)
        for name in names:
            table = table.append_column(name, table["debt"])
        found = system(
            fitting.fit(table, target="y", options=Options(challenger=False, shape=Shape(refined=False)))
        )
        assert applying.score(found, table, on=ON).num_rows == 200


class TestWatching:
    def test_the_rows_learnt_from_have_not_drifted(self, made: Fitted) -> None:
        card = json.loads(made.card.as_json())
        result = applying.run(system(made), loans(), on=ON)
        assert {one.verdict for one in drifting.drift(system(made), card=card, result=result)} == {"steady"}

    def test_rows_of_another_world_have(self, made: Fitted) -> None:
        card = json.loads(made.card.as_json())
        other = without(loans(), debt=[99] * 500)
        moved = {
            one.id: one
            for one in drifting.drift(
                system(made), card=card, result=applying.run(system(made), other, on=ON)
            )
        }
        assert moved["debt"].verdict == "act"
        assert moved["score"].verdict == "act"

    def test_a_card_without_a_reference_is_refused(self, made: Fitted) -> None:
        with pytest.raises(drifting.NoReference):
            drifting.drift(system(made), card={}, result=applying.run(system(made), loans(20), on=ON))

    def test_shifting_the_heaviest_weight_changes_some_grades(self, made: Fitted) -> None:
        result = applying.score(system(made), loans(), on=ON)
        told = telling.weights(system(made), table=loans(), result=result, on=ON)
        assert max(one["changed"] for one in told["sensitivity"]) > 0
        learnt = next(one for one in told["lists"] if one["list"] == "learnt")
        assert sum(learnt["critic"].values()) == 10_000
        assert any("grades change" in line for line in telling.lines(told))


class TestWhatIndicatorsAdd:
    def test_is_shared_out_anew_where_one_is_skipped(self, made: Fitted) -> None:
        text = re.sub(r"missing: \{score: \d+\}", "missing: skip", made.system)
        table = loans(60)
        found = applying.score(
            fitting.system_of(text), without(table, debt=pa.nulls(60, pa.int64())), on=ON
        ).to_pydict()
        added = [name for name in found if name.startswith("points_")]
        assert found["points_debt"] == [None] * 60
        assert [sum(found[name][n] or 0 for name in added) for n in range(60)] == found["score"]
        assert max(found["score"]) > 0

    def test_leaves_to_a_column_of_its_own_what_the_ends_of_the_scale_cut_off(self, made: Fitted) -> None:
        extra = (
            "      - id: over\n        label: {zh: 甲, en: A}\n        role: adjustment\n        weight: 10000\n"
            "        value: debt\n        bands: [{points: 1000}]\n        missing: {score: 0}\n"
            '        reason: {zh: "{value}", en: "{value}"}\n'
        )
        text = made.system.replace("\ngrades:", extra + "\ngrades:", 1)
        found = applying.score(fitting.system_of(text), loans(60), on=ON).to_pydict()
        added = [name for name in found if name.startswith("points_")]
        assert set(found["score"]) == {1_000_000}
        assert min(found["points_rest"]) < 0
        assert [sum(found[name][n] or 0 for name in added) for n in range(60)] == found["score"]


class TestFolds:
    def test_lie_on_one_scale_so_that_probabilities_hold(self) -> None:
        """Every fold has a system, and points, of its own; what they stand for must not differ."""
        table = loans(1_500)
        columns = reading.inputs_of(table, leave={"y", "编号"}).columns
        bad = np.array(table["y"]) == 1
        task = validating.Task(columns, bad, np.ones(1_500), {}, PLAIN, 0)
        splits = validating.splits_of(task, None)
        points, bins = validating.learnt(task, splits[0][0])
        rows = splits[0][0]
        own = validating.scored(points, validating.coded(task.rows(rows), bins)) / 1_000
        refitted = calibrating.line(own, bad[rows], np.ones(len(rows)))
        assert points.line.per_point == pytest.approx(refitted.per_point, rel=0.02)
        assert points.line.at_zero == pytest.approx(refitted.at_zero, rel=0.02)

        odds = validating.tested(task, splits).odds

        for _, test in splits:
            assert (1 / (1 + np.exp(-odds[test]))).mean() == pytest.approx(bad[test].mean(), abs=0.1)

    def test_learn_of_customers_with_few_rows_each(self) -> None:
        random = np.random.default_rng(5)
        customer = np.arange(900) % 100
        bad = random.random(900) < np.where(customer % 2 == 0, 0.75, 0.15)
        table = pa.table(
            {"customer": [f"C{n:03}" for n in customer], "x": random.normal(size=900), "y": bad.astype(int)}
        )
        card = fitting.fit(table, target="y", options=Options(challenger=False, shape=PLAIN)).card.data
        assert card["performance"]["tested"]["auc"] > 0.7


def test_of_very_many_columns_only_those_that_add_something_are_learnt_from() -> None:
    random = np.random.default_rng(1)
    names = [f"n{n}" for n in range(130)]
    columns = {name: random.normal(size=400).round(2) for name in names}
    columns["word"] = np.array(["a", "b"])[(columns["n7"] > 0).astype(int)]
    bad = (columns["n7"] + random.normal(size=400) > 0).astype(int)
    table = pa.table(columns)
    inputs = reading.inputs_of(table, leave=()).columns

    used = screened(inputs, bad == 1, np.arange(400), seed=0, kept=(3,))

    assert {7, 3} <= set(used)
    assert 20 < len(used) <= 121


class TestWeightsInAFile:
    def test_that_are_not_those_of_the_judgements_are_refused(self, made: Fitted) -> None:
        text = made.system.replace(
            "groups:\n  - id: learnt", 'weights_from: {ahp: [[1, 3], ["1/3", 1]]}\ngroups:\n  - id: learnt'
        )
        with pytest.raises(Exception, match="here are 1"):
            loading.checked(parse(text, file="x"), catalogue=Catalogue(lists=()))
