"""Several processes write into one ledger, are killed, or find the disk full: no gap, no fork, no lost promise."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.faults.test_full_disk import SmallDisk, needs_mount
from tests.faults.test_killed import ROOT, Node, fresh, postgresql_node

__all__ = ["fresh", "postgresql_node"]
pytestmark = pytest.mark.faults
VERIFY = """
import django; django.setup()
from creditmesh.apps.ground.audit.evidence import verifying
found = verifying.verify(resolve=lambda _: None)
print(found.size, found.waiting, found.problems)
"""


@pytest.fixture
def node(fresh: Path, tmp_path: Path) -> Node:
    shutil.copytree(fresh, tmp_path / "home")
    return Node(tmp_path / "home", "")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest) -> Node:
    """A node on SQLite, then one on PostgreSQL where there is a server."""
    found: Node = request.getfixturevalue("node" if request.param == "sqlite" else "postgresql_node")
    return found


def write(node: Node, count: int, threads: int = 4) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.ledger", str(node.home), str(count), str(threads)]
    return subprocess.Popen(
        command, env=node.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def promised(told: str) -> dict[int, str]:
    """Return the places a process was told, by position; a last line may have been cut off by its death."""
    lines = [one.split() for one in told.splitlines() if one.count("-") == 4]
    return {
        int(position): entry
        for position, entry in (one for one in lines if len(one) == 2 and len(one[1]) == 36)
    }


def verified(node: Node) -> str:
    done = subprocess.run(
        [sys.executable, "-c", VERIFY],
        env=node.environment,
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    )
    return done.stdout.strip()


def kept(node: Node) -> dict[int, str]:
    rows = node.rows("SELECT position, uuid FROM audit_leaf JOIN audit_entry ON audit_entry.id = entry_id")
    return {int(str(position)): str(uuid).replace("-", "") for position, uuid in rows}


def same(given: dict[int, str], found: dict[int, str]) -> bool:
    return all(found.get(position) == entry.replace("-", "") for position, entry in given.items())


class TestTwoProcessesAtOnce:
    def test_leave_no_gap_and_no_fork(self, either: Node) -> None:
        told = [process.communicate(timeout=120) for process in [write(either, 25), write(either, 25)]]

        places = [promised(out) for out, _ in told]
        assert [err for _, err in told] == ["", ""]
        assert [len(one) for one in places] == [100, 100]
        assert not set(places[0]) & set(places[1])
        found = kept(either)
        assert sorted(found) == list(range(240))
        assert same(places[0] | places[1], found)
        assert verified(either) == "240 0 []"


class TestAProcessThatIsKilled:
    def test_has_promised_nothing_that_is_not_there(self, either: Node) -> None:
        process, other = write(either, 4_000), write(either, 10)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.4)
        os.kill(process.pid, signal.SIGKILL)
        told, _ = process.communicate(timeout=60)
        others, trouble = other.communicate(timeout=120)

        assert trouble == ""
        found = kept(either)
        assert same(promised(told) | promised(others), found)
        assert len(promised(others)) == 40
        assert verified(either).endswith("[]")


@needs_mount
class TestAFullDisk:
    def test_refuses_every_waiter_and_goes_on_when_there_is_room(self, fresh: Path, tmp_path: Path) -> None:
        used = sum(one.stat().st_size for one in fresh.rglob("*") if one.is_file()) // 1024
        disk = SmallDisk(tmp_path / "home", size=f"{used + 500}k")
        try:
            shutil.copytree(fresh, disk.place, dirs_exist_ok=True)
            node = Node(disk.place, "")
            told, trouble = write(node, 2_000).communicate(timeout=120)
            assert "disk is full" in trouble

            disk.make_room()
            assert same(promised(told), kept(node))
            assert verified(node).endswith("[]")
            again, trouble = write(node, 3).communicate(timeout=60)
            assert (len(promised(again)), trouble) == (12, "")
        finally:
            disk.take_away()
