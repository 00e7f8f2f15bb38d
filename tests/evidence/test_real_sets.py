"""The real sets are read as their notes say; skipped where they are not at hand."""

from pathlib import Path

import pytest
from benchmarks.evidencing import chinese, inspections, loans

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real sets of ../shared/data are not here")


@pytest.mark.parametrize("one", loans.SETS, ids=lambda one: one.name)
def test_no_outcome_is_an_input(one: loans.Set) -> None:
    table, bad = loans.read(one, DATA / "loans_default")
    names = {name.lower() for name in table}
    assert not names & {
        "y",
        "default",
        "mis_status",
        "chgoffdate",
        "chg_off_date",
        "chgoffpringr",
        "chg_off_prin_gr",
        "xx",
    }
    assert 0 < bad.mean() < 0.6


def test_windows_of_san_francisco_end_at_the_split() -> None:
    windows = inspections._windows(inspections.CITIES[0], DATA / "us_inspections")
    assert str(windows[-1].date()) == "2016-09-14"


def test_tax_arrears_written_with_commas_are_numbers() -> None:
    table = chinese.jinan_table(DATA / "cn_jinan_credit")
    assert table["taxunpaidnum"].notna().sum() == 254
    known = chinese._jinan(table, without=("is_justice_credit", "is_justice_creditaic"))
    assert not {"dishonest", "dishonest_regulator"} & set(known)
    assert known["tax_arrears"].max() > 1_000_000
