"""The pages of institutions and of the operator who admits them."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.apps.members.institutions.bank import Bank, open_bank, put_key, staff

from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, Role
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import keys, noticing, suspending
from creditmesh.exchange.keys import PrivateKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Bank:
    return open_bank()


def browser_of(person: Actor, *, csrf: bool = False) -> Client:
    browser = Client(enforce_csrf_checks=csrf)
    browser.cookies["django_language"] = "en"
    browser.force_login(User.objects.get(pk=person.user_id))
    return browser


def text(answer) -> str:
    return answer.content.decode()


def now() -> datetime:
    return datetime.now(UTC)


class TestThePagesOfAnInstitution:
    def test_show_what_waits_and_the_limits(self, bank):
        noticing.notify(institution=bank.code, kind="record.corrected", about={}, at=now())
        browser = browser_of(bank.person)
        assert browser.get("/home/").headers["Location"] == "/institution/"
        home = text(browser.get("/institution/"))
        assert "a record you received was corrected" in home
        assert "of 100,000" in home
        assert text(browser.get("/institution/limits/")).count("gauge") >= 3

    def test_tell_who_is_not_admitted_what_to_do(self, cast):
        browser = cast.client(Role.BANK_STAFF)
        browser.cookies["django_language"] = "en"
        for path in (
            "/institution/",
            "/institution/programs/",
            "/institution/notices/",
            "/institution/limits/",
        ):
            assert "not admitted as an institution yet" in text(browser.get(path)), path

    def test_tell_a_suspended_one_why(self, bank):
        suspending.suspend(institution=bank.code, why="<b>查询</b>无业务", by=COMMAND_LINE.who(), at=now())
        home = text(browser_of(bank.person).get("/institution/"))
        assert "&lt;b&gt;查询&lt;/b&gt;无业务" in home

    def test_make_a_program_and_show_its_secret_once(self, bank):
        browser = browser_of(bank.person)
        answer = browser.post(
            "/institution/programs/", {"name": "<script>x</script>", "scopes": ["inquire", "raw"]}
        )
        secret = re.findall(r'class="secret">([^<]+)<', text(answer))
        assert len(secret) == 2
        assert "no-store" in answer.headers["Cache-Control"]
        again = text(browser.get("/institution/programs/"))
        assert secret[1] not in again
        assert secret[0] in again
        assert "<script>x" not in again

    def test_refuse_scopes_there_are_not(self, bank):
        answer = browser_of(bank.person).post(
            "/institution/programs/", {"name": "x", "scopes": ["everything"]}
        )
        assert answer.status_code == 422
        assert len(queries.programs(institution=bank.code)) == 1

    def test_register_a_key_that_a_second_person_confirms(self, bank):
        browser = browser_of(bank.person)
        pem = PrivateKey.generate().public.to_pem()
        page = f"/institution/programs/{bank.client}/"
        assert browser.post(page, {"material": "nonsense"}).status_code == 422
        assert browser.post(page, {"material": pem}).headers["Location"] == page
        line = queries.signing_keys(institution=bank.code)[0]
        shown = text(browser.get(page))
        assert line.challenge in shown
        assert f"/institution/keys/{line.uuid}/confirm/" not in shown
        browser.post(f"/institution/keys/{line.uuid}/confirm/")
        assert "A second person of your institution" in text(browser.get(page))
        second = browser_of(staff(bank.code, "second", at=now()))
        assert f"/institution/keys/{line.uuid}/confirm/" in text(second.get(page))
        second.post(f"/institution/keys/{line.uuid}/confirm/")
        assert queries.signing_keys(institution=bank.code)[0].state == "active"
        second.post(f"/institution/keys/{line.uuid}/revoke/")
        assert queries.signing_keys(institution=bank.code)[0].state == "revoked"

    def test_take_a_wrong_proof_with_a_word(self, bank):
        browser = browser_of(bank.person)
        line = keys.register(
            by=bank.person, client=bank.client, material=PrivateKey.generate().public.to_pem(), at=now()
        )
        there = browser.post(f"/institution/keys/{line.uuid}/prove/", {"signature": "x"}, follow=True)
        assert "does not fit the key" in text(there)

    def test_renew_and_end_a_program(self, bank):
        browser = browser_of(bank.person)
        renewed = text(browser.post(f"/institution/programs/{bank.client}/renew/"))
        assert bank.secret not in renewed
        assert 'class="secret"' in renewed
        browser.post(f"/institution/programs/{bank.client}/end/")
        assert queries.program(institution=bank.code, client=bank.client).ended_at

    def test_show_acknowledge_and_direct_notices(self, bank):
        notice = noticing.notify(
            institution=bank.code, kind="unheard.of", about={"why": "<img src=x>"}, at=now()
        )
        browser = browser_of(bank.person)
        assert "<img src=x>" not in text(browser.get("/institution/notices/?before=x"))
        browser.post(f"/institution/notices/{notice.uuid}/acknowledge/")
        assert queries.inbox(institution=bank.code).waiting == 0
        wrong = browser.post("/institution/notices/callback/", {"url": "http://x.example"})
        assert wrong.status_code == 422
        browser.post("/institution/notices/callback/", {"url": "https://x.example/in"})
        assert queries.institution(bank.code).callback == "https://x.example/in"
        assert browser.post("/institution/notices/again/").status_code == 302

    def test_of_another_institution_are_not_there(self, bank):
        stranger = browser_of(open_bank("bank-two").person)
        notice = noticing.notify(institution=bank.code, kind="x", about={}, at=now())
        line = queries.signing_keys(institution=bank.code)[0]
        answers = [
            stranger.get(f"/institution/programs/{bank.client}/"),
            stranger.post(f"/institution/programs/{bank.client}/", {"material": bank.key.public.to_pem()}),
            stranger.post(f"/institution/programs/{bank.client}/renew/"),
            stranger.post(f"/institution/programs/{bank.client}/end/"),
            stranger.post(f"/institution/keys/{line.uuid}/prove/", {"signature": "x"}),
            stranger.post(f"/institution/keys/{line.uuid}/confirm/"),
            stranger.post(f"/institution/keys/{line.uuid}/revoke/"),
            stranger.post(f"/institution/notices/{notice.uuid}/acknowledge/"),
        ]
        assert [one.status_code for one in answers] == [404] * 8
        assert bank.get("/api/v1/institution").status_code == 200

    def test_take_nothing_from_a_page_of_another_site(self, bank):
        browser = browser_of(bank.person, csrf=True)
        for path in (
            "/institution/programs/",
            f"/institution/programs/{bank.client}/end/",
            "/institution/notices/callback/",
        ):
            assert browser.post(path, {"name": "x", "scopes": ["raw"]}).status_code == 403, path
        answer = browser.post(f"/api/v1/notices/{'0' * 8}-0000-4000-8000-000000000000/acknowledge")
        assert answer.status_code == 403


class TestTheOperator:
    def test_admits_limits_suspends_and_resumes(self, cast):
        browser = cast.client(Role.OPERATOR)
        browser.cookies["django_language"] = "en"
        assert "No institution is admitted yet" in text(browser.get("/institutions/"))
        page = browser.post("/institutions/", {"organisation": "demo-bank"}).headers["Location"]
        assert page == "/institutions/demo-bank/"
        limits = {"requests_per_minute": 7, "inquiries_per_day": 8, "raw_per_day": 9}
        assert browser.post(page, {**limits, "raw_per_day": 0}).status_code == 422
        browser.post(page, {**limits, "sandbox": "on", "state": "suspended"})
        found = queries.institution("demo-bank")
        assert (found.limits.raw_per_day, found.sandbox, found.active) == (9, False, True)
        browser.post(f"{page}suspend/", {"why": ""})
        assert queries.institution("demo-bank").active
        browser.post(f"{page}suspend/", {"why": "检查"})
        assert not queries.institution("demo-bank").active
        assert "检查" in text(browser.get(page))
        browser.post(f"{page}suspend/", {"why": "完成", "act": "resume"})
        assert queries.institution("demo-bank").active
        assert browser.post("/institutions/", {"organisation": "demo-department"}).status_code == 422

    def test_sees_and_ends_programs_and_keys(self, bank, cast):
        browser = cast.client(Role.OPERATOR)
        browser.cookies["django_language"] = "en"
        put_key(bank.person, client=bank.client, key=PrivateKey.generate(), at=now())
        newest, oldest = queries.signing_keys(institution=bank.code)
        page = f"/institutions/{bank.code}/"
        shown = text(browser.get(page))
        assert newest.thumbprint in shown
        assert bank.secret not in shown
        browser.post(f"{page}keys/{newest.uuid}/revoke/")
        assert [one.state for one in queries.signing_keys(institution=bank.code)] == ["revoked", "active"]
        browser.post(f"/institutions/other/keys/{oldest.uuid}/revoke/")
        assert queries.signing_keys(institution=bank.code)[1].state == "active"
        browser.post(f"{page}programs/{bank.client}/end/")
        assert queries.program(institution=bank.code, client=bank.client).ended_at
        assert browser.get("/institutions/nobody/").status_code == 404

    @pytest.mark.parametrize("role", [one for one in Role if one is not Role.OPERATOR])
    def test_alone_may(self, cast, role):
        browser = cast.client(role)
        assert browser.get("/institutions/").status_code == 403
        assert browser.post("/institutions/demo-bank/suspend/", {"why": "x"}).status_code == 403
