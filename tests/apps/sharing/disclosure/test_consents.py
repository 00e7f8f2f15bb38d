"""Names of persons in answers: shown on the person's own consent, as long as it and what carries it stand."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.apps.sharing.disclosure.county import EAST, Town, hold
from tests.apps.sharing.disclosure.test_inquiring import asks, why_refused

from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations import consenting, withdrawing
from creditmesh.apps.sharing.authorisations.rules import State
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.apps.sharing.disclosure.operations import settling
from creditmesh.apps.sharing.disclosure.operations.inquiring import inquire, work_out
from creditmesh.apps.sharing.disclosure.operations.verifying import verify
from creditmesh.apps.sharing.disclosure.rules.questions import AskAgain, Claim, Question, VerifyQuestion
from creditmesh.catalogue.model import Mode


class TestAConsentBesideAnOpenQuestion:
    """A person agreed to one bank, on one authorisation, as long as that stands."""

    @pytest.fixture
    def granted(self, town: Town, node, at) -> UUID:
        hold(
            "QUA-01",
            [(EAST, "q", at.date(), {"uscc": EAST, "legal_representative": "赵东兴"})],
            source="samr",
        )
        uuid = town.granted()
        asked = consenting.ask_person(
            uuid, role="legal_representative", name="赵东兴", by=town.owner, node=node, at=at
        )
        operator = Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))
        code = consenting.identify(asked.uuid, name="赵东兴", how="identity card", by=operator, at=at)
        consenting.answer(asked.token, name="赵东兴", code=code, agrees=True, node=node, at=at)
        return uuid

    def name_told_to(self, by, uuid, at) -> str:
        question = asks(uuid, items=("QUA-01",), mode=Mode.OPEN)
        told = inquire(by, question, at).content["blocks"][0]["records"][0]["values"]["legal_representative"]
        assert isinstance(told, str)
        return told

    def test_shows_the_name_to_that_bank_alone(self, town: Town, granted: UUID, at) -> None:
        assert self.name_told_to(town.bank, granted, at) == "赵东兴"
        assert self.name_told_to(town.rival, granted, at) == "赵**"
        assert Inquiry.objects.get(institution="RIVAL").authorisation is None

    def test_shows_nothing_once_the_authorisation_has_ended(self, town: Town, granted: UUID, at) -> None:
        assert self.name_told_to(town.bank, granted, at) == "赵东兴"
        withdrawing.withdraw(granted, by=town.owner, at=at)
        assert self.name_told_to(town.bank, granted, at) == "赵**"


class TestAConsentTakenBackWhileTheAnswerIsUnderWay:
    """Nobody's name leaves after that person, or the enterprise, took back what showed it."""

    @pytest.fixture
    def granted(self, town: Town, at) -> UUID:
        named = {"uscc": EAST, "legal_representative": "赵东兴"}
        hold("QUA-01", [(EAST, "q", at.date(), named)], source="samr")
        hold("PER-01", [(EAST, "p", at.date(), {"uscc": EAST, "person": "赵东兴"})], source="mohrss")
        return town.granted()

    @pytest.fixture
    def agreed(self, town: Town, granted: UUID, node, at):
        """The person agrees in a role; what is returned takes it back."""

        def agree(role: str) -> Callable[[], object]:
            asked = consenting.ask_person(granted, role=role, name="赵东兴", by=town.owner, node=node, at=at)
            operator = Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))
            code = consenting.identify(asked.uuid, name="赵东兴", how="identity card", by=operator, at=at)
            answer = partial(consenting.answer, asked.token, name="赵东兴", code=code, node=node, at=at)
            answer(agrees=True)
            return partial(answer, agrees=False)

        return agree

    @pytest.fixture
    def meanwhile(self, monkeypatch):
        """Let something happen right before the next answer is settled."""

        def happen(act: Callable[[], object]) -> None:
            def settle(intents):
                monkeypatch.setattr(settling.DOOR, "_settle", settling.settle)
                act()
                return settling.settle(intents)

            monkeypatch.setattr(settling.DOOR, "_settle", settle)

        return happen

    def open_question(self, granted: UUID) -> Question:
        return asks(granted, items=("QUA-01",), mode=Mode.OPEN)

    def name_told(self, by: Actor, question: Question, at) -> object:
        (block,) = inquire(by, question, at).content["blocks"]
        return block["records"][0]["values"]["legal_representative"]

    def assert_kept_back(self, by: Actor, granted: UUID, at) -> None:
        question = self.open_question(granted)
        assert why_refused(by, question, at) == "changed-meanwhile"
        assert self.name_told(by, question, at) == "赵**"

    def test_keeps_an_open_answer_back(self, town: Town, granted: UUID, agreed, at, meanwhile) -> None:
        meanwhile(agreed("legal_representative"))
        self.assert_kept_back(town.bank, granted, at)

    def test_and_so_does_the_end_of_the_authorisation_it_goes_with(
        self, town: Town, granted: UUID, agreed, at, meanwhile
    ) -> None:
        agreed("legal_representative")
        meanwhile(lambda: withdrawing.withdraw(granted, by=town.owner, at=at))
        self.assert_kept_back(town.bank, granted, at)

    def test_keeps_an_authorised_answer_back_and_costs_no_use(
        self, town: Town, granted: UUID, agreed, at, meanwhile
    ) -> None:
        meanwhile(agreed("manager"))
        question = asks(granted, items=("PER-01", "TAX-02"))
        assert why_refused(town.bank, question, at) == "changed-meanwhile"
        assert Authorisation.objects.get(uuid=granted).used == 0
        assert inquire(town.bank, question, at).content["blocks"]

    def test_keeps_a_comparison_back(self, town: Town, granted: UUID, agreed, at, meanwhile) -> None:
        claim = Claim(item="PER-01", field="person", value="赵东兴")
        asked = VerifyQuestion(subject=EAST, claims=(claim,), purpose="pre-loan", authorisation=granted)
        take_back = agreed("manager")
        assert verify(town.bank, asked, at).content["claims"][0]["answer"] == "MATCH"
        meanwhile(take_back)
        with pytest.raises(AskAgain):
            verify(town.bank, asked, at)
        assert verify(town.bank, asked, at).content["claims"][0]["answer"] == "NOT_AUTHORISED"

    def test_that_goes_with_another_authorisation_changes_nothing(
        self, town: Town, granted: UUID, agreed, at, meanwhile
    ) -> None:
        meanwhile(agreed("legal_representative"))
        other = asks(town.granted(), items=("QUA-01",), mode=Mode.OPEN)
        assert self.name_told(town.bank, other, at) == "赵**"

    def test_costs_answers_that_name_nobody_no_statement(self, town: Town, granted: UUID, agreed, at) -> None:
        agreed("legal_representative")
        with CaptureQueriesContext(connection) as asked:
            assert inquire(town.bank, asks(granted), at).content["blocks"]
        assert not [one for one in asked.captured_queries if "personalconsent" in one["sql"]]
        with CaptureQueriesContext(connection) as asked:
            assert self.name_told(town.bank, self.open_question(granted), at) == "赵东兴"
        assert len([one for one in asked.captured_queries if "personalconsent" in one["sql"]]) == 2

    def test_looks_at_no_authorisation_of_a_refused_question_beside_it(
        self, town: Town, granted: UUID, agreed, at
    ) -> None:
        # A signer holds a draft while waiting for the authorisation before it: waiting for both would be a deadlock.
        agreed("legal_representative")
        draft = town.granted()
        Authorisation.objects.filter(uuid=draft).update(state=State.DRAFT.value)
        shown = work_out(town.bank, self.open_question(granted), at=at).intent
        refused = work_out(town.bank, asks(draft), at=at).intent
        assert (bool(shown.consents), bool(refused.ask), bool(refused.inquiry.refusal)) == (True, True, True)
        with CaptureQueriesContext(connection) as asked:
            assert next(one.result for one in settling.DOOR.submit_all([shown, refused])) == ""
        read = [
            one["sql"] for one in asked.captured_queries if "FROM authorisations_authorisation" in one["sql"]
        ]
        assert any(str(granted) in one or granted.hex in one for one in read)
        assert not any(str(draft) in one or draft.hex in one for one in read)
