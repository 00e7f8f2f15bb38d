"""Withdrawal acts at once, also on an inquiry in flight, of an authorisation and of a person's own consent: on the
test's PostgreSQL, and on a SQLite file.
"""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.apps.sharing.authorisations import in_flight
from tests.apps.sharing.authorisations.conftest import build_stage

from creditmesh.apps.ground.nodes.rules import ThisNode

ROOT = Path(__file__).parents[4]


def judge(seen: dict[str, Any]) -> None:
    """Whatever the database: nothing leaves after a withdrawal, and a withdrawal waits for a lock."""
    assert seen == {
        "decided": None,
        "spent_after_withdrawal": ["withdrawn"],
        "spent_under_lock": [None],
        "withdrawn_before_commit": False,
        "withdrawn_in_the_end": True,
        "spent_in_the_end": ["withdrawn"],
        "last_use": ["None", *["exhausted"] * 5],
        "let_through": [None],
        "suspended_before_commit": False,
        "after_suspension": ["InstitutionSuspended"],
        "agreed": [True] * 4,
        "agreed_after_one": [False, False, True, True],
        "consent_under_lock": [False, False, True, True],
        "consent_before_commit": False,
        "consent_in_the_end": [False] * 4,
        "carrier_under_lock": [True],
        "carrier_before_commit": False,
        "carrier_in_the_end": [False],
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs the PostgreSQL of ./test")
def test_on_postgresql(node: ThisNode) -> None:
    judge(json.loads(json.dumps(in_flight.play(build_stage(node)))))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
def test_on_sqlite(tmp_path: Path) -> None:
    # The tables of the tests' database in memory, as a file: quicker than making them again.
    connection.ensure_connection()
    with sqlite3.connect(tmp_path / "node.sqlite3") as file:
        connection.connection.backup(file)
    file.close()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CREDITMESH_", "DJANGO_"))
    }
    env = kept | {
        "CREDITMESH_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "creditmesh.web.settings",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.apps.sharing.authorisations.in_flight"],
        env=env,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    judge(json.loads(done.stdout))
