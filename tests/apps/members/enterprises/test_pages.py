"""Registering in the browser: account, claim, evidence, decision, people; and what strangers cannot do."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.apps.members.enterprises.conftest import PASSWORD, PDF, REGISTER, protect

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import Role, SubjectRow
from creditmesh.apps.members.enterprises.models import Claim, Evidence, Invitation
from creditmesh.apps.members.enterprises.operations import deciding
from creditmesh.apps.members.enterprises.rules import Registered, State
from creditmesh.kernel import uscc
from creditmesh.web.portals.enterprise import registering

pytestmark = pytest.mark.django_db
BODY = "91990121MA0000077"
CODE = BODY + uscc.check_character(BODY)
NAME = "青禾县红土岭高原特色农产品仓储物流与冷链配送有限责任公司"


@pytest.fixture
def office(office, monkeypatch):
    monkeypatch.setitem(REGISTER, CODE, Registered(name=NAME, representative="欧阳明远", status="active"))
    parties.register_subjects(rows=[SubjectRow(key=CODE, name=NAME, status="active")])
    monkeypatch.setattr(apps.get_app_config("nodes"), "this_node", office.node)
    return office


@pytest.fixture
def operator(cast):
    return cast.client(Role.OPERATOR)


def sign_up(client, username="ouyang", **more):
    said = {
        "username": username,
        "full_name": "欧阳明远",
        "password": PASSWORD,
        "again": PASSWORD,
        "phone": "",
    }
    return client.post("/register/", said | more)


def say(client, **more):
    said = {
        "subject": CODE,
        "name": NAME,
        "representative": "欧阳明远",
        "capacity": "legal_representative",
    }
    return client.post("/register/enterprise/", said | more)


def send(client, content=PDF, name="营业执照.pdf", *, claim=None):
    uuid = claim or Claim.objects.order_by("-id")[0].uuid
    return client.post(
        f"/register/enterprise/{uuid}/file/", {"file": SimpleUploadedFile(name, content, "text/html")}
    )


def handed_in(client, office):
    sign_up(client)
    say(client)
    send(client)
    claim = Claim.objects.get()
    client.post(f"/register/enterprise/{claim.uuid}/hand-in/")
    deciding.check(claim.uuid, by=office.check, node=office.node, at=office.at)
    return Claim.objects.get()


class TestAVisitor:
    def test_makes_an_account_and_is_signed_in_to_claim(self, client, office):
        answer = sign_up(client, phone="0599 1234567")
        assert answer.url == "/register/enterprise/"
        user = User.objects.get(username="ouyang")
        assert (user.full_name, user.contact.phone) == ("欧阳明远", "0599 1234567")
        assert client.get("/register/").url == "/register/enterprise/"
        assert "注册企业" in client.get("/home/", follow=True).content.decode()

    def test_who_comes_back_reads_at_once_how_the_claim_stands(self, client, office, operator):
        def seen():
            return client.get("/home/", follow=True).content.decode()

        sign_up(client)
        say(client)
        assert "尚未提交" in seen()
        send(client)
        claim = Claim.objects.get()
        client.post(f"/register/enterprise/{claim.uuid}/hand-in/")
        assert "的认领正在核验" in seen()
        deciding.check(claim.uuid, by=office.check, node=office.node, at=office.at)
        operator.post(f"/operator/claims/{claim.uuid}/", {"act": "reject", "why": "执照看不清"})
        assert "未获通过" in seen()

    @pytest.mark.parametrize(
        "said",
        [
            {"password": "short", "again": "short"},
            {"password": "password12345", "again": "password12345"},
            {"again": "another sentence altogether"},
            {"username": "a b"},
            {"full_name": ""},
            {"phone": "<script>"},
        ],
    )
    def test_is_told_what_is_wrong(self, client, office, said):
        assert sign_up(client, **said).status_code == 422
        assert not User.objects.filter(username="ouyang").exists()

    def test_cannot_take_a_name_in_use(self, client, office):
        sign_up(client)
        assert sign_up(Client(), "OuYang").status_code == 422

    def test_cannot_make_accounts_without_end(self, client, office, monkeypatch):
        monkeypatch.setattr(registering, "TRIES_AN_HOUR", 2)
        answers = [sign_up(Client(), f"name{number}").status_code for number in range(3)]
        assert answers == [302, 302, 422]
        assert sign_up(Client(REMOTE_ADDR="10.9.9.9"), "name9").status_code == 302

    def test_gets_no_role_by_asking_for_one(self, client, office):
        sign_up(client, is_staff="on", is_superuser="on", role="operator", organisation="demo-operator")
        user = User.objects.get(username="ouyang")
        assert (user.is_staff, user.is_superuser, user.memberships.count()) == (False, False, 0)

    def test_is_not_let_in_by_the_library(self, client, office):
        assert client.post("/accounts/signup/", {"username": "x"}).status_code == 404

    def test_signs_in_before_claiming(self, client, office):
        assert client.get("/register/enterprise/").url.startswith("/accounts/login/")
        assert client.get("/register/join/").url.startswith("/accounts/login/")


class TestAClaimant:
    def test_goes_step_by_step_to_an_answer(self, client, operator, office):
        claim = handed_in(client, office)
        assert claim.state == State.MATCHED
        assert "核验中" in client.get("/register/enterprise/").content.decode()

        listed = operator.get("/operator/claims/").content.decode()
        assert NAME in listed
        operator.post(f"/operator/claims/{claim.uuid}/", {"act": "approve", "why": "证件已核对"})

        home = client.get("/home/", follow=True)
        assert NAME in home.content.decode()
        assert "证件已核对" in operator.get("/operator/claims/?show=decided").content.decode()

    def test_reads_why_it_was_rejected_and_begins_again(self, client, operator, office):
        claim = handed_in(client, office)
        operator.post(f"/operator/claims/{claim.uuid}/", {"act": "reject", "why": "照片看不清"})
        assert "照片看不清" in client.get("/register/enterprise/").content.decode()
        assert say(client).status_code == 302

    def test_may_change_and_give_up_a_draft(self, client, office):
        sign_up(client)
        say(client)
        assert CODE in client.get("/register/enterprise/?change=1").content.decode()
        say(client, name="青禾县麦香有限公司")
        send(client)
        client.post(f"/register/files/{Evidence.objects.get().uuid}/remove/")
        claim = Claim.objects.get()
        assert (claim.name, claim.evidence.count()) == ("青禾县麦香有限公司", 0)
        client.post(f"/register/enterprise/{claim.uuid}/take-back/")
        assert Claim.objects.get().state == State.ENDED

    @pytest.mark.parametrize("code", ["91990121MA00000770", "x", "P:abcdef", "R:990121000000017"])
    def test_is_told_that_a_code_is_mistyped(self, client, office, code):
        sign_up(client)
        assert say(client, subject=code).status_code == 422

    def test_who_is_a_handler_adds_the_letter_first(self, client, office):
        sign_up(client)
        say(client, capacity="handler")
        claim = Claim.objects.get()
        answer = client.post(f"/register/enterprise/{claim.uuid}/hand-in/", follow=True)
        assert "委托书" in answer.content.decode()
        assert Claim.objects.get().state == State.DRAFT

    @pytest.mark.parametrize(
        ("content", "name"),
        [(b"<html><script>", "x.pdf"), (b"", "x.pdf"), (PDF + b" " * (10 * 1024 * 1024), "big.pdf")],
        ids=["html", "empty", "huge"],
    )
    def test_is_told_that_a_file_does_not_do(self, client, office, content, name):
        sign_up(client)
        say(client)
        answer = send(client, content, name)
        assert answer.status_code == 422
        assert Evidence.objects.count() == 0

    def test_sees_nothing_of_what_agreed(self, client, office):
        handed_in(client, office)
        client.get("/register/enterprise/")  # takes the message that was waiting
        right = client.get("/register/enterprise/").content.decode()
        Claim.objects.update(state=State.REVIEW, verdict="mismatch", findings={"representative": False})
        wrong = client.get("/register/enterprise/").content.decode()
        assert without_tokens(right) == without_tokens(wrong)

    def test_cannot_touch_what_others_claim(self, client, office):
        handed_in(client, office)
        claim = Claim.objects.get()
        Claim.objects.update(state=State.DRAFT)
        stranger = Client()
        sign_up(stranger, "stranger")
        for act in ("hand-in", "take-back"):
            assert stranger.post(f"/register/enterprise/{claim.uuid}/{act}/").status_code == 404
        assert send(stranger, claim=claim.uuid).status_code == 404
        assert stranger.post(f"/register/files/{Evidence.objects.get().uuid}/remove/").status_code == 404
        for path in ("/operator/claims/", f"/operator/evidence/{Evidence.objects.get().uuid}/"):
            assert stranger.get(path).status_code == 403
        assert (
            stranger.post(f"/operator/claims/{claim.uuid}/", {"act": "approve", "why": "x"}).status_code
            == 403
        )


def without_tokens(page):
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


class TestTheOperator:
    def test_gets_evidence_as_a_download_that_no_browser_runs(self, client, operator, office):
        handed_in(client, office)
        answer = operator.get(f"/operator/evidence/{Evidence.objects.get().uuid}/")
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith('attachment; filename="evidence-')
        assert answer["Content-Type"] == "application/pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"] == "no-store"

    def test_is_asked_for_a_choice_and_a_reason(self, client, operator, office):
        claim = handed_in(client, office)
        for said in ({"why": "x"}, {"act": "approve", "why": " "}, {"act": "nonsense", "why": "x"}):
            operator.post(f"/operator/claims/{claim.uuid}/", said)
        assert Claim.objects.get().state == State.MATCHED

    def test_is_told_that_there_is_no_such_claim(self, operator, office):
        where = "/operator/claims/6ba7b810-9dad-11d1-80b4-00c04fd430c8/"
        assert operator.post(where, {"act": "reject", "why": "x"}).status_code == 404

    def test_sees_names_as_text(self, client, operator, office):
        sign_up(client, full_name="<img src=x onerror=alert(1)>")
        say(client, name="<script>alert(1)</script>")
        send(client, name="<b>x</b>.pdf")
        claim = Claim.objects.get()
        client.post(f"/register/enterprise/{claim.uuid}/hand-in/")
        deciding.check(claim.uuid, by=office.check, node=office.node, at=office.at)
        for page in (operator.get("/operator/claims/"), client.get("/register/enterprise/")):
            text = page.content.decode()
            assert "<script>alert" not in text
            assert "<img src=x" not in text
            assert "<b>x" not in text

    def test_is_reminded_that_a_demonstration_approves_by_itself(self, operator, office, monkeypatch):
        demo = replace(office.node, demo=True)
        monkeypatch.setattr(apps.get_app_config("nodes"), "this_node", demo)
        assert "演示" in operator.get("/operator/claims/").content.decode()


class TestTheOwner:
    @pytest.fixture
    def owner(self, client, operator, office):
        claim = handed_in(client, office)
        operator.post(f"/operator/claims/{claim.uuid}/", {"act": "approve", "why": "核对"})
        return client

    def test_is_asked_for_a_second_factor_first(self, owner):
        assert "验证器" in owner.get("/enterprise/").content.decode()
        answer = owner.post("/enterprise/people/", {"role": "enterprise_user", "note": "会计"})
        assert answer.status_code == 422
        assert Invitation.objects.count() == 0

    def test_invites_admits_and_ends(self, owner, office):
        protect(User.objects.get(username="ouyang").pk)
        shown = owner.post("/enterprise/people/", {"role": "enterprise_viewer", "note": "会计李"})
        code = shown.context["code"]
        assert shown["Cache-Control"] == "no-store"
        assert code in shown.content.decode()
        assert code not in owner.get("/enterprise/people/").content.decode()

        clerk = Client()
        sign_up(clerk, "clerk", full_name="李会计")
        assert clerk.post("/register/join/", {"code": code}).url == "/home/"
        assert NAME in clerk.get("/home/", follow=True).content.decode()
        assert clerk.post("/register/join/", {"code": code}).status_code == 422
        assert (
            clerk.post("/enterprise/people/", {"role": "enterprise_viewer", "note": "x"}).status_code == 403
        )

        number = User.objects.get(username="clerk").pk
        assert (
            clerk.post(f"/enterprise/people/{User.objects.get(username='ouyang').pk}/end/").status_code == 403
        )
        owner.post(f"/enterprise/people/{number}/end/")
        assert clerk.get("/enterprise/").status_code == 403

    def test_who_is_the_last_stays(self, owner):
        number = User.objects.get(username="ouyang").pk
        protect(number)
        answer = owner.post(f"/enterprise/people/{number}/end/", follow=True)
        assert "至少" in answer.content.decode()
        assert owner.get("/enterprise/").status_code == 200

    def test_makes_an_invitation_void(self, owner):
        protect(User.objects.get(username="ouyang").pk)
        owner.post("/enterprise/people/", {"role": "enterprise_user", "note": "x"})
        uuid = Invitation.objects.get().uuid
        assert owner.post(f"/enterprise/invitations/{uuid}/void/").status_code == 302
        assert owner.post(f"/enterprise/invitations/{uuid}/void/").status_code == 404

    def test_is_told_of_a_contest(self, owner, office):
        rival = Client()
        sign_up(rival, "rival", full_name="欧阳争")
        say(rival)
        claim = Claim.objects.order_by("-id")[0]
        rival.post(f"/register/enterprise/{claim.uuid}/hand-in/")
        for page in ("/enterprise/people/", "/enterprise/"):
            assert "欧阳争" in owner.get(page).content.decode()

    def test_cannot_be_guessed_into_by_codes(self, owner, monkeypatch):
        monkeypatch.setattr(registering, "TRIES_AN_HOUR", 3)
        stranger = Client()
        sign_up(stranger, "stranger")
        for number in range(4):
            answer = stranger.post("/register/join/", {"code": f"AAAA-{number}"})
        assert answer.status_code == 422
        assert "太多" in answer.content.decode()
