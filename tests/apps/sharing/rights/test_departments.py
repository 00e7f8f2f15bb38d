"""Departments by API and page: objections forwarded to them, and news about what they were given for their duties."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from tests.apps.sharing.rights.conftest import ITEM, SUBJECT, lines, received, settle
from tests.conftest import Cast

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties.models import Organisation
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Role
from creditmesh.apps.sharing.rights.models import Document, DutyNotice, HolderNotice, Objection
from creditmesh.apps.sharing.rights.operations import deciding, documents, handling, objecting, telling
from creditmesh.apps.sharing.rights.operations.objecting import Complaint
from creditmesh.apps.sharing.rights.queries import cases
from creditmesh.apps.sharing.rights.rules.objections import Ground, Outcome

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)
API = "/api/v1/objections"


@pytest.fixture
def people(cast: Cast, penalty: None) -> Cast:
    """The cast, whose enterprise is the one with the penalty."""
    Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).update(code=SUBJECT)
    return cast


@pytest.fixture
def contested(people: Cast, node: ThisNode, owner: Actor) -> UUID:
    said = Complaint(item=ITEM, record=lines(owner, NOW)[0].ref, ground=Ground.WRONG, text="金额写错了")
    return objecting.raise_objection(complaint=said, by=owner, node=node, at=NOW)


@pytest.fixture
def department(people: Cast) -> Client:
    return people.client(Role.DATA_OFFICER)


def post(browser: Client, address: str, body: Any) -> Any:
    return browser.post(address, data=json.dumps(body), content_type="application/json")


class TestAnObjectionByProgram:
    def test_is_listed_seen_and_answered(self, contested: UUID, department: Client, operator: Actor) -> None:
        handling.forward(contested, by=operator, at=NOW)

        (line,) = department.get(API).json()["objections"]
        assert (line["uuid"], line["subject"], line["state"]) == (str(contested), SUBJECT, "forwarded")
        seen = department.get(f"{API}/{contested}").json()
        assert (seen["text"], seen["held"]["fine"]) == ("金额写错了", "20000.00元")
        assert "fine" in seen["fields"]
        assert "correct" in seen["outcomes"]

        said = {"text": "录入错误", "proposed": "correct", "values": {"fine": "2000元"}}
        answered = post(department, f"{API}/{contested}/answer", said)
        assert answered.status_code == 200, answered.content
        assert answered.json()["answer"] == "录入错误"
        found = Objection.objects.get()
        assert (found.proposed, found.proposed_values) == ("correct", {"fine": "2000元"})
        assert department.get(API).json()["objections"] == []
        assert len(department.get(API, {"answered": "true"}).json()["objections"]) == 1

    @pytest.mark.parametrize("state", ["not forwarded", "of another department", "unknown"])
    def test_that_is_not_one_s_own_is_not_there(
        self, contested: UUID, department: Client, operator: Actor, state: str
    ) -> None:
        asked = uuid4() if state == "unknown" else contested
        if state == "of another department":
            handling.forward(contested, by=operator, at=NOW)
            Objection.objects.update(source="elsewhere")

        answers = [department.get(f"{API}/{asked}"), post(department, f"{API}/{asked}/answer", {"text": "x"})]
        assert {one.status_code for one in answers} == {404}
        assert {one.json()["type"].rpartition(":")[2] for one in answers} == {"unknown-case-of-rights"}

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"text": ""},
            {"text": "x" * 4001},
            {"text": "x", "values": {"fine": "y" * 4001}},
            {"text": "x", "values": {f"f{number}": "y" for number in range(201)}},
            {"text": "x", "proposed": "burn"},
            {"text": "x", "decided_by": "me"},
        ],
    )
    def test_is_answered_within_bounds(
        self, contested: UUID, department: Client, operator: Actor, said: Any
    ) -> None:
        handling.forward(contested, by=operator, at=NOW)
        assert post(department, f"{API}/{contested}/answer", said).status_code == 422

    def test_is_not_answered_with_what_identifies_the_record(
        self, contested: UUID, department: Client, operator: Actor
    ) -> None:
        handling.forward(contested, by=operator, at=NOW)
        said = {"text": "x", "values": {"decision_number": "1"}}
        refused = post(department, f"{API}/{contested}/answer", said)
        assert (refused.status_code, Objection.objects.get().answer) == (409, "")

    @pytest.mark.parametrize("role", [Role.ENTERPRISE_OWNER, Role.REGULATOR, Role.OPERATOR])
    def test_is_for_departments_alone(self, contested: UUID, people: Cast, role: Role) -> None:
        browser = people.client(role)
        assert browser.get(API).status_code == 403
        assert post(browser, f"{API}/{contested}/answer", {"text": "x"}).status_code == 403


@pytest.fixture
def told(people: Cast, owner: Actor, operator: Actor, node: ThisNode, contested: UUID) -> UUID:
    """A department was given the penalty for its duties, and the penalty was deleted since."""
    home = Organisation.objects.get(kind=OrganisationKind.DEPARTMENT).code
    received(home, lines(owner, NOW)[0], NOW)
    handling.check_oneself(contested, by=operator, at=NOW)
    gone = deciding.Decision(outcome=Outcome.DELETE, reason="撤销")
    deciding.decide(contested, decision=gone, by=operator, node=node, at=NOW)
    settle(NOW)
    return DutyNotice.objects.get().uuid


class TestWhoeverWasGivenARecordForADuty:
    def test_is_told_once_that_it_is_stale(self, told: UUID, contested: UUID, department: Client) -> None:
        page = department.get("/api/v1/duty-notices").json()
        (news,) = page["notices"]
        assert (news["kind"], news["about"]["subject"], page["waiting"]) == ("record.stopped", SUBJECT, 1)
        record = objecting.ref(Objection.objects.get())
        assert telling.tell_holders(record=record, case=contested, kind="record.stopped", at=NOW) == 0

    def test_says_that_it_was_read_and_the_enterprise_sees_that(
        self, told: UUID, contested: UUID, department: Client
    ) -> None:
        assert cases.followed(contested).told[0].acknowledged_at is None
        for _ in range(2):
            assert department.post(f"/api/v1/duty-notices/{told}/acknowledge").status_code == 200
        assert department.get("/api/v1/duty-notices").json()["waiting"] == 0
        assert cases.followed(contested).told[0].acknowledged_at is not None

    def test_sees_it_on_its_pages(self, told: UUID, department: Client) -> None:
        assert "/duty/news/" in department.get("/duty/").content.decode()
        assert "/duty/news/" in department.get("/department/").content.decode()
        assert str(told) in department.get("/duty/news/").content.decode()
        assert department.post(f"/duty/news/{told}/read/").status_code == 302
        assert f"/duty/news/{told}/read/" not in department.get("/duty/news/?before=abc").content.decode()

    def test_and_nobody_else_is(self, told: UUID, department: Client) -> None:
        DutyNotice.objects.update(organisation="ELSEWHERE")
        assert department.get("/api/v1/duty-notices").json()["notices"] == []
        assert department.post(f"/api/v1/duty-notices/{told}/acknowledge").status_code == 404
        assert department.post(f"/duty/news/{told}/read/").status_code == 404
        assert HolderNotice.objects.count() == 1


class TestFilesOfCases:
    PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"

    def test_go_when_their_case_is_over_long_enough(
        self, contested: UUID, owner: Actor, node: ThisNode
    ) -> None:
        content = BytesIO(self.PDF)
        uuid = documents.attach(contested, content=content, filename="a.pdf", by=owner, node=node, at=NOW)
        file, late = documents.path_of(uuid, home=node.home), NOW + timedelta(days=1200)
        assert documents.expire(node=node, at=late) == 0  # the case is open, however old it is

        objecting.take_back(contested, by=owner, at=NOW + timedelta(days=30))
        assert documents.expire(node=node, at=NOW + timedelta(days=1100)) == 0
        assert file.is_file()
        assert documents.expire(node=node, at=late) == 1
        assert not file.exists()
        assert not Document.objects.exists()
        assert documents.expire(node=node, at=late) == 0


class TestTheQueue:
    def test_holds_every_open_case_however_many_closed_ones_are_newer(
        self, contested: UUID, operator: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cases, "MOST", 1)
        row = Objection.objects.get()
        for _ in range(11):
            row.pk, row.uuid, row.state = None, uuid4(), "closed"
            row.save()
        assert [one.uuid for one in cases.queue(operator)] == [contested]
