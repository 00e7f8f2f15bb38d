"""Several at work on one item at once, and workers that vanish: nothing is lost, nothing is done twice."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.apps.ground.records.conftest import Clock, clock, node
from tests.apps.ground.records.words import CATALOGUE, a_node, code, penalties
from tests.faults.test_killed import Node, fresh, postgresql_node

from creditmesh.apps.ground.nodes import processes
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.apps.ground.records.models import Batch
from creditmesh.apps.ground.records.operations import advancing, holding, receiving
from creditmesh.apps.ground.records.operations.holding import HeldByAnother
from creditmesh.apps.ground.records.rules import LEASE, Delivery, State

__all__ = ["clock", "fresh", "node", "postgresql_node"]
pytestmark = pytest.mark.faults
AT_ONCE = 4


def land_at_once(home: Node, tmp_path: Path) -> None:
    """Let four processes land one file each, of one item, sharing half their keys."""
    processes = []
    for number in range(AT_ONCE):
        file = tmp_path / f"file{number}.csv"
        shared = [(9, f"s{one}", str(number + 1)) for one in range(300)]
        own = [(number, f"n{number}-{one}", "1") for one in range(300)]
        file.write_text(penalties(shared + own), encoding="utf-8")
        processes.append(home.start(str(file), "--slowly"))
    for process in processes:
        _, told = process.communicate(timeout=240)
        assert process.returncode == 0, told
    assert home.run() == 0

    assert home.rows("SELECT count(*) FROM records_batch WHERE state = 'landed'") == [(AT_ONCE,)]
    current = [
        row for batch in a_node(home.home).lake.current(CATALOGUE.items["PEN"]) for row in batch.to_pylist()
    ]
    assert len({row["_key"] for row in current}) == len(current) == 300 + 300 * AT_ONCE
    last = max(row["_seq"] for row in current)
    winner = {row["fine"] for row in current if row["_subject"] == code(9)}
    assert len(winner) == 1, "the file that landed last decides all shared keys"
    assert {row["_seq"] for row in current if row["_subject"] == code(9)} == {last}
    assert home.rows("SELECT sum(added) FROM records_batch") == [(300 + 300 * AT_ONCE,)]
    assert home.rows("SELECT count(*) FROM records_indexpart WHERE NOT live") == [(0,)]


class TestBatchesOfOneItemAtOnce:
    def test_all_land(self, fresh: Path, tmp_path: Path) -> None:
        shutil.copytree(fresh, tmp_path / "home")
        land_at_once(Node(tmp_path / "home", ""), tmp_path)

    @pytest.mark.postgres
    def test_all_land_on_postgresql(self, postgresql_node: Node, tmp_path: Path) -> None:
        land_at_once(postgresql_node, tmp_path)


@pytest.mark.django_db
class TestAWorker:
    @pytest.fixture
    def batch(self, node: ThisNode, clock: Clock) -> Batch:
        """A batch that was received."""
        received = receiving.receive(
            delivery=Delivery(item="PEN", source="market", filename="a.csv", idempotency_key="k"),
            content=BytesIO(penalties([(1, "a", "100")]).encode()),
            by=COMMAND_LINE,
            node=node,
            at=clock(),
        )
        return Batch.objects.get(uuid=received.uuid)

    def test_that_is_alive_keeps_others_away(self, batch: Batch, node: ThisNode, clock: Clock) -> None:
        holding.take(batch=batch.uuid, clock=clock)

        with pytest.raises(HeldByAnother):
            advancing.advance(batch=batch.uuid, node=node, clock=clock)
        assert not advancing.advance_if_free(batch=batch.uuid, node=node, clock=clock)
        assert advancing.advance_unfinished(node=node, clock=clock) == 0

    @pytest.mark.parametrize("how", ["process is gone", "silent for long"])
    def test_that_died_is_followed_by_another(
        self, batch: Batch, node: ThisNode, clock: Clock, how: str
    ) -> None:
        holding.take(batch=batch.uuid, clock=clock)
        if how == "process is gone":
            gone = f"{processes.this_process().partition(':')[0]}:999999999:1"
            Batch.objects.update(worker=gone)
        else:
            Batch.objects.update(worker="elsewhere:1:1")
            clock.now += LEASE + timedelta(seconds=1)

        assert advancing.advance_unfinished(node=node, clock=clock) == 1
        assert Batch.objects.get().state == State.LANDED

    def test_that_comes_back_from_the_dead_may_not_go_on(
        self, batch: Batch, node: ThisNode, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = holding.take(batch=batch.uuid, clock=clock)
        clock.now += LEASE + timedelta(seconds=1)
        monkeypatch.setattr(processes, "is_dead", lambda _: True)
        advancing.advance(batch=batch.uuid, node=node, clock=clock)

        step: Callable[[], object]
        for step in (late.row, lambda: late.say(stage=holding.Stage.LAKE, progress=60)):
            with pytest.raises(HeldByAnother):
                step()
        holding.let_go(hold=late, trouble="late")
        assert Batch.objects.get().trouble == ""

    def test_that_fails_again_and_again_stops_until_a_person_asks(
        self, batch: Batch, node: ThisNode, clock: Clock
    ) -> None:
        Batch.objects.update(tries=20)
        assert advancing.advance_unfinished(node=node, clock=clock) == 0

        advancing.continue_batch(batch=batch.uuid, by=COMMAND_LINE, at=clock())

        assert advancing.advance_unfinished(node=node, clock=clock) == 1
