"""GB/T 4754-2017 in its four levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel import industries


class TestTheStandard:
    @pytest.mark.parametrize(
        ("level", "count"), [("section", 20), ("division", 97), ("group", 473), ("class", 1381)]
    )
    def test_has_its_levels(self, level, count):
        assert len(industries.codes(level)) == count

    def test_has_an_english_name_for_every_section_and_for_nothing_else(self):
        names = [industries.section_in_english(code) for code in industries.codes("section")]
        assert None not in names
        assert len(set(names)) == len(names)
        assert industries.section_in_english("A01") is None

    def test_is_whole(self):
        for level in industries.LEVELS.values():
            for code in industries.codes(level):
                assert industries.level_of(code) == level
                assert all(industries.is_known(above) for above in industries.ancestors(code))
                assert industries.name(code)


class TestReadingACode:
    @pytest.mark.parametrize("text", ["C1391", "1391", "c1391", "C 1391"])
    def test_takes_the_ways_departments_write_it(self, text):
        assert industries.canonical(text) == "C1391"
        assert industries.section_of(text) == "C"

    @pytest.mark.parametrize("text", ["", "A1391", "U", "C9", "1399999", "淀粉", "00", "C1394"])
    def test_knows_nothing_of_others(self, text):
        assert not industries.is_known(text)
        assert industries.name(text) is None
        assert industries.section_of(text) is None
        assert industries.level_of(text) is None
        assert industries.ancestors(text) == ()

    def test_names_a_section(self):
        assert industries.name("C") == "制造业"
        assert industries.ancestors("C") == ()

    @given(st.sampled_from(industries.codes("class")))
    def test_finds_a_class_without_its_letter(self, code):
        assert industries.canonical(code[1:]) == code
