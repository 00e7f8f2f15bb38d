"""A second factor, from the picture to scan to the codes for the day the telephone is lost."""

import base64
import hmac
import time

import pytest
from tests.browser.conftest import AXE, keep_picture, overflow, settle, sign_in, unfit
from tests.web import town

LOOKS = [(language, width) for language in ("zh-hans", "en") for width in (1280, 390)]


def code_of(secret: str, *, now: float) -> str:
    """Return what an authenticator app shows for a secret at a moment (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(now // 30).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def looked_at(page, node, *, path: str, name: str) -> dict[str, list[str]]:
    """Return what is wrong with a page in each language and width; the pictures are kept."""
    troubles = {}
    for language, width in LOOKS:
        page.context.add_cookies([{"name": "django_language", "value": language, "url": node.address}])
        page.set_viewport_size({"width": width, "height": 900})
        page.troubles.clear()
        answer = page.goto(node.address + path)
        settle(page)
        found = [*page.troubles, *(unfit(page) if AXE.exists() else [])]
        if answer.status != 200 or not page.url.endswith(path):
            found.append(f"status {answer.status} at {page.url}")
        if overflow(page) > 0:
            found.append(f"{overflow(page)} pixels too wide")
        if page.get_attribute("html", "lang") != {"zh-hans": "zh-Hans", "en": "en"}[language]:
            found.append("is in the wrong language")
        keep_picture(page, language=language, width=width, name=f"newcomer-{name}")
        if found:
            troubles[f"{language} {width}"] = found
    return troubles


@pytest.fixture
def newcomer(node, opened):
    page = opened()
    sign_in(page, node, "newcomer")
    return page


class TestANewcomer:
    def test_scans_the_picture_and_keeps_recovery_codes(self, node, newcomer):
        page = newcomer
        assert looked_at(page, node, path="/accounts/reauthenticate/", name="reauthenticate") == {}
        page.fill("[name=password]", town.PASSWORD)
        page.click("main form button")
        page.wait_for_url(lambda url: "reauthenticate" not in url)
        assert looked_at(page, node, path="/accounts/2fa/totp/activate/", name="totp-activate") == {}
        picture = page.locator("main img").first
        assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
        secret = page.input_value("#authenticator_secret")
        page.fill("[name=code]", code_of(secret, now=time.time()))
        page.click("main form button")
        page.wait_for_url(lambda url: "activate" not in url)
        assert looked_at(page, node, path="/accounts/2fa/recovery-codes/", name="recovery-codes") == {}
        assert looked_at(page, node, path="/accounts/2fa/", name="second-factor") == {}
        assert looked_at(page, node, path="/accounts/2fa/totp/deactivate/", name="totp-deactivate") == {}
