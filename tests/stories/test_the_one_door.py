"""Two institutions and an enterprise: register, authorise, inquire, see who asked, object, corrected, withdraw."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.apps.members.institutions.bank import Bank, open_bank
from tests.stories import village

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Role
from creditmesh.exchange import messages
from creditmesh.exchange.fields import Request
from creditmesh.exchange.standalone import verify_proof

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = "欧阳明远"
MINE, OTHERS = village.code(1), village.code(2)
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
WISH = {
    "subject": MINE,
    "purpose": "pre-loan",
    "items": ["TAX-02", "SOC-01"],
    "modes": ["AUTH", "VERIFY"],
    "data_months": 24,
    "life_days": 60,
    "max_queries": 10,
    "per_day": 5,
    "retention_months": 3,
    "reference": "LN-2026-0001",
}


def tax(number: int, month: str, paid: str) -> dict[str, str]:
    """Return a row of the tax office about what an enterprise paid."""
    return {
        "uscc": village.code(number),
        "name": village.name(number),
        "tax_type": "value_added",
        "period_start": f"{month}-01",
        "period_end": f"{month}-28",
        "paid": paid,
    }


@pytest.fixture
def house(people, node):
    """A node that has heard of three enterprises, two banks with programs, and the people."""
    day = timezone.localdate()
    month = f"{day.year - 1}-09"
    deliveries = (
        ("li", "ENT-01", "qinghe-samr", [village.registration(n, 法定代表人=OWNER) for n in (1, 2, 3)]),
        ("li", "PEN-01", "qinghe-samr", [village.penalty(1, "7")]),
        ("zhang", "TAX-02", "qinghe-tax", [tax(1, month, "123456.78"), tax(2, month, "50")]),
    )
    for who, item, source, rows in deliveries:
        answer = village.upload(
            village.sign_in(who), item=item, source=source, content=village.csv_file(rows)
        )
        assert answer.status_code == 302, answer.content.decode()
    village.work()
    return SimpleNamespace(
        bank=open_bank("bank-one"),
        stranger=open_bank("bank-two"),
        operator=village.sign_in(Role.OPERATOR.value),
        owner=Client(headers={"Accept-Language": "en"}),
        secret=generate_totp_secret(),
        step=0,
    )


def code_of_the_app(house) -> str:
    """Return what the owner's authenticator app shows; each code is good once."""
    step = int(timezone.now().timestamp()) // 30 - 1 + house.step
    house.step += 1
    return format_hotp_value(hotp_value(house.secret, step))


def register(house) -> None:
    """Make an account, claim the enterprise, be approved, protect the sign-in."""
    owner = house.owner
    owner.post(
        "/register/",
        {
            "username": "ouyang",
            "full_name": OWNER,
            "password": village.PASSWORD,
            "again": village.PASSWORD,
            "phone": "",
        },
    )
    owner.post(
        "/register/enterprise/",
        {
            "subject": MINE,
            "name": village.name(1),
            "representative": OWNER,
            "capacity": "legal_representative",
        },
    )
    page = owner.get("/register/enterprise/").content.decode()
    claim = re.search(r"/register/enterprise/([0-9a-f-]{36})/", page)[1]
    licence = SimpleUploadedFile("licence.pdf", PDF, "application/pdf")
    owner.post(f"/register/enterprise/{claim}/file/", {"file": licence})
    owner.post(f"/register/enterprise/{claim}/hand-in/")
    village.work()
    house.operator.post(f"/operator/claims/{claim}/", {"act": "approve", "why": "papers seen"})
    TOTP.activate(User.objects.get(username="ouyang"), house.secret)
    assert Authenticator.objects.count() == 1


def authorise(house, wish=WISH) -> str:
    """Let the bank ask and the owner read, narrow and sign; return the authorisation."""
    asked = house.bank.post("/api/v1/authorisation-requests", wish)
    assert asked.status_code == 201, asked.content
    opened = house.owner.get(asked.json()["link"].removeprefix("http://testserver"), follow=True)
    assert "bank-one" in opened.content.decode()
    request = asked.json()["uuid"]
    chosen = {
        "items": ["TAX-02"],
        "life_days": 30,
        "data_months": 24,
        "max_queries": 9,
        "per_day": 5,
        "clause_confirmed": "on",
    }
    draft = house.owner.post(reverse("authorisation-request", args=[request]), chosen, follow=True)
    assert draft.redirect_chain, draft.content.decode()
    sign = re.search(r'action="([^"]+/sign/)"', draft.content.decode())
    assert sign is not None, draft.content.decode()
    signed = house.owner.post(sign[1], {"code": code_of_the_app(house)}, follow=True)
    assert signed.status_code == 200
    return house.bank.get("/api/v1/authorisations").json()[0]["uuid"]


def question(authorisation: str, **other: object) -> dict[str, object]:
    """Return what the bank asks under the authorisation."""
    return {
        "mode": "AUTH",
        "subject": MINE,
        "items": ["TAX-02"],
        "purpose": "pre-loan",
        "authorisation": authorisation,
        **other,
    }


def opened(bank: Bank, subject: str = MINE) -> dict:
    """Return what a bank is told about the penalties of an enterprise, which are open to all."""
    answer = bank.post("/api/v1/inquiries", {"mode": "OPEN", "subject": subject, "items": ["PEN-01"]})
    assert answer.status_code == 200, answer.content
    return answer.json()["answer"]["blocks"][0]


class TestTheWholeWay:
    def test_from_the_claim_to_the_withdrawal(self, house, tmp_path):
        register(house)
        authorisation = authorise(house)

        # The bank asks: masked values, the node's signature bound to the question, a place in the ledger.
        sent = house.bank.signed("POST", "/api/v1/inquiries", question(authorisation))
        answer = sent.go()
        assert answer.status_code == 200, answer.content
        told = answer.json()
        (record,) = told["answer"]["blocks"][0]["records"]
        assert record["values"]["paid"] == {"from": 10_000_001, "to": 50_000_000}
        keys = Client().get("/.well-known/creditmesh/keys.json").json()
        assert {one["kid"] for one in keys["keys"]} == {this_node().signer.key_id}
        request = Request(sent.method, f"http://testserver{sent.path}", sent.headers, sent.body)
        shown = messages.Response(answer.status_code, dict(answer.headers), answer.content)
        at = int(timezone.now().timestamp())
        resolve = {this_node().signer.key_id: this_node().signer.key.public}.get
        assert messages.verify_response(shown, request, resolve=resolve, now=at).keyid

        # What it was told by the enterprise is compared without a value leaving.
        claims = [
            {"item": "TAX-02", "field": "paid", "value": 12_345_678},
            {"item": "TAX-02", "field": "paid", "value": 99_999_999},
        ]
        compared = house.bank.post(
            "/api/v1/verifications",
            {"subject": MINE, "purpose": "pre-loan", "authorisation": authorisation, "claims": claims},
        ).json()
        assert [one["answer"] for one in compared["answer"]["claims"]] == ["MATCH", "MISMATCH"]

        # Another bank learns nothing, not even whether the enterprise or the authorisation is known.
        refusals = []
        for subject in (MINE, OTHERS, village.code(9)):
            refused = house.stranger.post("/api/v1/inquiries", question(authorisation, subject=subject))
            problem = refused.json()
            refusals.append((refused.status_code, problem["type"], problem["title"]))
        assert len(set(refusals)) == 1
        assert refusals[0][0] == 403

        # The enterprise sees who asked, the refused one too, and keeps a proof that needs no trust.
        page = house.owner.get("/enterprise/who-asked/").content.decode()
        assert "bank-one（虚构）" in page
        assert "bank-two（虚构）" in page
        proof = tmp_path / "proof.json"
        held = house.owner.get(f"/enterprise/who-asked/{told['inquiry']}/proof.json")
        assert held.status_code == 200, held.content
        proof.write_bytes(held.content)
        (tmp_path / "keys.json").write_text(json.dumps(keys))
        assert checked(tmp_path) == 0
        forged = held.content.replace(b'"bank-one"', b'"bank-two"')
        assert forged != held.content
        proof.write_bytes(forged)
        assert checked(tmp_path) == 1

        # It withdraws, and the next question is refused at once.
        gone = house.owner.post(reverse("authorisation-withdraw", args=[authorisation]), {"why": "repaid"})
        assert gone.status_code == 302
        refused = house.bank.post("/api/v1/inquiries", question(authorisation))
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "withdrawn")
        village.work()
        kinds = [one["kind"] for one in house.bank.get("/api/v1/notices").json()["notices"]]
        assert "authorisation.withdrawn" in kinds

    def test_an_objection_corrects_everywhere(self, house):
        register(house)
        assert opened(house.bank)["records"][0]["mark"] is None

        # The enterprise's program finds the record among its own and contests it: everybody sees the mark at once.
        (held,) = house.owner.get("/api/v1/me/record?item=PEN-01").json()["items"]
        (mine,) = held["records"]
        assert mine["seen_by"][0]["institution"] == "bank-one"
        said = {"item": "PEN-01", "record": mine["record"], "ground": "wrong", "text": "It was annulled."}
        sent = house.owner.post("/api/v1/me/objections", said, content_type="application/json")
        assert sent.status_code == 201, sent.content.decode()
        assert opened(house.bank)["records"][0]["mark"]["kind"] == "disputed"

        # The operator decides that it must go: no bank is shown it again, and who saw it is told once.
        queue = house.operator.get("/cases/").content.decode()
        case = re.search(r"/cases/objections/([0-9a-f-]{36})/", queue)[1]
        house.operator.post(f"/cases/objections/{case}/act/", {"act": "check"})
        decided = house.operator.post(
            f"/cases/objections/{case}/act/",
            {"act": "decide", "outcome": "delete", "reason": "annulled by the court"},
            follow=True,
        )
        assert decided.status_code == 200, decided.content.decode()
        village.work()
        assert opened(house.bank)["records"] == []
        told = [one for one in house.bank.get("/api/v1/notices").json()["notices"] if "record" in one["kind"]]
        assert len(told) == 1
        seen = house.owner.get(f"/api/v1/me/objections/{case}").json()
        assert (seen["outcome"], [one["institution"] for one in seen["told"]]) == ("delete", ["bank-one"])
        assert house.stranger.get("/api/v1/notices").json()["notices"] == []


def checked(folder) -> int:
    """Return how the stand-alone verifier ends, run as anybody would."""
    script = verify_proof.__file__
    run = [sys.executable, "-I", script, "proof.json", "--keys", "keys.json"]
    return subprocess.run(run, cwd=folder, capture_output=True, check=False, timeout=300).returncode
