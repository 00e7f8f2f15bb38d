"""The organisation code inside a USCC, and the registration number before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10

from creditmesh.kernel import organisation_code, registration_number

digits = st.text("0123456789", min_size=14, max_size=14)


class TestTheOrganisationCode:
    @pytest.mark.parametrize(
        "code", ["M000100Y4", "101623741", "697694187", "MA1K3CUM7", "26017703X", "600037341", "M0000XUF4"]
    )
    def test_holds_inside_the_published_codes(self, code):
        assert organisation_code.is_valid(code)

    @pytest.mark.parametrize("code", ["101623742", "10162374", "10162374Y", "10162374x", ""])
    def test_fails_for_others(self, code):
        assert not organisation_code.is_valid(code)

    def test_is_0_where_eleven_remain_and_x_where_ten(self):
        assert organisation_code.check_character("00000000") == "0"
        assert organisation_code.check_character("26017703") == "X"

    @pytest.mark.parametrize("body", ["1016237", "1016237a", "1016237-", "1016237一"])
    def test_is_made_of_eight_letters_only(self, body):
        with pytest.raises(ValueError, match="eight"):
            organisation_code.check_character(body)


class TestTheRegistrationNumber:
    @pytest.mark.parametrize("number", ["310115600985533", "110108000000016"])
    def test_holds_for_the_published_numbers(self, number):
        assert registration_number.is_valid(number)

    @pytest.mark.parametrize(
        "number", ["310115600985535", "31011560098553", "31011560098553X", "", "３" * 15]
    )
    def test_fails_for_others(self, number):
        assert not registration_number.is_valid(number)

    @given(digits)
    def test_agrees_with_the_oracle(self, body):
        assert registration_number.check_digit(body) == mod_11_10.calc_check_digit(body)

    @given(digits, st.integers(0, 14), st.sampled_from("0123456789"))
    def test_detects_every_substitution(self, body, place, digit):
        number = body + registration_number.check_digit(body)
        changed = number[:place] + digit + number[place + 1 :]
        assert registration_number.is_valid(changed) == (changed == number)

    @pytest.mark.parametrize("body", ["1", "1" * 15, "1" * 13 + "X", "１" * 14])
    def test_is_made_of_fourteen_digits_only(self, body):
        with pytest.raises(ValueError, match="fourteen"):
            registration_number.check_digit(body)

    def test_begins_with_the_region(self):
        assert registration_number.region_of("310115600985533") == "310115"
