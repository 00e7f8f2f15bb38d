"""A node served as it would be in earnest, and a browser to look at it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.keeping import made_once
from tests.web import town

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "artifacts" / "screenshots" if os.environ.get("CREDITMESH_TEST_SCREENSHOTS") else None
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
LONG = {"test_the_one_door.py", "test_publishing.py", "test_second_factor.py"}
CREDITMESH = [sys.executable, "-c", "from creditmesh.cli.main import app; app()"]
PATIENCE = 300.0  # seconds for the node to start or stop: a slow machine is not a failure
TOLD = "told.json"  # what there is in the filled node
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here, and skip what cannot run on this machine, saying why; the longest begin."""
    items.sort(key=lambda one: Path(one.fspath).name not in LONG)
    for item in items:
        if Path(item.fspath).parent != Path(__file__).parent:
            continue
        item.add_marker(pytest.mark.browser)
        if not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@dataclass
class Node:
    """A running node: where it answers, what is on it, and the sessions of the people who are signed in."""

    address: str
    known: dict[str, str]
    sessions: dict[str, str]

    def path(self, template: str) -> str:
        """Return an address with the names of what is on the node put in."""
        return self.address + template.format(**self.known)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Node]:
    """Serve a copy of the filled node, with its background worker."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    filled = made_once("filled", partial(_fill, migrated), place=place)
    home = tmp_path_factory.mktemp("node") / "home"
    shutil.copytree(filled, home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "serve.log").open("wb") as log:
        serving = subprocess.Popen(
            [*CREDITMESH, "serve", "--port", str(port)], env=_of(home), cwd=ROOT, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", serving)
            told = json.loads((home / TOLD).read_text(encoding="utf-8"))
            yield Node(address=f"http://127.0.0.1:{port}", **told)
        finally:
            serving.terminate()
            serving.wait(timeout=PATIENCE)


def _of(home: Path) -> dict[str, str]:
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("CREDITMESH_", "DJANGO_"))
    }
    return env | {
        "CREDITMESH_HOME": str(home),
        "CREDITMESH_FICTITIOUS": "true",
        "CREDITMESH_NODE_NAME": "青禾县信用信息平台",
        "CREDITMESH_NODE_REGION": "990121",
        "CREDITMESH_CADENCE": "off",  # the town's results stand in the database alone
        "PYTHONPATH": str(ROOT),
    }


def _fill(migrated: Path, home: Path) -> None:
    """Make a node and put into it what the tests look for."""
    shutil.copy(migrated / "node.sqlite3", home)
    filling = [sys.executable, "-m", "tests.browser.filling", str(home / TOLD)]
    for command in ([*CREDITMESH, "init"], filling):
        subprocess.run(command, env=_of(home), cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start one browser for all tests."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(node: Node, chromium: Any) -> Iterator[Any]:
    """Return a way to open a page as somebody of the town, in a language, at a width."""
    contexts = []

    def look(username: str = "", *, language: str = "en", width: int = 1280, scripts: bool = True) -> Any:
        settings: dict[str, Any] = {
            "viewport": {"width": width, "height": 900},
            "locale": "zh-CN" if language == "zh-hans" else "en-GB",
            "java_script_enabled": scripts,
            "reduced_motion": "reduce",
        }
        context = chromium.new_context(**settings)
        context.set_default_timeout(60_000)
        cookies = {"django_language": language} | ({"sessionid": node.sessions[username]} if username else {})
        context.add_cookies(
            [{"name": name, "value": value, "url": node.address} for name, value in cookies.items()]
        )
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        return page

    yield look
    for context in contexts:
        context.close()


def sign_in(page: Any, node: Node, username: str) -> None:
    """Sign in by the form, as a person does."""
    page.goto(node.address + "/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", town.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def settle(page: Any) -> None:
    """Wait until nothing is on its way any more and what came has been drawn."""
    page.wait_for_load_state("load")
    page.wait_for_function("!document.querySelector('.htmx-request')")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def unfit(page: Any) -> list[str]:
    """Return what accessibility rules find on the page, each with the place."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # What is right is not told, nor brought here: it is most of what there is to tell.
    violations = page.evaluate(
        "tags => axe.run({runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)", TAGS
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in violations]


def keep_picture(page: Any, *, language: str, width: int, name: str) -> None:
    """Keep a picture of the whole page for people to look at, where they want pictures."""
    if SCREENSHOTS is None:
        return
    folder = SCREENSHOTS / f"{language}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _wait(address: str, serving: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if serving.poll() is not None:
            raise RuntimeError(f"the node ended with {serving.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(address)
