"""Parts of the inquiry index are merged into one, and nobody who asks sees a difference."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_django
from tests.apps.ground.records.conftest import Clock, delivering
from tests.apps.ground.records.test_collecting import fines, in_index, in_lake
from tests.apps.ground.records.words import a_node, penalties
from tests.keeping import kept_rows

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.records.models import Batch, IndexPage, IndexPart
from creditmesh.apps.ground.records.operations import indexing, reindexing
from creditmesh.apps.ground.records.queries import for_answers, subject_records
from creditmesh.apps.ground.records.queries.batches import BatchLine
from creditmesh.apps.ground.records.rules import State

pytestmark = pytest.mark.django_db
Deliver = Callable[..., BatchLine]


@pytest.fixture(scope="module")
def landed(
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Three batches in the database and in the lake of a folder, landed once for all tests here."""
    folder = tmp_path_factory.mktemp("landed")
    with django_db_blocker.unblock(), kept_rows():
        batches(delivering(a_node(folder), Clock()), 0, 3)
        yield folder


@pytest.fixture
def node(landed: Path, tmp_path: Path) -> ThisNode:
    """A node of its own in which the three batches have landed."""
    return a_node(shutil.copytree(landed, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def clock() -> Clock:
    """A clock on the day after the three batches."""
    made = Clock()
    made.now += timedelta(days=1)
    return made


def batches(deliver: Deliver, first: int, end: int) -> None:
    """Deliver batches of thirty enterprises each; all of them say something new of the first."""
    for turn in range(first, end):
        rows = [(turn * 30 + one, f"n{turn * 30 + one}", str(turn + 1)) for one in range(2, 32)]
        deliver(penalties([(1, "a", str(turn + 1)), *rows]))


class TestManyParts:
    def test_become_one_with_the_same_records(self, node: ThisNode, clock: Clock, deliver: Deliver) -> None:
        batches(deliver, 3, 5)
        before = in_index(node, range(1, 160))

        assert reindexing.tidy(node=node, clock=clock) == ("PEN",)

        (part,) = IndexPart.objects.order_by("id")
        assert (part.live, part.rows) == (True, 151)
        assert in_index(node, range(1, 160)) == before == in_lake(node)
        assert fines(node, 1) == [("a", 500)]
        assert {one >> 24 for one in IndexPage.objects.values_list("id", flat=True)} == {part.id}

    def test_still_say_where_each_record_came_from(
        self, node: ThisNode, clock: Clock, deliver: Deliver
    ) -> None:
        batches(deliver, 3, 4)
        subject = subject_records.records_of
        before = [subject(subject=one, item="PEN", catalogue=node.catalogue) for one in subjects(node)]

        reindexing.tidy(node=node, clock=clock)

        assert before == [
            subject(subject=one, item="PEN", catalogue=node.catalogue) for one in subjects(node)
        ]
        held = for_answers.held(subject=subjects(node)[0], items=["PEN"], catalogue=node.catalogue)
        assert held.records["PEN"][0].origin

    def test_are_left_alone_when_few_or_when_a_batch_lands(
        self, node: ThisNode, clock: Clock, deliver: Deliver
    ) -> None:
        assert reindexing.tidy(node=node, clock=clock) == ()

        batches(deliver, 3, 4)
        Batch.objects.update(state=State.LANDING)
        assert reindexing.tidy(node=node, clock=clock) == ()

    def test_stay_when_they_were_replaced_meanwhile(
        self, node: ThisNode, clock: Clock, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches(deliver, 3, 4)
        lay = indexing.lay

        def meanwhile(**given: object) -> None:
            lay(**given)  # type: ignore[arg-type]
            IndexPart.objects.filter(live=True).update(live=False)

        monkeypatch.setattr(indexing, "lay", meanwhile)

        assert reindexing.tidy(node=node, clock=clock) == ()
        assert not IndexPart.objects.filter(live=True).exists()
        assert IndexPart.objects.count() == 4


class TestAMergingThatWasKilled:
    def test_is_begun_anew_and_leaves_nothing_behind(
        self, node: ThisNode, clock: Clock, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches(deliver, 3, 4)
        before = in_index(node, range(1, 130))

        with monkeypatch.context() as killed:
            killed.setattr(indexing, "one_at_a_time", stopped)
            with pytest.raises(KeyboardInterrupt):
                reindexing.tidy(node=node, clock=clock)

        assert in_index(node, range(1, 130)) == before
        IndexPart.objects.filter(live=False).update(written_at="2020-01-01T00:00:00Z")
        assert reindexing.tidy(node=node, clock=clock) == ("PEN",)
        assert IndexPart.objects.count() == 1
        assert in_index(node, range(1, 130)) == before

    def test_after_the_new_part_stood_leaves_nothing_to_be_seen(
        self, node: ThisNode, clock: Clock, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches(deliver, 3, 4)
        before = in_index(node, range(1, 130))

        with monkeypatch.context() as killed:
            killed.setattr(indexing, "drop", lambda parts: stopped() if list(parts) else None)
            with pytest.raises(KeyboardInterrupt):
                reindexing.tidy(node=node, clock=clock)

        assert in_index(node, range(1, 130)) == before


def stopped(**_: object) -> None:
    raise KeyboardInterrupt


def subjects(node: ThisNode) -> list[str]:
    """Return every subject of the lake's penalties."""
    return sorted({subject for subject, _, _ in in_lake(node)})
