"""The pages of rights: each side does its part in the browser, and sees nothing of anybody else's."""

import re
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.apps.sharing.rights.conftest import ITEM, SUBJECT, Clock, Deliver, a_penalty
from tests.conftest import Cast

from creditmesh.apps.ground.parties.models import Organisation
from creditmesh.apps.ground.parties.rules import Actor, OrganisationKind, Role
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.apps.sharing.disclosure.rules.bodies import reference
from creditmesh.apps.sharing.rights.models import Appeal, Document, Objection, Repair

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea><script>alert(1)</script>金额写错了"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
KEY = "青禾县市场监督管理局|青市监罚〔2026〕1号"


@pytest.fixture
def people(cast: Cast, penalty: None) -> Cast:
    """The cast, whose enterprise is the one with the penalty."""
    Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).update(code=SUBJECT)
    return cast


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def contest(browser: Client) -> UUID:
    page = text(browser.get("/enterprise/record/"))
    (address,) = set(re.findall(r"/enterprise/record/PEN-01/\w+/object/", page))
    file = SimpleUploadedFile("../../决定书.pdf", PDF)
    answer = browser.post(address, {"ground": "wrong", "text": HOSTILE, "file": file})
    assert answer.status_code == 302, text(answer)
    return Objection.objects.get().uuid


def test_an_enterprise_reads_why_its_day_was_moved_and_no_note_to_others(people: Cast) -> None:
    owner = people.client(Role.ENTERPRISE_OWNER)
    uuid = contest(owner)
    row = Objection.objects.get()
    row.steps.create(at=row.received_at, what="forwarded", by="周运营", note="only for the department")
    row.steps.create(at=row.received_at, what="extended", by="周运营", note="等待法院回函")

    page = text(owner.get(f"/enterprise/cases/objections/{uuid}/"))
    told = owner.get(f"/api/v1/me/objections/{uuid}").json()["steps"]

    assert "等待法院回函" in page
    assert "only for the department" not in page
    assert [one["why"] for one in told if one["why"]] == ["等待法院回函"]


def test_all_contested_records_of_an_item_are_one_step_away(
    people: Cast, deliver: Deliver, operator: Actor, clock: Clock
) -> None:
    deliver(*(a_penalty(number) for number in range(3, 8)))
    for number in range(1, 6):
        key = KEY.replace("1号", f"{number if number == 1 else number + 1}号")
        ref = RecordRef(subject=SUBJECT, item=ITEM, key=key)
        marking.mark(record=ref, kind=MarkKind.DISPUTED, case="x", by=operator.who(), at=clock(), why="")

    page = text(people.client(Role.ENTERPRISE_OWNER).get("/enterprise/record/?only=marked"))

    assert "?item=PEN-01&amp;only=marked" in page


class TestTheWholeWay:
    def test_from_the_record_to_the_answer_on_three_sides(self, people: Cast) -> None:
        owner, operator, officer = (
            people.client(one) for one in (Role.ENTERPRISE_OWNER, Role.OPERATOR, Role.DATA_OFFICER)
        )
        uuid = contest(owner)
        assert "虚假宣传" in text(owner.get("/enterprise/record/?q=虚假&only=marked&item=PEN-01"))
        assert text(owner.get("/enterprise/record/?q=nothing-like-it")).count("PEN-01") == 0
        document = Document.objects.get()
        assert (document.side, document.filename) == ("enterprise", "决定书.pdf")

        assert officer.get(f"/objections/{uuid}/").status_code == 404
        assert officer.get(f"/case-files/{document.uuid}/").status_code == 404
        queue = text(operator.get("/cases/"))
        assert str(uuid) in queue
        operator.post(f"/cases/objections/{uuid}/act/", {"act": "forward"})
        assert str(uuid) in text(officer.get("/objections/"))
        officer.post(f"/objections/{uuid}/", {"text": HOSTILE, "proposed": "correct", "field-fine": "2000元"})
        found = Objection.objects.get()
        assert (found.proposed, found.proposed_values) == ("correct", {"fine": "2000元"})
        operator.post(
            f"/cases/objections/{uuid}/act/", {"act": "decide", "outcome": "reject", "reason": HOSTILE}
        )
        assert Objection.objects.get().outcome == "reject"

        for browser, address in (
            (owner, f"/enterprise/cases/objections/{uuid}/"),
            (owner, "/enterprise/cases/"),
            (operator, f"/cases/objections/{uuid}/"),
            (operator, "/cases/?show=done"),
            (officer, f"/objections/{uuid}/"),
            (officer, "/objections/?show=answered"),
        ):
            answer = browser.get(address)
            assert answer.status_code == 200, address
            assert "<script>alert(1)" not in text(answer)
        given = owner.get(f"/case-files/{document.uuid}/")
        assert b"".join(given.streaming_content) == PDF
        assert given["Content-Disposition"].startswith("attachment")
        assert given["X-Content-Type-Options"] == "nosniff"

    def test_of_a_repair_and_a_question(self, people: Cast) -> None:
        owner, operator = people.client(Role.ENTERPRISE_USER), people.client(Role.OPERATOR)
        address = f"/enterprise/record/{ITEM}/{reference(ITEM, KEY)}/repair/"
        assert owner.get(address).status_code == 200
        assert owner.post(address, {"commitment": HOSTILE}).status_code == 302
        uuid = Repair.objects.get().uuid
        operator.post(f"/cases/repairs/{uuid}/", {"act": "accept"})
        operator.post(f"/cases/repairs/{uuid}/", {"act": "grant", "reason": "x"})  # duties not confirmed
        assert Repair.objects.get().state == "accepted"
        operator.post(f"/cases/repairs/{uuid}/", {"act": "refuse", "reason": "未缴清"})
        assert Repair.objects.get().state == "refused"
        owner.post(f"/enterprise/cases/repairs/{uuid}/act/", {"act": "appeal", "text": "已经缴清"})
        asked = Appeal.objects.get().uuid
        operator.post(f"/cases/questions/{asked}/", {"found": "stands", "reason": "尚欠2元"})

        assert "尚欠2元" in text(owner.get(f"/enterprise/cases/questions/{asked}/"))
        assert "未缴清" in text(owner.get(f"/enterprise/cases/repairs/{uuid}/"))
        assert owner.get("/enterprise/evaluation/").status_code == 200
        owner.post("/enterprise/evaluation/ask/", {"text": "为什么", "reference": "r"})
        assert Appeal.objects.count() == 2


class TestNobodyElse:
    def test_finds_a_case_or_its_files_by_their_address(self, people: Cast) -> None:
        uuid = contest(people.client(Role.ENTERPRISE_OWNER))
        document = Document.objects.get().uuid
        Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).update(code="91110000101623741K")
        stranger = people.client(Role.ENTERPRISE_OWNER)

        for address in (
            "/enterprise/cases/objections/{}/",
            "/enterprise/cases/repairs/{}/",
            "/case-files/{}/",
        ):
            theirs = stranger.get(address.format(document if "files" in address else uuid))
            nothing = stranger.get(address.format(uuid4()))
            assert (theirs.status_code, nothing.status_code) == (404, 404), address
        assert stranger.get(f"/enterprise/record/{ITEM}/{reference(ITEM, KEY)}/object/").status_code == 404
        acted = stranger.post(f"/enterprise/cases/objections/{uuid}/act/", {"act": "take_back"})
        assert acted.status_code == 404
        assert Objection.objects.get().closed_at is None

    def test_but_those_who_act_can_object(self, people: Cast) -> None:
        viewer = people.client(Role.ENTERPRISE_VIEWER)

        page = text(viewer.get("/enterprise/record/"))
        assert "虚假宣传" in page
        assert "/object/" not in page
        address = f"/enterprise/record/{ITEM}/{reference(ITEM, KEY)}/object/"
        assert viewer.post(address, {"ground": "wrong", "text": "x"}).status_code == 403
        for role in (Role.BANK_STAFF, Role.REGULATOR, Role.AUDITOR):
            for closed in ("/enterprise/record/", "/cases/", "/objections/"):
                assert people.client(role).get(closed).status_code == 403, (role, closed)


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script>", b"PK\x03\x04zip", b"GIF89a"])
def test_a_file_that_is_no_document_is_not_kept(people: Cast, content: bytes) -> None:
    owner = people.client(Role.ENTERPRISE_OWNER)
    uuid = contest(owner)

    owner.post(
        f"/enterprise/cases/objections/{uuid}/act/",
        {"act": "file", "file": SimpleUploadedFile("proof.pdf", content)},
    )

    assert Document.objects.count() == 1
