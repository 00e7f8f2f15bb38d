"""Nothing of a window's own outcomes, and nothing of the inspector, is in what orders it."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.evidencing import chicago, chicago_features

HALL, BAR = "hall", "bar"
FIRST, SECOND = date(2014, 3, 20), date(2014, 8, 1)
OWN_FIGURES = ["last_critical", "critical_share", "days_since", "around_critical"]


def city(folder: Path, *, critical_in_window: int) -> Path:
    """Write two neighbours: both inspected in March 2014, one again in August; and one to order in September."""
    place = folder / "chicago_food"
    place.mkdir()
    flags = dict.fromkeys(chicago_features.LICENCES, 0)
    rows = [
        {"Inspection_ID": n, "est_id": name, "Inspection_Date": pd.Timestamp(day), "criticalCount": critical,
         "seriousCount": 0, "minorCount": 1, "fail_flag": 0, "Results": "Pass", "Risk": "Risk 1 (High)", "Zip": 60601.0,
         "lat2": 41.9, "lon2": -87.6, "Facility_Type": "Restaurant", "inspector_group": "blue",
         "ageAtInspection": 3.0, **flags}
        for n, (name, day, critical) in enumerate(
            [(HALL, FIRST, 1), (BAR, FIRST, 0), (HALL, SECOND, critical_in_window), (BAR, SECOND, 0)], start=1
        )
    ]  # fmt: skip
    pd.DataFrame(rows).to_parquet(place / "inspections_all.parquet")
    city_flags = dict.fromkeys(chicago_features.LICENCES.values(), 0)
    more = {"Inspection_ID": 9, "est_id": HALL, "Facility_Type": "Restaurant", "Inspector_Assigned": "blue",
            "heat_burglary": 1.0, "heat_garbage": 1.0, "heat_sanitation": 1.0, "ageAtInspection": 3.0, **city_flags}  # fmt: skip
    pd.DataFrame([more]).to_parquet(place / "model_data_test_features_only.parquet")
    pd.DataFrame([more | {"Inspection_ID": 1}]).to_parquet(place / "model_data_train.parquet")
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is known when August brings a clean inspection, and when it brings a critical one."""
    clean = city(tmp_path_factory.mktemp("clean"), critical_in_window=0)
    dirty = city(tmp_path_factory.mktemp("dirty"), critical_in_window=2)
    return tuple(chicago_features.known(one).set_index("id").sort_index() for one in (clean, dirty))


def test_an_inspection_does_not_know_its_own_outcome(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    clean, dirty = both
    assert clean.loc[[3, 4], OWN_FIGURES].equals(dirty.loc[[3, 4], OWN_FIGURES])
    assert clean.loc[3, "last_critical"] == 1


def test_it_does_not_know_its_own_day(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    begins = chicago_features.TEST_BEGINS - timedelta(days=chicago_features.BLOCK_DAYS)
    assert both[0].loc[3, "days_since"] == (begins - FIRST).days


def test_the_test_window_knows_all_before_it(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    clean, dirty = both
    assert dirty.loc[9, "last_critical"] == 2
    assert dirty.loc[9, "critical_share"] > clean.loc[9, "critical_share"]


def test_neighbours_are_the_others(both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    clean, _ = both
    assert clean.loc[4, "around_critical"] > clean.loc[3, "around_critical"]


def test_neither_inspector_nor_ids_nor_days_are_inputs() -> None:
    for inputs in chicago.SYSTEMS.values():
        assert not {"inspector", "id", "est_id", "day", "block", "bad"} & set(inputs)
        assert not [one for one in inputs if "temp" in one or "inspector" in one.lower()]
