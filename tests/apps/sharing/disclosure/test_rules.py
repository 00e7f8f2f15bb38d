"""How claims are compared and how refusals are told, without a database."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.sharing.authorisations.rules import Refusal
from creditmesh.apps.sharing.disclosure.rules import comparing, masking, plans, questions
from creditmesh.apps.sharing.disclosure.rules.comparing import BadClaim, Verdict
from creditmesh.apps.sharing.disclosure.rules.plans import Shelf
from creditmesh.apps.sharing.disclosure.rules.questions import Claim
from creditmesh.catalogue import loading, rule_packs
from creditmesh.catalogue.model import FieldDefinition

TODAY = date(2026, 5, 4)
PACK = rule_packs.load()
BY = masking.conventions(PACK, on=TODAY)
CATALOGUE = loading.load()
FIVE_PERCENT = 500


def field(kind: str, **more) -> FieldDefinition:
    stated = {"name": "held", "label": {"zh": "x", "en": "x"}, "sensitivity": "L1", "kind": kind, **more}
    return FieldDefinition(**stated)


def verdict(claimed, *held, kind: str, tolerance: int = FIVE_PERCENT, **more) -> Verdict:
    claim = Claim(item="TAX-02", field="held", value=claimed, **more)
    records = [{"held": one} for one in held]
    return comparing.verdict(claim, field=field(kind), records=records, tolerance=tolerance)


class TestATextClaimed:
    @pytest.mark.parametrize(
        ("claimed", "held", "told"),
        [
            ("青禾县麦香食品有限公司", "青禾县麦香食品有限公司", "MATCH"),
            (" 青禾县麦香食品有限公司 ", "青禾县麦香食品有限公司", "MATCH"),
            ("麦香食品有限公司", "青禾县麦香食品有限公司", "PARTIAL"),
            ("青禾县麦香食品有限公司", "麦香食品有限公司", "PARTIAL"),
            ("青禾县麦", "青禾县麦香食品有限公司", "MISMATCH"),  # less than half
            ("麦香食", "青禾麦香食", "MISMATCH"),  # more than half, but three letters say nothing
            ("青禾县谷香食品有限公司", "青禾县麦香食品有限公司", "MISMATCH"),
        ],
    )
    def test_matches_in_part_only_from_half_of_it_on(self, claimed, held, told):
        assert verdict(claimed, held, kind="text") == told

    @given(st.text("青禾麦香食品公司", min_size=8, max_size=20), st.data())
    def test_cannot_be_felt_out_letter_by_letter(self, held, data):
        start = data.draw(st.integers(0, len(held) - 1))
        part = held[start : start + max(3, len(held) // 2 - 1)]
        assert verdict(part, held, kind="text") in {"MISMATCH"} | ({"MATCH"} if part == held else set())

    def test_of_a_person_matches_whole_or_not_at_all(self):
        told = field("text", personal=True, sensitivity="L3")
        claim = Claim(item="PER-01", field="held", value="买买提·阿卜杜拉")
        for held, expected in (("买买提·阿卜杜拉", "MATCH"), ("买买提·阿卜杜拉·艾力", "MISMATCH")):
            found = comparing.verdict(claim, field=told, records=[{"held": held}], tolerance=0)
            assert found == expected

    @pytest.mark.parametrize(
        ("kind", "claimed", "held", "told"),
        [
            ("choice", "fine", "fine", "MATCH"),
            ("choice", "fine", "fine_and_warning", "MISMATCH"),
            ("boolean", True, True, "MATCH"),
            ("boolean", False, True, "MISMATCH"),
            ("boolean", True, "true", "MATCH"),
            ("date", "2026-03-31", "2026-03-31", "MATCH"),
            ("date", "2026-03-31", "2026-03-30", "MISMATCH"),
        ],
    )
    def test_from_a_closed_list_matches_whole_or_not_at_all(self, kind, claimed, held, told):
        assert verdict(claimed, held, kind=kind) == told


class TestANumberClaimed:
    @pytest.mark.parametrize(
        ("claimed", "told"),
        [(95, "MATCH"), (94, "MISMATCH"), (105, "MATCH"), (106, "MISMATCH"), (-100, "MISMATCH")],
    )
    def test_may_be_off_by_the_tolerance_of_what_is_held(self, claimed, told):
        assert verdict(claimed, 100, kind="money") == told

    def test_is_compared_with_zero_and_losses_too(self):
        assert verdict(0, 0, kind="money") == "MATCH"
        assert verdict(1, 0, kind="money") == "MISMATCH"
        assert verdict(-104, -100, kind="money") == "MATCH"

    @pytest.mark.parametrize(
        ("band", "held", "told"),
        [
            ((11, 50), 11, "MATCH"), ((11, 50), 50, "MATCH"), ((11, 50), 10, "MISMATCH"), ((11, 50), 51, "MISMATCH"),
            ((51, None), 51, "MATCH"), ((51, None), 50, "MISMATCH"), ((None, -1), -1, "MATCH"), ((None, -1), 0, "MISMATCH"),
        ],
    )  # fmt: skip
    def test_as_a_band_holds_both_its_ends(self, band, held, told):
        assert verdict(band, held, kind="integer") == told

    def test_agrees_with_some_of_several_records_in_part(self):
        assert verdict(100, 100, 100, kind="money") == "MATCH"
        assert verdict(100, 100, 500, kind="money") == "PARTIAL"
        assert verdict(600, 100, 500, kind="money", total=True) == "MATCH"
        assert verdict(100, None, "", kind="money") == "NO_DATA"

    def test_is_never_met_by_a_text_that_was_held_instead(self):
        assert verdict(100, "100", kind="money") == "MISMATCH"
        assert verdict((0, None), "100", kind="money") == "MISMATCH"


class TestAClaimThatCannotBeCompared:
    @pytest.mark.parametrize(
        ("item", "name", "value", "more", "told"),
        [
            ("NO-SUCH", "paid", 1, {}, "no such item"),
            ("TAX-02", "no_such", 1, {}, "no field of that name"),
            ("TAX-02", "paid", 1, {"where": {"no_such": "x"}}, "'where' takes"),
            ("TAX-02", "paid", 1, {"where": {"paid": 5}}, "'where' takes"),
            ("TAX-02", "paid", "1", {}, "state a whole number"),
            ("TAX-02", "paid", True, {}, "state a whole number"),
            ("TAX-02", "paid", (0, 1), {}, "one of the rule pack's bands"),
            ("TAX-02", "name", (0, None), {}, "one of the rule pack's bands"),
            ("TAX-02", "name", "x", {"total": True}, "can be added up"),
            ("TAX-02", "name", 5, {}, "state a text"),
            ("TAX-02", "paid_on", "20260331", {}, "written like 2026-03-31"),
            ("TAX-02", "paid_on", "2026-02-30", {}, "written like 2026-03-31"),
        ],
    )
    def test_is_refused_by_its_number_with_what_to_mend(self, item, name, value, more, told):
        claim = Claim(item=item, field=name, value=value, **more)
        with pytest.raises(BadClaim, match=rf"^Claim 3: .*{told}"):
            comparing.require_comparable(claim, number=3, item=CATALOGUE.items.get(item), by=BY)

    def test_is_not_one_with_a_band_of_the_pack_or_a_day(self):
        item = CATALOGUE.items["TAX-02"]
        where = {"tax_type": "vat", "period_end": "2026-03-31"}
        for name, value in (("paid", (None, -1)), ("paid", 5), ("paid_on", "2026-03-31"), ("name", "x")):
            claim = Claim(item="TAX-02", field=name, value=value, where=where)
            assert comparing.require_comparable(claim, number=1, item=item, by=BY).name == name


class TestAnswers:
    @given(st.lists(st.sampled_from(Verdict), min_size=3, max_size=3))
    def test_to_the_same_claims_are_equally_long(self, verdicts):
        assert len("".join(verdicts) + comparing.padding(verdicts)) == 3 * len("NOT_AUTHORISED")


class TestTheDigestOfAClaim:
    def test_is_the_same_for_the_same_question_in_other_clothes(self):
        one = Claim(item="TAX-02", field="name", value="青禾（县）公司", where={"period": 5})
        again = replace(one, value=" 青禾(县)公司 ", where={"period": "5"})
        assert comparing.claim_digest(one) == comparing.claim_digest(again)

    def test_differs_with_whatever_makes_another_question(self):
        one = Claim(item="TAX-02", field="paid", value=5)
        others = [
            replace(one, item="TAX-01"),
            replace(one, field="payable"),
            replace(one, value=6),
            replace(one, value=(5, 6)),
            replace(one, where={"tax_type": "vat"}),
            replace(one, total=True),
        ]
        assert len({comparing.claim_digest(claim) for claim in (one, *others)}) == 7


class TestARefusal:
    INQUIRY = UUID(int=7)
    SEALED = questions.Sealed(position=3, entry="e", leaf="f")

    def test_tells_where_it_is_written_only_when_it_is_written(self):
        assert questions.InquiryRefused(Refusal.EXPIRED).members == {}
        assert questions.InquiryRefused(Refusal.EXPIRED, inquiry=self.INQUIRY).members == {}
        whole = questions.InquiryRefused(Refusal.EXPIRED, inquiry=self.INQUIRY, ledger=self.SEALED)
        assert whole.members == {
            "inquiry": str(self.INQUIRY),
            "ledger": {"position": 3, "entry": "e", "leaf": "f"},
        }

    def test_is_the_same_whoever_was_authorised(self):
        alike = [Refusal.NO_AUTHORISATION, Refusal.OTHER_GRANTEE, Refusal.OTHER_SUBJECT]
        told = {(one.code, str(one)) for one in map(questions.InquiryRefused, alike)}
        assert {code for code, _ in told} == {"not-authorised"}
        assert len(told) == 1

    def test_has_a_sentence_for_every_reason_there_is(self):
        told = {questions.told_reason(one) for one in (*Refusal, *questions.Reason)}
        assert told == set(questions.reasons())

    @pytest.mark.parametrize(
        ("asked", "fits"),
        [
            ({"items": 50, "claims": 50}, True),
            ({"items": 51}, False),
            ({"claims": 51}, False),
            ({}, True),
        ],
    )
    def test_of_a_question_that_names_too_much_begins_beyond_fifty(self, asked, fits):
        if fits:
            questions.require_bounds(**asked)
        else:
            with pytest.raises(questions.QuestionTooLong, match="at most 50 items and 50 claims"):
                questions.require_bounds(**asked)

    def test_names_the_program_or_the_person_who_asked(self):
        assert questions.querier(SimpleNamespace(client="p1", user_id=4)) == "program:p1"
        assert questions.querier(SimpleNamespace(client="", user_id=4)) == "user:4"


class TestEveryFormOfText:
    def test_is_masked_in_its_own_way(self):
        shown = {}
        for form, text in (
            ("name", "李小明"), ("phone", "13812345678"), ("identity", "370102199001011234"), ("account", "6222020200112233"),
            ("address", "山东省济南市历城区花园路100号"), ("email", "zhang.san@example.com"),
        ):  # fmt: skip
            names = sorted(name for name, known in BY.forms.items() if known == form) or [f"a_{form}"]
            by = replace(BY, forms={names[0]: masking.Form(form)})
            shown[form] = masking.mask_of(field("text", name=names[0]), by=by)(text)
        assert shown == {
            "name": "李**",
            "phone": "138****5678",
            "identity": "3****4",
            "account": "****2233",
            "address": "山东省济南市历城区***",
            "email": "z***@example.com",
        }


class TestAShelf:
    def test_stays_small_however_many_days_are_asked_about(self, monkeypatch):
        monkeypatch.setattr(plans, "_MOST_DAYS", 3)
        shelf = Shelf(catalogue=CATALOGUE, pack=PACK, place="990121")
        item = CATALOGUE.items["PEN-01"]
        days = [date(2019, 1, 1), date(2022, 1, 1), date(2024, 1, 1), date(2026, 1, 1), date(2026, 1, 1)]
        kept = [shelf.keeps(item, event_date=day, on=TODAY) for day in days]
        assert kept == [False, True, True, True, True]
        assert len(shelf._young) <= 3

    def test_knows_the_items_with_persons_in_them(self):
        shelf = Shelf(catalogue=CATALOGUE, pack=PACK, place="990121")
        assert shelf.has_personal(["TAX-02", "PER-01"])
        assert not shelf.has_personal([])

    def test_reads_a_number_of_the_pack_once_a_day(self, monkeypatch):
        shelf = Shelf(catalogue=CATALOGUE, pack=PACK, place="990121")
        limit = shelf.number("verification.claims-per-day", on=TODAY)
        assert limit == PACK.rule("verification.claims-per-day", on=TODAY).value
        monkeypatch.setattr(shelf, "pack", None)
        assert shelf.number("verification.claims-per-day", on=TODAY) == limit
        with pytest.raises(AttributeError):
            shelf.number("verification.claims-per-day", on=date(2026, 5, 5))
