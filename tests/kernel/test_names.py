"""Names in the spelling in which they are compared and searched."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from creditmesh.kernel.names import name_grams, normalise_name


class TestNormalisingAName:
    @pytest.mark.parametrize(
        "spelling",
        [
            "麦香（青禾）ab有限公司",
            "麦香(青禾)AB有限公司",
            "麦香【青禾】ＡＢ 有限\u200b公司",
            "　麦香〔青禾〕Ab有限公司\n",
        ],
    )
    def test_makes_spellings_of_one_name_equal(self, spelling):
        assert normalise_name(spelling) == "麦香(青禾)AB有限公司"

    def test_keeps_different_names_apart(self):
        assert normalise_name("麦香(青禾)有限公司") != normalise_name("麦香青禾有限公司")

    def test_unifies_the_middle_dot(self):
        assert normalise_name("阿依•古丽") == normalise_name("阿依・古丽") == "阿依·古丽"

    @given(st.text())
    @example("\u0390")  # its capital is written apart and NFKC writes it together
    @example("a\u00a8")  # NFKC makes a space of it, which goes
    def test_is_stable(self, text):
        once = normalise_name(text)
        assert normalise_name(once) == once


class TestGrams:
    def test_pair_neighbours_across_brackets(self):
        assert name_grams("麦香（青禾）") == "麦香 香青 青禾"

    @pytest.mark.parametrize(("text", "grams"), [("", ""), ("（）", ""), ("麦", "麦"), ("麦香", "麦香")])
    def test_of_short_names(self, text, grams):
        assert name_grams(text) == grams

    @given(st.text("青禾县麦香有限公司", min_size=2, max_size=12), st.data())
    def test_of_a_part_are_among_those_of_the_whole(self, name, data):
        start = data.draw(st.integers(0, len(name) - 2))
        part = name[start : data.draw(st.integers(start + 2, len(name)))]
        assert name_grams(part) in name_grams(name)
