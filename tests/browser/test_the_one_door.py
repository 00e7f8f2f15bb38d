"""The whole way by hand: register, authorise, inquire, see who asked, object, be corrected, withdraw."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.browser.conftest import AXE, keep_picture, overflow, unfit
from tests.browser.test_second_factor import code_of
from tests.web import town

from creditmesh.exchange.standalone import verify_proof

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass
class Person:
    """Somebody at a browser, who looks closely at every page on the way."""

    name: str
    page: Any
    node: Any
    passed: list[str] = field(default_factory=list)  # pages that can be opened again
    troubles: dict[str, list[str]] = field(default_factory=dict)
    secret: str = ""
    codes: int = 0

    def go(self, path: str) -> None:
        """Open a page of the node and look at it."""
        answer = self.page.goto(self.node.address + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        self.look()
        self.passed.append(path)

    def press(self, button: str, *, leads: str | None = None) -> None:
        """Press a button or link, wait for the page it leads to, and look at that."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        assert leads is None or re.search(leads, self.page.url), f"{self.page.url}: {self.said}"
        self.look()

    def look(self) -> None:
        """Note what is wrong with the page, at both widths."""
        place = re.sub(UUID, "…", self.page.url.removeprefix(self.node.address))
        # A refusal is told with its status, which the console calls an error.
        found = [one for one in self.page.troubles if "status of 422" not in one]
        found += unfit(self.page) if AXE.exists() else []
        self.page.troubles.clear()
        self.page.set_viewport_size(TELEPHONE)
        if overflow(self.page) > 0:
            found.append(f"{overflow(self.page)} pixels too wide")
        self.page.set_viewport_size(DESK)
        if found:
            self.troubles[place] = found

    def look_again(self, *, language: str) -> None:
        """Open every page once more on a telephone, in another language; keep the pictures."""
        self.page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": self.node.address}]
        )
        self.page.set_viewport_size(TELEPHONE)
        for number, path in enumerate(dict.fromkeys(self.passed)):
            answer = self.page.goto(self.node.address + path)
            found = list(self.page.troubles)
            self.page.troubles.clear()
            if answer.status != 200:
                found.append(f"status {answer.status}")
            if overflow(self.page) > 0:
                found.append(f"{overflow(self.page)} pixels too wide")
            if self.page.get_attribute("html", "lang") != language:
                found.append("is in the wrong language")
            if found:
                self.troubles[f"{language} {path}"] = found
            keep_picture(self.page, language=language, width=390, name=f"door-{self.name}-{number:02}")

    def told(self, selector: str) -> int:
        """Return how often something stands on the page."""
        return int(self.page.locator(selector).count())

    @property
    def said(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("main"))

    def code(self) -> str:
        """Return what the authenticator app shows; each code is good once, so each time the next."""
        self.codes += 1
        return code_of(self.secret, now=time.time() + 30 * (self.codes - 2))


@pytest.fixture
def cast(node, opened):
    """The visitor, the bank's clerk and the operator, each at a desk of her own."""
    people = {
        name: Person(name=name, page=opened(username, language="zh-hans"), node=node)
        for name, username in (("visitor", ""), ("bank", "banker"), ("operator", "operator"))
    }
    return people["visitor"], people["bank"], people["operator"]


def register(visitor: Person, operator: Person, known: dict[str, str]) -> None:
    """Make an account, claim the enterprise, be approved, protect the sign-in."""
    visitor.go("/register/")
    page = visitor.page
    for name, value in (
        ("username", "pu-visitor"),
        ("full_name", known["representative"]),
        ("password", town.PASSWORD),
        ("again", town.PASSWORD),
    ):
        page.fill(f"[name={name}]", value)
    visitor.press("main .btn-primary", leads="/register/enterprise/$")
    page.fill("[name=subject]", known["mine"])
    page.fill("[name=name]", known["mine_name"])
    page.fill("[name=representative]", known["representative"])
    page.check("[name=capacity][value=legal_representative]")
    visitor.press("main .btn-primary", leads="/register/enterprise/$")
    page.set_input_files(
        "[name=file]", {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    visitor.press("form[action$='/file/'] button")
    assert "营业执照.pdf" in visitor.said
    visitor.press("form[action$='/hand-in/'] button")
    for _ in range(60):  # the worker compares the claim with the register
        operator.page.goto(visitor.node.address + "/operator/claims/")
        if known["mine"] in operator.said:
            break
        time.sleep(0.5)
    operator.go("/operator/claims/")
    mine = f"section.sheet:has-text('{known['mine']}')"
    assert operator.told(f"{mine} .plain-list .tag.good") == 4, operator.said
    operator.page.fill(f"{mine} [name=why]", "证照齐全")
    operator.press(f"{mine} button[value=approve]")
    assert operator.told(mine) == 0

    visitor.go("/accounts/2fa/")
    page.goto(visitor.node.address + "/accounts/2fa/totp/activate/")
    if "reauthenticate" in page.url:
        page.fill("[name=password]", town.PASSWORD)
        visitor.press("main form button", leads="activate")
    visitor.look()
    visitor.secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", visitor.code())
    visitor.press("main form button", leads=r"/accounts/2fa/(?!totp)")


def authorise(visitor: Person, bank: Person, known: dict[str, str]) -> str:
    """Let the bank ask and the owner read, narrow and sign; return the authorisation."""
    bank.go("/institution/authorisations/ask/")
    bank.go("/institution/authorisations/ask/?purpose=pre-loan")
    bank.page.fill("[name=subject]", known["mine"])
    bank.page.fill("[name=reference]", "LN-2026-0001")
    for item in ("TAX-02", "SOC-01"):
        bank.page.check(f"[name=items][value={item}]")
    bank.page.check("[name=modes][value=VERIFY]")
    bank.page.fill("[name=per_day]", "5")
    bank.press("main .btn-primary", leads="/institution/requests/")
    assert bank.told(".qr svg path") >= 1
    link = bank.page.inner_text("p.secret").strip()

    page = visitor.page
    assert page.goto(link).status == 200
    visitor.look()
    assert "青禾农村商业银行" in visitor.said
    page.uncheck("[name=items][value=SOC-01]")
    page.fill("[name=life_days]", "30")
    page.check("[name=clause_confirmed]")
    visitor.press("main form .btn-primary", leads=f"/enterprise/authorisations/{UUID}/$")
    assert "SOC-01" not in visitor.said
    page.fill("[name=code]", visitor.code())
    visitor.press("form[action$='/sign/'] button", leads=f"/enterprise/authorisations/{UUID}/$")
    assert visitor.told("dl .tag.good") == 1, visitor.said
    visitor.passed.append(page.url.removeprefix(visitor.node.address))
    found = re.search(UUID, page.url)
    assert found is not None
    return found[0]


def inquire(bank: Person, authorisation: str, known: dict[str, str]) -> None:
    """Ask under the authorisation: masked values; verify two claims: words, no values; look at the penalty."""
    yuan, fen = divmod(int(known["paid"]), 100)
    bank.go(f"/institution/authorisations/{authorisation}/")
    bank.go(f"/ask/{authorisation}/")
    bank.press("main form .btn-primary")
    assert bank.told("#item-TAX-02 tbody tr, #item-TAX-02 article") > 0, bank.said
    assert bank.told("#item-TAX-02 .tag.outline") > 0
    assert f"{yuan:,}.{fen:02}" not in bank.said

    bank.go(f"/verify/{authorisation}/")
    bank.page.select_option("[name=claim-0-field]", "TAX-02.paid")
    bank.page.fill("[name=claim-0-value]", f"{yuan}.{fen:02}")
    bank.page.select_option("[name=claim-1-field]", "TAX-02.paid")
    bank.page.fill("[name=claim-1-value]", f"{yuan * 9 + 12_345}")
    bank.press("main form .btn-primary")
    said = bank.page.locator("tbody td:last-child .tag").all_inner_texts()
    assert said in (["一致", "不一致"], ["部分一致", "不一致"])
    assert penalties(bank, known) > 0


def penalties(bank: Person, known: dict[str, str]) -> int:
    """Return how many penalties the bank is shown, which are open to all."""
    bank.page.goto(f"{bank.node.address}/ask/?code={known['mine']}")
    for box in bank.page.locator("[name=items]").all():
        box.set_checked(box.get_attribute("value") == "PEN-01")
    bank.press("main form .btn-primary")
    return bank.told("#item-PEN-01 tbody tr, #item-PEN-01 article")


def keep_the_proof(visitor: Person, folder: Any) -> None:
    """See who asked, and check the proof file with the node's own verifier, outside of the node."""
    visitor.go("/enterprise/who-asked/")
    assert visitor.told("#results tbody tr") == 3
    asked = visitor.page.locator("#results tbody th a").last.get_attribute("href")
    visitor.go(asked)
    with visitor.page.expect_download() as kept:
        visitor.page.click("main .actions .btn-primary")
    proof = folder / "proof.json"
    kept.value.save_as(proof)
    keys = visitor.page.request.get(visitor.node.address + "/.well-known/creditmesh/keys.json")
    (folder / "keys.json").write_bytes(keys.body())
    assert verdict(folder) == 0
    proof.write_bytes(proof.read_bytes().replace(b'"BANK"', b'"RIVAL"'))
    assert verdict(folder) == 1


def verdict(folder: Any) -> int:
    """Return how the stand-alone verifier ends, run as anybody would."""
    run = [sys.executable, "-I", verify_proof.__file__, "proof.json", "--keys", "keys.json"]
    return subprocess.run(run, cwd=folder, capture_output=True, check=False, timeout=300).returncode


def object_to_the_penalty(visitor: Person, bank: Person, operator: Person, known: dict[str, str]) -> None:
    """Contest the penalty on the page of the record; the operator takes it out; the bank is told."""
    held = penalties(bank, known)
    visitor.go("/enterprise/record/?item=PEN-01")
    visitor.press("a[href$='/object/']", leads="/object/$")
    visitor.passed.append(visitor.page.url.removeprefix(visitor.node.address))
    visitor.page.select_option("[name=ground]", "wrong")
    visitor.page.fill("[name=text]", "该处罚已被法院撤销。")
    visitor.press("main form .btn-primary", leads="/cases/objections/")
    case = re.search(UUID, visitor.page.url)
    assert case is not None
    visitor.passed.append(visitor.page.url.removeprefix(visitor.node.address))

    operator.go("/cases/")
    operator.go(f"/cases/objections/{case[0]}/")
    operator.press("button[value=check]")
    operator.page.check("[name=outcome][value=delete]")
    operator.page.fill("[name=reason]", "法院判决撤销")
    operator.press("button[value=decide]")
    assert penalties(bank, known) == held - 1
    for _ in range(60):  # the worker tells every institution that had received it
        bank.page.goto(bank.node.address + "/institution/notices/")
        if bank.told("tbody tr:has-text('PEN-01')"):
            break
        time.sleep(0.5)
    bank.go("/institution/notices/")
    assert bank.told("tbody tr:has-text('PEN-01')") == 1


def test_the_whole_way_through_the_one_door(node, cast, tmp_path):
    visitor, bank, operator = cast
    register(visitor, operator, node.known)
    authorisation = authorise(visitor, bank, node.known)
    inquire(bank, authorisation, node.known)
    keep_the_proof(visitor, tmp_path)
    object_to_the_penalty(visitor, bank, operator, node.known)

    visitor.go(f"/enterprise/authorisations/{authorisation}/withdraw/")
    visitor.press("main form .btn-danger")
    bank.go(f"/ask/{authorisation}/")
    bank.press("main form .btn-primary")
    assert bank.told(".notice.bad") == 1
    assert bank.told("#item-TAX-02") == 0

    visitor.passed.remove("/register/")  # who is signed in is led on
    visitor.passed.remove(f"/enterprise/authorisations/{authorisation}/withdraw/")
    for person in cast:
        person.look_again(language="en")
    assert {one.name: one.troubles for one in cast} == {one.name: {} for one in cast}
