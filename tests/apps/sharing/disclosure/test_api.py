"""The door over HTTP: signed questions, signed answers, problems, proofs."""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from tests.apps.members.institutions.bank import HOST, Bank, open_bank
from tests.apps.sharing.disclosure.county import EAST, Town, build, grant, hold, tax_paid, terms

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.sharing.disclosure.models import Inquiry
from creditmesh.exchange import messages
from creditmesh.exchange.canonical import sha256
from creditmesh.exchange.fields import Request
from creditmesh.exchange.standalone import verify_proof


@pytest.fixture
def bank(db: None, node: ThisNode, at: datetime) -> Bank:
    """A bank with a program, beside the town."""
    build(at)
    hold("TAX-02", tax_paid(EAST))
    return open_bank("FIRST", at=at)


def question(bank: Bank, at: datetime, **changes) -> dict:
    uuid = grant(terms(EAST, "FIRST", at=at), at=at)
    usual = {
        "subject": EAST,
        "items": ["TAX-02"],
        "mode": "AUTH",
        "purpose": "pre-loan",
        "authorisation": str(uuid),
    }
    return {**usual, **changes}


class TestAnAnswer:
    def test_is_signed_and_bound_to_the_very_question(self, bank: Bank, node: ThisNode, at) -> None:
        sent = bank.signed("POST", "/api/v1/inquiries", question(bank, at))
        answer = sent.go()
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert told["request_digest"] == sha256(sent.body)
        asked = Request("POST", HOST + sent.path, sent.headers, sent.body)
        said = messages.Response(answer.status_code, dict(answer.headers), answer.content)
        now = int(time.time())
        signed = messages.verify_response(said, asked, resolve=node.signer.resolve, now=now)
        assert signed.keyid == node.signer.key_id
        other = bank.signed("POST", "/api/v1/inquiries", question(bank, at))
        elsewhere = Request("POST", HOST + other.path, other.headers, other.body)
        with pytest.raises(messages.SignatureRefused):
            messages.verify_response(said, elsewhere, resolve=node.signer.resolve, now=now)

    def test_to_the_same_request_again_is_a_refusal(self, bank: Bank, at) -> None:
        sent = bank.signed("POST", "/api/v1/inquiries", question(bank, at))
        assert [sent.go().status_code, sent.go().status_code] == [200, 401]
        assert [one.refusal for one in Inquiry.objects.order_by("id")] == ["", "signature-replayed"]

    def test_can_be_asked_for_again_without_its_values(self, bank: Bank, at) -> None:
        told = bank.post("/api/v1/inquiries", question(bank, at)).json()
        line = bank.get(f"/api/v1/inquiries/{told['inquiry']}").json()
        assert (line["records"], line["answer_digest"]) == (6, told["answer_digest"])
        assert bank.get("/api/v1/inquiries").json()["lines"] == [line]


class TestARefusal:
    def test_is_a_signed_problem_with_its_place_in_the_ledger(self, bank: Bank, at) -> None:
        answer = bank.post("/api/v1/inquiries", question(bank, at, authorisation=str(uuid4())))
        told = answer.json()
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert told["type"] == "urn:creditmesh:problem:not-authorised"
        assert told["ledger"]["position"] >= 0
        assert "Signature" in answer.headers

    @pytest.mark.parametrize(
        "changes",
        [
            {"items": []},
            {"items": ["TAX-02"] * 51},
            {"items": ["TAX 02"]},
            {"mode": "GOV"},
            {"mode": "RAW"},
            {"subject": "x" * 81},
            {"subject": 5},
            {"nobody_asked_for_this": 1},
            {"authorisation": "no uuid"},
            {"data_from": "yesterday"},
        ],
    )
    def test_of_a_malformed_question_names_the_field(self, bank: Bank, at, changes) -> None:
        answer = bank.post("/api/v1/inquiries", question(bank, at, **changes))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"]

    @pytest.mark.parametrize("value", [1.5, None, [1], {"from": 1}, 2**60, {"from": 0, "to": 1.5}])
    def test_of_a_claim_takes_no_fractions_and_nothing_shapeless(self, bank: Bank, at, value) -> None:
        asked = question(bank, at)
        claims = [{"item": "TAX-02", "field": "paid", "value": value}]
        sent = {name: asked[name] for name in ("subject", "purpose", "authorisation")}
        assert bank.post("/api/v1/verifications", {**sent, "claims": claims}).status_code == 422

    def test_of_too_many_claims_says_when_to_come_again(self, bank: Bank, at) -> None:
        asked = question(bank, at)
        sent = {name: asked[name] for name in ("subject", "purpose", "authorisation")}
        claims = [{"item": "TAX-02", "field": "paid", "value": value} for value in range(6)]
        answer = bank.post("/api/v1/verifications", {**sent, "claims": claims})
        assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
        fits = bank.post("/api/v1/verifications", {**sent, "claims": claims[:5]}).json()
        assert {one["answer"] for one in fits["answer"]["claims"]} == {"MISMATCH"}

    def test_hides_other_institutions_inquiries(self, bank: Bank, at) -> None:
        told = bank.post("/api/v1/inquiries", question(bank, at)).json()
        other = open_bank("SECOND", at=at)
        for path in ("", "/proof"):
            unknown = other.get(f"/api/v1/inquiries/{told['inquiry']}{path}")
            assert unknown.status_code == 404


class TestTheEnterprise:
    def browser(self) -> Client:
        browser = Client()
        browser.force_login(User.objects.get(username="zhao"))
        return browser

    def test_sees_who_asked_with_a_proof_that_needs_no_trust(self, bank: Bank, at, tmp_path: Path) -> None:
        told = bank.post("/api/v1/inquiries", question(bank, at)).json()
        (line,) = self.browser().get("/api/v1/me/inquiries").json()["lines"]
        assert (line["institution"], line["by_program"], line["outcome"]) == ("FIRST", True, "answered")
        assert "person" not in line
        proof = self.browser().get(f"/api/v1/me/inquiries/{told['inquiry']}/proof")
        assert proof.status_code == 200, proof.content
        script = self.browser().get("/api/v1/proof-verifier").content
        assert script == Path(verify_proof.__file__).read_bytes()
        (tmp_path / "verify_proof.py").write_bytes(script)
        (tmp_path / "proof.json").write_bytes(proof.content)
        command = [sys.executable, "verify_proof.py", "proof.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = json.loads(proof.content)["entry"]["shown"]
        assert shown["details.answer_digest"]["value"] == told["answer_digest"]
        assert "user" not in shown

    def test_cannot_see_inquiries_about_others(self, bank: Bank, at) -> None:
        asked = question(
            bank, at, mode="OPEN", items=["PEN-01"], subject="91990121MA00000010", authorisation=None
        )
        told = bank.post("/api/v1/inquiries", asked).json()
        assert self.browser().get("/api/v1/me/inquiries").json()["lines"] == []
        assert self.browser().get(f"/api/v1/me/inquiries/{told['inquiry']}/proof").status_code == 404


class TestADepartment:
    def test_asks_for_its_duty(self, town: Town) -> None:
        browser = Client()
        browser.force_login(User.objects.get(username="liu"))
        asked = {"subject": EAST, "items": ["TAX-02"], "basis": "税收征收管理法", "duty": "案件 2026-7"}
        answer = browser.post("/api/v1/duty-inquiries", asked, content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["answer"]["blocks"][0]["records"][0]["values"]["paid"] == 123_456_700


class TestAListOverTheApi:
    def test_is_taken_and_told_about(self, bank: Bank, at) -> None:
        uuid = question(bank, at)["authorisation"]
        lines = [{"subject": EAST, "authorisation": uuid, "items": ["TAX-02"]}]
        taken = bank.post("/api/v1/batch-inquiries", {"mode": "AUTH", "purpose": "pre-loan", "lines": lines})
        assert (taken.status_code, taken.json()["state"]) == (202, "waiting")
        path = f"/api/v1/batch-inquiries/{taken.json()['uuid']}"
        assert bank.get(path).json()["total"] == 1
        assert bank.get(f"{path}/result").json()["lines"][0]["state"] == "waiting"
        assert open_bank("SECOND", at=at).get(path).status_code == 404
