"""An enterprise contests a record: marked at once, decided in time, corrected everywhere."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.apps.sharing.rights.conftest import (
    ITEM,
    RECEIVED,
    SUBJECT,
    Clock,
    a_penalty,
    lines,
    received,
    settle,
)

from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, NotPermitted
from creditmesh.apps.ground.records.queries import marks
from creditmesh.apps.ground.records.rules import MarkKind
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.rights.models import Appeal, Objection, Reevaluation
from creditmesh.apps.sharing.rights.operations import (
    appealing,
    deciding,
    handling,
    objecting,
    walking,
    watching,
)
from creditmesh.apps.sharing.rights.operations.deciding import Decision
from creditmesh.apps.sharing.rights.operations.objecting import AlreadyContested, Complaint, TooLate
from creditmesh.apps.sharing.rights.queries import cases, held
from creditmesh.apps.sharing.rights.queries.held import UnknownRecord
from creditmesh.apps.sharing.rights.rules.appeals import About, Answer
from creditmesh.apps.sharing.rights.rules.clocks import Cause
from creditmesh.apps.sharing.rights.rules.objections import (
    Ground,
    NoExtension,
    NoPause,
    Outcome,
    SamePerson,
    State,
    WrongStep,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def contested(node: ThisNode, penalty: None, owner: Actor) -> UUID:
    return objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)


def complaint(owner: Actor) -> Complaint:
    return Complaint(item=ITEM, record=lines(owner, RECEIVED)[0].ref, ground=Ground.WRONG, text="金额写错了")


def row(uuid: UUID) -> Objection:
    return Objection.objects.get(uuid=uuid)


def decision(outcome: Outcome, **values: str) -> Decision:
    return Decision(outcome=outcome, reason="决定书写明2000元", values=values)


class TestAnObjection:
    def test_marks_the_record_in_the_same_act(self, contested: UUID, owner: Actor) -> None:
        mark = lines(owner, RECEIVED)[0].mark

        assert mark is not None
        assert (mark.kind, mark.case) == (MarkKind.DISPUTED, f"objection/{contested}")
        found = row(contested)
        assert (found.state, found.source, found.held["fine"]) == (State.MARKED, "qinghe-samr", 2_000_000)
        assert found.due == date(2026, 10, 18)  # twenty calendar days where the region has no rule of its own

    def test_suspends_the_record_where_the_place_says_so(
        self, node: ThisNode, penalty: None, owner: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        object.__setattr__(node, "region", "331000")

        objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

        (line,) = lines(owner, RECEIVED)
        assert line.mark is not None
        assert line.mark.kind is MarkKind.SUSPENDED
        assert line.modes == ()

    def test_is_raised_once_while_open(self, contested: UUID, node: ThisNode, owner: Actor) -> None:
        with pytest.raises(AlreadyContested):
            objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

        objecting.take_back(contested, by=owner, at=RECEIVED)
        assert lines(owner, RECEIVED)[0].mark is None
        objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

    def test_of_another_enterprise_s_record_finds_nothing(
        self, node: ThisNode, penalty: None, owner: Actor, stranger: Actor, officer: Actor
    ) -> None:
        with pytest.raises(UnknownRecord):
            objecting.raise_objection(complaint=complaint(owner), by=stranger, node=node, at=RECEIVED)
        with pytest.raises(NotPermitted):
            objecting.raise_objection(complaint=complaint(owner), by=officer, node=node, at=RECEIVED)

    def test_reaches_every_record_however_many_there_are(
        self, node: ThisNode, penalty: None, owner: Actor, deliver: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(held, "_AT_ONCE", 1)
        deliver(*(a_penalty(number) for number in (3, 4, 5)))

        for line in lines(owner, RECEIVED):
            what = Complaint(item=ITEM, record=line.ref, ground=Ground.WRONG, text="x")
            objecting.raise_objection(complaint=what, by=owner, node=node, at=RECEIVED)

        assert Objection.objects.count() == 4


class TestNobodyElse:
    def test_sees_or_moves_a_case(
        self, contested: UUID, stranger: Actor, officer: Actor, owner: Actor, operator: Actor
    ) -> None:
        for nobody in (stranger, officer):
            with pytest.raises(cases.UnknownCaseOfRights):
                cases.objection(contested, by=nobody)
        with pytest.raises(walking.UnknownObjection):
            objecting.take_back(contested, by=stranger, at=RECEIVED)
        with pytest.raises(NotPermitted):
            handling.forward(contested, by=owner, at=RECEIVED)
        handling.forward(contested, by=operator, at=RECEIVED)
        elsewhere = Actor(user_id=8, label="x", roles=officer.roles, sources=frozenset({"qinghe-tax"}))
        with pytest.raises(walking.UnknownObjection):
            handling.answer(contested, said=handling.Answer(text="x"), by=elsewhere, at=RECEIVED)
        assert cases.of_enterprise(stranger) == ()
        assert cases.forwarded(elsewhere) == ()
        assert len(cases.forwarded(officer)) == cases.waiting(officer) == 1

    def test_not_even_the_department_before_it_is_forwarded(self, contested: UUID, officer: Actor) -> None:
        with pytest.raises(walking.UnknownObjection):
            handling.answer(contested, said=handling.Answer(text="x"), by=officer, at=RECEIVED)


class TestADecision:
    @pytest.mark.parametrize(
        ("outcome", "mark"),
        [
            (Outcome.DELETE, MarkKind.STOPPED),
            (Outcome.STOP_DISCLOSURE, MarkKind.STOPPED),
            (Outcome.UNCONFIRMED, MarkKind.DISPUTED),
            (Outcome.REJECT, None),
        ],
    )
    def test_does_to_the_record_what_its_outcome_says(
        self,
        contested: UUID,
        node: ThisNode,
        operator: Actor,
        clock: Clock,
        outcome: Outcome,
        mark: Any,
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(contested, decision=decision(outcome), by=operator, node=node, at=clock())
        settle(clock())

        found = marks.marks_of(SUBJECT)
        assert [one.kind for one in found.values()] == [mark][: len(found)]
        assert bool(found) is (mark is not None)
        assert row(contested).state == State.NOTIFIED

    def test_is_reviewed_by_another_person_who_may_decide_otherwise(
        self, contested: UUID, node: ThisNode, operator: Actor, colleague: Actor, owner: Actor, clock: Clock
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(contested, decision=decision(Outcome.REJECT), by=operator, node=node, at=clock())
        settle(clock())
        objecting.request_review(contested, text="请再看", by=owner, at=clock())

        with pytest.raises(SamePerson):
            deciding.review(contested, reason="x", instead=None, by=operator, node=node, at=clock())
        deciding.review(
            contested,
            reason="漏看附件",
            instead=decision(Outcome.DELETE),
            by=colleague,
            node=node,
            at=clock(),
        )
        settle(clock())

        found = row(contested)
        assert (found.state, found.outcome, found.review_upheld) == (State.CLOSED, Outcome.DELETE, False)
        assert lines(owner, clock())[0].mark is not None

    @pytest.mark.usefixtures("bank")
    def test_that_a_review_replaces_is_told_and_evaluated_once_more(
        self,
        contested: UUID,
        node: ThisNode,
        operator: Actor,
        colleague: Actor,
        owner: Actor,
        clock: Clock,
    ) -> None:
        received("BANK", lines(owner, clock())[0], clock())
        requesting.request_run(
            system="public-credit", as_of=clock.on(9, 29).date(), by=operator, node=node, at=clock()
        )
        settle(clock())
        handling.check_oneself(contested, by=operator, at=clock())
        wrong = decision(Outcome.CORRECT, decided_on="2026-05-07")
        deciding.decide(contested, decision=wrong, by=operator, node=node, at=clock())
        settle(clock())
        first = Reevaluation.objects.get(case=contested).run
        assert first is not None

        objecting.request_review(contested, text="请再看", by=owner, at=clock())
        gone = decision(Outcome.DELETE)
        deciding.review(contested, reason="重审", instead=gone, by=colleague, node=node, at=clock())
        settle(clock())
        deciding.finish_decision(contested, node=node, at=clock())  # a second time changes nothing

        kinds = [one.kind for one in institutions.inbox(institution="BANK").notices]
        assert kinds == ["record.stopped", "record.corrected"]
        assert Reevaluation.objects.get(case=contested).run not in (None, first)

    def test_can_be_accepted_or_closes_when_nobody_asks_in_time(
        self, contested: UUID, node: ThisNode, operator: Actor, owner: Actor, clock: Clock
    ) -> None:
        with pytest.raises(WrongStep):
            objecting.accept(contested, by=owner, at=clock())
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(contested, decision=decision(Outcome.REJECT), by=operator, node=node, at=clock())
        settle(clock())
        last = objecting.last_day_for_review(row(contested))
        assert last == date(2026, 10, 26)  # fifteen working days after the twenty-ninth

        assert watching.close_uncontested(at=clock.on(10, 26)) == 0
        with pytest.raises(TooLate):
            objecting.request_review(contested, text="x", by=owner, at=clock.on(10, 27))
        assert watching.close_uncontested(at=clock.on(10, 27)) == 1
        assert row(contested).state == State.CLOSED


class TestTheClock:
    def test_that_is_missed_is_told_once_a_step(self, contested: UUID, operator: Actor, clock: Clock) -> None:
        assert watching.tell_breaches(at=clock.on(10, 18)) == 0
        assert watching.tell_breaches(at=clock.on(10, 19)) == 1
        assert watching.tell_breaches(at=clock.on(10, 20)) == 0

        (line,) = cases.queue(operator)
        assert (line.breached, line.is_late(date(2026, 10, 19))) == (True, True)
        assert ledger.ledger_page().lines[0].act == "objection.overdue"

    def test_moves_and_stops_only_as_the_place_lets_it(
        self, contested: UUID, operator: Actor, clock: Clock
    ) -> None:
        with pytest.raises(NoExtension):
            handling.extend(contested, why="x", by=operator, at=clock())
        with pytest.raises(NoPause):
            handling.pause(contested, cause=Cause.TEST, by=operator, at=clock())
        Objection.objects.filter(uuid=contested).update(place="440305")
        handling.extend(contested, why="需要核实", by=operator, at=clock())
        assert row(contested).due == date(2026, 9, 29)  # forwarding is not moved
        handling.check_oneself(contested, by=operator, at=clock())
        assert row(contested).due == date(2026, 10, 9)
        Objection.objects.filter(uuid=contested).update(place="410100", extended=False)
        handling.pause(contested, cause=Cause.APPRAISAL, by=operator, at=clock.on(9, 29))
        assert row(contested).due is None
        with pytest.raises(NoPause):
            handling.pause(contested, cause=Cause.TEST, by=operator, at=clock())
        handling.resume(contested, by=operator, at=clock.on(10, 8))
        assert row(contested).due == date(2026, 10, 10)
        with pytest.raises(NoPause):
            handling.resume(contested, by=operator, at=clock())

    def test_once_missed_is_not_moved_any_more(self, contested: UUID, operator: Actor, clock: Clock) -> None:
        Objection.objects.filter(uuid=contested).update(place="330100")
        handling.check_oneself(contested, by=operator, at=clock())
        last = row(contested).due
        assert last is not None

        with pytest.raises(NoExtension):
            handling.extend(contested, why="x", by=operator, at=clock.on(10, last.day + 1))
        handling.extend(contested, why="x", by=operator, at=clock.on(10, last.day))

        assert row(contested).due == date(2026, 10, 30)


class TestAPerson:
    def test_answers_an_appeal_in_her_own_name_and_in_time(
        self, node: ThisNode, owner: Actor, operator: Actor, clock: Clock, db: None
    ) -> None:
        question = appealing.Question(about=About.EVALUATION, reference="run", text="为什么是中")
        uuid = appealing.ask(question=question, by=owner, node=node, at=RECEIVED)
        with pytest.raises(appealing.AlreadyAsked):
            appealing.ask(question=question, by=owner, node=node, at=RECEIVED)
        program = Actor(user_id=3, label="x", roles=operator.roles, key_name="robot")
        with pytest.raises(appealing.UnknownAppeal):
            appealing.answer(uuid, found=Answer.STANDS, reason="x", by=program, at=clock())
        assert watching.tell_breaches(at=clock.on(10, 31)) == 1

        appealing.answer(
            uuid, found=Answer.DATA_WRONG, reason="记录有误，请先提异议", by=operator, at=clock()
        )

        found = Appeal.objects.get(uuid=uuid)
        assert (found.due, found.answered_by, found.breached) == (date(2026, 10, 16), "周运营", True)
        with pytest.raises(appealing.AnsweredBefore):
            appealing.answer(uuid, found=Answer.STANDS, reason="x", by=operator, at=clock())
