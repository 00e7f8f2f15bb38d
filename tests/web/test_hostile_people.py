"""Forms, sign-in and keys under attack: forged, fixed, guessed, revoked."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.web import doors, town
from tests.web.hostile import NASTY, browser, fine, pages

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.web.access import declared_permission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_town")]


class TestAForm:
    @pytest.mark.parametrize("username", ["operator", "regulator", "enterprise"])
    def test_from_another_site_is_refused(self, username, item, source):
        strict = Client(enforce_csrf_checks=True)
        strict.raise_request_exception = False
        strict.force_login(User.objects.get(username=username))
        before = len(ledger.ledger_page(size=500).lines)
        asked = 0
        for door in doors.every(item=item, source=source):
            if "openapi" in door.path or door.path.startswith("/static"):
                continue
            if door.path == "/oauth/token":
                continue  # takes a program's own secret and no cookie, so no other site can use a sign-in
            answer = strict.post(door.path, {"why": "x", "form": "csv"})
            assert answer.status_code in {403, 404, 405, 401}, (door.path, answer.status_code)
            fine(answer, door.path)
            asked += 1
        assert asked > 30
        assert [one.act for one in ledger.ledger_page(size=500).lines][:-before] in (
            [],
            ["access.refuse"] * asked,
        ) or all(one.act == "access.refuse" for one in ledger.ledger_page(size=500).lines[:-before])

    def test_of_a_stranger_changes_nothing_either(self, client, item, source):
        for door in pages(item, source):
            if declared_permission(door.callback) == (True, None):
                continue  # open to everyone on purpose: sign-up, checks of reports
            refused = {400} if door.path == "/oauth/token" else {302, 404, 405}
            assert client.post(door.path).status_code in refused, door.path


class TestSigningIn:
    def sign_in(self, client, password=town.PASSWORD, **more):
        return client.post("/accounts/login/", {"login": "regulator", "password": password, **more})

    def test_begins_a_new_session(self, client):
        client.cookies["sessionid"] = "chosen-by-someone-else-0123456789"
        self.sign_in(client)
        first = client.session.session_key
        assert first != "chosen-by-someone-else-0123456789"
        again = Client()
        again.cookies["sessionid"] = first
        again.post("/accounts/logout/")
        assert client.get("/regulator/").status_code == 302

    def test_of_another_person_keeps_nothing_of_the_first(self, client):
        client.get("/")
        session = client.session
        session["planted"] = "x"
        session.save()
        before = session.session_key
        client.cookies["sessionid"] = before
        self.sign_in(client)
        assert client.session.session_key != before

    @pytest.mark.parametrize("there", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)",
                                       "https:evil.example", "\thttps://evil.example", "//localhost@evil.example"])  # fmt: skip
    def test_leads_to_no_other_site(self, there, client):
        answer = self.sign_in(client, next=there)
        assert answer.status_code == 302
        assert answer.url == "/", answer.url
        switched = client.post("/language/setlang/", {"language": "en", "next": there})
        assert "evil" not in switched.headers.get("Location", "")
        assert "javascript" not in switched.headers.get("Location", "")

    def test_is_tried_five_times_not_six(self, client):
        for _ in range(5):
            self.sign_in(client, "wrong-wrong-wrong")
        answer = self.sign_in(client)
        assert answer.status_code in {200, 429}
        assert client.get("/regulator/").status_code == 302
        outcomes = [one.outcome for one in ledger.ledger_page().lines if one.act.startswith("people.")]
        assert outcomes == ["refused"] * 6

    @pytest.mark.parametrize("text", NASTY)
    def test_with_nonsense_is_refused(self, text, client):
        client.raise_request_exception = False
        fine(client.post("/accounts/login/", {"login": text, "password": text, "next": text}), text)
        assert "_auth_user_id" not in client.session


class TestAKey:
    def ask(self, client, key, path="/api/v1/batches"):
        return client.get(path, headers={"Authorization": f"Bearer {key}"})

    def issue(self, username, *, days=30, at=None):
        user = User.objects.get(username=username)
        at = at or timezone.now()
        return operations.issue_api_key(by=COMMAND_LINE, user=user, name="k", days=days, at=at)

    def test_opens_while_it_is_in_force(self, client):
        key = self.issue("officer")
        assert self.ask(client, key.secret).status_code == 200
        operations.revoke_api_key(
            by=COMMAND_LINE, user=User.objects.get(username="officer"), prefix=key.prefix, at=timezone.now()
        )
        assert fine(self.ask(client, key.secret))
        assert self.ask(client, key.secret).status_code == 401

    def test_that_ran_out_opens_nothing(self, client):
        key = self.issue("officer", days=1, at=timezone.now() - timedelta(days=2))
        assert self.ask(client, key.secret).status_code == 401

    @pytest.mark.parametrize(
        "key", ["", "x", "cm_", "cm_x_y", "cm_" + "A" * 500, "cm\u00e9", "' OR 1=1", "Bearer", "é" * 20]
    )
    def test_that_is_none_is_refused_and_written_down(self, key, client):
        client.raise_request_exception = False
        said = fine(self.ask(client, key.encode().decode("latin-1")), key)
        assert "not-signed-in" in said
        assert len([one for one in ledger.ledger_page().lines if one.object_kind == "api"]) <= 1

    def test_of_another_does_not_lend_its_rights_to_a_session(self):
        client = browser("regulator")
        answer = self.ask(client, "cm_wrong_wrong", "/api/v1/systems/general/standings")
        assert answer.status_code == 401
        weak = self.issue("banker").secret
        assert self.ask(client, weak, "/api/v1/systems/general/standings").status_code == 403
