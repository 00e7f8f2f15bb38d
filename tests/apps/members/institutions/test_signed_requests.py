"""A program of an institution asks: what is let in, and every way a request can be wrong."""

import dataclasses
import hashlib
import json
import time
from datetime import UTC, datetime

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken
from tests.apps.members.institutions.bank import Bank, Sent, expire_token, open_bank, put_key

from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import COMMAND_LINE
from creditmesh.apps.members.institutions import models, queries
from creditmesh.apps.members.institutions.models import Nonce, Usage
from creditmesh.apps.members.institutions.operations import keys, programs, settling, suspending
from creditmesh.apps.members.institutions.rules.counting import Passage
from creditmesh.apps.members.institutions.rules.scopes import Scope
from creditmesh.apps.members.institutions.rules.standing import Limits, State
from creditmesh.exchange.keys import Algorithm, PrivateKey

pytestmark = pytest.mark.django_db
WHO = "/api/v1/institution"
KEYS = "/api/v1/signing-keys"


@pytest.fixture
def bank() -> Bank:
    return open_bank()


def now() -> datetime:
    return datetime.now(UTC)


def refusal(answer) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    return f"{answer.status_code} {answer.json()['type'].rpartition(':')[2]}"


class TestAProgram:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_is_let_in_with_a_token_and_a_signature(self, algorithm):
        bank = open_bank(algorithm=algorithm)
        answer = bank.get(WHO)
        assert answer.status_code == 200
        told = answer.json()
        assert (told["code"], told["sandbox"], told["kind"]) == ("bank-one", False, "bank")
        assert told["limits"][0] | {"seconds_left": 0} == {
            "measure": "requests",
            "used": 1,
            "limit": 100_000,
            "seconds_left": 0,
        }

    def test_signs_also_what_it_sends_and_the_query(self, bank):
        assert bank.get("/api/v1/notices?size=3&unread=true").status_code == 200
        other = PrivateKey.generate()
        assert bank.post(KEYS, {"material": json.dumps(other.public.jwk())}).status_code == 201

    def test_takes_few_statements(self, bank, django_assert_max_num_queries):
        sent = bank.signed("GET", "/api/v1/notices")
        with django_assert_max_num_queries(13):
            assert sent.go().status_code == 200


class TestARequestIsRefused:
    def test_without_a_token(self, bank):
        sent = bank.signed("GET", WHO)
        del sent.headers["Authorization"]
        assert Sent("GET", KEYS, b"", sent.headers).go().status_code == 401
        answer = Client().get(KEYS)
        assert refusal(answer) == "401 token-refused"
        assert "invalid_token" in answer.headers["WWW-Authenticate"]

    @pytest.mark.parametrize("value", ["Basic eDp5", "Bearer", "Bearer ", "bearer-x y", "Digest a"])
    def test_with_another_kind_of_credentials(self, value):
        assert refusal(Client().get(KEYS, headers={"Authorization": value})) == "401 token-refused"

    def test_with_an_unknown_token(self, bank):
        assert refusal(bank.get(WHO, token="x" * 43)) == "401 token-refused"

    def test_with_a_token_that_ended(self, bank):
        sent = bank.signed("GET", WHO)
        expire_token(bank)
        assert refusal(sent.go()) == "401 token-refused"

    def test_unsigned(self, bank):
        bank.fetch_token()
        answer = Client().get(WHO, headers={"Authorization": f"Bearer {bank.token}"})
        assert refusal(answer) == "401 signature-missing"
        assert answer.json()["reason"] == "missing"

    def test_when_it_is_replayed(self, bank):
        sent = bank.signed("GET", WHO)
        assert sent.go().status_code == 200
        assert refusal(sent.go()) == "401 signature-replayed"
        assert Nonce.objects.count() == 1
        assert Usage.objects.get(measure="requests").used == 1

    def test_when_a_nonce_comes_again_in_another_request(self, bank):
        assert bank.get(WHO, nonce="n" * 16).status_code == 200
        assert refusal(bank.get(KEYS, nonce="n" * 16)) == "401 signature-replayed"

    def test_with_a_nonce_that_could_be_guessed(self, bank):
        assert refusal(bank.get(WHO, nonce="n" * 15)) == "401 signature-nonce-too-short"

    @pytest.mark.parametrize(
        ("seconds", "reason"), [(-901, "too-old"), (-86_400, "too-old"), (960, "from-the-future")]
    )
    def test_from_a_clock_that_is_wrong_and_told_the_right_time(self, bank, seconds, reason):
        made = int(time.time()) + seconds
        answer = bank.get(WHO, created=made, expires=made + 10_000)
        assert refusal(answer) == f"401 signature-{reason}"
        assert abs(answer.json()["server_time"] - time.time()) < 60

    @pytest.mark.parametrize("seconds", [-840, 840])
    def test_not_from_a_clock_within_the_window(self, bank, seconds):
        made = int(time.time()) + seconds
        assert bank.get(WHO, created=made, expires=made + 2_000).status_code == 200

    def test_past_its_own_end(self, bank):
        made = int(time.time()) - 100
        assert refusal(bank.get(WHO, created=made, expires=made + 50)) == "401 signature-expired"

    def test_with_a_swapped_body(self, bank):
        sent = bank.signed("POST", KEYS, {"material": "a"})
        assert (
            refusal(Sent("POST", KEYS, b'{"material": "b"}', sent.headers).go()) == "401 signature-bad-digest"
        )

    def test_with_a_body_nobody_digested(self, bank):
        sent = bank.signed("POST", KEYS)
        assert (
            refusal(Sent("POST", KEYS, b'{"material": "b"}', sent.headers).go()) == "401 signature-incomplete"
        )

    def test_with_its_digest_taken_away(self, bank):
        sent = bank.signed("POST", KEYS, {"material": "a"})
        del sent.headers["Content-Digest"]
        assert refusal(sent.go()) == "401 signature-incomplete"

    @pytest.mark.parametrize("path", [KEYS, WHO + "?x=1"])
    def test_at_another_address(self, bank, path):
        sent = bank.signed("GET", WHO)
        assert refusal(Sent("GET", path, b"", sent.headers).go()) == "401 signature-bad-signature"

    def test_by_another_method(self, bank):
        sent = bank.signed("GET", KEYS)
        assert refusal(Sent("POST", KEYS, b"", sent.headers).go()) == "401 signature-bad-signature"

    def test_under_another_token(self, bank):
        sent, first = bank.signed("GET", WHO), bank.token
        bank.fetch_token()
        assert bank.token != first
        sent.headers["Authorization"] = f"Bearer {bank.token}"
        assert refusal(sent.go()) == "401 signature-bad-signature"

    def test_with_a_wrong_key(self, bank):
        assert refusal(bank.get(WHO, key=PrivateKey.generate())) == "401 signature-bad-signature"

    def test_with_a_key_nobody_knows(self, bank):
        other = PrivateKey.generate()
        answer = bank.get(WHO, key=other, keyid=other.public.thumbprint())
        assert refusal(answer) == "401 signature-unknown-key"

    def test_with_the_key_of_another_institution(self, bank):
        other = open_bank("bank-two")
        answer = bank.get(WHO, key=other.key, keyid=other.keyid)
        assert refusal(answer) == "401 signature-unknown-key"

    def test_with_the_token_of_another_program(self, bank):
        second = programs.create(by=bank.person, name="other", scopes=[Scope.INQUIRE], at=now())
        other = Bank(bank.code, second.client, second.secret, PrivateKey.generate(), bank.person)
        assert other.fetch_token().status_code == 200
        assert refusal(bank.get(WHO, token=other.token)) == "401 signature-unknown-key"

    @pytest.mark.parametrize("alg", ["hmac-sha256", "none", "ecdsa-p256-sha256", "rsa-v1_5-sha256"])
    def test_when_it_names_another_algorithm_than_the_key_has(self, bank, alg):
        sent = bank.signed("GET", WHO)
        stated = sent.headers["Signature-Input"]
        sent.headers["Signature-Input"] = stated.replace(";tag=", f';alg="{alg}";tag=')
        assert refusal(sent.go()) == "401 signature-algorithm"

    @pytest.mark.parametrize("text", ["", "x", "sig=()", 'creditmesh=("@method");created=1', "a" * 9_000])
    def test_with_a_malformed_signature(self, bank, text):
        sent = bank.signed("GET", WHO)
        sent.headers["Signature-Input"] = text
        assert refusal(sent.go()).startswith("401 signature-")

    def test_when_it_is_too_large(self, bank):
        sent = bank.signed("POST", KEYS, b" " * 1_000_001)
        assert refusal(sent.go()) == "413 body-too-large"

    @pytest.mark.parametrize(
        "body", [b"{", b"[1,2", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"material": {"a": 1}}', b"null"]
    )
    def test_with_malformed_json(self, bank, body):
        assert bank.post(KEYS, body).status_code in {400, 422}

    def test_with_members_nobody_asked_for(self, bank):
        answer = bank.post(KEYS, {"material": "x", "state": "active", "institution": "bank-two"})
        assert refusal(answer) == "422 malformed"
        assert {one["rule"] for one in answer.json()["errors"]} == {"extra_forbidden"}

    def test_when_the_token_lacks_the_scope(self, bank):
        assert bank.fetch_token("verify").status_code == 200
        assert bank.get(WHO).status_code == 200  # what every program may
        answer = bank.get("/api/v1/authorisation-requests")
        assert refusal(answer) == "403 scope-missing"
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
        assert bank.fetch_token("nonsense").status_code == 400

    def test_by_a_person_at_what_is_for_programs(self, bank, cast):
        browser = Client()
        browser.force_login(cast.people[next(iter(cast.people))])
        assert refusal(browser.get(KEYS)) == "401 token-refused"

    def test_with_a_token_beside_somebodys_session(self, bank):
        browser = Client()
        browser.force_login(user_of(bank))
        answer = browser.get(WHO, headers={"Authorization": "Bearer wrong"})
        assert answer.status_code == 401

    def test_and_the_refusal_is_in_the_ledger_once_a_minute(self, bank):
        for _ in range(3):
            bank.get(WHO, key=PrivateKey.generate())
        refused = Entry.objects.filter(act="access.refuse", why="signature-bad-signature")
        assert refused.count() == 1


def user_of(bank: Bank):
    from creditmesh.apps.ground.parties.models import User

    return User.objects.get(pk=bank.person.user_id)


class TestAnEndActsAtOnce:
    def test_of_a_revoked_key(self, bank):
        sent = bank.signed("GET", WHO)
        line = bank.get(KEYS).json()[0]
        keys.revoke(by=bank.person, institution=bank.code, key=line["uuid"], at=now())
        assert refusal(sent.go()) == "401 signature-unknown-key"

    def test_of_an_ended_program(self, bank):
        sent = bank.signed("GET", WHO)
        programs.end(by=bank.person, institution=bank.code, client=bank.client, at=now())
        assert refusal(sent.go()) == "401 token-refused"
        assert bank.fetch_token().status_code == 401

    def test_of_a_secret_that_was_renewed(self, bank):
        sent = bank.signed("GET", WHO)
        issued = programs.renew_secret(by=bank.person, client=bank.client, at=now())
        assert refusal(sent.go()) == "401 token-refused"
        assert bank.fetch_token().status_code == 401
        bank.secret = issued.secret
        assert bank.fetch_token().status_code == 200
        assert bank.get(WHO).status_code == 200

    def test_of_a_suspended_institution_until_it_is_resumed(self, bank):
        sent = bank.signed("GET", WHO)
        suspending.suspend(institution=bank.code, why="检查", by=COMMAND_LINE.who(), at=now())
        assert refusal(sent.go()) == "403 institution-suspended"
        assert bank.fetch_token().status_code == 401
        suspending.resume(institution=bank.code, why="", by=COMMAND_LINE.who(), at=now())
        assert sent.go().status_code == 200

    def test_of_a_person_of_a_suspended_institution(self, bank):
        browser = Client()
        browser.force_login(user_of(bank))
        assert browser.get(WHO).status_code == 200
        suspending.suspend(institution=bank.code, why="检查", by=COMMAND_LINE.who(), at=now())
        assert refusal(browser.get(WHO)) == "403 institution-suspended"
        assert browser.get("/institution/").status_code == 200  # the pages still tell why


class TestARequestLetInByWhatWasReadBefore:
    """Inquiries are checked by what was read lately, and by what is there now when they are settled."""

    @pytest.fixture
    def asked(self, bank):
        """Return a passage as the first look let it in, checked with a token and key in force."""
        assert bank.get(WHO).status_code == 200  # it has fetched its token
        at = now()
        shown = (hashlib.sha256(bank.token.encode()).hexdigest(), bank.keyid)
        found = queries.presented_lately(token_digest=shown[0], thumbprint=shown[1], at=at)
        assert found is not None
        return Passage(institution=bank.code, key=found.key, nonce="n" * 20, shown=shown, stood_for=found)

    def refused(self, passage) -> str:
        refusal = settling.settle([passage], at=now())[0]
        return refusal.code if refusal else ""

    def test_passes_while_all_is_as_it_was(self, asked):
        assert self.refused(asked) == ""

    def test_is_refused_when_the_key_was_revoked(self, bank, asked):
        line = bank.get(KEYS).json()[0]
        keys.revoke(by=bank.person, institution=bank.code, key=line["uuid"], at=now())
        assert self.refused(asked) == "signature-unknown-key"

    def test_is_refused_when_the_token_is_gone(self, asked):
        AccessToken.objects.all().delete()
        assert self.refused(asked) == "token-refused"

    def test_is_refused_when_the_institution_was_suspended(self, bank, asked):
        models.Institution.objects.update(state=State.SUSPENDED)
        assert self.refused(asked) == "institution-suspended"

    def test_is_refused_when_it_was_moved_into_the_sandbox(self, asked):
        models.Institution.objects.update(sandbox=not asked.stood_for.sandbox)
        assert self.refused(asked) == "token-refused"

    def test_is_read_anew_after_it_was_refused(self, bank, asked):
        models.Institution.objects.update(sandbox=not asked.stood_for.sandbox)
        assert self.refused(asked) == "token-refused"
        again = queries.presented_lately(token_digest=asked.shown[0], thumbprint=asked.shown[1], at=now())
        assert again.sandbox is not asked.stood_for.sandbox
        assert self.refused(dataclasses.replace(asked, stood_for=again)) == ""

    def test_is_not_even_told_what_is_wrong_with_it(self, bank, asked):
        sent = bank.signed("POST", "/api/v1/inquiries", {"nonsense": 1})
        AccessToken.objects.all().delete()
        assert refusal(sent.go()) == "401 token-refused"


class TestTwoKeys:
    def test_are_in_force_at_once_to_change_over(self, bank):
        following = PrivateKey.generate(Algorithm.ES256)
        put_key(bank.person, client=bank.client, key=following, at=now())
        assert bank.get(WHO).status_code == 200
        assert bank.get(WHO, key=following, keyid=following.public.thumbprint()).status_code == 200

    def test_and_no_third_until_one_is_revoked(self, bank):
        put_key(bank.person, client=bank.client, key=PrivateKey.generate(), at=now())
        third = json.dumps(PrivateKey.generate().public.jwk())
        assert refusal(bank.post(KEYS, {"material": third})) == "409 too-many-keys"
        old = next(one for one in bank.get(KEYS).json() if one["keyid"] == bank.keyid)
        newer = next(one for one in bank.get(KEYS).json() if one["keyid"] != bank.keyid)
        assert bank.signed("DELETE", f"{KEYS}/{newer['uuid']}").go().status_code == 204
        assert bank.post(KEYS, {"material": third}).status_code == 201
        assert old["state"] == "active"


class TestLimits:
    def test_refuse_what_goes_beyond_with_the_time_to_wait(self):
        bank = open_bank(limits=Limits(requests_per_minute=2, inquiries_per_day=9, raw_per_day=9))
        answers = [bank.get(WHO) for _ in range(5)]
        codes = [one.status_code for one in answers]
        # A minute may end between two of them; whatever is refused says how long to wait.
        assert codes[:2] == [200, 200]
        assert codes.count(429) >= 1
        refused = next(one for one in answers if one.status_code == 429)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.json()["limit"] == 2
        assert refusal(refused) == "429 too-many-requests"
