"""Asking about an enterprise: what comes back, masked, and what stands in the ledger."""

import json
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from tests.apps.sharing.disclosure.county import EAST, NORTH, NOWHERE, Town, hold, tax_paid

from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.audit.rules import WORKER
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations import withdrawing
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.operations import settling
from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
from creditmesh.apps.sharing.disclosure.operations.verifying import verify
from creditmesh.apps.sharing.disclosure.queries import inquiries
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.apps.sharing.disclosure.rules.questions import (
    AskAgain,
    Claim,
    InquiryRefused,
    Question,
    VerifyQuestion,
)
from creditmesh.catalogue.model import Mode
from creditmesh.exchange.canonical import canonical, sha256


def asks(authorisation=None, **changes) -> Question:
    usual = {
        "subject": EAST,
        "items": ("TAX-02",),
        "mode": Mode.AUTH,
        "purpose": "pre-loan",
        "authorisation": authorisation,
        "request_digest": "ab" * 32,
    }
    return Question(**{**usual, **changes})


def why_refused(by, question, at) -> str:
    with pytest.raises(InquiryRefused) as refused:
        inquire(by, question, at)
    return refused.value.code


class TestAnAuthorisedInquiry:
    def test_gives_bands_instead_of_amounts_and_says_where_each_record_is_from(self, town: Town, at) -> None:
        answer = inquire(town.bank, asks(town.granted()), at)
        (block,) = answer.content["blocks"]
        assert block["item"] == "TAX-02"
        assert block["status"] == "reconstructed"
        assert len(block["records"]) == 6
        first = block["records"][0]
        assert first["values"]["paid"] == {"from": 100_000_001, "to": 500_000_000}
        assert first["source"] == "sta"
        assert first["as_of"] is not None
        assert first["event_date"] == first["values"]["period_end"]
        assert "paid" in block["masked"]

    def test_stands_in_the_ledger_with_digests_and_without_values(self, town: Town, at) -> None:
        answer = inquire(town.bank, asks(town.granted()), at)
        body = json.loads(answer.body)
        entry = Entry.objects.get(object_kind="inquiry", object_key=str(answer.inquiry))
        told = json.loads(entry.details)
        assert body["ledger"]["entry"] == str(entry.uuid)
        assert told["answer_digest"] == body["answer_digest"] == sha256(canonical(body["answer"]))
        assert told["request_digest"] == body["request_digest"] == "ab" * 32
        assert entry.subject == EAST
        assert "123456700" not in entry.details
        assert canonical(body) == answer.body

    def test_counts_as_a_use_and_the_last_use_exhausts(self, town: Town, at) -> None:
        uuid = town.granted(max_queries=2)
        inquire(town.bank, asks(uuid), at)
        inquire(town.bank, asks(uuid), at)
        assert why_refused(town.bank, asks(uuid), at) == "exhausted"
        assert Authorisation.objects.get(uuid=uuid).used == 2

    def test_sees_only_the_days_the_authorisation_covers(self, town: Town, at) -> None:
        first = (at.date() - timedelta(days=70)).isoformat()
        uuid = town.granted(data_from=date.fromisoformat(first))
        (block,) = inquire(town.bank, asks(uuid), at).content["blocks"]
        assert 0 < len(block["records"]) < 6
        assert all(one["event_date"] >= first for one in block["records"])
        wide = asks(uuid, data_from=date(2020, 1, 1))
        assert why_refused(town.bank, wide, at) == "period-exceeded"

    def test_hides_names_of_persons_until_they_agree(self, town: Town, at) -> None:
        person = {"uscc": EAST, "person": "欧阳修文", "person_id": "p-1", "position": "director"}
        hold("PER-01", [(EAST, "k", at.date() - timedelta(days=9), person)], source="samr")
        answer = inquire(town.bank, asks(town.granted(), items=("PER-01",)), at)
        values = answer.content["blocks"][0]["records"][0]["values"]
        assert values["person"] == "欧阳**"
        assert values["person_id"] == "***"
        assert values["position"] == "director"

    def test_asks_the_database_few_times_however_many_items(self, town: Town, at, count_queries) -> None:
        uuid = town.granted(items=("TAX-01", "TAX-02", "SOC-01", "SOC-02", "HPF-01", "UTL-02"))
        hold("SOC-01", [(EAST, "s", at.date(), {"insured": 3})])
        question = asks(uuid, items=("TAX-01", "TAX-02", "SOC-01", "SOC-02", "HPF-01", "UTL-02"))
        inquire(town.bank, question, at)
        with count_queries(16):
            inquire(town.bank, question, at)


class TestARefusal:
    def test_is_the_same_for_unknown_enterprises_and_for_others_authorisations(self, town: Town, at) -> None:
        of_rival = town.granted(institution="RIVAL")
        of_north = town.granted(subject=NORTH)
        for question in (
            asks(uuid4()),
            asks(None),
            asks(of_rival),
            asks(of_north),
            asks(uuid4(), subject=NOWHERE),
            asks(of_rival, subject=NOWHERE),
        ):
            with pytest.raises(InquiryRefused) as refused:
                inquire(town.bank, question, at)
            assert (refused.value.code, set(refused.value.members)) == (
                "not-authorised",
                {"inquiry", "ledger"},
            )

    def test_is_written_down_with_its_true_reason(self, town: Town, at) -> None:
        assert why_refused(town.bank, asks(town.granted(institution="RIVAL")), at) == "not-authorised"
        row = Inquiry.objects.get()
        entry = Entry.objects.get(object_kind="inquiry")
        assert (row.outcome, row.refusal, row.answer_digest) == ("refused", "other-grantee", "")
        assert (entry.outcome, entry.why, entry.subject) == ("refused", "other-grantee", EAST)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"items": ("SOC-02",)}, "item-not-covered"),
            ({"purpose": "post-loan"}, "purpose-mismatch"),
            ({"items": ("NO-SUCH",)}, "unknown-item"),
            ({"items": ("PEN-01",)}, "item-not-in-mode"),
            ({"items": ("TAX-02",), "mode": Mode.RAW}, "mode-not-covered"),
            ({"items": ("SOC-01",), "mode": Mode.RAW}, "item-not-in-mode"),
        ],
    )
    def test_says_what_the_authorisation_lacks_to_whom_it_was_given(
        self, town: Town, at, changes, code
    ) -> None:
        assert why_refused(town.bank, asks(town.granted(), **changes), at) == code

    def test_comes_at_once_after_the_enterprise_withdrew(self, town: Town, at) -> None:
        uuid = town.granted()
        inquire(town.bank, asks(uuid), at)
        withdrawing.withdraw(uuid, by=town.owner, at=at, why="")
        assert why_refused(town.bank, asks(uuid), at) == "withdrawn"

    def test_wins_when_the_withdrawal_comes_between_check_and_settling(
        self, town: Town, at, monkeypatch
    ) -> None:
        from creditmesh.apps.sharing.disclosure.operations import settling

        uuid = town.granted()
        original = settling._pass

        def withdrawn_meanwhile(*args, **kwargs):
            withdrawing.withdraw(uuid, by=town.owner, at=at, why="")
            return original(*args, **kwargs)

        monkeypatch.setattr(settling, "_pass", withdrawn_meanwhile)
        assert why_refused(town.bank, asks(uuid), at) == "withdrawn"
        assert Inquiry.objects.get().records == ""


class TestRawDetail:
    def test_needs_the_explicit_word_of_the_enterprise(self, town: Town, at) -> None:
        modes = (Mode.AUTH, Mode.RAW)
        silent, explicit = town.granted(modes=modes), town.granted(modes=modes, raw_detail_explicit=True)
        assert why_refused(town.bank, asks(silent, mode=Mode.RAW), at) == "raw-not-explicit"
        (block,) = inquire(town.bank, asks(explicit, mode=Mode.RAW), at).content["blocks"]
        assert block["records"][0]["values"]["paid"] == 123_456_700


class TestAnOpenInquiry:
    def penalty(self, key: str, day: date, **more):
        return (
            EAST,
            key,
            day,
            {"uscc": EAST, "seriousness": "general", "status": "valid", "fine": 5_000_00, **more},
        )

    def ask(self, town: Town, at: datetime, item: str = "PEN-01"):
        question = asks(None, mode=Mode.OPEN, items=(item,), purpose="")
        (block,) = inquire(town.bank, question, at).content["blocks"]
        return block["records"]

    def test_shows_a_penalty_until_its_longest_publicity_is_over(self, town: Town, at) -> None:
        today = at.date()
        rows = [
            self.penalty("young", today - timedelta(days=30), decision_number="1"),
            self.penalty("old", today - timedelta(days=400), decision_number="2"),
            self.penalty("repaired", today - timedelta(days=40), repaired_on=str(today - timedelta(days=1))),
            self.penalty("over", today - timedelta(days=50), publicity_until=str(today - timedelta(days=1))),
        ]
        hold("PEN-01", rows, source="samr")
        assert [one["ref"] for one in self.ask(town, at)] == [reference("PEN-01", "young")]

    def test_shows_amounts_but_no_name_of_a_person(self, town: Town, at) -> None:
        hold("PEN-01", [self.penalty("one", at.date(), legal_representative="李明")], source="samr")
        (record,) = self.ask(town, at)
        assert (record["values"]["fine"], record["values"]["legal_representative"]) == (500_000, "李*")

    def test_shows_only_the_rows_the_catalogue_makes_public(self, town: Town, at) -> None:
        rows = [
            (EAST, year, at.date(), {"year": int(year), "grade": grade})
            for year, grade in (("2024", "A"), ("2025", "C"))
        ]
        hold("TAX-01", rows)
        assert [one["values"]["grade"] for one in self.ask(town, at, "TAX-01")] == ["A"]

    def test_looks_alike_for_an_enterprise_without_records_and_one_nobody_knows(self, town: Town, at) -> None:
        told = [
            inquire(town.bank, asks(None, mode=Mode.OPEN, items=("PEN-01",), subject=one), at).content[
                "blocks"
            ]
            for one in (NORTH, NOWHERE)
        ]
        assert told[0] == told[1]

    def test_never_opens_what_is_not_open(self, town: Town, at) -> None:
        assert why_refused(town.bank, asks(None, mode=Mode.OPEN), at) == "item-not-in-mode"


class TestADepartment:
    def test_sees_values_for_its_duty_and_says_the_law(self, town: Town, at) -> None:
        question = asks(
            None, mode=Mode.GOV, purpose="", basis="税收征收管理法 第五十七条", duty="案件 2026-7"
        )
        (block,) = inquire(town.officer, question, at).content["blocks"]
        assert block["records"][0]["values"]["paid"] == 123_456_700
        row = Inquiry.objects.get()
        assert (row.basis, row.duty, row.institution) == (
            "税收征收管理法 第五十七条",
            "案件 2026-7",
            "TAXOFFICE",
        )

    def test_is_refused_without_the_law_or_the_duty(self, town: Town, at) -> None:
        question = asks(None, mode=Mode.GOV, purpose="", basis=" ", duty="案件 2026-7")
        assert why_refused(town.officer, question, at) == "no-legal-basis"

    def test_may_not_use_a_banks_ways_nor_a_bank_its(self, town: Town, at) -> None:
        with pytest.raises(NotPermitted):
            inquire(town.officer, asks(town.granted()), at)
        with pytest.raises(NotPermitted):
            inquire(town.bank, asks(None, mode=Mode.GOV, basis="x", duty="y"), at)


class TestAMarkedRecord:
    def test_is_shown_with_its_mark_when_contested_and_not_at_all_when_stopped(self, town: Town, at) -> None:
        keys = [key for _, key, _, _ in tax_paid(EAST)]
        for key, kind in zip(keys, (MarkKind.DISPUTED, MarkKind.SUSPENDED, MarkKind.STOPPED), strict=False):
            record = RecordRef(subject=EAST, item="TAX-02", key=key)
            marking.mark(record=record, kind=kind, case=f"case {kind}", why="", by=town.owner.who(), at=at)
        (block,) = inquire(town.bank, asks(town.granted()), at).content["blocks"]
        assert len(block["records"]) == 4
        assert [one["mark"] and one["mark"]["kind"] for one in block["records"]] == [
            "disputed",
            None,
            None,
            None,
        ]


class TestWhoAskedAndWhoHolds:
    def test_the_enterprise_sees_answers_and_refusals_newest_first(self, town: Town, at) -> None:
        inquire(town.bank, asks(town.granted()), at)
        why_refused(town.rival, asks(uuid4()), at)
        lines = inquiries.about(EAST).lines
        assert [(one.institution, one.outcome) for one in lines] == [
            ("RIVAL", "refused"),
            ("BANK", "answered"),
        ]

    def test_an_institution_sees_its_own_page_by_page(self, town: Town, at) -> None:
        uuid = town.granted()
        for _ in range(3):
            inquire(town.bank, asks(uuid), at)
        page = inquiries.own_inquiries("BANK", size=2)
        rest = inquiries.own_inquiries("BANK", size=2, before=page.older)
        assert (len(page.lines), len(rest.lines), rest.older) == (2, 1, None)
        assert inquiries.own_inquiries("RIVAL").lines == ()

    def test_holders_are_those_who_received_the_very_record_since(self, town: Town, at) -> None:
        inquire(town.bank, asks(town.granted()), at)
        key = tax_paid(EAST)[0][1]
        (holder,) = inquiries.holders(EAST, item="TAX-02", key=key, since=at)
        assert holder.institution == "BANK"
        assert inquiries.holders(EAST, item="TAX-02", key="another") == ()
        assert inquiries.holders(EAST, item="TAX-02", since=at + timedelta(seconds=1)) == ()
        assert inquiries.holders(EAST, item="SOC-01") == ()

    def test_another_institutions_inquiry_is_as_unknown_as_none(self, town: Town, at) -> None:
        answer = inquire(town.bank, asks(town.granted()), at)
        for uuid in (answer.inquiry, uuid4()):
            with pytest.raises(inquiries.UnknownInquiry):
                inquiries.inquiry(uuid=uuid, institution="RIVAL")
        assert inquiries.inquiry(uuid=answer.inquiry, institution="BANK").records == 6


class TestAMarkThatComesBetweenReadingAndAnswering:
    """Whoever tells the holders of a stopped record must find everybody who holds it."""

    @pytest.fixture
    def meanwhile(self, monkeypatch, at):
        """Stop a record of an enterprise right before the next answer is settled."""

        def stop(subject: str) -> None:
            key = tax_paid(subject)[0][1]

            def settle(intents):
                monkeypatch.setattr(settling.DOOR, "_settle", settling.settle)
                record = RecordRef(subject=subject, item="TAX-02", key=key)
                marking.mark(record=record, kind=MarkKind.STOPPED, case="repair/1", by=WORKER, at=at)
                return settling.settle(intents)

            monkeypatch.setattr(settling.DOOR, "_settle", settle)

        return stop

    def test_keeps_the_answer_back_and_costs_no_use(self, town: Town, at, meanwhile) -> None:
        uuid = town.granted()
        meanwhile(EAST)
        assert why_refused(town.bank, asks(uuid), at) == "changed-meanwhile"
        assert Authorisation.objects.get(uuid=uuid).used == 0
        assert inquiries.holders(EAST, item="TAX-02") == ()
        (block,) = inquire(town.bank, asks(uuid), at).content["blocks"]
        assert len(block["records"]) == 5

    def test_on_another_enterprise_changes_nothing(self, town: Town, at, meanwhile) -> None:
        meanwhile(NORTH)
        assert inquire(town.bank, asks(town.granted()), at).content["blocks"]

    def test_keeps_a_comparison_back_too(self, town: Town, at, meanwhile) -> None:
        claim = Claim(item="TAX-02", field="tax_type", value="value_added")
        asked = VerifyQuestion(
            subject=EAST, claims=(claim,), purpose="pre-loan", authorisation=town.granted()
        )
        meanwhile(EAST)
        with pytest.raises(AskAgain):
            verify(town.bank, asked, at)


def test_a_row_that_is_settled_again_forgets_what_the_first_try_wrote():
    row = Inquiry(refusal="", records="a b", answer_digest="d")
    settling._as_asked(row)
    row.refusal, row.records, row.answer_digest = "too-many-requests", "", ""
    settling._as_asked(row)
    assert (row.refusal, row.records, row.answer_digest) == ("", "a b", "d")
