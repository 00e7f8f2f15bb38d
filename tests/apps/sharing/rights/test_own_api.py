"""An enterprise's own programs see its record, object, follow the case and ask for repair, as its pages do."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from tests.apps.sharing.rights.conftest import ITEM, SUBJECT
from tests.conftest import Cast

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.models import Organisation
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Role
from creditmesh.apps.sharing.rights.models import Objection, Repair
from creditmesh.apps.sharing.rights.operations import deciding, handling
from creditmesh.apps.sharing.rights.operations.deciding import Decision
from creditmesh.apps.sharing.rights.rules.objections import Outcome

pytestmark = pytest.mark.django_db
API = "/api/v1/me"


class Program:
    """A program with an API key: no cookie, no form."""

    def __init__(self, key: str) -> None:
        self.browser = Client(headers={"authorization": f"Bearer {key}"})

    def get(self, address: str) -> Any:
        """Return the answer to a question."""
        return self.browser.get(f"{API}/{address}")

    def post(self, address: str, **body: str) -> Any:
        """Return the answer to an act."""
        return self.browser.post(f"{API}/{address}", data=json.dumps(body), content_type="application/json")


@pytest.fixture
def people(cast: Cast, penalty: None) -> Cast:
    """The cast, whose enterprise is the one with the penalty."""
    Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).update(code=SUBJECT)
    return cast


@pytest.fixture
def program(people: Cast) -> Program:
    return Program(people.key(Role.ENTERPRISE_USER, at=timezone.now()))


@pytest.fixture
def record(program: Program) -> str:
    """The name of the one penalty, as the own record tells it."""
    (held,) = program.get(f"record?item={ITEM}").json()["items"]
    (line,) = held["records"]
    assert (line["values"]["fine"], line["source"], line["mark"]) == ("20000.00元", "qinghe-samr", None)
    assert "GOV" in line["modes"]  # OPEN too, until its publicity ends
    return str(line["record"])


def test_objects_follows_the_case_and_asks_for_a_review(
    program: Program, record: str, node: ThisNode, operator: Actor
) -> None:
    raised = program.post("objections", item=ITEM, record=record, ground="wrong", text="金额写错了")
    assert raised.status_code == 201, raised.content
    uuid = raised.json()["uuid"]
    (held,) = program.get(f"record?item={ITEM}").json()["items"]
    assert held["records"][0]["mark"]["kind"] == "disputed"
    again = program.post("objections", item=ITEM, record=record, ground="wrong", text="x")
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "already-contested")

    at = timezone.now()
    handling.check_oneself(raised.json()["uuid"], by=operator, at=at)
    said = Decision(outcome=Outcome.REJECT, reason="决定书无误")
    deciding.decide(uuid, decision=said, by=operator, node=node, at=at)
    deciding.finish_decision(uuid, node=node, at=at)
    seen = program.get(f"objections/{uuid}").json()
    assert (seen["state"], seen["outcome"], seen["reason"]) == ("notified", "reject", "决定书无误")
    assert seen["held"]["fine"] == "20000.00元"
    assert [one["what"] for one in seen["steps"]][:2] == ["received", "marked"]
    assert seen["review_until"]

    asked = program.post(f"objections/{uuid}/review", text="请再看")
    assert asked.json()["state"] == "review_requested"
    assert Objection.objects.get().review_text == "请再看"
    (line,) = program.get("cases").json()["cases"]
    assert (line["kind"], line["uuid"], line["is_open"]) == ("objection", uuid, True)


def test_takes_an_objection_back_and_accepts_a_decision(
    program: Program, record: str, node: ThisNode, operator: Actor
) -> None:
    said = {"item": ITEM, "record": record, "ground": "wrong", "text": "x"}
    first = program.post("objections", **said).json()["uuid"]
    assert program.post(f"objections/{first}/take-back").json()["state"] == "closed"
    second = program.post("objections", **said).json()["uuid"]
    at = timezone.now()
    handling.check_oneself(second, by=operator, at=at)
    deciding.decide(
        second, decision=Decision(outcome=Outcome.REJECT, reason="x"), by=operator, node=node, at=at
    )
    deciding.finish_decision(second, node=node, at=at)

    assert program.post(f"objections/{second}/accept").json()["state"] == "closed"


def test_asks_for_repair_and_withdraws(program: Program, record: str) -> None:
    made = program.post("repairs", item=ITEM, record=record, commitment="已缴清，不再犯")
    assert made.status_code == 201, made.content
    uuid = made.json()["uuid"]
    assert program.get(f"repairs/{uuid}").json()["state"] == "received"

    assert program.post(f"repairs/{uuid}/take-back").json()["state"] == "withdrawn"
    assert Repair.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"record": "nothing"}, 404),
        ({"item": "NO-01"}, 404),
        ({"ground": "because"}, 422),
        ({"text": ""}, 422),
        ({"state": "closed"}, 422),
    ],
)
def test_is_refused_what_is_not_in_order(
    program: Program, record: str, body: dict[str, str], status: int
) -> None:
    said = {"item": ITEM, "record": record, "ground": "wrong", "text": "x", **body}

    assert program.post("objections", **said).status_code == status
    assert Objection.objects.count() == 0


def test_finds_nothing_of_others_and_others_find_nothing_here(
    people: Cast, program: Program, record: str
) -> None:
    assert program.get("record?item=NO-01").status_code == 404
    for address in (f"objections/{uuid4()}", f"repairs/{uuid4()}"):
        assert program.get(address).status_code == 404
    for role in (Role.OPERATOR, Role.BANK_STAFF, Role.DATA_OFFICER):
        assert Program(people.key(role, at=timezone.now())).get("record").status_code == 403
