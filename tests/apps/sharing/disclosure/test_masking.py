"""Masking: the conventions by example, and what holds for any text."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.sharing.disclosure.rules import bodies, masking, plans, publicity
from creditmesh.apps.sharing.disclosure.rules.masking import HIDDEN
from creditmesh.apps.sharing.disclosure.rules.plans import Shelf, Treatment
from creditmesh.catalogue import loading, rule_packs
from creditmesh.catalogue.model import FieldDefinition, Mode
from creditmesh.exchange.canonical import canonical

TODAY = date(2026, 5, 4)
PACK = rule_packs.load()
BY = masking.conventions(PACK, on=TODAY)
SHELF = Shelf(catalogue=loading.load(), pack=PACK, place="990121")
CASES = yaml.safe_load((Path(__file__).parent / "masking.cases.yml").read_text(encoding="utf-8"))
MASKS = {
    "name": lambda text: masking.name(text, surnames=BY.surnames, endings=BY.endings),
    "address": masking.address,
    "email": masking.email,
    "money": lambda value: list(masking.band(value, bounds=BY.bands["money"]).values()),
    "month": masking.month,
    **{
        kind: (lambda text, kept=kept: masking.ends(text, first=kept[0], last=kept[1]))
        for kind, kept in BY.keep.items()
    },
}


@pytest.mark.parametrize(
    ("kind", "given_value", "shown"), [(kind, *case) for kind, cases in CASES.items() for case in cases]
)
def test_a_value_is_masked_as_agreed(kind, given_value, shown):
    assert MASKS[kind](given_value) == shown


@given(st.text(min_size=1, max_size=30))
def test_a_number_shows_no_more_than_its_ends(text):
    shown = masking.ends(text, first=3, last=4)
    assert shown == HIDDEN or len(shown.replace("****", "", 1)) == 7
    assert shown != text


@given(st.integers(-(10**17), 10**17))
def test_every_amount_lies_in_the_band_it_is_shown_as(value):
    told = masking.band(value, bounds=BY.bands["money"])
    assert told["from"] is None or told["from"] <= value
    assert told["to"] is None or value <= told["to"]


class TestAPlan:
    def test_hides_in_the_open_what_is_commercially_sensitive(self):
        plan = SHELF.plan("TAX-02", mode=Mode.OPEN, on=TODAY)
        assert {"paid", "payable"} <= set(plan.hidden)
        assert "paid" not in plan.apply({"paid": 5})

    @pytest.mark.parametrize("mode", [Mode.OPEN, Mode.AUTH, Mode.RAW, Mode.GOV])
    def test_never_shows_a_person_without_consent(self, mode):
        for code, item in SHELF.catalogue.items.items():
            plan = SHELF.plan(code, mode=mode, on=TODAY)
            personal = {one.name for one in item.fields if one.personal}
            assert personal <= {*plan.masked, *plan.hidden}

    def test_shows_the_very_name_a_person_agreed_to(self):
        class Agreed:
            def shows(self, item: str, field: str, name: str) -> bool:
                return (item, field, name) == ("PER-01", "person", "李明")

        plan = SHELF.plan("PER-01", mode=Mode.AUTH, on=TODAY)
        assert plan.apply({"person": "李明"}, consents=[Agreed()])["person"] == "李明"
        assert plan.apply({"person": "王芳"}, consents=[Agreed()])["person"] == "王*"

    def test_masks_codes_of_third_parties_but_not_of_authorities(self):
        masked = SHELF.plan("ENT-02", mode=Mode.OPEN, on=TODAY).masked
        assert "holder_code" in masked
        assert "uscc" not in masked
        assert "authority_code" not in SHELF.plan("PEN-01", mode=Mode.OPEN, on=TODAY).masked

    def test_writes_numbers_too_large_for_json_as_text(self):
        plan = SHELF.plan("TAX-02", mode=Mode.RAW, on=TODAY)
        assert plan.apply({"paid": 2**60})["paid"] == str(2**60)

    def test_is_made_anew_when_the_day_turns(self):
        first = SHELF.plan("TAX-02", mode=Mode.AUTH, on=TODAY)
        assert SHELF.plan("TAX-02", mode=Mode.AUTH, on=TODAY) is first
        assert SHELF.plan("TAX-02", mode=Mode.AUTH, on=date(2026, 5, 5)) is not first

    @pytest.mark.parametrize("mode", [Mode.OPEN, Mode.AUTH, Mode.RAW, Mode.GOV])
    def test_of_every_item_masks_any_value_of_its_kind(self, mode):
        samples = {"money": 5, "integer": 5, "percent": 5, "boolean": True}
        for code, item in SHELF.catalogue.items.items():
            values = {one.name: samples.get(one.kind.value, "2026-01-01") for one in item.fields}
            shown = SHELF.plan(code, mode=mode, on=TODAY).apply(values)
            assert canonical(shown) == bodies.plain(shown) == bodies.ordered(shown)

    def test_hides_text_of_no_known_form(self):
        field = FieldDefinition(name="anything", label={"zh": "x", "en": "x"}, sensitivity="L3")
        assert masking.mask_of(field, by=BY)("secret") == HIDDEN

    def test_levels_come_from_the_rule_pack(self):
        assert plans.levels_of(PACK, mode=Mode.AUTH, on=TODAY)["L3"] is Treatment.MASK


class TestPublicity:
    PENALTY = SHELF.catalogue.items["PEN-01"]

    def public(self, day: date, **values) -> bool:
        return publicity.in_publicity(
            values, item=self.PENALTY, event_date=day, pack=PACK, place="990121", on=TODAY
        )

    @pytest.mark.parametrize(
        ("seriousness", "months", "is_public"),
        [("minor", 2, True), ("minor", 3, False), ("general", 11, True), ("general", 12, False),
         ("serious", 35, True), ("serious", 36, False), ("", 11, True), ("", 12, False)],
    )  # fmt: skip
    def test_ends_with_the_longest_period_of_the_kind(self, seriousness, months, is_public):
        started = publicity.add_months(TODAY, -months)
        assert self.public(started, seriousness=seriousness) is is_public

    @pytest.mark.parametrize(
        ("kind", "months", "is_public"),
        [("warning", 2, True), ("warning", 3, False), ("fine", 11, True), ("fine", 12, False),
         ("licence_revoked", 35, True), ("licence_revoked", 36, False)],
    )  # fmt: skip
    def test_of_a_source_that_says_nothing_of_it_goes_by_the_kind_of_penalty(self, kind, months, is_public):
        started = publicity.add_months(TODAY, -months)
        assert self.public(started, penalty_kind=kind) is is_public

    def test_ends_with_repair_withdrawal_or_the_stated_day(self):
        assert self.public(TODAY)
        assert not self.public(TODAY, repaired_on=str(TODAY))
        assert not self.public(TODAY, status="withdrawn")
        assert not self.public(TODAY, publicity_until="2026-05-03")
        assert self.public(TODAY, publicity_until="2026-05-04")

    def test_of_items_without_a_period_has_no_end(self):
        item = SHELF.catalogue.items["ENT-01"]
        old = date(1990, 1, 1)
        assert publicity.in_publicity({}, item=item, event_date=old, pack=PACK, place="CN", on=TODAY)

    def test_an_adverse_record_is_used_for_five_years_and_no_longer(self):
        kept = [
            publicity.is_kept(item=self.PENALTY, event_date=day, pack=PACK, place="CN", on=TODAY)
            for day in (date(2021, 5, 5), date(2021, 5, 4), None)
        ]
        assert kept == [True, False, True]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_09", max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcxyz_09", max_size=8), json_values, max_size=5))
def test_the_fast_encoder_writes_canonical_json(content):
    assert bodies.plain(content) == canonical(content)
