"""A worker killed with SIGKILL at several points of one run: the next one goes on, and nothing is lost or twice."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("dying.py")
ROOT = Path(__file__).parents[4]


def workers(home: Path, kind: str, points: tuple[str, ...]) -> dict[str, Any]:
    """Return what the last worker told, after each of those before it died at its point."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")}
    done = subprocess.run(
        [sys.executable, str(DRIVER), kind, *points],
        env={**known, "CREDITMESH_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ended"] == [0, *[-signal.SIGKILL] * len(points), 0], done.stderr
    assert found["told"].pop("digest")
    return dict(found["told"])


@pytest.mark.faults
def test_a_run_survives_the_death_of_every_worker_on_it(tmp_path: Path, migrated: Path) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    points = ("evaluated", "kept", "written-a-little", "before-the-end")

    assert workers(tmp_path, "everyone", points) == {
        "state": "done",
        "attempt": len(points) + 1,
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
    points = ("reached", "evaluated", "kept", "written-a-little", "before-the-end")

    assert workers(tmp_path, "changes", points) == {
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
