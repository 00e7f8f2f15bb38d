"""A disk that is full: the batch stays as it was, says so in a sentence, and goes on when there is room."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.test_killed import Node, file, fresh

__all__ = ["file", "fresh"]
pytestmark = pytest.mark.faults


class SmallDisk:
    """A file system of its own that holds one folder of a node's home."""

    def __init__(self, place: Path, size: str = "8k") -> None:
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        self._mount(f"size={size}")

    def make_room(self) -> None:
        """Give it room enough."""
        self._mount("remount,size=500m")

    def take_away(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)

    def _mount(self, options: str) -> None:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", str(self.place)], check=True, capture_output=True
        )


def _can_mount() -> bool:
    if os.geteuid() != 0:
        return False
    done = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return done.returncode == 0


needs_mount = pytest.mark.skipif(not _can_mount(), reason="needs the right to mount a file system (root)")


@pytest.fixture
def node(fresh: Path, tmp_path: Path) -> Node:
    shutil.copytree(fresh, tmp_path / "home")
    return Node(tmp_path / "home", "")


@pytest.fixture
def small_disk(node: Node, request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    """A small disk under one folder of the node's home."""
    disk = SmallDisk(node.home / request.param)
    yield disk
    disk.take_away()


@needs_mount
class TestAFullDisk:
    @pytest.mark.parametrize(
        ("small_disk", "state"), [("batches", "received"), ("lake", "landing")], indirect=["small_disk"]
    )
    def test_leaves_the_batch_as_it_was_and_it_goes_on_when_there_is_room(
        self, node: Node, file: Path, small_disk: SmallDisk, state: str
    ) -> None:
        assert node.run(str(file)) == 0

        ((found, trouble),) = node.rows("SELECT state, trouble FROM records_batch")
        assert found == state
        assert "disk of the node is full" in str(trouble)
        assert "Nothing of this batch was lost" in str(trouble)
        assert node.rows("SELECT count(*) FROM records_indexpart WHERE live") == [(0,)]

        small_disk.make_room()
        assert node.run() == 0

        node.holds_everything_once()
        assert node.rows("SELECT trouble FROM records_batch") == [("",)]

    @pytest.mark.parametrize("small_disk", ["inbox"], indirect=True)
    def test_refuses_a_delivery_it_cannot_keep_and_takes_it_later(
        self, node: Node, file: Path, small_disk: SmallDisk
    ) -> None:
        process = node.start(str(file))
        _, told = process.communicate(timeout=120)

        assert process.returncode == 1
        assert "The disk of the node is full; nothing was kept" in told
        assert node.rows("SELECT count(*) FROM records_batch") == [(0,)]
        assert not any((node.home / "inbox").iterdir())

        small_disk.make_room()
        assert node.run(str(file)) == 0
        node.holds_everything_once()


@needs_mount
@pytest.mark.parametrize(
    "spare_kb",
    [pytest.param(60, marks=pytest.mark.slow), 300, pytest.param(600, marks=pytest.mark.slow), 1_000],
)
def test_wherever_a_disk_fills_up_nothing_is_lost(
    fresh: Path, tmp_path: Path, file: Path, spare_kb: int
) -> None:
    used = sum(one.stat().st_size for one in fresh.rglob("*") if one.is_file()) // 1024
    disk = SmallDisk(tmp_path / "home", size=f"{used + spare_kb}k")
    try:
        shutil.copytree(fresh, disk.place, dirs_exist_ok=True)
        node = Node(disk.place, "")
        node.start(str(file)).communicate(timeout=120)
        assert node.rows("SELECT count(*) FROM records_indexpart WHERE live") == [(0,)]

        disk.make_room()
        assert node.run(str(file)) == 0
        node.holds_everything_once()
    finally:
        disk.take_away()
