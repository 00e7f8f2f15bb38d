"""Learnt from inputs of a shipped system: a file of records that a node can simulate, publish and run."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from creditmesh.catalogue import loading as lists
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import cases, loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Lifecycle
from creditmesh.scoring.learning import fitting
from creditmesh.scoring.learning.fitting import Fitted
from creditmesh.scoring.learning.model.learning import Shape
from creditmesh.scoring.learning.options import Options
from creditmesh.scoring.learning.table import based, reading
from creditmesh.scoring.learning.table.target import CannotLearn

ROWS = 600
DAY = date(2026, 11, 1)


def table() -> pa.Table:
    """Return inputs of the general system with what followed: penalties and the list do it, awards are worse by chance."""
    random = np.random.default_rng(0)
    load, listed = random.integers(0, 6, ROWS) * 1_000, random.random(ROWS) < 0.3
    awards, age = random.integers(0, 3, ROWS), random.integers(30, 9_000, ROWS)
    odds = -2.5 + 0.5 * load / 1_000 + 1.5 * listed + 0.8 * awards + (age < 900)
    return pa.table(
        {
            "subject": [f"S{n}" for n in range(ROWS)],
            "as_of": [DAY - timedelta(days=n % 30) for n in range(ROWS)],
            "penalty_load": load,
            "abnormal_now": listed,
            "serious_now": random.random(ROWS) < 1 / (1 + np.exp(odds)),  # the wrong way round
            "quality_awards": awards,
            "employees": random.random(ROWS),
            "established": [DAY - timedelta(days=int(one)) for one in age],
            "points_penalties": load,
            "revenue": load,
            "bad": (random.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(int),
        }
    )


@pytest.fixture(scope="module")
def general() -> System:
    return loading.load(loading.shipped()["general"], alone=True)


@pytest.fixture(scope="module")
def made(general: System) -> Fitted:
    options = Options(
        base=general,
        time_column="as_of",
        system="learnt",
        challenger=False,
        shape=Shape(refined=False),
    )
    return fitting.fit(table(), target="bad", options=options)


class TestASystemBasedOnAnother:
    def test_reads_records_through_its_inputs_and_keeps_its_rules(
        self, made: Fitted, general: System
    ) -> None:
        found = loading.checked(parse(made.system, file="learnt.yml"), catalogue=lists.load()).definition

        assert not found.of_a_table
        assert found.lifecycle is Lifecycle.LIVE  # once approved: else the monthly cadence would pass it by
        assert (found.population, found.triggers, found.caps) == (
            general.definition.population,
            general.definition.triggers,
            general.definition.caps,
        )
        values = {one.value for one in found.indicators}
        assert {"penalty_load", "abnormal_now", "days(established, as_of)"} <= values
        assert not any("points_" in str(one) or "revenue" in str(one) for one in values)

    def test_never_rewards_what_speaks_against(self, made: Fitted) -> None:
        found = loading.checked(parse(made.system, file="learnt.yml"), catalogue=lists.load()).definition
        by_value = {one.value: one for one in found.indicators}

        assert not {"serious_now", "quality_awards"} & set(by_value)
        bands = by_value["penalty_load"].bands or ()
        assert [one.points for one in bands] == sorted(one.points for one in bands)

    def test_calls_inputs_by_their_names_in_both_languages(self, made: Fitted) -> None:
        assert '{zh: "当前列入经营异常名录", en: "On the abnormal list now"}' in made.system
        assert "成立日期距今天数" in made.system

    def test_says_which_columns_are_no_such_inputs(self, made: Fitted) -> None:
        notes = {one["column"]: one["en"] for one in made.card.data["notes"]}

        assert notes["employees"] == "not as an input of general is; left out"  # parts of people
        assert "revenue" not in notes

    def test_comes_with_a_case_that_holds(self, made: Fitted, tmp_path) -> None:
        file = tmp_path / "learnt.yml"
        file.write_text(made.system, encoding="utf-8")
        file.with_suffix(".cases.yml").write_text(cases.first(file), encoding="utf-8")

        assert [(one.name, one.passed) for one in cases.check(file)] == [("nothing on record", True)]

    def test_is_refused_where_nothing_can_be_read(self, general: System) -> None:
        strange = table().select(["subject", "revenue", "bad"])
        with pytest.raises(CannotLearn, match="No column is an input of general"):
            fitting.fit(strange, target="bad", options=Options(base=general, challenger=False))

    def test_is_refused_on_a_system_of_systems(self) -> None:
        base = loading.load(loading.shipped()["general-qinghai"], alone=True)
        with pytest.raises(CannotLearn, match="results of other systems"):
            fitting.fit(table(), target="bad", options=Options(base=base, challenger=False))

    def test_calls_days_between_two_inputs_by_both(self) -> None:
        days = [date(2020, 1, 1) + timedelta(days=n) for n in range(40)]
        checked = [one + timedelta(days=n * n) for n, one in enumerate(days)]
        found = reading.inputs_of(
            pa.table({"installed": days, "next_inspection": checked, "as_of": [DAY] * 40}), leave=()
        )
        elevators = loading.load(loading.shipped()["elevators"], alone=True)

        named = {one.label_en for one in based.usable(found, elevators).columns if one.reads}

        assert any(one.startswith("Days from: ") for one in named)
