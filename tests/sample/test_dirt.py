"""The dirt is there, and about as much of it as was measured."""

import re
from collections import Counter

import pytest
from tests.sample.conftest import records

from creditmesh.kernel import money, registration_number, uscc
from creditmesh.kernel.names import normalise_name
from creditmesh.sample import dirt
from creditmesh.sample.chance import Chance


def near(count, rows, kind, *, slack=0.6):
    """Assert that a count is near its share: within a slack of what is expected, and chance."""
    expected = rows * kind.share
    assert abs(count - expected) <= slack * expected + 4 * expected**0.5 + 1


def other_departments(told):
    return [record for item, found in told.items() if item[:3] not in ("ENT", "PER") for record in found]


def register(told):
    return [record for item, found in told.items() if item[:3] in ("ENT", "PER") for record in found]


class TestCodes:
    def test_are_mistyped_by_departments(self, told):
        codes = [one["uscc"] for one in other_departments(told)]
        wrong = [code for code in codes if len(code) == 18 and not uscc.is_valid(code.upper())]
        near(len(wrong), len(codes), dirt.MISTYPED_CODE)

    def test_are_hardly_ever_wrong_in_the_register(self, told):
        codes = [one["uscc"] for one in register(told)]
        wrong = [code for code in codes if not uscc.is_valid(uscc.normalise(code))]
        near(len(wrong), len(codes), dirt.WRONG_CHECK)

    def test_are_all_right_but_for_that(self, told, world):
        known = {one.code for one in world.enterprises}
        codes = [uscc.normalise(one["uscc"]) for one in register(told)]
        assert all(code in known for code in codes if uscc.is_valid(code))

    def test_come_in_lower_case_and_with_spaces(self, told):
        codes = [one["uscc"] for one in other_departments(told) + register(told)]
        near(sum(code != code.upper() for code in codes), len(codes), dirt.LOWER_CASE)
        near(sum(" " in code for code in codes), len(codes), dirt.SPACED_CODE)

    def test_are_older_numbers_at_times(self, told, world):
        older = {one.registration_number for one in world.enterprises if one.registration_number}
        rows = [
            one for one in other_departments(told) if one.get("registration_number") or one["uscc"] in older
        ]
        stated = [one for one in rows if one["uscc"] in older or not one["uscc"]]
        assert stated
        assert all(registration_number.is_valid(one["uscc"] or one["registration_number"]) for one in stated)

    @pytest.mark.parametrize("seed", range(20))
    def test_once_mistyped_fail_their_check(self, seed, world):
        right = world.enterprises[seed].code
        wrong = dirt.mistyped(Chance(seed), right)
        assert len(wrong) == 18
        assert not uscc.is_valid(wrong)


class TestNames:
    def test_use_half_width_brackets_mostly(self, told):
        names = [name for one in register(told) if re.search("[（(]青禾县", name := one["name"])]
        half = [name for name in names if "(" in name]
        near(len(half), len(names), dirt.HALF_BRACKETS, slack=0.1)

    def test_hold_a_space_at_times(self, told):
        rows = told["ENT-04"] + told["PER-01"] + told["TAX-01"]
        near(sum(" " in one["name"] for one in rows), len(rows), dirt.SPACED_NAME)

    def test_differ_from_the_register_in_other_departments(self, told, world):
        names = {}
        for one in world.enterprises:
            changed = {str(change.after) for change in one.changes if change.kind == "name"}
            names[one.code] = {normalise_name(name) for name in (one.name, *changed)}
        rows = [one for item in ("TAX-01", "UTL-02", "SOC-01") for one in told[item] if one["uscc"] in names]
        other = [one for one in rows if normalise_name(one["name"]) not in names[one["uscc"]]]
        near(len(other), len(rows), dirt.OTHER_NAME, slack=0.2)

    @pytest.mark.parametrize(
        ("right", "everyday"),
        [
            ("禾源（青禾县）食品有限公司", "禾源青禾县食品有限公司"),
            ("青禾县禾源有限责任公司", "青禾县禾源有限公司"),
            ("青禾县禾源有限公司", "青禾县禾源有限责任公司"),
            ("青禾县禾城镇禾源商行", "禾城镇禾源商行"),
        ],
    )
    def test_have_everyday_forms(self, right, everyday):
        assert dirt.everyday(right) == everyday


class TestTheOldSystem:
    def test_hardly_knows_types(self, deliveries, catalogue):
        (old,) = [one for one in deliveries if "-old" in one.file.name]
        types = [one["entity_type"] for one in records(old, catalogue)]
        near(types.count("N/A"), len(types), dirt.TYPE_NOT_STATED, slack=0.1)
        assert old is deliveries[0]


class TestCapitals:
    def test_come_in_the_spellings_of_the_register(self, told):
        capitals = [one["registered_capital"] for one in told["ENT-01"]]
        near(sum(one in ("", "-") for one in capitals), len(capitals), dirt.CAPITAL_NOT_STATED, slack=0.15)
        spelled = Counter(re.sub(r"[0-9.,]+", "{}", one) for one in capitals if one not in ("", "-"))
        assert spelled.keys() <= dirt.CAPITAL_SPELLINGS.keys() | dirt.FOREIGN_SPELLINGS.keys()
        assert len(spelled) >= 8
        assert any("," in one for one in capitals)

    def test_can_all_be_read(self, told):
        for one in told["ENT-01"]:
            if one["registered_capital"] not in ("", "-"):
                assert money.read(one["registered_capital"], unit="万元").fen > 0

    def test_are_in_other_currencies_at_times(self):
        chance = Chance(1)
        drawn = [dirt.capital(chance, 10**8) for _ in range(20_000)]
        stated = [one for one in drawn if one not in ("", "-")]
        foreign = [one for one in stated if money.read(one, unit="万元").currency != "CNY"]
        near(len(foreign), len(stated), dirt.FOREIGN_CURRENCY)


class TestCourts:
    def test_write_dates_in_numerals_and_leave_some_out(self, told):
        days = [one["decided_on"] for one in told["JUD-01"]]
        near(days.count(""), len(days), dirt.NO_DATE)
        assert all(
            re.fullmatch("[〇一二三四五六七八九]{4}年[一二三四五六七八九十]+月[一二三四五六七八九十]+日", day)
            for day in days
            if day
        )

    def test_repeat_rows(self, told):
        rows = Counter(tuple(one.items()) for one in told["JUD-01"])
        near(sum(count - 1 for count in rows.values()), rows.total(), dirt.REPEATED_ROW)


def test_the_tax_office_repeats_identifiers(deliveries, catalogue):
    last = [one for one in deliveries if one.item == "TAX-01"][-1]
    keys = Counter((one["uscc"], one["year"]) for one in records(last, catalogue))
    near(sum(count - 1 for count in keys.values()), keys.total(), dirt.REPEATED_KEY)


def test_every_kind_says_where_its_share_is_from():
    kinds = [one for one in vars(dirt).values() if isinstance(one, dirt.Dirt)]
    assert len(kinds) >= 15
    assert all(0 < one.share < 1 and len(one.measured) > 20 for one in kinds)
