"""The code of GB 32100: the vectors of domain.md §6.1, what it detects, and how it explains."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from creditmesh.kernel import organisation_code, uscc

VALID = (
    "91350100M000100Y43",
    "91110000101623741K",
    "911101066976941872",
    "91310115MA1K3CUM7M",
    "9135010026017703XW",
    "91110000600037341L",
)
REAL_BUT_WRONG = "91350211M0000XUF46"
COPIED_FROM_A_BLOG = "91310115MA1H8R7C6D"

bodies = st.text(uscc.ALPHABET, min_size=17, max_size=17)
codes = bodies.map(lambda body: body + uscc.check_character(body))
inner_bodies = st.text(uscc.ALPHABET, min_size=8, max_size=8)


@st.composite
def issued_codes(draw):
    """Draw a code as an authority issues it: known region, inner check right."""
    inner = draw(inner_bodies)
    body = (
        draw(st.sampled_from(["91", "92", "93", "N1", "Y1"]))
        + draw(st.sampled_from(["630102", "990121", "310115", "632121"]))
        + inner
        + organisation_code.check_character(inner)
    )
    return body + uscc.check_character(body)


def kinds(code, **options):
    return [one.code for one in uscc.problems(code, **options)]


class TestTheCheckCharacter:
    @pytest.mark.parametrize("code", VALID)
    def test_holds_for_the_published_codes(self, code):
        assert uscc.is_valid(code)
        assert uscc.problems(code) == ()

    @pytest.mark.parametrize("code", [REAL_BUT_WRONG, COPIED_FROM_A_BLOG])
    def test_fails_for_the_published_wrong_ones(self, code):
        assert not uscc.is_valid(code)

    def test_names_the_expected_letter_of_the_real_code_with_a_wrong_one(self):
        assert uscc.check_character(REAL_BUT_WRONG[:17]) == "R"
        assert "'R'" in uscc.problems(REAL_BUT_WRONG)[0].en

    def test_is_0_when_nothing_remains(self):
        assert uscc.check_character("0" * 17) == "0"

    @pytest.mark.parametrize("body", ["", "9" * 16, "9" * 18, "I" + "9" * 16])
    def test_is_not_made_for_what_cannot_be_a_code(self, body):
        with pytest.raises(ValueError, match="seventeen"):
            uscc.check_character(body)

    @given(codes, st.integers(0, 16), st.sampled_from(uscc.ALPHABET))
    def test_detects_every_substitution(self, code, place, letter):
        changed = code[:place] + letter + code[place + 1 :]
        assert uscc.is_valid(changed) == (changed == code)

    @given(codes, st.integers(0, 15))
    def test_detects_every_swap_of_neighbours(self, code, place):
        changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert uscc.is_valid(changed) == (changed == code)

    @given(st.text(uscc.ALPHABET + "IOSVZabc- ", min_size=16, max_size=20))
    def test_never_takes_what_is_no_code(self, text):
        if len(text) != 18 or set(text) - set(uscc.ALPHABET):
            assert not uscc.is_valid(text)


class TestTheOracle:
    """python-stdnum agrees on the check, and is wrong elsewhere."""

    @given(st.text("0123456789", min_size=8, max_size=8), st.text(uscc.ALPHABET, min_size=10, max_size=10))
    def test_agrees_where_the_first_eight_are_digits(self, first, rest):
        assert oracle.is_valid(first + rest) == uscc.is_valid(first + rest)

    @given(st.text("0123456789", min_size=8, max_size=8), st.text(uscc.ALPHABET, min_size=9, max_size=9))
    def test_makes_the_same_check_character(self, first, rest):
        assert oracle.calc_check_digit(first + rest) == uscc.check_character(first + rest)

    @pytest.mark.parametrize("prefix", ["A1", "G1", "N1", "N2", "Y1"])
    def test_refuses_kinds_of_codes_that_exist(self, prefix):
        body = prefix + "630102MA7500001"
        code = body + uscc.check_character(body)
        assert uscc.is_valid(code)
        assert not oracle.is_valid(code)

    def test_takes_lower_case_and_spaces_in_silence_where_we_say_so(self):
        messy = "91350100 m000100y43"
        assert oracle.is_valid(messy)
        assert not uscc.is_valid(messy)
        assert uscc.parse(messy, mode="strict").remarks


class TestExplaining:
    def test_says_the_length_and_what_fifteen_digits_may_be(self):
        (problem,) = uscc.problems("310115600985533")
        assert (problem.code, problem.position) == ("length", None)
        assert "注册号" in problem.sentence("zh-hans")
        assert "registration number" in problem.sentence("en")

    def test_says_what_nine_letters_may_be(self):
        assert "organisation code" in uscc.problems("101623741")[0].en

    def test_does_not_guess_for_other_lengths(self):
        assert uscc.problems("9" * 13)[0].en.endswith("13.")

    def test_names_every_letter_that_may_not_be(self):
        found = uscc.problems("9I350100M0O0100Y43")
        assert [(one.code, one.position) for one in found] == [("letter", 2), ("letter", 11)]

    def test_suspects_the_last_character_when_the_inner_code_is_right(self):
        assert kinds("91350100M000100Y44") == ["check-character", "last-character-suspect"]

    def test_suspects_the_body_when_the_inner_code_is_wrong_too(self):
        assert kinds("91350100M000200Y43") == ["check-character", "body-suspect"]

    def test_takes_a_code_whose_inner_check_alone_is_wrong(self):
        body = "91630102MA7500001"
        code = body + uscc.check_character(body)
        assert not organisation_code.is_valid(code[8:17])
        assert kinds(code) == ["organisation-code"]
        assert uscc.parse(code, mode="strict").code == code

    def test_remarks_on_an_unknown_category_and_region(self):
        body = "ZZ".replace("Z", "8") + "000000" + "101623741"
        assert kinds(body + uscc.check_character(body)) == ["category", "region"]

    def test_knows_regions_of_the_past_and_on_a_day_only_those_of_that_day(self):
        body = "91632121" + "101623741"
        code = body + uscc.check_character(body)
        assert kinds(code) == []
        assert kinds(code, on=date(2020, 1, 1)) == ["region"]
        assert kinds(code, on=date(2010, 1, 1)) == []

    @given(issued_codes())
    def test_finds_nothing_in_a_code_as_issued(self, code):
        assert uscc.problems(code) == ()

    @given(st.text(max_size=30))
    def test_has_an_answer_for_any_text(self, text):
        found = uscc.problems(text)
        assert all(one.zh and one.en for one in found)
        refused = any("strict" in one.refused_in for one in found)
        assert refused != uscc.is_valid(uscc.normalise(text))


class TestParsing:
    def test_reads_full_width_lower_case_and_hyphens(self):
        code = uscc.parse("９１３５０１００-m000100y43 ", mode="strict")
        assert code.code == "91350100M000100Y43"
        assert [one.code for one in code.remarks] == ["spaces"]

    def test_remarks_on_lower_case(self):
        assert kinds("91350100m000100y43") == ["lower-case"]

    def test_refuses_a_wrong_check_character_in_strict_mode(self):
        with pytest.raises(uscc.RefusedCode) as refusal:
            uscc.parse(REAL_BUT_WRONG, mode="strict")
        assert [one.code for one in refusal.value.problems] == ["check-character"]
        assert "'R'" in refusal.value.sentence

    def test_takes_it_as_it_is_in_warn_mode(self):
        code = uscc.parse(REAL_BUT_WRONG, mode="warn")
        assert code.code == REAL_BUT_WRONG
        assert code.remarks[0].code == "check-character"

    @pytest.mark.parametrize("text", ["", "913501", "9I350100M000100Y43"])
    def test_refuses_what_has_not_the_shape_in_both_modes(self, text):
        for mode in ("strict", "warn"):
            with pytest.raises(uscc.RefusedCode):
                uscc.parse(text, mode=mode)

    def test_splits_the_code(self):
        code = uscc.parse("91110000101623741K", mode="strict")
        assert (code.category, code.region, code.organisation_code) == ("91", "110000", "101623741")

    @given(issued_codes())
    def test_is_stable(self, code):
        assert uscc.parse(uscc.parse(code.lower(), mode="strict").code, mode="strict").remarks == ()
