"""A process killed by SIGKILL while a batch lands: nothing is lost, nothing is there twice, the next one goes on."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from deltalake import DeltaTable
from tests import postgresql
from tests.apps.ground.records.words import CATALOGUE, a_node, penalties

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
ROWS = 6_000
DATABASE = os.environ.get("CREDITMESH_TEST_DATABASE_URL", "")

# One point in each stretch between two things that are kept; the others lie in the same stretches.
POINTS = [
    ("creditmesh.apps.ground.records.operations.validating:_write_down", 1),
    ("creditmesh.lake.landing:_commit", 1),
    ("creditmesh.apps.ground.records.operations.indexing:_store", 3),
    ("creditmesh.apps.ground.records.operations.landing:_finish", 1),
    ("pathlib:Path.unlink", 1),
]
MORE_POINTS = [
    ("creditmesh.apps.ground.records.operations.landing:_begin", 1),
    ("creditmesh.lake.store:Lake.land", 1),
    ("creditmesh.lake.landing:_write", 1),
    ("creditmesh.apps.ground.records.operations.indexing:discard", 1),
    ("creditmesh.apps.ground.records.operations.indexing:_store", 1),
    ("creditmesh.apps.ground.records.operations.indexing:show", 1),
    ("creditmesh.apps.ground.audit.operations:announce", 2),
]


class Node:
    """A node in a folder of its own whose processes are killed."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")},
            "CREDITMESH_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        }
        if url:
            self.environment["CREDITMESH_DATABASE_URL"] = url
        home.mkdir(parents=True, exist_ok=True)

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start a process that receives and lands."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.delivering", str(self.home), *more],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *more: str) -> int:
        """Run such a process to its end and return its code."""
        process = self.start(*more)
        _, told = process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL), told
        return process.returncode

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what a query finds in the node's database."""
        if self.url:
            with psycopg.connect(self.url) as server:
                return server.execute(query).fetchall()
        with sqlite3.connect(self.home / "node.sqlite3") as sqlite:
            return sqlite.execute(query).fetchall()

    def holds_everything_once(self) -> None:
        """Check lake, index, counts, ledger and news of one batch of ROWS rows."""
        assert self.rows("SELECT state, received, accepted, added, progress FROM records_batch") == [
            ("landed", ROWS, ROWS, ROWS, 100)
        ]
        item = CATALOGUE.items["PEN"]
        lake = a_node(self.home).lake
        keys = [key for batch in lake.current(item) for key in batch.column("_key").to_pylist()]
        assert sorted(keys) == sorted(f"n{one}" for one in range(ROWS))
        raw = DeltaTable(f"{self.home}/lake/items/pen").to_pyarrow_table(columns=["_key"])
        assert raw.num_rows == ROWS
        assert self.rows("SELECT sum(rows) FROM records_indexpart WHERE live") == [(ROWS,)]
        assert self.rows("SELECT count(*) FROM records_indexpart WHERE NOT live") == [(0,)]
        orphans = (
            "SELECT count(*) FROM records_indexpage WHERE id >> 24 NOT IN (SELECT id FROM records_indexpart)"
        )
        assert self.rows(orphans) == [(0,)]
        for event in ("batch.received", "batch.landed"):
            assert self.rows(f"SELECT count(*) FROM audit_event WHERE name = '{event}'") == [(1,)]
        assert self.rows("SELECT count(*) FROM audit_entry WHERE act = 'batch.land'") == [(1,)]
        assert self.rows("SELECT count(*) FROM records_qualitymeasure") == [(1,)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "penalties.csv"
    made.write_text(penalties([(one // 3, f"n{one}", str(one)) for one in range(ROWS)]), encoding="utf-8")
    return made


@pytest.fixture
def fresh(migrated: Path) -> Path:
    """A migrated home, to be copied: migrating takes longer than landing."""
    return migrated


@pytest.fixture
def node(fresh: Path, tmp_path: Path) -> Node:
    """A node on SQLite."""
    shutil.copytree(fresh, tmp_path / "home")
    return Node(tmp_path / "home", "")


@pytest.fixture
def postgresql_node(tmp_path: Path) -> Iterator[Node]:
    """A node on PostgreSQL."""
    if not DATABASE:
        pytest.skip("set CREDITMESH_TEST_DATABASE_URL to a PostgreSQL server to run this")
    with postgresql.database(DATABASE) as url:
        yield Node(tmp_path / "home", url)


class TestALandingThatIsKilled:
    @pytest.mark.parametrize(
        ("event", "count"), [*POINTS, *(pytest.param(*one, marks=pytest.mark.slow) for one in MORE_POINTS)]
    )
    def test_at_a_named_point_goes_on_at_the_next_start(
        self, node: Node, file: Path, event: str, count: int
    ) -> None:
        assert node.run(str(file), "--die-at", event, str(count)) == -signal.SIGKILL

        assert node.run() == 0

        node.holds_everything_once()

    @pytest.mark.slow
    def test_at_ten_random_moments_goes_on_each_time(self, node: Node, file: Path) -> None:
        kill_ten_times(node, file)

    @pytest.mark.postgres
    def test_at_ten_random_moments_goes_on_each_time_on_postgresql(
        self, postgresql_node: Node, file: Path
    ) -> None:
        kill_ten_times(postgresql_node, file)

    def test_shows_nothing_half_done_meanwhile(self, node: Node, file: Path) -> None:
        point = "creditmesh.apps.ground.records.operations.landing:_finish"
        assert node.run(str(file), "--die-at", point, "1") == -signal.SIGKILL

        assert node.rows("SELECT state FROM records_batch") == [("landing",)]
        assert node.rows("SELECT count(*) FROM records_indexpart WHERE live") == [(0,)]


def kill_ten_times(node: Node, file: Path) -> None:
    """Kill ten processes at random moments of their landing; a process says when it begins."""
    assert node.run(str(file), "--die-at", POINTS[0][0], "1") == -signal.SIGKILL
    chance = random.Random(20260302)
    killed = 0
    for _ in range(10):
        process = node.start("--slowly")
        assert process.stdout is not None
        if process.stdout.readline().strip() == "begun":
            time.sleep(chance.uniform(0, 0.8))
            process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL

    assert node.run() == 0
    assert killed >= 5
    node.holds_everything_once()
