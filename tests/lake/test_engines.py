"""An engine that is used again is as good as a new one: nothing of earlier uses is left in it."""

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import duckdb
import pyarrow as pa
import pytest

from creditmesh.lake import engines

SETTINGS = "SELECT name, value FROM duckdb_settings() WHERE scope = 'GLOBAL' ORDER BY name"
NAMED = (
    "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal "
    "UNION ALL SELECT type_name FROM duckdb_types() WHERE NOT internal AND database_name <> 'system' "
    "UNION ALL SELECT function_name FROM duckdb_functions() WHERE NOT internal"
)
LARGE = "SELECT count(*) FROM (SELECT a::VARCHAR FROM range(9000000) t(a) ORDER BY hash(a) LIMIT 8000000)"


@pytest.fixture(autouse=True)
def _no_engine_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    idle: list[duckdb.DuckDBPyConnection] = []
    monkeypatch.setattr(engines, "_IDLE", idle)
    yield
    for one in idle:
        one.close()


class TestAnEngineUsedAgain:
    def test_is_the_same_engine_and_knows_nothing_of_the_use_before(self) -> None:
        with engines.opened() as first:
            fresh = first.execute(SETTINGS).fetchall(), first.execute(NAMED).fetchall()
            first.register("rows", pa.table({"a": [1]}))
            first.execute("CREATE TABLE t AS SELECT * FROM rows; CREATE VIEW v AS SELECT * FROM t")
            first.execute("CREATE TEMP TABLE u AS SELECT 1; CREATE TYPE kind AS ENUM ('x')")
            first.execute("CREATE MACRO twice(a) AS a * 2; SET preserve_insertion_order = false")
        [engine] = engines._IDLE

        with engines.opened() as second:
            assert engines._IDLE == []
            assert (second.execute(SETTINGS).fetchall(), second.execute(NAMED).fetchall()) == fresh
            for name in ("t", "v", "u", "rows"):
                with pytest.raises(duckdb.CatalogException):
                    second.execute(f"SELECT * FROM {name}")
            second.execute("CREATE TYPE kind AS ENUM ('y'); CREATE TABLE t AS SELECT 'y'::kind AS a")

        assert [engine] == engines._IDLE
        assert engine.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchall() == [
            (1,)
        ]

    def test_keeps_to_its_memory(self) -> None:
        for _ in range(2):
            with engines.opened() as one:
                settings = dict(one.execute(SETTINGS).fetchall())
                assert settings["memory_limit"] == "953.6 MiB"
                assert (settings["threads"], settings["autoload_known_extensions"]) == ("2", "false")

    def test_is_nobody_elses_meanwhile(self) -> None:
        with engines.opened() as one, engines.opened() as other:
            one.execute("CREATE TABLE t AS SELECT 1; SET preserve_insertion_order = false")
            with pytest.raises(duckdb.CatalogException):
                other.execute("SELECT * FROM t")
            assert dict(other.execute(SETTINGS).fetchall())["preserve_insertion_order"] == "true"

    def test_is_one_of_few_that_are_kept(self) -> None:
        def use() -> None:
            with engines.opened() as one:
                one.execute("SELECT 1")

        with engines.opened(), engines.opened(), engines.opened():
            others = [Thread(target=use) for _ in range(3)]
            for other in others:
                other.start()
            for other in others:
                other.join()
        assert len(engines._IDLE) == engines.MOST_IDLE


class TestAnEngine:
    def test_that_wrote_to_disk_is_not_used_again_and_leaves_nothing_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engines, "MEMORY", "60MB")
        with engines.opened(spill=tmp_path / "its 'place'") as one:
            one.execute(LARGE)
            assert (tmp_path / "its 'place'").is_dir()

        assert engines._IDLE == []
        assert list(tmp_path.rglob("*.tmp")) == []

    def test_with_no_place_to_write_to_fails_instead(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engines, "MEMORY", "60MB")
        with pytest.raises(duckdb.OutOfMemoryException), engines.opened() as one:
            one.execute(LARGE)

    def test_whose_use_failed_is_not_used_again(self) -> None:
        with pytest.raises(duckdb.CatalogException), engines.opened() as one:
            one.execute("SELECT * FROM nothing")
        assert engines._IDLE == []

    def test_of_a_parent_process_is_left_alone(self) -> None:
        with engines.opened():
            pass
        child = multiprocessing.get_context("fork").Process(target=_use_in_a_child)
        child.start()
        child.join(timeout=60)
        assert child.exitcode == 0
        assert len(engines._IDLE) == 1

    def test_is_closed_when_its_process_ends_so_that_nothing_complains(self) -> None:
        using = "from creditmesh.lake import engines\nwith engines.opened() as one: one.execute('SELECT 42')"
        ended = subprocess.run([sys.executable, "-c", using], capture_output=True, timeout=120, check=True)
        assert ended.stderr == b""


def _use_in_a_child() -> None:
    assert engines._IDLE == []
    with engines.opened() as one:
        assert one.execute("SELECT 42").fetchall() == [(42,)]
