"""What an enterprise sees of itself, and its evaluation through the door."""

from datetime import timedelta

import pytest
from tests.apps.sharing.disclosure.county import EAST, NORTH, Town, hold

from creditmesh.apps.evaluation.grading.queries import evaluations
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import NotPermitted
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.operations import own_record, results
from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire
from creditmesh.apps.sharing.disclosure.operations.verifying import verify
from creditmesh.apps.sharing.disclosure.rules.questions import (
    EVALUATION,
    Claim,
    InquiryRefused,
    Question,
    VerifyQuestion,
)
from creditmesh.catalogue.model import Mode

FOUND = {"grade": "A", "score": 900_000, "reasons": [{"label": "x"}], "decided": [{"kind": "cap"}]}


class TestTheOwnRecord:
    def test_shows_everything_with_source_modes_and_who_received_it(self, town: Town, at) -> None:
        hold("PER-01", [(EAST, "k", at.date(), {"person": "李明"})], source="samr")
        question = Question(
            subject=EAST, items=("TAX-02",), mode=Mode.AUTH, purpose="pre-loan", authorisation=town.granted()
        )
        answer = inquire(town.bank, question, at)
        seen = own_record.view(town.owner, at, on=at.date())
        blocks = {one.item.code: one.lines for one in seen.blocks}
        assert set(blocks) == {"TAX-02", "PER-01"}
        first = blocks["TAX-02"][0]
        assert (first.source, first.values["paid"]) == ("sta", 123_456_700)
        assert set(first.modes) == {Mode.AUTH, Mode.VERIFY, Mode.RAW, Mode.GOV}
        assert [(one.institution, one.inquiry) for one in first.seen_by] == [("BANK", answer.inquiry)]
        assert blocks["PER-01"][0].values["person"] == "李明"
        assert blocks["PER-01"][0].seen_by == ()

    def test_shows_who_had_claims_compared_with_it(self, town: Town, at) -> None:
        later = at + timedelta(days=1)
        for when in (at - timedelta(hours=1), later):
            claims = tuple(Claim(item=item, field="paid", value=1) for item in ("TAX-02", "SOC-01"))
            asked = VerifyQuestion(
                subject=EAST,
                claims=claims,
                purpose="pre-loan",
                authorisation=town.granted(items=("TAX-02",)),
            )
            verify(town.bank, asked, when)
        hold("SOC-01", [(EAST, "k", at.date(), {"paid": 1})])
        blocks = {one.item.code: one.lines for one in own_record.view(town.owner, at, on=at.date()).blocks}
        for line in blocks["TAX-02"]:
            assert [(one.institution, one.mode, one.at) for one in line.seen_by] == [
                ("BANK", Mode.VERIFY, later)
            ]
        assert blocks["SOC-01"][0].seen_by == (), "not authorised, so compared with nothing"

    def test_is_written_down_and_shown_to_nobody_else(self, town: Town, at) -> None:
        own_record.view(town.owner, at, on=at.date(), items=("TAX-02",))
        assert Entry.objects.get(act="own-record.view").subject == EAST
        with pytest.raises(NotPermitted):
            own_record.view(town.bank, at, on=at.date())


class TestAnEvaluation:
    @pytest.fixture(autouse=True)
    def _evaluated(self, monkeypatch) -> None:
        held = {EAST: FOUND}
        monkeypatch.setattr(evaluations, "latest", lambda *, subject, node: held.get(subject))

    def test_goes_to_an_institution_that_was_authorised_without_its_reasons(self, town: Town, at) -> None:
        uuid = town.granted(items=("TAX-02", EVALUATION))
        found = results.evaluation(town.bank, EAST, uuid, at, purpose="pre-loan")
        assert found.content is not None
        assert (found.content["grade"], found.content["reasons"], found.content["decided"]) == ("A", [], [])
        row = Inquiry.objects.get()
        assert (row.items, row.outcome) == (EVALUATION, "answered")

    def test_is_refused_without_the_word_in_the_authorisation(self, town: Town, at) -> None:
        with pytest.raises(InquiryRefused) as refused:
            results.evaluation(town.bank, EAST, town.granted(), at, purpose="pre-loan")
        assert refused.value.code == "item-not-covered"
        assert Inquiry.objects.get().answer_digest == ""

    def test_is_the_whole_for_the_enterprise_itself_and_nothing_for_another(self, town: Town, at) -> None:
        assert results.evaluation(town.owner, EAST, None, at).content == FOUND
        assert Entry.objects.filter(act="own-evaluation.view", subject=EAST).exists()
        with pytest.raises(NotPermitted):
            results.evaluation(town.owner, NORTH, None, at)
