"""The wheel is whole: installed alone, outside the checkout, it makes a node and serves a page."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_rules_templates_translations_and_assets(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    def holds(part: str, ending: str) -> bool:
        return any(part in name and name.endswith(ending) for name in names)

    assert holds("catalogue/sharing-lists/", ".yml")
    assert holds("catalogue/index-systems/", ".yml")
    assert holds("catalogue/rule-packs/", ".yml")
    assert holds("catalogue/purposes/", ".yml")
    assert holds("kernel/tables/", ".csv")
    assert holds("web/templates/", ".html")
    assert holds("web/locale/shared/zh_Hans/", ".mo")
    assert holds("web/static/vendor/", ".js")
    assert holds("web/static/vendor/", ".css")


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.faults
def test_the_installed_wheel_serves_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    # The dependencies are borrowed from this environment; the project itself is only what the wheel holds.
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    target = next((home / "lib").glob("python*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(target)
    borrowed = next(path for path in sys.path if path.endswith("site-packages"))
    script = (
        f"import sys; sys.path[:] = [p for p in sys.path if 'src' not in p] + [{borrowed!r}];"
        "import creditmesh; assert 'venv' in creditmesh.__file__, creditmesh.__file__;"
        "from creditmesh.cli.main import app; app()"
    )
    environment = {
        **{
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("CREDITMESH", "DJANGO", "PYTHON"))
        },
        "CREDITMESH_HOME": str(tmp_path / "node"),
        "PYTHONPATH": f"{target}:{borrowed}",
    }
    command = [str(home / "bin" / "python"), "-c", script]
    subprocess.run([*command, "init"], env=environment, cwd=tmp_path, check=True, capture_output=True)

    port = free_port()
    server = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment, cwd=tmp_path)
    try:
        page = ""
        for _ in range(120):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                    page = answer.read().decode()
                break
            except OSError:
                time.sleep(0.5)
        assert "creditmesh" in page
    finally:
        server.terminate()
        server.wait(timeout=300)
