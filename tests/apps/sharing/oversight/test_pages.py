"""Outcomes and oversight in the browser and over the API, for those who may."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.apps.sharing.oversight.conftest import Region

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Role
from creditmesh.apps.members.institutions import queries as institutions
from creditmesh.apps.members.institutions.operations import admitting, suspending
from creditmesh.apps.sharing.oversight.models import Followed

pytestmark = pytest.mark.django_db
CODE = "demo-bank"


@pytest.fixture
def region(cast, node, monkeypatch):
    """The bank of the cast, admitted, at the true time: pages look at the clock."""
    found = Region(node, timezone.now())
    monkeypatch.setattr(apps.get_app_config("nodes"), "this_node", node)
    admitting.admit(by=COMMAND_LINE, organisation=CODE, at=found.at)
    return found


@pytest.fixture
def bank(cast, region):
    return cast.actor(Role.BANK_STAFF)


@pytest.fixture
def banker(cast, region):
    return cast.client(Role.BANK_STAFF)


@pytest.fixture
def operator(cast, region):
    return cast.client(Role.OPERATOR)


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


class TestABanker:
    def test_declares_one(self, region, bank, banker):
        inquiry, _ = region.asked(bank, 2, ago=3)
        assert str(inquiry) in page(banker, "/institution/outcomes/")
        banker.post(f"/institution/outcomes/{inquiry}/", {"kind": "granted", "reference": "L-1"})
        assert Followed.objects.get().reference == "L-1"
        assert str(inquiry) not in page(banker, "/institution/outcomes/")

    def test_is_told_what_was_wrong(self, region, bank, banker):
        (inquiry,) = region.asked(bank)
        for said in ({}, {"kind": "monitored"}, {"kind": "<script>"}):
            told = banker.post(f"/institution/outcomes/{inquiry}/", said, follow=True).content.decode()
            assert "无法登记" in told
        assert not Followed.objects.exists()

    def test_cannot_declare_for_others(self, region, banker):
        (foreign,) = region.asked(region.bank("south"))
        for inquiry in (foreign, uuid4()):
            answer = banker.post(f"/institution/outcomes/{inquiry}/", {"kind": "granted"})
            assert answer.status_code == 404
        assert not Followed.objects.exists()

    def test_takes_the_list_fills_it_in_and_sends_it_back(self, region, bank, banker):
        region.asked(bank, 30, ago=95)
        text = banker.get("/institution/outcomes/waiting.csv").content.decode()
        assert len(text.splitlines()) == 31
        filled = text.replace(",,,", ",granted,L,").encode()
        answer = send(banker, filled + b"nonsense,granted,\r\n")
        assert answer.status_code == 422
        assert "nonsense" in answer.content.decode()
        assert Followed.objects.count() == 30
        assert "没有待申报" in page(banker, "/institution/outcomes/")

    def test_is_told_that_a_file_does_not_do(self, region, banker):
        told = send(banker, b"\xff\xfe\x00", follow=True).content.decode()
        assert "无法读取" in told
        assert banker.post("/institution/outcomes/upload/").status_code == 302

    def test_sees_why_the_bank_is_suspended_and_still_declares(self, region, bank, banker):
        (inquiry,) = region.asked(bank)
        suspending.suspend(institution=CODE, why="过多查询无业务", by=COMMAND_LINE.who(), at=region.at)
        assert "过多查询无业务" in page(banker, "/institution/outcomes/")
        banker.post(f"/institution/outcomes/{inquiry}/", {"kind": "applied"})
        assert Followed.objects.count() == 1

    def test_does_not_see_the_oversight_of_others(self, banker):
        for path in ("/oversight/", f"/oversight/{CODE}/"):
            assert banker.get(path).status_code == 403
        assert banker.post(f"/oversight/{CODE}/resume/", {"why": "x"}).status_code == 403

    def test_of_an_organisation_that_was_not_admitted_is_told(self, cast, region):
        assert "尚未" in page(cast.client(Role.INSURER_STAFF), "/institution/outcomes/")


def send(client, content, **more):
    file = SimpleUploadedFile("结果.csv", content)
    return client.post("/institution/outcomes/upload/", {"file": file}, **more)


class TestAProgramOrPersonByTheApi:
    def test_declares_and_sees_how_it_stands(self, region, bank, banker):
        inquiry, *_ = region.asked(bank, 3, ago=100)
        waiting = banker.get("/api/v1/outcomes/waiting?size=2").json()
        assert (waiting["total"], len(waiting["inquiries"])) == (3, 2)
        assert waiting["inquiries"][0]["overdue"] is True
        answer = post(banker, inquiry, '{"kind": "monitored", "reference": "L-9"}')
        assert answer.json() == {"inquiry": str(inquiry), "kind": "monitored", "reference": "L-9"}
        stands = banker.get("/api/v1/outcomes/standing").json()
        assert (stands["something_behind"], stands["nothing_declared_in_time"]) == (1, 2)
        assert stands["level"] == "too-few"

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ('{"kind": "sold"}', 422),
            ('{"kind": "monitored"}', 409),
            ('{"kind": "granted", "institution": "south"}', 422),
            ('{"kind": "granted", "reference": "' + "x" * 101 + '"}', 422),
            ("[]", 422),
            ("", 422),
        ],
    )
    def test_is_told_what_was_wrong(self, region, bank, banker, body, status):
        (inquiry,) = region.asked(bank)
        answer = post(banker, inquiry, body)
        assert answer.status_code == status or (not body and answer.status_code == 400)
        assert not Followed.objects.exists()

    def test_finds_only_its_own(self, region, bank, banker):
        region.asked(bank)
        (foreign,) = region.asked(region.bank("south"))
        answers = {post(banker, one, '{"kind": "granted"}').json()["title"] for one in (foreign, uuid4())}
        assert len(answers) == 1
        assert banker.get("/api/v1/outcomes/waiting").json()["total"] == 1

    def test_needs_the_permission(self, cast, region, bank, client):
        (inquiry,) = region.asked(bank)
        assert post(client, inquiry, '{"kind": "granted"}').status_code == 401
        assert post(cast.client(Role.OPERATOR), inquiry, '{"kind": "granted"}').status_code == 403


def post(client, inquiry, body):
    return client.post(f"/api/v1/inquiries/{inquiry}/outcome", body, content_type="application/json")


class TestTheOperator:
    def test_sees_who_asks_without_need(self, region, bank, operator):
        region.asked(bank, 25, ago=100, subject="91990121MA00000011")
        assert "demo-bank" in page(operator, "/oversight/")
        told = page(operator, f"/oversight/{CODE}/")
        assert bank.label in told
        assert "91990121MA00000011" in told

    def test_sees_empty_pages_too(self, operator):
        page(operator, "/oversight/")
        page(operator, f"/oversight/{CODE}/")
        assert operator.get("/oversight/nowhere/").status_code == 404

    def test_takes_the_list_with_a_reason(self, region, bank, operator):
        region.asked(bank, 2, ago=100)
        assert operator.post(f"/oversight/{CODE}/export/", {"why": " "}).status_code == 302
        answer = operator.post(f"/oversight/{CODE}/export/", {"why": "年度检查"})
        assert len(answer.content.decode().splitlines()) == 3
        assert ledger.ledger_page().lines[0].why == "年度检查"

    def test_resumes_with_a_reason(self, region, bank, operator):
        region.asked(bank, 25, ago=100)
        region.judged()
        region.judged(days=14)
        assert "恢复查询" in page(operator, f"/oversight/{CODE}/")
        operator.post(f"/oversight/{CODE}/resume/", {"why": ""})
        assert not institutions.institution(CODE).active
        operator.post(f"/oversight/{CODE}/resume/", {"why": "已整改"})
        assert institutions.institution(CODE).active
        operator.post(f"/oversight/{CODE}/resume/", {"why": "再次"})
        assert region.judged(days=1) == {}

    def test_shows_the_auditor_everything_but_the_button(self, region, bank, cast):
        region.asked(bank, 25, ago=100)
        region.judged()
        region.judged(days=14)
        auditor = cast.client(Role.AUDITOR)
        assert "恢复查询" not in page(auditor, f"/oversight/{CODE}/")
        assert auditor.post(f"/oversight/{CODE}/resume/", {"why": "x"}).status_code == 403
