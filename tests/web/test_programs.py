"""Both ways of a program's question, the short one and the whole one, answer alike."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.apps.members.institutions.bank import Bank, Sent, open_bank
from tests.apps.sharing.disclosure.county import EAST, build, grant, hold, tax_paid, terms
from tests.web import served
from tests.web.served import AsServed

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.web.serving.frames import programs

OF_THE_MOMENT = ("X-Request-Id", "Content-Digest", "Signature-Input", "Signature", "Content-Length")
INQUIRIES = "/api/v1/inquiries"


@pytest.fixture
def at() -> datetime:
    """The moment of the question: now, because the days of authorisations follow the clock."""
    return datetime.now().astimezone()


@pytest.fixture
def bank(db: None, node: ThisNode, at: datetime) -> Bank:
    """A bank with a program, beside a town."""
    build(at)
    hold("TAX-02", tax_paid(EAST))
    return open_bank("FIRST", at=at)


@pytest.fixture
def ask(bank: Bank, at: datetime) -> Callable[..., Sent]:
    """Make one signed question after the other, each with a nonce of its own."""
    usual = {
        "subject": EAST,
        "items": ["TAX-02"],
        "mode": "AUTH",
        "purpose": "pre-loan",
        "authorisation": str(grant(terms(EAST, "FIRST", at=at), at=at)),
    }

    def question(*, token: str = "", **changes: object) -> Sent:
        more = {"token": token} if token else {}
        return bank.signed("POST", INQUIRIES, {**usual, **changes}, **more)

    return question


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were answered the short way."""
    taken: list[str] = []
    language = programs._language

    def noticed(accepted: str) -> str:
        taken.append(accepted)
        return language(accepted)

    monkeypatch.setattr(programs, "_language", noticed)
    return taken


class TestBothWays:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, 200),
            ({"purpose": "post-loan"}, 403),
            ({"items": ["NO-01"]}, 403),
            ({"items": []}, 422),
            ({"more": 1}, 422),
            ({"token": "unknown-token"}, 401),
        ],
        ids=str,
    )
    def test_answer_with_the_same_status_headers_and_words(
        self, ask: Callable[..., Sent], short: list[str], changes: dict[str, object], status: int
    ) -> None:
        one, whole = ask(**changes).go(AsServed()), ask(**changes).go(Client())
        assert len(short) == 1
        assert one.status_code == whole.status_code == status
        assert self.told(one.headers) == self.told(whole.headers)
        assert one["Content-Length"] == str(len(one.content))
        if status != 200:
            assert one.json()["title"] == whole.json()["title"]
        assert one.json().keys() == whole.json().keys()

    def test_speak_the_language_that_was_asked_for(self, ask: Callable[..., Sent]) -> None:
        for language in ("en", "zh-hans", "xx"):
            sent = ask(purpose="post-loan")
            sent.headers["Accept-Language"] = language
            again = ask(purpose="post-loan")
            again.headers["Accept-Language"] = language
            one, whole = sent.go(AsServed()), again.go(Client())
            assert one["Content-Language"] == whole["Content-Language"]
            assert one.json()["title"] == whole.json()["title"]

    def test_refuse_the_same_nonce_whichever_way_it_comes_again(self, ask: Callable[..., Sent]) -> None:
        sent = ask()
        assert [sent.go(one).status_code for one in (AsServed(), Client(), AsServed())] == [200, 401, 401]

    @staticmethod
    def safely(sent: Sent, browser: Client) -> HttpResponse:
        return browser.generic(
            sent.method, sent.path, sent.body, "application/json", secure=True, headers=sent.headers
        )

    @staticmethod
    def told(headers: dict[str, str]) -> dict[str, object]:
        return {
            name: sorted(value.split("; ")) if name == "Content-Security-Policy" else value
            for name, value in headers.items()
            if name not in OF_THE_MOMENT
        }

    def test_insist_on_encryption_alike(self, ask: Callable[..., Sent], settings) -> None:
        settings.SECURE_HSTS_SECONDS = 60
        served.close()
        short, whole = self.safely(ask(), AsServed()), self.safely(ask(), Client())
        served.close()
        assert short["Strict-Transport-Security"] == whole["Strict-Transport-Security"] == "max-age=60"
        assert self.told(short.headers) == self.told(whole.headers)


class TestTheWholeWay:
    def test_is_taken_by_whatever_is_unusual(self, ask: Callable[..., Sent], short: list[str]) -> None:
        browser = AsServed()
        browser.cookies["sessionid"] = "nobody"
        assert ask().go(browser).status_code == 200
        sent = ask()
        assert Sent("POST", f"{INQUIRIES}?a=%00", sent.body, sent.headers).go(AsServed()).status_code == 400
        assert Sent("GET", INQUIRIES, b"", sent.headers).go(AsServed()).status_code == 401
        unsigned = {name: value for name, value in sent.headers.items() if name != "Authorization"}
        assert Sent("POST", INQUIRIES, sent.body, unsigned).go(AsServed()).status_code == 401
        elsewhere = {**sent.headers, "Host": "elsewhere.example"}
        assert Sent("POST", INQUIRIES, sent.body, elsewhere).go(AsServed()).status_code == 400
        assert short == []

    def test_is_taken_without_encryption_where_the_node_insists_on_it(
        self, ask: Callable[..., Sent], short: list[str], settings
    ) -> None:
        sent = ask()
        settings.SECURE_SSL_REDIRECT = True
        assert sent.go(AsServed()).status_code == 301
        assert not short
