"""SIGKILL at any moment of an inquiry over HTTP: an answer without an entry never exists."""

import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests import postgresql

from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.keys import PrivateKey

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[4]

DATABASE = os.environ.get("CREDITMESH_TEST_DATABASE_URL", "")
COUNTS = {
    "entries": "SELECT count(*) FROM audit_entry WHERE object_kind = 'inquiry'",
    "leaves": "SELECT count(*) FROM audit_leaf JOIN audit_entry ON audit_entry.id = entry_id WHERE object_kind = 'inquiry'",
    "inquiries": "SELECT count(*) FROM disclosure_inquiry",
    "used": "SELECT sum(used) FROM authorisations_authorisation",
    "nonces": "SELECT count(*) FROM institutions_nonce",
}


class Node:
    """A node in a folder of its own, asked over HTTP and killed."""

    def __init__(self, home: Path, url: str = "") -> None:
        self.home, self.url = home, url
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")}
        self.environment = {
            **kept,
            "CREDITMESH_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            **({"CREDITMESH_DATABASE_URL": url} if url else {}),
        }
        self.run("-m", "tests.apps.sharing.disclosure.dying", str(home), "--prepare")
        self.stage = json.loads((home / "stage.json").read_text())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.nonce = ""

    def run(self, *command: str) -> str:
        """Run Python to its end and return what it says."""
        done = subprocess.run(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def counts(self) -> dict[str, int]:
        """What is written of inquiries."""
        with closing(self._database()) as database:
            return {name: database.execute(query).fetchone()[0] for name, query in COUNTS.items()}

    def _database(self) -> Any:
        return psycopg.connect(self.url) if self.url else sqlite3.connect(self.home / "node.sqlite3")

    def answers(self, *dying: str, again: bool = False) -> tuple[int, bytes, int]:
        """Start the server, ask once; return status (0: none), body, and how the server ended (0: it lives on)."""
        serving = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.apps.sharing.disclosure.dying",
                str(self.home),
                "--serve",
                str(self.port),
                *dying,
            ],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert serving.stdout is not None
        assert serving.stdout.readline() == b"serving\n"
        try:
            status, body = self._ask(again)
            ended = 0 if serving.poll() is None and status else serving.wait(timeout=300)
        finally:
            serving.kill()
            serving.wait()
            serving.stdout.close()
        return status, body, ended

    def _ask(self, again: bool) -> tuple[int, bytes]:
        question = {
            "subject": self.stage["subject"],
            "items": ["TAX-02"],
            "mode": "AUTH",
            "purpose": "pre-loan",
            "authorisation": self.stage["authorisation"],
        }
        self.nonce = self.nonce if again else secrets.token_urlsafe(18)
        body, key, now = (
            json.dumps(question).encode(),
            PrivateKey.from_pem(self.stage["key"]),
            int(time.time()),
        )
        url = f"http://127.0.0.1:{self.port}/api/v1/inquiries"
        headers = {"Authorization": f"Bearer {self.stage['token']}"}
        headers |= messages.sign_request(
            Request("POST", url, headers, body),
            key=key,
            keyid=key.public.thumbprint(),
            created=now,
            expires=now + 300,
            nonce=self.nonce,
        )
        request = urllib.request.Request(url, body, {**headers, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()
        except (urllib.error.URLError, ConnectionError):
            return 0, b""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def node(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Node]:
    """A node whose bank may ask, in a file or in a PostgreSQL database of its own."""
    home = Path(shutil.copytree(migrated, tmp_path / "home"))
    if request.param == "sqlite":
        yield Node(home)
        return
    if not DATABASE:
        pytest.skip("set CREDITMESH_TEST_DATABASE_URL to a PostgreSQL server to run this")
    with postgresql.database(DATABASE) as url:
        yield Node(home, url)


def test_an_answer_without_an_entry_never_exists(node: Node) -> None:
    nothing = {"entries": 0, "leaves": 0, "inquiries": 0, "used": 0, "nonces": 0}
    # Before all is durable: the entry is written, its place in the tree is not.
    status, body, ended = node.answers("--die-at", "creditmesh.apps.ground.audit.tree.growing:extend", "1")
    assert (status, body, ended) == (0, b"", -signal.SIGKILL)
    assert node.counts() == nothing
    # The very same request may be sent again: its nonce was not spent.
    # Between entry and answer: the entry stands, nobody has the answer.
    status, body, ended = node.answers(
        "--die-at", "creditmesh.apps.sharing.disclosure.operations.inquiring:complete", "1", again=True
    )
    assert (status, body, ended) == (0, b"", -signal.SIGKILL)
    once = {"entries": 1, "leaves": 1, "inquiries": 1, "used": 1, "nonces": 1}
    assert node.counts() == once
    # Sent once more it is a replay; a new one is answered, with its place in the ledger inside.
    assert node.answers(again=True)[0] == 401
    status, body, ended = node.answers()
    assert (status, ended) == (200, 0)
    assert json.loads(body)["ledger"]["position"] > 0
    assert node.counts()["used"] == 2
