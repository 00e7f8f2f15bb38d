"""A correction: a new version of the record for everybody, and nobody is shown the old one meanwhile."""

from uuid import UUID

import pytest
from tests.apps.sharing.rights.conftest import RECEIVED, Clock, lines, received, settle
from tests.apps.sharing.rights.test_objections import contested, decision, row
from tests.conftest import Cast

from creditmesh.apps.evaluation.grading.operations import requesting
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor, Role
from creditmesh.apps.ground.records.rules import MarkKind
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.sharing.rights.models import Reevaluation
from creditmesh.apps.sharing.rights.operations import deciding, handling, objecting
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.apps.sharing.rights.rules.objections import Outcome, State, WrongStep

__all__ = ["contested"]
pytestmark = pytest.mark.django_db


class TestACorrection:
    @pytest.mark.usefixtures("bank")
    def test_the_department_proposes_lands_as_a_new_version_and_reaches_the_holders(
        self,
        contested: UUID,
        node: ThisNode,
        owner: Actor,
        operator: Actor,
        officer: Actor,
        clock: Clock,
    ) -> None:
        received("BANK", lines(owner, clock())[0], clock())
        handling.forward(contested, by=operator, at=clock.on(9, 29))
        said = handling.Answer(text="录入错误", proposed=Outcome.CORRECT, values={"fine": "2000元"})
        handling.answer(contested, said=said, by=officer, at=clock.on(9, 30))
        deciding.decide(
            contested,
            decision=decision(Outcome.CORRECT, **row(contested).proposed_values),
            by=operator,
            node=node,
            at=clock(),
        )
        assert institutions.inbox(institution="BANK").notices == ()
        settle(clock())

        (line,) = lines(owner, clock())
        assert (line.values["fine"], line.values["facts"], line.mark) == (200_000, "虚假宣传", None)
        found = row(contested)
        assert (found.state, str(found.new_values)) == (State.NOTIFIED, "{'fine': '2000元'}")
        (notice,) = institutions.inbox(institution="BANK").notices
        assert notice.kind == "record.corrected"
        deciding.finish_correction(found.batch or UUID(int=0), node=node, at=clock())
        assert len(institutions.inbox(institution="BANK").notices) == 1
        assert [one.what for one in cases.steps(found)][:4] == ["received", "marked", "forwarded", "answered"]

    def test_that_does_not_pass_the_checks_is_told_and_handed_in_again(
        self, contested: UUID, node: ThisNode, operator: Actor, owner: Actor, clock: Clock
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        wrong = decision(Outcome.CORRECT, decided_on="someday")
        deciding.decide(contested, decision=wrong, by=operator, node=node, at=clock())
        settle(clock())
        assert cases.steps(row(contested))[-1].what == "correction_refused"
        assert lines(owner, clock())[0].mark is not None

        deciding.correct_again(
            contested, values={"decided_on": "2026-05-07"}, by=operator, node=node, at=clock()
        )
        settle(clock())

        (line,) = lines(owner, clock())
        assert (str(line.values["decided_on"]), line.mark) == ("2026-05-07", None)
        with pytest.raises(WrongStep):
            deciding.correct_again(
                contested, values={"decided_on": "2026-05-08"}, by=operator, node=node, at=clock()
            )

    def test_that_does_not_pass_can_be_handed_in_after_the_case_was_closed(
        self, contested: UUID, cast: Cast, node: ThisNode, operator: Actor, owner: Actor, clock: Clock
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        wrong = decision(Outcome.CORRECT, decided_on="someday")
        deciding.decide(contested, decision=wrong, by=operator, node=node, at=clock())
        settle(clock())
        objecting.accept(contested, by=owner, at=clock())
        staff = cast.client(Role.OPERATOR)
        form = b'name="act" value="correct"'
        assert form in staff.get(f"/cases/objections/{contested}/").content

        right = {"decided_on": "2026-05-07"}
        deciding.correct_again(contested, values=right, by=operator, node=node, at=clock())
        assert form not in staff.get(f"/cases/objections/{contested}/").content
        settle(clock())

        assert lines(owner, clock())[0].mark is None
        assert form not in staff.get(f"/cases/objections/{contested}/").content

    def test_stops_what_was_found_wrong_until_the_right_version_stands(
        self, contested: UUID, node: ThisNode, operator: Actor, owner: Actor, clock: Clock
    ) -> None:
        requesting.request_run(
            system="public-credit", as_of=clock.on(9, 29).date(), by=operator, node=node, at=clock()
        )
        settle(clock())
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        wrong = decision(Outcome.CORRECT, decided_on="someday")
        deciding.decide(contested, decision=wrong, by=operator, node=node, at=clock())

        assert lines(owner, clock())[0].modes == ()
        settle(clock())
        (line,) = lines(owner, clock())
        assert line.mark is not None
        assert (line.mark.kind, line.modes) == (MarkKind.STOPPED, ())
        without = Reevaluation.objects.get(case=contested).run
        assert without is not None
        right = {"decided_on": "2026-05-07"}
        deciding.correct_again(contested, values=right, by=operator, node=node, at=clock())
        settle(clock())
        assert lines(owner, clock())[0].modes != ()
        assert Reevaluation.objects.get(case=contested).run not in (None, without)

    def test_is_not_handed_in_before_it_is_decided(
        self, contested: UUID, node: ThisNode, operator: Actor, clock: Clock
    ) -> None:
        handling.check_oneself(contested, by=operator, at=clock.on(9, 29))
        with pytest.raises(WrongStep):
            deciding.correct_again(
                contested, values={"decided_on": "2026-05-08"}, by=operator, node=node, at=clock()
            )

    @pytest.mark.parametrize("values", [{}, {"fine": "20000.00元"}, {"decision_number": "别的文号"}])
    def test_changes_something_and_never_which_record_it_is(
        self, contested: UUID, node: ThisNode, operator: Actor, values: dict[str, str]
    ) -> None:
        handling.check_oneself(contested, by=operator, at=RECEIVED)

        with pytest.raises(deciding.correcting.NothingToCorrect):
            deciding.decide(
                contested, decision=decision(Outcome.CORRECT, **values), by=operator, node=node, at=RECEIVED
            )
        assert row(contested).state == State.OWN_CHECK
