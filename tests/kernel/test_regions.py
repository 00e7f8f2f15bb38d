"""Regions through the years, and the county that does not exist."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel import regions
from creditmesh.kernel.regions import Region


class TestTheHistoryOfACode:
    def test_keeps_every_name(self):
        assert [one.name for one in regions.history("632122")] == ["民和县", "民和回族土族自治县"]
        assert regions.name("632122", on=date(1983, 5, 1)) == "民和县"
        assert regions.name("632122", on=date(2000, 5, 1)) == "民和回族土族自治县"
        assert regions.name("632122") == "民和回族土族自治县"

    def test_knows_a_code_that_is_gone_but_not_for_today(self):
        assert regions.is_known("632121")
        assert regions.is_known("632121", on=date(2010, 1, 1))
        assert not regions.is_known("632121", on=date(2024, 1, 1))
        assert regions.name("632121", on=date(2024, 1, 1)) is None

    def test_takes_both_names_as_valid_where_the_change_is_not_dated(self):
        # The revisions end in April 2019, the next list is of June 2023.
        gone = next(
            one for code in ("370784", "630122", "330103") for one in regions.history(code) if one.approximate
        )
        assert gone.valid_to == 2023

    def test_has_nothing_for_an_unknown_code(self):
        assert regions.history("000000") == ()
        assert regions.name("000000") is None
        assert regions.full_name("000000") is None
        assert not regions.is_known("000000")

    def test_keeps_what_the_newest_list_does_not_cover(self):
        assert regions.is_known("810000", on=date(2026, 1, 1))

    def test_is_there_for_every_code_once(self):
        every = list(regions.codes())
        assert len(set(every)) == len(every) > 7000
        assert all(regions.is_known(code) for code in every)

    def test_covers_the_newest_county_list(self):
        open_counties = [
            code
            for province in range(11, 66)
            for code in _below(f"{province}0000")
            if regions.is_known(code, on=date(2026, 1, 1))
        ]
        # The list has 2,978; three of them are cities without counties (东莞, 中山, 儋州).
        assert len([code for code in open_counties if not code.endswith("00")]) == 2978 - 3


def _below(code):
    found = []
    for child in regions.children(code):
        found += [child, *_below(child)]
    return found


class TestTheLadder:
    def test_goes_by_prefix(self):
        assert regions.ancestors("630203") == ("630000", "630200")
        assert regions.ancestors("630000") == ()

    def test_skips_what_was_never_a_code(self):
        assert regions.ancestors("998877") == ("990000",)

    def test_writes_an_address_without_empty_levels(self):
        assert regions.full_name("310115") == "上海市浦东新区"
        assert regions.full_name("429004") == "湖北省仙桃市"
        assert regions.full_name("632121", on=date(2000, 1, 1)) == "青海省海东地区平安县"

    def test_lists_the_children_of_a_day(self):
        assert "630203" in regions.children("630200", on=date(2024, 1, 1))
        assert "630221" not in regions.children("630200", on=date(2024, 1, 1))
        assert "630221" in regions.children("630200")


class TestSuccessors:
    def test_are_followed_to_the_end(self):
        assert regions.successors("632121") == ("630221", "630203")
        assert regions.successors("630203") == ()
        assert regions.successors("000000") == ()

    def test_say_that_they_are_derived(self):
        assert regions.history("632121")[-1].successor_by == "same name"
        assert regions.history("630221")[-1].successor_by == "same stem"

    def test_are_codes_of_the_same_province(self):
        for code in _below("630000"):
            assert all(one.startswith("63") for one in regions.successors(code))

    def test_stop_at_a_ring(self, monkeypatch):
        ring = {
            one: (Region(one, one, None, 2000, successor=other),) for one, other in (("a", "b"), ("b", "a"))
        }
        monkeypatch.setattr(regions, "_table", lambda: ring)
        assert regions.successors("a") == ("b", "a")


class TestTheSampleCounty:
    def test_is_marked_in_its_name(self):
        assert regions.full_name("990121") == "示例省（虚构）示例市（虚构）青禾县（虚构）"
        assert regions.history("990121")[0].fictitious

    def test_has_twelve_towns(self):
        towns = regions.children(regions.SAMPLE_COUNTY)
        assert towns == tuple(f"9901210{number:02d}" for number in range(1, 13))
        assert all("（虚构）" in regions.name(town) for town in towns)

    @given(st.from_regex(r"\A[0-9]{6}([0-9]{3})?\Z"))
    def test_no_real_code_counts_as_fictitious(self, code):
        assert regions.is_fictitious(code) == code.startswith("99")
        if regions.is_known(code):
            assert regions.is_fictitious(code) == regions.history(code)[0].fictitious


@pytest.mark.parametrize("year", [1980, 1999, 2026])
def test_a_name_without_bounds_is_always_valid(year):
    assert Region("1", "一", None, None).is_valid(date(year, 1, 1))
