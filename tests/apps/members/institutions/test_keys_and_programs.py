"""Programs and their keys: who may do what with whose, and how a key comes into force."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client
from oauth2_provider.models import AccessToken, Application
from tests.apps.members.institutions.bank import Bank, as_program, open_bank, put_key, staff

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted, OrganisationKind, Permission
from creditmesh.apps.members.institutions import queries
from creditmesh.apps.members.institutions.operations import admitting, keys, programs, suspending
from creditmesh.apps.members.institutions.rules.keys import KEY_LIFE, WAITING_LIFE, KeyState, TooManyKeys
from creditmesh.apps.members.institutions.rules.scopes import ALWAYS, OPENS, Scope, opens, scopes_of
from creditmesh.apps.members.institutions.rules.standing import InstitutionSuspended, NotAdmitted
from creditmesh.exchange.keys import Algorithm, BadKey, PrivateKey

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def bank() -> Bank:
    return open_bank(at=AT)


def registered(bank: Bank, key: PrivateKey | None = None):
    public = (key or PrivateKey.generate()).public
    return keys.register(by=bank.person, client=bank.client, material=public.to_pem(), at=AT)


def proof(key: PrivateKey, text: str) -> str:
    return base64.b64encode(key.sign(text.encode())).decode()


class TestAKey:
    def test_registered_by_one_is_confirmed_by_another(self, bank):
        line = registered(bank)
        assert (line.state, line.registered_by) == (KeyState.WAITING, "bank-one-clerk")
        with pytest.raises(keys.SamePerson):
            keys.confirm(by=bank.person, key=line.uuid, at=AT)
        second = staff(bank.code, "second", at=AT)
        assert queries.waiting_confirmations(institution=bank.code, besides=second.user_id) == 1
        assert queries.waiting_confirmations(institution=bank.code, besides=bank.person.user_id) == 0
        confirmed = keys.confirm(by=second, key=line.uuid, at=AT)
        assert (confirmed.state, confirmed.confirmed_by) == (KeyState.ACTIVE, "second")
        with pytest.raises(keys.NotWaiting):
            keys.confirm(by=second, key=line.uuid, at=AT)

    def test_is_confirmed_by_no_program(self, bank):
        line = registered(bank)
        with pytest.raises(keys.SamePerson):
            keys.confirm(by=as_program(bank), key=line.uuid, at=AT)

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_is_proven_by_its_private_half(self, bank, algorithm):
        key = PrivateKey.generate(algorithm)
        line = registered(bank, key)
        proven = keys.prove(by=bank.person, key=line.uuid, signature=proof(key, line.challenge), at=AT)
        assert (proven.state, proven.algorithm) == (KeyState.ACTIVE, algorithm.value)

    def test_is_proven_by_a_signature_as_openssl_writes_it(self, bank):
        key = PrivateKey.generate(Algorithm.ES256)
        line = registered(bank, key)
        raw = key.sign(line.challenge.encode())
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        text = base64.encodebytes(der).decode()
        assert keys.prove(by=bank.person, key=line.uuid, signature=text, at=AT).state is KeyState.ACTIVE

    @pytest.mark.parametrize("signature", ["", "x", "=", "A" * 86, "中", "A" * 4_001, "MEUCIQ=="])
    def test_is_not_proven_by_anything_else(self, bank, signature):
        line = registered(bank)
        with pytest.raises(keys.NotProven):
            keys.prove(by=bank.person, key=line.uuid, signature=signature, at=AT)
        assert queries.signing_keys(institution=bank.code)[0].state is KeyState.WAITING

    def test_is_not_proven_by_another_key_or_for_another_program(self, bank):
        key = PrivateKey.generate()
        line = registered(bank, key)
        other = programs.create(by=bank.person, name="b", scopes=[Scope.RAW], at=AT)
        elsewhere = keys.register(by=bank.person, client=other.client, material=key.public.to_pem(), at=AT)
        for signature in (proof(PrivateKey.generate(), line.challenge), proof(key, elsewhere.challenge)):
            with pytest.raises(keys.NotProven):
                keys.prove(by=bank.person, key=line.uuid, signature=signature, at=AT)

    def test_that_waited_too_long_stays_out_and_makes_room(self, bank):
        key = PrivateKey.generate()
        line = registered(bank, key)
        late = AT + WAITING_LIFE
        with pytest.raises(keys.NotWaiting):
            keys.prove(by=bank.person, key=line.uuid, signature=proof(key, line.challenge), at=late)
        with pytest.raises(TooManyKeys):
            registered(bank)
        put_key(bank.person, client=bank.client, key=PrivateKey.generate(), at=late)

    def test_ends_by_itself(self, bank):
        (line,) = queries.signing_keys(institution=bank.code)
        assert line.in_force(AT + KEY_LIFE - timedelta(seconds=1))
        assert not line.in_force(AT + KEY_LIFE)
        assert not line.counts(AT + KEY_LIFE)

    def test_once_revoked_is_never_taken_up_again(self, bank):
        (line,) = queries.signing_keys(institution=bank.code)
        for _ in range(2):
            keys.revoke(by=bank.person, institution=bank.code, key=line.uuid, at=AT)
        with pytest.raises(keys.KeyKnown):
            registered(bank, bank.key)

    @pytest.mark.parametrize(
        "material",
        [
            "",
            "x",
            "{",
            "[" * 3_000,
            "{" * 3_000,
            '{"kty": "oct", "k": "AAAA"}',
            '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}',
            '{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}',
            "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
            "a" * 5_000,
        ],
    )
    def test_that_is_none_is_refused(self, bank, material):
        with pytest.raises(BadKey):
            keys.register(by=bank.person, client=bank.client, material=material, at=AT)

    def test_that_is_private_is_refused(self, bank):
        with pytest.raises(BadKey):
            keys.register(by=bank.person, client=bank.client, material=bank.key.to_pem(), at=AT)

    def test_of_an_ended_program_is_refused(self, bank):
        programs.end(by=bank.person, institution=bank.code, client=bank.client, at=AT)
        with pytest.raises(keys.ProgramEnded):
            registered(bank)

    def test_is_vouched_for_only_in_a_sandbox(self, bank):
        line = registered(bank)
        with pytest.raises(keys.SamePerson):
            keys.vouch(by=COMMAND_LINE, institution=bank.code, key=line.uuid, at=AT)
        with pytest.raises(NotPermitted):
            keys.vouch(by=bank.person, institution=bank.code, key=line.uuid, at=AT)


class TestAnotherInstitution:
    @pytest.fixture
    def stranger(self):
        return open_bank("bank-two", at=AT).person

    def test_finds_neither_programs_nor_keys_that_are_not_its_own(self, bank, stranger):
        line = registered(bank)
        for act in (
            lambda: keys.confirm(by=stranger, key=line.uuid, at=AT),
            lambda: keys.prove(by=stranger, key=line.uuid, signature="x", at=AT),
            lambda: keys.revoke(by=stranger, institution=bank.code, key=line.uuid, at=AT),
            lambda: keys.revoke(by=stranger, institution="bank-two", key=uuid4(), at=AT),
        ):
            with pytest.raises(queries.UnknownSigningKey):
                act()
        for act in (
            lambda: keys.register(by=stranger, client=bank.client, material=bank.key.public.to_pem(), at=AT),
            lambda: programs.renew_secret(by=stranger, client=bank.client, at=AT),
            lambda: programs.end(by=stranger, institution=bank.code, client=bank.client, at=AT),
            lambda: programs.end(by=stranger, institution="bank-two", client=bank.client, at=AT),
            lambda: queries.program(institution="bank-two", client=bank.client),
        ):
            with pytest.raises(queries.UnknownProgram):
                act()
        assert queries.program(institution=bank.code, client=bank.client).ended_at is None

    def test_finds_no_more_by_the_api(self, bank, stranger):
        other = Bank("bank-two", "", "", PrivateKey.generate(), stranger)
        made = programs.create(by=stranger, name="x", scopes=[Scope.INQUIRE], at=AT)
        other.client, other.secret = made.client, made.secret
        put_key(stranger, client=made.client, key=other.key, at=datetime.now(UTC))
        line = registered(bank)
        theirs = other.post(f"/api/v1/signing-keys/{line.uuid}/proof", {"signature": "x"})
        nobodys = other.post(f"/api/v1/signing-keys/{uuid4()}/proof", {"signature": "x"})
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["title"] == nobodys.json()["title"]
        assert other.signed("DELETE", f"/api/v1/signing-keys/{line.uuid}").go().status_code == 404

    def test_and_another_program_of_the_same_one_manages_only_its_own_keys(self, bank):
        second = programs.create(by=bank.person, name="b", scopes=[Scope.RAW], at=AT)
        actor = replace(as_program(bank), client=second.client)
        with pytest.raises(queries.UnknownProgram):
            keys.register(by=actor, client=bank.client, material=bank.key.public.to_pem(), at=AT)
        (line,) = queries.signing_keys(institution=bank.code)
        with pytest.raises(queries.UnknownSigningKey):
            keys.revoke(by=actor, institution=bank.code, key=line.uuid, at=AT)


class TestAProgram:
    def test_keeps_no_secret_that_could_be_read(self, bank):
        bank.fetch_token()
        kept = Application.objects.get()
        assert bank.secret not in kept.client_secret
        assert AccessToken.objects.get().token == ""

    def test_is_made_by_people_only(self, bank):
        for actor in (as_program(bank), replace(bank.person, user_id=None), COMMAND_LINE):
            with pytest.raises(NotPermitted):
                programs.create(by=actor, name="x", scopes=[Scope.RAW], at=AT)

    def test_is_not_made_without_anything_to_do_nor_beyond_the_number(self, bank, monkeypatch):
        with pytest.raises(programs.NoScope):
            programs.create(by=bank.person, name="x", scopes=[], at=AT)
        monkeypatch.setattr(programs, "MOST_PROGRAMS", 1)
        with pytest.raises(programs.TooManyPrograms):
            programs.create(by=bank.person, name="x", scopes=[Scope.RAW], at=AT)

    def test_is_not_made_while_suspended_or_before_admission(self, bank):
        suspending.suspend(institution=bank.code, why="x", by=COMMAND_LINE.who(), at=AT)
        with pytest.raises(InstitutionSuspended):
            programs.create(by=bank.person, name="x", scopes=[Scope.RAW], at=AT)
        new = parties.NewOrganisation(code="later", name="later", kind=OrganisationKind.INSURER)
        parties.create_organisation(by=COMMAND_LINE, new=new, at=AT)
        person = staff("later", "later-clerk", kind=OrganisationKind.INSURER, at=AT)
        with pytest.raises(NotAdmitted):
            programs.create(by=person, name="x", scopes=[Scope.RAW], at=AT)

    def test_is_ended_by_the_operator_too_and_once(self, bank):
        for _ in range(2):
            programs.end(by=COMMAND_LINE, institution=bank.code, client=bank.client, at=AT)
        assert queries.program(institution=bank.code, client=bank.client).ended_at == AT


class TestAdmission:
    def test_is_for_banks_guarantors_and_insurers_once(self, bank):
        with pytest.raises(admitting.AdmittedAlready):
            admitting.admit(by=COMMAND_LINE, organisation=bank.code, at=AT)
        new = parties.NewOrganisation(code="office", name="office", kind=OrganisationKind.DEPARTMENT)
        parties.create_organisation(by=COMMAND_LINE, new=new, at=AT)
        with pytest.raises(admitting.WrongKind):
            admitting.admit(by=COMMAND_LINE, organisation="office", at=AT)
        with pytest.raises(NotPermitted):
            admitting.admit(by=bank.person, organisation="office", at=AT)

    def test_starts_with_the_limits_of_the_rule_pack(self):
        usual, small = (admitting.usual_limits(on=AT.date(), sandbox=one) for one in (False, True))
        assert small.requests_per_minute < usual.requests_per_minute

    def test_may_be_taken_back_and_given_again(self, bank):
        by = COMMAND_LINE.who()
        assert suspending.suspend(institution=bank.code, why="调查", by=by, at=AT)
        assert not suspending.suspend(institution=bank.code, why="again", by=by, at=AT)
        assert queries.institution(bank.code).why == "调查"
        assert suspending.resume(institution=bank.code, why="", by=by, at=AT)
        assert not suspending.resume(institution=bank.code, why="", by=by, at=AT)
        kinds = [one.kind for one in queries.inbox(institution=bank.code).notices]
        assert kinds == ["institution.resumed", "institution.suspended"]


class TestScopes:
    def test_open_what_they_say(self):
        assert opens(held={Scope.VERIFY}, permission=Permission.INQUIRE)
        assert not opens(held={Scope.VERIFY}, permission=Permission.INQUIRE, scope=Scope.RAW)
        assert opens(held={Scope.RAW}, permission=Permission.INQUIRE, scope=Scope.RAW)
        assert not opens(held={Scope.RAW}, permission=Permission.DECLARE_OUTCOMES, scope=Scope.RAW)
        assert all(opens(held=(), permission=one) for one in ALWAYS)
        assert not opens(held=set(Scope) - {Scope.OUTCOMES}, permission=Permission.DECLARE_OUTCOMES)

    def test_are_read_from_a_text(self):
        assert scopes_of("raw nonsense verify") == {Scope.RAW, Scope.VERIFY}
        assert set(OPENS) == set(Scope)


class TestTheAddressForTokens:
    def test_gives_what_the_program_may(self, bank):
        answer = bank.fetch_token("inquire raw")
        told = answer.json()
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 900, "inquire raw")
        assert "refresh_token" not in told
        assert answer.headers["Cache-Control"].find("no-store") >= 0
        assert set(bank.fetch_token().json()["scope"].split()) == {one.value for one in Scope}

    def test_gives_nothing_beyond_that(self, bank):
        made = programs.create(by=bank.person, name="b", scopes=[Scope.VERIFY], at=AT)
        small = Bank(bank.code, made.client, made.secret, bank.key, bank.person)
        assert small.fetch_token("verify raw").json()["error"] == "invalid_scope"

    @pytest.mark.parametrize(
        "grant",
        [
            "password",
            "authorization_code",
            "refresh_token",
            "implicit",
            "",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
    )
    def test_knows_one_grant_only(self, bank, grant):
        form = {
            "grant_type": grant,
            "client_id": bank.client,
            "client_secret": bank.secret,
            "username": "bank-one-clerk",
            "password": "quiet-river-under-stone-bridges",
            "code": "x",
            "refresh_token": "x",
        }
        assert Client().post("/oauth/token", form).status_code == 400

    @pytest.mark.parametrize("secret", ["", "wrong", "x" * 2_000])
    def test_refuses_a_wrong_secret_and_an_unknown_program_alike(self, bank, secret):
        answers = [
            Client().post(
                "/oauth/token",
                {"grant_type": "client_credentials", "client_id": client, "client_secret": secret},
            )
            for client in (bank.client, "cmp-unknown")
        ]
        assert {one.status_code for one in answers} == {401}
        assert answers[0].json() == answers[1].json()

    def test_takes_posts_of_little_forms_only(self, bank):
        assert Client().get("/oauth/token").status_code == 405
        assert Client().post("/oauth/token", {"a": "x" * 20_000}).status_code == 413
        strange = Client().post(
            "/oauth/token", json.dumps({"grant_type": "client_credentials"}), content_type="application/json"
        )
        assert strange.status_code in {400, 401}
        broken = Client().post("/oauth/token", {}, headers={"Authorization": "Basic %%%"})
        assert broken.status_code in {400, 401}

    def test_is_closed_to_whoever_tries_too_often(self, bank):
        form = {"grant_type": "client_credentials", "client_id": bank.client, "client_secret": "wrong"}
        codes = [Client().post("/oauth/token", form).status_code for _ in range(65)]
        assert codes[0] == 401
        assert codes[-1] == 429

    @pytest.mark.parametrize(
        "path", ["authorize/", "introspect/", "revoke_token/", "applications/", "userinfo/", "device/", ""]
    )
    def test_is_the_only_one_of_its_kind(self, path):
        assert Client().get(f"/oauth/{path}").status_code == 404
        assert Client().post(f"/o/{path}").status_code == 404
