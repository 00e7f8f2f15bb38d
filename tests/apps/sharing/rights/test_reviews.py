"""A review that turns a decision down brings the record back, and tells whoever had been told."""

from uuid import UUID

import pytest
from tests.apps.sharing.rights.conftest import Clock, lines, received, settle
from tests.apps.sharing.rights.test_objections import contested, decision, row

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.rights.operations import (
    deciding,
    handling,
    objecting,
)
from creditmesh.apps.sharing.rights.queries import duty_notices
from creditmesh.apps.sharing.rights.rules.objections import (
    Outcome,
    State,
    WrongStep,
)

__all__ = ["contested"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(operator: Actor, colleague: Actor, officer: Actor) -> tuple[Actor, Actor, Actor]:
    return operator, colleague, officer


class TestAReviewThatTurnsADecisionDown:
    @pytest.mark.usefixtures("bank")
    @pytest.mark.parametrize("instead", [Outcome.REJECT, Outcome.UNCONFIRMED])
    def test_that_a_review_turns_down_restores_the_record_and_tells_whoever_was_told(
        self,
        contested: UUID,
        node: ThisNode,
        staff: tuple[Actor, Actor, Actor],
        owner: Actor,
        clock: Clock,
        instead: Outcome,
    ) -> None:
        operator, colleague, officer = staff
        for holder in ("BANK", officer.organisation):
            received(holder, lines(owner, clock())[0], clock())
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(contested, decision=decision(Outcome.DELETE), by=operator, node=node, at=clock())
        settle(clock())
        objecting.request_review(contested, text="请再看", by=owner, at=clock())
        deciding.review(
            contested, reason="重审", instead=decision(instead), by=colleague, node=node, at=clock()
        )
        settle(clock())
        deciding.finish_decision(contested, node=node, at=clock())  # a second time changes nothing

        kinds = [one.kind for one in institutions.inbox(institution="BANK").notices]
        assert kinds == ["record.restored", "record.stopped"]
        assert [one.kind for one in duty_notices.inbox(officer).notices] == kinds
        assert lines(owner, clock())[0].modes != ()

    @pytest.mark.usefixtures("bank")
    def test_that_corrected_and_is_turned_down_brings_the_former_values_back(
        self,
        contested: UUID,
        node: ThisNode,
        operator: Actor,
        colleague: Actor,
        owner: Actor,
        clock: Clock,
    ) -> None:
        received("BANK", lines(owner, clock())[0], clock())
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(
            contested, decision=decision(Outcome.CORRECT, fine="2000元"), by=operator, node=node, at=clock()
        )
        settle(clock())
        objecting.request_review(contested, text="请再看", by=owner, at=clock())
        rejected = decision(Outcome.REJECT)
        deciding.review(contested, reason="重审", instead=rejected, by=colleague, node=node, at=clock())
        settle(clock())

        (line,) = lines(owner, clock())
        assert (line.values["fine"], line.mark) == (2_000_000, None)
        kinds = [one.kind for one in institutions.inbox(institution="BANK").notices]
        assert kinds == ["record.restored", "record.corrected"]

    def test_on_a_correction_under_way_is_not_turned_down_yet(
        self,
        contested: UUID,
        node: ThisNode,
        operator: Actor,
        colleague: Actor,
        owner: Actor,
        clock: Clock,
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        deciding.decide(
            contested, decision=decision(Outcome.CORRECT, fine="2000元"), by=operator, node=node, at=clock()
        )
        deciding.finish_decision(contested, node=node, at=clock())
        objecting.request_review(contested, text="请再看", by=owner, at=clock())

        with pytest.raises(WrongStep, match="on its way"):
            deciding.review(
                contested,
                reason="重审",
                instead=decision(Outcome.REJECT),
                by=colleague,
                node=node,
                at=clock(),
            )
        assert row(contested).state == State.REVIEW_REQUESTED
