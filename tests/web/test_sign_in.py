"""Signing in: with a password, with a second factor, and not after five failures."""

import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Role

pytestmark = pytest.mark.django_db
PASSWORD = "a long and unlikely sentence"
LOGIN = "/accounts/login/"


@pytest.fixture
def regulator(cast, noon):
    operations.set_password(by=COMMAND_LINE, username="regulator", password=PASSWORD, at=noon)
    return cast.user(Role.REGULATOR)


def sign_in(client, password=PASSWORD, username="regulator", **extra):
    return client.post(LOGIN, {"login": username, "password": password}, **extra)


def signed_in(client):
    return "_auth_user_id" in client.session


def acts():
    return [(one.act, one.outcome) for one in ledger.ledger_page().lines if one.act.startswith("people.")]


class TestASession:
    def test_that_somebody_fixed_before_is_not_the_one_signed_in(self, client, regulator):
        fixed = client.session
        fixed["planted"] = "yes"
        fixed.save()
        before = client.cookies["sessionid"].value

        sign_in(client)

        assert signed_in(client)
        assert client.cookies["sessionid"].value != before
        assert not fixed.exists(before)


class TestAPassword:
    def test_lets_its_owner_in_and_out_and_both_are_written_down(self, client, regulator):
        assert sign_in(client).status_code == 302
        assert signed_in(client)
        client.post(reverse("account_logout"))

        assert not signed_in(client)
        assert acts() == [("people.sign_out", "done"), ("people.sign_in", "allowed")]

    def test_that_is_wrong_is_refused_and_written_down_without_the_password(self, client, regulator):
        answer = sign_in(client, "wrong-wrong-wrong")

        assert answer.status_code == 200
        assert not signed_in(client)
        (line,) = [one for one in ledger.ledger_page().lines if one.act == "people.sign_in"]
        assert (line.outcome, line.object_key) == ("refused", "regulator")
        assert "wrong-wrong" not in str(line)

    def test_of_someone_who_is_out_opens_nothing(self, client, regulator, noon):
        operations.set_active(by=COMMAND_LINE, username="regulator", active=False, at=noon)
        sign_in(client)
        assert not signed_in(client)


class TestTheLockOut:
    def test_comes_after_five_failures_and_says_so(self, client, regulator):
        for _ in range(5):
            sign_in(client, "wrong-wrong-wrong")
        answer = sign_in(client)

        assert not signed_in(client)
        assert "登录" in answer.content.decode()
        assert answer.context["form"].non_field_errors()
        assert acts()[0] == ("people.lock_out", "refused")

    def test_is_for_the_user_name_wherever_the_failures_come_from(self, client, regulator):
        for number in range(5):
            sign_in(client, "wrong-wrong-wrong", REMOTE_ADDR=f"10.0.0.{number}", HTTP_HOST="localhost")
        sign_in(client, REMOTE_ADDR="10.0.0.99", HTTP_HOST="127.0.0.1")
        assert not signed_in(client)

    def test_leaves_others_alone(self, client, regulator, noon):
        operations.set_password(by=COMMAND_LINE, username="operator", password=PASSWORD, at=noon)
        for _ in range(6):
            sign_in(client, "wrong-wrong-wrong")
        sign_in(client, username="operator")
        assert signed_in(client)

    def test_does_not_count_capitals_apart(self, client, regulator):
        for name in ("regulator", "Regulator", "REGULATOR", "regulatoR", "reGulator"):
            sign_in(client, "wrong-wrong-wrong", username=name)
        sign_in(client)
        assert not signed_in(client)


class TestASecondFactor:
    @pytest.fixture
    def secret(self, regulator):
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(regulator, secret)
        return secret

    def code(self, secret, ahead=0):
        counter = int(time.time()) // 30 + ahead
        return totp.format_hotp_value(totp.hotp_value(secret, counter))

    def test_is_asked_for_after_the_password(self, client, secret):
        answer = sign_in(client)
        assert answer.url == reverse("mfa_authenticate")
        assert not signed_in(client)

        assert client.post(answer.url, {"code": "000000"}).status_code == 200
        assert not signed_in(client)
        client.post(answer.url, {"code": self.code(secret)})
        assert signed_in(client)

    def test_is_kept_so_that_the_database_alone_does_not_give_it_away(self, secret):
        assert Authenticator.objects.exists()
        assert secret not in str(Authenticator.objects.values_list("data", flat=True).get())
        assert get_adapter().decrypt(Authenticator.objects.get().data["secret"]) == secret


class TestSignUp:
    def test_is_closed(self, client, db):
        answer = client.post(
            "/accounts/signup/",
            {"username": "stranger", "password1": PASSWORD, "password2": PASSWORD},
        )
        assert answer.status_code == 404
        assert not signed_in(client)

    @pytest.mark.parametrize(
        "address", ["/accounts/password/reset/", "/accounts/email/", "/accounts/confirm-email/"]
    )
    def test_and_all_that_needs_electronic_mail_is_not_there(self, client, db, address):
        assert client.get(address).status_code == 404
