"""An enterprise contests a record: marked at once, decided in time, corrected everywhere."""

import pytest
from tests.apps.rights.conftest import ITEM, RECEIVED, Clock, lines, settle

from creditmesh.apps.nodes.rules import ThisNode
from creditmesh.apps.parties.rules import Actor
from creditmesh.apps.records.rules import MarkKind
from creditmesh.apps.rights.models import Objection
from creditmesh.apps.rights.operations import deciding, handling, objecting
from creditmesh.apps.rights.operations.deciding import Decision
from creditmesh.apps.rights.operations.objecting import AlreadyContested, Complaint
from creditmesh.apps.rights.queries.held import UnknownRecord
from creditmesh.apps.rights.rules.objections import Ground, Outcome, State

pytestmark = pytest.mark.django_db


def complaint(owner: Actor, **changes: object) -> Complaint:
    record = lines(owner, RECEIVED)[0].ref
    return Complaint(
        **{"item": ITEM, "record": record, "ground": Ground.WRONG, "text": "金额写错了"} | changes
    )  # type: ignore[arg-type]


class TestAnObjection:
    def test_marks_the_record_in_the_same_act(self, node: ThisNode, penalty: None, owner: Actor) -> None:
        uuid = objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

        mark = lines(owner, RECEIVED)[0].mark
        assert mark is not None
        assert (mark.kind, mark.case) == (MarkKind.DISPUTED, f"objection/{uuid}")
        row = Objection.objects.get(uuid=uuid)
        assert (row.state, row.source, row.held["fine"]) == (State.MARKED, "qinghe-samr", 2_000_000)

    def test_is_raised_once_while_open(self, node: ThisNode, penalty: None, owner: Actor) -> None:
        objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

        with pytest.raises(AlreadyContested):
            objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)

    def test_of_another_enterprise_s_record_finds_nothing(
        self, node: ThisNode, penalty: None, owner: Actor, stranger: Actor
    ) -> None:
        with pytest.raises(UnknownRecord):
            objecting.raise_objection(complaint=complaint(owner), by=stranger, node=node, at=RECEIVED)


class TestACorrection:
    def test_lands_as_a_new_version(
        self, node: ThisNode, penalty: None, owner: Actor, operator: Actor, clock: Clock
    ) -> None:
        uuid = objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=RECEIVED)
        handling.check_oneself(uuid, by=operator, at=clock.on(9, 29))
        deciding.decide(
            uuid,
            decision=Decision(outcome=Outcome.CORRECT, reason="决定书写明2000元", values={"fine": "2000元"}),
            by=operator,
            node=node,
            at=clock(),
        )
        settle(clock())

        (line,) = lines(owner, clock())
        assert line.values["fine"] == 200_000
        assert line.values["facts"] == "虚假宣传"
        assert line.mark is None
        assert Objection.objects.get(uuid=uuid).state == State.NOTIFIED
