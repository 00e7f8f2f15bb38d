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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.web import town

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "artifacts" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here, and skip what cannot run on this machine, saying why."""
    for item in items:
        if Path(item.fspath).parent != Path(__file__).parent:
            continue
        item.add_marker(pytest.mark.browser)
        if not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@dataclass
class Node:
    """A running node: where it answers, and what is on it."""

    address: str
    known: dict[str, str]
    states: dict[str, Any] = field(default_factory=dict)

    def path(self, template: str) -> str:
        """Return an address with the names of what is on the node put in."""
        return self.address + template.format(**self.known)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Make a node, fill it and serve it with its background worker."""
    home = tmp_path_factory.mktemp("node")
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("CREDITMESH_", "DJANGO_"))
    }
    env |= {
        "CREDITMESH_HOME": str(home),
        "CREDITMESH_FICTITIOUS": "true",
        "CREDITMESH_NODE_NAME": "青禾县信用信息平台",
        "CREDITMESH_NODE_REGION": "990121",
        "CREDITMESH_CADENCE": "off",  # the town's results stand in the database alone
        "PYTHONPATH": str(ROOT),
    }
    creditmesh = [sys.executable, "-c", "from creditmesh.cli.main import app; app()"]
    subprocess.run([*creditmesh, "init"], env=env, cwd=ROOT, check=True, capture_output=True)
    told = home / "told.json"
    filling = [sys.executable, "-m", "tests.browser.filling", str(told)]
    subprocess.run(filling, env=env, cwd=ROOT, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "serve.log").open("wb") as log:
        serving = subprocess.Popen(
            [*creditmesh, "serve", "--port", str(port)], env=env, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", serving)
            yield Node(f"http://127.0.0.1:{port}", json.loads(told.read_text(encoding="utf-8")))
        finally:
            serving.terminate()
            serving.wait(timeout=30)


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
        if username:
            settings["storage_state"] = _signed_in(node, chromium, username)
        context = chromium.new_context(**settings)
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "django_language", "value": language, "url": node.address}])
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
    said = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in said["violations"]]


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _signed_in(node: Node, chromium: Any, username: str) -> Any:
    # One sign-in per person: the node locks out whoever signs in too often.
    if username not in node.states:
        context = chromium.new_context()
        sign_in(context.new_page(), node, username)
        node.states[username] = context.storage_state()
        context.close()
    return node.states[username]


def _wait(address: str, serving: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if serving.poll() is not None:
            raise RuntimeError(f"the node ended with {serving.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(address)
