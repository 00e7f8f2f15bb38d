"""A worker killed with SIGKILL at several points of one run: the next one goes on, and nothing is lost or twice."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("dying.py")
ROOT = Path(__file__).parents[4]
POINTS = ("evaluated", "kept", "written-a-little", "before-the-end")


def worker(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")}
    return subprocess.run(
        [sys.executable, str(DRIVER), *arguments],
        env={**known, "CREDITMESH_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.faults
def test_a_run_survives_the_death_of_every_worker_on_it(tmp_path: Path, migrated: Path) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    prepared = worker(tmp_path, "prepare")
    assert prepared.returncode == 0, prepared.stderr
    run = prepared.stdout.strip()

    for point in POINTS:
        killed = worker(tmp_path, "execute", run, point)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    last = worker(tmp_path, "execute", run, "never")

    assert last.returncode == 0, last.stderr
    told = json.loads(last.stdout)
    assert told.pop("digest")
    assert told == {
        "state": "done",
        "attempt": len(POINTS) + 1,
        "subjects": 5,
        "grades": {"A": 2, "B": 1, "C": 0, "D": 1},
    }
    with sqlite3.connect(tmp_path / "node.sqlite3") as database:
        places = database.execute("SELECT place FROM grading_riskstanding ORDER BY place").fetchall()
    database.close()
    assert places == [(1,), (2,), (3,), (4,), (5,)]
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.faults
def test_a_run_of_changes_does_too(tmp_path: Path, migrated: Path) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    prepared = worker(tmp_path, "prepare-changes")
    assert prepared.returncode == 0, prepared.stderr
    run = prepared.stdout.strip()

    points = ("reached", "evaluated", "kept", "written-a-little", "before-the-end")
    for point in points:
        killed = worker(tmp_path, "execute", run, point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
    last = worker(tmp_path, "execute", run, "never")

    assert last.returncode == 0, last.stderr
    told = json.loads(last.stdout)
    assert told.pop("digest")
    assert told == {
        "state": "done",
        "attempt": len(points) + 1,
        "subjects": 5,
        "grades": {"A": 1, "B": 0, "C": 0, "D": 3},
    }
    with sqlite3.connect(tmp_path / "node.sqlite3") as database:
        rows = database.execute(
            "SELECT s.subject, s.grade FROM grading_riskstanding AS s JOIN grading_run AS r ON r.id = s.run_id"
            " WHERE r.base_id IS NOT NULL ORDER BY s.subject"
        ).fetchall()
    database.close()
    assert rows == [("E1", "D"), ("E2", "D"), ("E3", "D")]
    assert list((tmp_path / "runs").iterdir()) == []
