"""The API: institutions and enterprises see their own only, and set only what is offered."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from tests.apps.sharing.authorisations.conftest import CHOICE, SUBJECT, WISH, Stage
from tests.apps.sharing.authorisations.test_pages import browser
from tests.apps.sharing.authorisations.test_signing import own_key

from creditmesh.apps.members.institutions.models import Notice
from creditmesh.apps.sharing.authorisations.jobs import (
    tell_declined,
    tell_exhausted,
    tell_signed,
    tell_withdrawn,
)
from creditmesh.apps.sharing.authorisations.jobs import tidy as tidy_up
from creditmesh.apps.sharing.authorisations.models import Authorisation
from creditmesh.apps.sharing.authorisations.operations import expiring, requesting, signing, trying_out
from creditmesh.apps.sharing.authorisations.rules import State
from creditmesh.exchange.jws import sign_detached

ASKED = {
    "subject": SUBJECT,
    "purpose": "pre-loan",
    "items": ["TAX-02", "SOC-01"],
    "modes": ["AUTH"],
    "data_months": 24,
    "life_days": 60,
    "max_queries": 10,
    "reference": "LN-1",
}
GIVEN = {"items": ["TAX-02"], "data_months": 12, "life_days": 30, "max_queries": 5, "clause_confirmed": True}


def send(client: Client, path: str, body: dict[str, Any]) -> Any:
    """Post JSON to the API."""
    return client.post(f"/api/v1/{path}", data=json.dumps(body), content_type="application/json")


class TestTheWholeWay:
    def test_by_programs_alone(self, stage: Stage) -> None:
        bank, owner, key = browser("zheng"), browser("zhao"), own_key(stage)
        asked = send(bank, "authorisation-requests", ASKED)
        assert asked.status_code == 201
        assert "/a/" in asked.json()["link"]
        (waiting,) = owner.get("/api/v1/own-authorisations/requests").json()
        assert waiting["institution"] == "BANK"
        assert "token" not in waiting
        draft = send(owner, "own-authorisations", {**GIVEN, "request": waiting["uuid"]}).json()
        uuid = draft["uuid"]
        jws = sign_detached(draft["body"].encode(), key=key, kid=key.public.thumbprint())
        signed = send(owner, f"own-authorisations/{uuid}/signature", {"jws": jws})
        assert signed.json()["state"] == "active"
        seen = bank.get(f"/api/v1/authorisations/{uuid}").json()
        assert (seen["body"], seen["document"]["items"]) == (draft["body"], ["TAX-02"])
        assert [one["uuid"] for one in bank.get("/api/v1/authorisations").json()] == [uuid]
        assert (
            bank.get(f"/api/v1/authorisation-requests/{asked.json()['uuid']}").json()["authorisation"] == uuid
        )
        gone = send(owner, f"own-authorisations/{uuid}/withdraw", {"why": "x"})
        assert gone.json()["state"] == "revoked"
        assert send(owner, f"own-authorisations/{uuid}/withdraw", {}).status_code == 409
        assert bank.get("/api/v1/authorisations?subject=X").json() == []
        assert [one["state"] for one in owner.get("/api/v1/own-authorisations").json()] == ["revoked"]

    def test_unasked_settled_cancelled_and_declined(self, stage: Stage) -> None:
        bank, owner = browser("zheng"), browser("zhao")
        made = send(owner, "own-authorisations", {**GIVEN, "institution": "BANK", "purpose": "pre-loan"})
        assert made.status_code == 201
        uuid = send(bank, "authorisation-requests", ASKED).json()["uuid"]
        assert send(bank, f"authorisation-requests/{uuid}/cancel", {}).json()["state"] == "cancelled"
        uuid = send(bank, "authorisation-requests", ASKED).json()["uuid"]
        assert send(owner, f"own-authorisations/requests/{uuid}/decline", {"why": "x"}).status_code == 204
        assert [one["state"] for one in bank.get("/api/v1/authorisation-requests").json()] == [
            "declined",
            "cancelled",
        ]
        settled = {"reference": "LN-1", "settled_on": stage.now.date().isoformat()}
        assert send(bank, "settlements", settled).json() == {"shortened": 0}
        codes = [one["code"] for one in bank.get("/api/v1/purposes").json()]
        assert codes[:2] == ["pre-loan", "post-loan"]


class TestNobodyElse:
    def test_reaches_what_is_not_theirs(self, stage: Stage) -> None:
        row, draft = stage.signed(), stage.draft(wish=replace(WISH, reference="2"))
        asked = stage.asked(wish=replace(WISH, reference="3"))
        sun, bank = browser("sun"), browser("zheng")
        assert sun.get(f"/api/v1/own-authorisations/{row.uuid}").status_code == 404
        assert send(sun, f"own-authorisations/{row.uuid}/withdraw", {}).status_code == 404
        assert send(sun, f"own-authorisations/{draft.uuid}/signature", {"jws": "x..y"}).status_code == 404
        assert send(sun, f"own-authorisations/requests/{asked.uuid}/decline", {}).status_code == 404
        assert send(sun, "own-authorisations", {**GIVEN, "request": str(asked.uuid)}).status_code == 404
        assert bank.get(f"/api/v1/authorisations/{draft.uuid}").status_code == 404
        Authorisation.objects.filter(pk=row.pk).update(institution="OTHER")
        assert bank.get(f"/api/v1/authorisations/{row.uuid}").status_code == 404

    def test_comes_in_without_the_role(self, stage: Stage) -> None:
        assert send(browser("zhao"), "authorisation-requests", ASKED).status_code in {401, 403}
        assert browser("zheng").get("/api/v1/own-authorisations").status_code == 403
        draft = stage.draft()
        body = {"jws": "x..y"}
        assert send(browser("qian"), f"own-authorisations/{draft.uuid}/signature", body).status_code == 403
        assert send(Client(), "own-authorisations", {}).status_code == 401

    @pytest.mark.parametrize(
        "extra",
        [
            {"institution": "OTHER"},
            {"state": "signed"},
            {"sandbox": True},
            {"purpose_version": "0"},
            {"uuid": "1"},
        ],
        ids=str,
    )
    def test_sets_what_is_not_offered(self, stage: Stage, extra: dict[str, Any]) -> None:
        assert send(browser("zheng"), "authorisation-requests", {**ASKED, **extra}).status_code == 422
        asked = stage.asked()
        more = {"subject": "X"} if "institution" in extra else extra
        body = {**GIVEN, "request": str(asked.uuid), **more}
        assert send(browser("zhao"), "own-authorisations", body).status_code == 422
        assert not Authorisation.objects.exists()

    def test_learns_from_the_answer_whether_an_enterprise_is_known(self, stage: Stage) -> None:
        told = []
        for code in (SUBJECT, "91990121MA99999999"):
            answer = send(browser("zheng"), "authorisation-requests", {**ASKED, "subject": code})
            told.append((answer.status_code, sorted(answer.json()), answer.json()["state"]))
        assert told[0] == told[1]


class TestNews:
    def test_reaches_the_inbox_of_the_institution(self, stage: Stage) -> None:
        row, asked = stage.signed(), stage.asked()
        for tell in (tell_signed, tell_withdrawn, tell_exhausted):
            tell.call(str(row.uuid))
        tell_declined.call(str(asked.uuid))
        kinds = ("signed", "withdrawn", "exhausted", "declined")
        assert list(Notice.objects.order_by("id").values_list("kind", flat=True)) == [
            f"authorisation.{one}" for one in kinds
        ]
        assert Notice.objects.order_by("id").first().about["authorisation"] == str(row.uuid)  # type: ignore[union-attr]

    def test_waits_for_nobody_where_there_is_no_inbox(self, stage: Stage) -> None:
        row = stage.signed()
        Authorisation.objects.filter(pk=row.pk).update(institution="GONE")
        tell_signed.call(str(row.uuid))
        tell_signed.call("00000000-0000-0000-0000-000000000000")
        tell_declined.call("00000000-0000-0000-0000-000000000000")
        assert not Notice.objects.exists()

    def test_the_daily_round_brings_states_up_to_the_day(self, stage: Stage) -> None:
        row = stage.signed()
        tidy_up.call()
        row.refresh_from_db()
        assert row.state == State.ACTIVE

    def test_one_that_cannot_be_brought_up_does_not_stop_the_round(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spoilt = stage.signed(wish=replace(WISH, reference="LN-1"))
        sound = stage.signed(wish=replace(WISH, reference="LN-2"))
        Authorisation.objects.filter(pk=spoilt.pk).update(purpose="post-loan")
        monkeypatch.setattr(expiring, "AT_ONCE", 1)
        assert expiring.tidy(at=stage.now) == 1
        sound.refresh_from_db()
        assert sound.state == State.ACTIVE


class TestTheSandbox:
    def test_never_signs_for_real_ones(self, stage: Stage) -> None:
        stage.bank = replace(stage.bank, sandbox=True)
        trying_out.ask(
            by=stage.bank, subject=SUBJECT, purpose="pre-loan", wish=WISH, node=stage.node, at=stage.now
        )
        assert not Authorisation.objects.exists()
        stage.bank = replace(stage.bank, sandbox=False)
        draft = stage.draft(choice=CHOICE)
        for owner in (stage.owner, replace(stage.owner, sandbox=True)):
            with pytest.raises(signing.SignatureNotAccepted):
                signing.sign_invented(draft.uuid, by=owner, node=stage.node, at=stage.now)

    def test_reaches_nobody_outside(self, stage: Stage) -> None:
        stage.bank = replace(stage.bank, sandbox=True)
        asked = stage.asked()
        with pytest.raises(requesting.UnknownRequest):
            requesting.open_request(asked.uuid, subject=SUBJECT, at=stage.now)
