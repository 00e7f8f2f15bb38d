"""Make the pictures of README and tour anew: one page of each portal of the node in CREDITMESH_HOME.

Run `./run --prepare-only` first, then `just screenshot`.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import django
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "images"
# Name of the picture: who looks, and at which page.
PICTURES = {
    "regulator": ("regulator", "/regulator/"),
    "enterprise": ("enterprise_owner", "/enterprise/who-asked/"),
    "institution": ("bank_staff", "/institution/"),
}


def sessions() -> tuple[str, dict[str, str]]:
    """Sign the demonstration accounts in and return the cookie's name and each account's value."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditmesh.web.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415, TID251
    from django.test import Client  # noqa: PLC0415

    from creditmesh.apps.ground.parties.models import User  # noqa: PLC0415

    values = {}
    for name, _page in PICTURES.values():
        browser = Client()
        browser.force_login(User.objects.get(username=name))
        values[name] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return settings.SESSION_COOKIE_NAME, values


def main() -> None:
    """Serve, look, keep the pictures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cookie, values = sessions()
    server = subprocess.Popen([Path(sys.executable).parent / "creditmesh", "serve", "--port", str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                time.sleep(0.3)
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            FOLDER.mkdir(parents=True, exist_ok=True)
            for picture, (name, where) in PICTURES.items():
                context = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="zh-CN")
                context.add_cookies([{"name": cookie, "value": values[name], "url": address}])
                page = context.new_page()
                page.goto(address + where, wait_until="networkidle")
                page.wait_for_timeout(1500)
                page.screenshot(path=FOLDER / f"{picture}.png")
                context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
