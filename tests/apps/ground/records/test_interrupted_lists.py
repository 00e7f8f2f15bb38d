"""A list that a process left half landed, while a record of it was corrected, or the index was rebuilt."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from tests.apps.ground.records.conftest import Clock
from tests.apps.ground.records.test_corrections import Deliver, a_list, correct, level
from tests.apps.ground.records.words import code

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Actor
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.operations import advancing, indexing, reindexing
from creditmesh.apps.ground.records.queries import subject_records
from creditmesh.apps.ground.records.rules import State

__all__ = ["correct"]
pytestmark = pytest.mark.django_db
MANY = 25


class Killed(Exception):
    """The process is gone."""


@pytest.fixture
def half_landed(deliver: Deliver, correct: Deliver, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A list of which the index knows nothing yet, and a correction of its first row that has landed since."""

    def killed(*, written: indexing.Written) -> None:
        raise Killed

    monkeypatch.setattr(indexing, "ROWS_OF_A_PART", 10)
    deliver(a_list(*["A"] * MANY), item="LST")
    with monkeypatch.context() as during:
        during.setattr(indexing, "show", killed)
        with pytest.raises(Killed):
            deliver(a_list(*["B"] * MANY), item="LST")
    correct(a_list("C"))
    return Batch.objects.get(state=State.LANDING).uuid


@pytest.fixture
def resume(half_landed: UUID, node: ThisNode, clock: Clock) -> Callable[[], None]:
    """Land the list as the next worker does."""

    def doing() -> None:
        if Batch.objects.get(uuid=half_landed).state == State.LANDING:
            clock.now += timedelta(days=1)
            assert advancing.advance(batch=half_landed, node=node, clock=clock).state == State.LANDED

    return doing


def indexed(node: ThisNode) -> list[object]:
    """What the index says of the first enterprise."""
    told = subject_records.records_of(subject=code(1), item="LST", catalogue=node.catalogue)
    return [one.values["level"] for one in told.records]


def levels(node: ThisNode) -> Sequence[list[object]]:
    return [level(node, number) for number in range(1, MANY + 1)]


class TestAListThatWasHalfLanded:
    def test_is_not_shown_beside_the_correction_of_its_row(
        self, node: ThisNode, half_landed: UUID, resume: Callable[[], None]
    ) -> None:
        of_first = indexed(node)

        resume()

        assert of_first == ["C"]
        assert levels(node) == [["C"], *[["B"]] * (MANY - 1)]

    def test_stands_whole_after_the_index_was_rebuilt(
        self, node: ThisNode, resume: Callable[[], None], clock: Clock, operator: Actor
    ) -> None:
        reindexing.reindex(by=operator, node=node, clock=clock, items=["LST"])
        resume()

        assert levels(node) == [["C"], *[["B"]] * (MANY - 1)]

    def test_stands_once_when_it_lands_while_the_index_is_rebuilt(
        self,
        node: ThisNode,
        resume: Callable[[], None],
        clock: Clock,
        operator: Actor,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        read = indexing.bind

        def meanwhile(*, written: indexing.Written) -> None:
            read(written=written)
            resume()

        monkeypatch.setattr(indexing, "bind", meanwhile)
        reindexing.reindex(by=operator, node=node, clock=clock, items=["LST"])

        assert levels(node) == [["C"], *[["B"]] * (MANY - 1)]
