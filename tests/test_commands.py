"""The two commands of the README do what it says: here `./run`, as a newcomer types it."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WAIT_SECONDS = 600


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """One `./run`: its process, what it printed, and where it serves."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.printed = home.parent / f"printed-{self.port}.txt"
        environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("CREDITMESH", "DJANGO", "COV_"))
        }
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen(
                ["./run", "--home", str(home), "--port", str(self.port), "--no-data", "--enterprises", "120"],
                cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        """Return what it has printed so far."""
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def page(self, path: str = "/") -> str:
        """Wait until the server answers and return the page."""
        started = time.monotonic()
        while time.monotonic() - started < WAIT_SECONDS:
            assert self.process.poll() is None, self.text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                    return str(answer.read().decode())
            except OSError:
                time.sleep(0.3)
        raise AssertionError(self.text())

    def stop(self) -> None:
        """End it as Ctrl+C does, and see that it goes."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(timeout=WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the node an empty home."""
    return tmp_path_factory.mktemp("newcomer") / "node"


@pytest.fixture(scope="module")
def first(home: Path) -> Iterator[Run]:
    """Run it the first time."""
    run = Run(home)
    yield run
    if run.process.poll() is None:
        run.stop()


def accounts(text: str) -> dict[str, str]:
    """Read user names and passwords as `./run` prints them."""
    return dict(re.findall(r"^\s*([a-z_]+@?[a-z.]*)\s+([A-Za-z0-9_-]{12,})\b", text, re.MULTILINE))


def signed_in_page(port: int, name: str, password: str) -> str:
    """Sign in through the form as a person would, and return the page that follows."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/accounts/login/"
    form = opener.open(address, timeout=WAIT_SECONDS).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "login": name, "password": password})
    request = urllib.request.Request(address, data.encode(), {"Referer": address})
    with opener.open(request, timeout=WAIT_SECONDS) as answer:
        assert "/accounts/login/" not in answer.url, f"{name} could not sign in"
        return str(answer.read().decode())


@pytest.mark.faults
class TestRun:
    def test_serves_a_node_with_an_account_per_role_and_keeps_it(self, first: Run, home: Path) -> None:
        assert "creditmesh" in first.page()
        found = accounts(first.text())
        assert {"operator", "regulator", "data_officer", "bank_staff", "enterprise_user"} <= set(found), (
            first.text()
        )
        page = signed_in_page(first.port, "regulator", found["regulator"])
        assert "虚构" in page, "the sample region is marked on every page"
        first.stop()

        # The second start keeps the data and prints no password again.
        again = Run(home)
        try:
            again.page()
            assert accounts(again.text()) == {}
            signed_in_page(again.port, "regulator", found["regulator"])
        finally:
            again.stop()

    def test_says_what_it_does_not_understand(self) -> None:
        answer = subprocess.run(
            ["./run", "--prot", "8000"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 2
        assert "--prot" in answer.stderr
