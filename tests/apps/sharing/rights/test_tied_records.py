"""Records that name no usable code: a person tied them to the enterprise, and they can be corrected all the same."""

from io import BytesIO

import pytest
from tests.apps.sharing.rights.conftest import (
    HEADER,
    ITEM,
    SOURCE,
    SUBJECT,
    Clock,
    a_penalty,
    lines,
    settle,
)
from tests.apps.sharing.rights.test_objections import complaint, decision, row

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import Actor, SubjectRow
from creditmesh.apps.ground.records.models import ReviewCase
from creditmesh.apps.ground.records.operations import advancing, receiving, reviewing
from creditmesh.apps.ground.records.rules import CaseState, Delivery
from creditmesh.apps.sharing.rights.operations import deciding, handling, objecting
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.apps.sharing.rights.rules.objections import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def tied(node: ThisNode, officer: Actor, operator: Actor, clock: Clock) -> None:
    """A penalty delivered without a code, which a person tied to the enterprise, known by another name."""
    parties.register_subjects(rows=[SubjectRow(key=SUBJECT, name="东兴食品有限公司")])
    received = receiving.receive(
        delivery=Delivery(item=ITEM, source=SOURCE, filename="p.csv", idempotency_key="nameless"),
        content=BytesIO("\n".join([HEADER, a_penalty(subject="")]).encode()),
        by=officer,
        node=node,
        at=clock(),
    )
    advancing.advance(batch=received.uuid, node=node, clock=clock)
    case = ReviewCase.objects.get(state=CaseState.OPEN)
    tie = reviewing.Decision(case=case.pk, subject=SUBJECT, why="曾用名")
    follow_up = reviewing.decide_review(decision=tie, by=operator, node=node, at=clock())
    assert follow_up is not None
    advancing.advance(batch=follow_up.uuid, node=node, clock=clock)


def test_a_record_that_was_tied_is_corrected(
    tied: None, node: ThisNode, owner: Actor, operator: Actor, clock: Clock
) -> None:
    uuid = objecting.raise_objection(complaint=complaint(owner), by=owner, node=node, at=clock.on(9, 28))
    handling.check_oneself(uuid, by=operator, at=clock.on(9, 29))

    right = decision(Outcome.CORRECT, fine="2000元")
    deciding.decide(uuid, decision=right, by=operator, node=node, at=clock())
    settle(clock())

    assert "correction_refused" not in [one.what for one in cases.steps(row(uuid))]
    (line,) = lines(owner, clock())
    assert (line.values["fine"], line.mark) == (200_000, None)
    assert not ReviewCase.objects.filter(state=CaseState.OPEN).exists()
