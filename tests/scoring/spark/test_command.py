"""A real small node classified by `creditmesh classify --engine spark`: the same, bit for bit, and replayed without Spark."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="needs the extra 'spark'")
pytestmark = [pytest.mark.slow, pytest.mark.spark]

Command = Callable[..., dict]


@pytest.fixture(scope="module")
def creditmesh(tmp_path_factory) -> Command:
    """Run a command of a node of its own, which holds the sample region."""
    home = tmp_path_factory.mktemp("node")
    environment = {**os.environ, "CREDITMESH_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    program = Path(sys.executable).with_name("creditmesh")

    def run(*words: str) -> str:
        done = subprocess.run(
            [program, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run("init")
    run("sample", "load", "--enterprises", "60")
    return lambda *words: json.loads(run(*words, "--json"))


def test_spark_says_of_everyone_what_duckdb_says_and_can_be_replayed(creditmesh: Command) -> None:
    expected = creditmesh("classify", "general")
    found = creditmesh("classify", "general", "--engine", "spark", "--master", "local[2]")

    assert found["subjects"] == expected["subjects"] > 50
    assert found["engine"].partition(", ")[2].startswith("spark ")
    assert (found["digest"], found["grades"]) == (expected["digest"], expected["grades"])
    replayed = creditmesh("replay", found["run"])
    assert (replayed["same"], replayed["rows_differing"]) == (True, 0)
    assert replayed["digest_recomputed"] == replayed["digest_kept"] == found["digest"]
