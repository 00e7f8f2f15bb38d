"""The ledger as people and programs see it: how it stands, one entry with its proof, heads for everybody."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from tests.apps.ground.audit.conftest import SUBJECT, TEN_YEARS, Ledger
from tests.conftest import Cast

from creditmesh.apps.ground.audit.evidence import expiring, signing
from creditmesh.apps.ground.audit.models import Entry, Head
from creditmesh.apps.ground.audit.rules import COMMAND_LINE, Outcome
from creditmesh.apps.ground.nodes import jobs, ledger
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.rules import Role
from creditmesh.exchange.standalone import verify_proof

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast: Cast, node: ThisNode) -> list[UUID]:
    """Three inquiries in the ledger of a node, under a signed head."""
    made = Ledger(at=datetime.now(UTC) - timedelta(minutes=1))
    entries = [UUID(one) for one in made.ask(3, why="贷前审查")]
    ledger.tend(node=node, at=datetime.now(UTC))
    return entries


class TestTheStateOfTheLedger:
    def test_is_shown_to_operators_and_auditors_only(self, cast: Cast, asked: list[UUID]) -> None:
        for role in (Role.OPERATOR, Role.AUDITOR):
            page = cast.client(role).get("/ledger/state/").content.decode()
            assert "从未" not in page
            assert Head.objects.get().document.split('"root":"')[1][:16] in page
        for address in (
            "/ledger/state/",
            f"/ledger/entries/{asked[0]}/",
            f"/ledger/entries/{asked[0]}/proof.json",
        ):
            assert cast.client(Role.BANK_STAFF).get(address).status_code == 403
            assert Client().get(address).status_code == 302

    def test_is_verified_at_the_push_of_a_button(self, cast: Cast, asked: list[UUID], node: ThisNode) -> None:
        browser = cast.client(Role.AUDITOR)
        assert browser.get("/ledger/verify/").status_code == 405
        assert browser.post("/ledger/verify/").status_code == 302

        assert jobs.verify_ledger.call("auditor", "OPS")
        assert "完好" in browser.get("/ledger/state/").content.decode()

    def test_warns_in_words_and_in_healthz(self, cast: Cast, asked: list[UUID]) -> None:
        made = Ledger(at=datetime.now(UTC))
        made.write(act="ledger.verify", outcome=Outcome.FAILED, details={"problems": ["entry-changed"]})

        page = cast.client(Role.OPERATOR).get("/ledger/state/").content.decode()
        assert "最近一次核验发现账本被改动过" in page
        assert "与树的承诺不符" in page
        assert Client().get("/healthz").json() == {"status": "ok", "warnings": ["does-not-verify"]}

    def test_is_shown_before_anything_was_signed(self, cast: Cast) -> None:
        page = cast.client(Role.OPERATOR).get("/ledger/state/")
        assert page.status_code == 200
        assert "还没有签署过树头" in page.content.decode()


class TestAnEntry:
    def test_is_reached_from_the_ledger_and_says_what_proves_it(self, cast: Cast, asked: list[UUID]) -> None:
        browser = cast.client(Role.OPERATOR)
        assert f"/ledger/entries/{asked[1]}/" in browser.get("/ledger/").content.decode()

        page = browser.get(f"/ledger/entries/{asked[1]}/").content.decode()

        assert SUBJECT in page
        assert "贷前审查" in page
        assert "第 1 号" in page
        assert browser.get(f"/ledger/entries/{uuid4()}/").status_code == 404

    def test_comes_with_a_proof_file_that_names_nobody(self, cast: Cast, asked: list[UUID]) -> None:
        answer = cast.client(Role.AUDITOR).get(f"/ledger/entries/{asked[1]}/proof.json")

        assert answer["Content-Disposition"].startswith("attachment")
        assert verify_proof.check(json.loads(answer.content), None, None).holds()
        assert "Zhang Wei" not in answer.content.decode()

    def test_that_waits_is_sealed_and_signed_for_its_proof(self, cast: Cast, asked: list[UUID]) -> None:
        entry = Ledger(at=datetime.now(UTC)).write().uuid
        browser = cast.client(Role.OPERATOR)
        assert "等待入树" in browser.get(f"/ledger/entries/{entry}/").content.decode()

        proof = json.loads(browser.get(f"/ledger/entries/{entry}/proof.json").content)

        assert verify_proof.check(proof, None, None).holds()
        assert Head.objects.count() == 2

    def test_whose_text_expired_keeps_its_place(self, cast: Cast, asked: list[UUID]) -> None:
        later = datetime.now(UTC) + timedelta(days=366 * 11)
        expiring.expire(retention=TEN_YEARS, by=COMMAND_LINE, at=later)
        browser = cast.client(Role.OPERATOR)

        assert "已到期删除" in browser.get(f"/ledger/entries/{asked[0]}/").content.decode()
        assert browser.get(f"/ledger/entries/{asked[0]}/proof.json").status_code == 409
        assert browser.get(f"/api/v1/ledger/entries/{asked[0]}/inclusion?size=3").json()["expired"]


class TestHeadsForEverybody:
    def test_can_be_read_and_taken_along(self, asked: list[UUID], node: ThisNode) -> None:
        signing.sign_head(pen=ledger.pen(node), at=datetime.now(UTC))
        page = Client().get("/ledger/heads/")
        taken = Client().get("/ledger/heads.json").json()

        assert page.status_code == 200
        assert [one["number"] for one in taken["heads"]] == [2, 1]
        assert taken["keys"] == node.signer.jwks()
        assert Client().get("/ledger/heads.json?size=1&before=2").json()["heads"] == taken["heads"][1:]

    def test_grow_out_of_each_other(self, asked: list[UUID]) -> None:
        size = Head.objects.get().size
        told = Client().get(f"/ledger/consistency.json?first=1&second={size}").json()
        assert told["consistency"]
        for wrong in (
            "",
            "?first=1",
            "?first=x&second=2",
            f"?first=1&second={size + 1}",
            "?first=2&second=1",
        ):
            assert Client().get(f"/ledger/consistency.json{wrong}").status_code == 409

    def test_are_kept_beside_the_database(self, asked: list[UUID], node: ThisNode) -> None:
        assert len((node.home / signing.KEPT).read_text().splitlines()) == 1
        assert ledger.tend(node=node, at=datetime.now(UTC)) is None
        assert ledger.verify(node=node, by=COMMAND_LINE, at=datetime.now(UTC)).kept == 1


class TestTheApi:
    def test_proves_places_and_growth(self, cast: Cast, asked: list[UUID]) -> None:
        browser = cast.client(Role.AUDITOR)
        head = Head.objects.get()

        inside = browser.get(f"/api/v1/ledger/entries/{asked[2]}/inclusion").json()
        by_leaf = browser.get(f"/api/v1/ledger/leaves/{inside['leaf']}/inclusion").json()
        state = browser.get("/api/v1/ledger/state").json()

        assert inside == by_leaf
        assert (inside["size"], inside["entry"]) == (head.size, str(asked[2]))
        assert (state["size"], state["head"]["number"], state["alerts"]) == (head.size, 1, [])
        assert (
            browser.get(f"/api/v1/ledger/entries/{asked[0]}/proof").json()["position"]
            == inside["position"] - 2
        )

    def test_shows_heads_to_whoever_is_signed_in(self, cast: Cast, asked: list[UUID]) -> None:
        size = Head.objects.get().size
        for role in Role:
            browser = cast.client(role)
            assert len(browser.get("/api/v1/ledger/heads").json()["heads"]) == 1
            assert browser.get("/api/v1/ledger/heads/1").json()["document"]["size"] == size
            assert browser.get(f"/api/v1/ledger/consistency?first=1&second={size}").status_code == 200
        assert Client().get("/api/v1/ledger/heads").status_code == 401

    def test_keeps_everything_else_from_others(self, cast: Cast, asked: list[UUID]) -> None:
        for role in (Role.BANK_STAFF, Role.ENTERPRISE_OWNER, Role.REGULATOR):
            for address in (f"entries/{asked[0]}/proof", f"entries/{asked[0]}/inclusion", "state"):
                assert cast.client(role).get(f"/api/v1/ledger/{address}").status_code == 403

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            ("heads/9", 404),
            ("heads/x", 422),
            ("heads?size=0", 422),
            (f"entries/{UUID(int=0)}/inclusion", 404),
            ("leaves/xyz/inclusion", 422),
            (f"leaves/{'0' * 64}/inclusion", 404),
            ("consistency?first=1&second=999999", 409),
            ("consistency?first=-1&second=1", 422),
        ],
    )
    def test_refuses_in_plain_words(self, cast: Cast, asked: list[UUID], address: str, status: int) -> None:
        assert cast.client(Role.OPERATOR).get(f"/api/v1/ledger/{address}").status_code == status


class TestTheWorker:
    def test_stamps_where_an_authority_is_configured(self, asked: list[UUID], node: ThisNode) -> None:
        assert jobs.stamp_head.call("1") is False
        assert Entry.objects.filter(act="ledger.stamp").count() == 0
