"""The pages: a bank asks, an enterprise reads, narrows, signs and withdraws; and nobody else sees any of it."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.apps.sharing.authorisations.conftest import CHOICE, SUBJECT, WISH, Stage

from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, NotPermitted, OrganisationKind, Role
from creditmesh.apps.members.enterprises.models import Claim
from creditmesh.apps.sharing.authorisations import overview, queries
from creditmesh.apps.sharing.authorisations.models import (
    Authorisation,
    EnterpriseKey,
    PersonalConsent,
    Request,
)
from creditmesh.apps.sharing.authorisations.operations import consenting
from creditmesh.apps.sharing.authorisations.rules import State
from creditmesh.exchange.jws import sign_detached
from creditmesh.exchange.keys import Algorithm, PrivateKey

ASKED = {
    "subject": SUBJECT,
    "items": ["TAX-02", "SOC-01"],
    "modes": ["AUTH"],
    "data_months": 24,
    "life_days": 60,
    "max_queries": 10,
    "per_day": 3,
    "retention_months": 3,
    "reference": "LN-1",
}
CHOSEN = {
    "items": ["TAX-02"],
    "life_days": 30,
    "data_months": 12,
    "max_queries": 5,
    "per_day": 1,
    "clause_confirmed": "on",
}


def browser(username: str, language: str = "en") -> Client:
    """A browser in which somebody of the stage is signed in."""
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(User.objects.get(username=username))
    return client


class TestTheWholeWay:
    def test_from_the_question_to_the_withdrawal(self, stage: Stage) -> None:
        bank, owner = browser("zheng"), browser("zhao", "zh-hans")
        answer = bank.post(reverse("institution-request-new") + "?purpose=pre-loan", ASKED, follow=True)
        page = answer.content.decode()
        link = re.search(r"http://testserver(/a/[^<]+)<", page)
        assert link is not None
        assert "<svg" in page
        opened = owner.get(link[1], follow=True).content.decode()
        assert "青禾农村商业银行（虚构）请求授权" in opened
        asked = Request.objects.get()
        draft = owner.post(reverse("authorisation-request", args=[asked.uuid]), CHOSEN, follow=True)
        assert "将要签署的内容" in draft.content.decode()
        row = Authorisation.objects.get()
        signed = owner.post(
            reverse("authorisation-sign", args=[row.uuid]), {"code": stage.code()}, follow=True
        )
        assert "已签署" in signed.content.decode()
        standing = queries.standing(row.uuid)
        assert standing is not None
        assert (standing.terms.items, standing.terms.max_queries) == (("TAX-02",), 5)
        seen = bank.get(reverse("institution-authorisation", args=[row.uuid])).content.decode()
        assert row.digest in seen
        body = bank.get(reverse("institution-authorisation-document", args=[row.uuid])).content
        assert body == owner.get(reverse("authorisation-document", args=[row.uuid])).content == row.body
        assert "撤回给" in owner.get(reverse("authorisation-withdraw", args=[row.uuid])).content.decode()
        owner.post(reverse("authorisation-withdraw", args=[row.uuid]), {"why": "已还清"})
        row.refresh_from_db()
        assert row.state == State.REVOKED
        assert "withdrawn" in bank.get(reverse("institution-authorisations")).content.decode()

    def test_gives_unasked(self, stage: Stage) -> None:
        owner = browser("zhao")
        start = reverse("authorisation-give")
        assert "青禾农村商业银行" in owner.get(start).content.decode()
        address = start + "?institution=BANK&purpose=pre-loan&reference=A"
        assert owner.get(address).status_code == 200
        owner.post(address, CHOSEN)
        assert Authorisation.objects.get().reference == "A"
        assert owner.get(start + "?institution=BANK&purpose=insurance").status_code == 422
        assert owner.get(start + "?institution=NONE&purpose=pre-loan").status_code == 422

    def test_declines(self, stage: Stage) -> None:
        asked = stage.asked()
        browser("qian").post(reverse("authorisation-decline", args=[asked.uuid]), {"why": "no"})
        page = browser("zheng").get(reverse("institution-request", args=[asked.uuid])).content.decode()
        assert "declined" in page
        assert "<svg viewBox" not in page

    def test_signs_with_a_key_of_its_own(self, stage: Stage) -> None:
        owner, key = browser("zhao"), PrivateKey.generate(Algorithm.SM2)
        owner.post(reverse("enterprise-keys"), {"name": "seal", "pem": key.public.to_pem()})
        kept = EnterpriseKey.objects.get()
        proof = sign_detached(kept.challenge.encode(), key=key, kid=kept.kid)
        prove = reverse("enterprise-key-prove", args=[kept.uuid])
        assert owner.post(prove, {"jws": "x..y", "code": "000000"}).status_code == 422
        assert owner.post(prove, {"jws": proof, "code": stage.code()}).status_code == 302
        draft = stage.draft()
        body = owner.get(reverse("authorisation-document", args=[draft.uuid])).content
        upload = reverse("authorisation-upload", args=[draft.uuid])
        assert owner.post(upload, {"jws": "x..y"}).status_code == 422
        assert owner.post(upload, {"jws": sign_detached(body, key=key, kid=kept.kid)}).status_code == 302
        assert queries.standing(draft.uuid) is not None
        assert owner.post(reverse("enterprise-key-revoke", args=[kept.uuid])).status_code == 302

    def test_says_what_is_wrong_and_signs_nothing(self, stage: Stage) -> None:
        owner, draft = browser("zhao"), stage.draft()
        sign = reverse("authorisation-sign", args=[draft.uuid])
        answer = owner.post(sign, {"code": "abcdef"})
        assert answer.status_code == 422
        assert "The code is wrong" in answer.content.decode()
        asked = reverse("authorisation-request", args=[draft.request.uuid]) if draft.request else ""
        too_long = owner.post(asked, CHOSEN | {"life_days": 61})
        assert (too_long.status_code, "less than or equal to 60" in too_long.content.decode()) == (422, True)
        ask = reverse("institution-request-new") + "?purpose=pre-loan"
        page = browser("zheng", "zh-hans").post(ask, ASKED | {"per_day": 6}).content.decode()
        assert "小于或等于5" in page, "which number goes too far is said at its field"
        unread = {name: value for name, value in CHOSEN.items() if name != "clause_confirmed"}
        assert owner.post(asked, unread).status_code == 422
        draft.refresh_from_db()
        assert draft.state == State.DRAFT

    def test_settles(self, stage: Stage) -> None:
        wish = replace(WISH, life_days=300, data_months=12, max_queries=20, per_day=1)
        choice = replace(CHOICE, life_days=300, data_months=12, max_queries=20, per_day=1)
        row = stage.sign(stage.draft(purpose="post-loan", wish=wish, choice=choice))
        bank = browser("zheng")
        day = stage.now.date().isoformat()
        bank.post(reverse("institution-authorisations"), {"reference": WISH.reference, "settled_on": day})
        line = overview.detail(row.uuid, subject=SUBJECT, at=stage.now).line
        assert line.settled_on is not None
        assert (line.last_day - line.settled_on).days == 30
        later = {"reference": "x", "settled_on": "2099-01-01"}
        assert bank.post(reverse("institution-authorisations"), later).status_code == 422


OPERATOR = Actor(user_id=None, label="operator", roles=frozenset({Role.OPERATOR}))


def identified(asked: consenting.Asked, name: str, stage: Stage) -> str:
    """The code the operator gives to whoever has shown who he or she is."""
    return consenting.identify(asked.uuid, name=name, how="identity card", by=OPERATOR, at=stage.now)


def someone(stage: Stage, username: str, role: Role) -> Client:
    """Somebody of the operator, signed in."""
    new = parties.NewOrganisation(
        code="OPERATOR", name="Operator", kind=OrganisationKind.OPERATOR, region="990121"
    )
    parties.create_organisation(by=COMMAND_LINE, new=new, at=stage.now)
    parties.create_user(
        by=COMMAND_LINE, username=username, password="quiet-river-under-stone-bridges", at=stage.now
    )
    parties.add_membership(
        by=COMMAND_LINE, username=username, organisation="OPERATOR", role=role, at=stage.now
    )
    return browser(username)


class TestAPersonsOwnConsent:
    def test_is_given_by_link_name_and_a_code_of_the_operator_without_an_account(self, stage: Stage) -> None:
        row = stage.signed()
        page = browser("zhao").post(
            reverse("authorisation-person", args=[row.uuid]), {"role": "legal_representative", "name": "李四"}
        )
        assert "李*" in page.content.decode()
        asked = PersonalConsent.objects.get()
        anybody, address = Client(), reverse("personal-consent", args=[asked.token])
        assert "青禾农村商业银行" in anybody.get(address).content.decode()
        assert 'name="code"' not in anybody.get(address).content.decode()

        operator = someone(stage, "zhou", Role.OPERATOR)
        identify = reverse("consent-identify", args=[asked.uuid])
        assert "李*" in operator.get(reverse("consents")).content.decode()
        for said in ({"name": "王五", "how": "身份证"}, {"name": "李四", "how": " "}):
            refused = operator.post(identify, said, follow=True)
            assert 'class="secret"' not in refused.content.decode()
        given = operator.post(identify, {"name": "李四", "how": "当面查看居民身份证"}).content.decode()
        found = re.search(r'<p class="secret">(\d{6})</p>', given)
        assert found is not None

        wrong = anybody.post(address, {"name": "钱会计", "code": found[1], "answer": "yes"})
        assert wrong.status_code == 422
        assert queries.personal_consents(row.uuid) == ()
        anybody.post(address, {"name": " 李四", "code": found[1], "answer": "yes"})
        (consent,) = queries.personal_consents(row.uuid)
        assert consent.shows("ENT-01", "legal_representative", "李四")
        assert not consent.shows("ENT-01", "legal_representative", "钱会计")
        assert not consent.shows("ENT-01", "legal_representative_id", "李四")
        asked.refresh_from_db()
        assert "李四" not in str(vars(asked))
        refused = operator.post(identify, {"name": "李四", "how": "again"}, follow=True)
        assert 'class="secret"' not in refused.content.decode()
        anybody.post(address, {"name": "李四", "code": found[1], "answer": "no"})
        assert queries.personal_consents(row.uuid) == ()

    def test_cannot_be_given_by_the_enterprise_in_the_persons_place(self, stage: Stage) -> None:
        row = stage.signed()
        page = browser("zhao").post(
            reverse("authorisation-person", args=[row.uuid]),
            {"role": "legal_representative", "name": "赵东兴"},
        )
        assert re.search(r">\s*\d{6}\s*<", page.content.decode()) is None
        asked = PersonalConsent.objects.get()
        address = reverse("personal-consent", args=[asked.token])
        for code in ("", "000000", "123456"):
            for by in (Client(), browser("zhao"), browser("qian")):
                by.post(address, {"name": "赵东兴", "code": code, "answer": "yes"})
                PersonalConsent.objects.update(wrong=0)
        with pytest.raises(NotPermitted):
            consenting.identify(asked.uuid, name="赵东兴", how="x", by=stage.owner, at=stage.now)
        assert browser("zhao").get(reverse("consents")).status_code == 403
        assert queries.personal_consents(row.uuid) == ()

    def test_is_given_signed_in_by_the_legal_representative_the_operator_approved(self, stage: Stage) -> None:
        row = stage.signed()
        Claim.objects.create(
            uuid=uuid4(),
            user_id=stage.owner.user_id,
            subject=SUBJECT,
            name="东兴",
            representative="赵东兴",
            capacity="legal_representative",
            claimant="赵东兴",
            state="active",
            created_at=stage.now,
        )
        for name, role in (("赵东兴", "legal_representative"), ("钱会计", "legal_representative")):
            consenting.ask_person(
                row.uuid, role=role, name=name, by=stage.clerk, node=stage.node, at=stage.now
            )
        own, other = PersonalConsent.objects.order_by("id")
        page = browser("zhao").get(reverse("personal-consent", args=[own.token])).content.decode()
        assert 'name="name"' not in page
        for address, by, code in (
            (own, "zhao", "000000"),
            (own, "qian", stage.code()),
            (other, "zhao", stage.code()),
        ):
            browser(by).post(
                reverse("personal-consent", args=[address.token]), {"code": code, "answer": "yes"}
            )
        assert queries.personal_consents(row.uuid) == ()

        stage.now, stage._counter = stage.now + timedelta(minutes=5), 0
        consenting.answer_signed_in(
            own.token, code=stage.code(), agrees=True, by=stage.owner, node=stage.node, at=stage.now
        )
        (consent,) = queries.personal_consents(row.uuid)
        assert consent.shows("ENT-01", "legal_representative", "赵东兴")
        with pytest.raises(consenting.NotThatPerson):
            consenting.answer_signed_in(
                own.token, code="000000", agrees=False, by=stage.clerk, node=stage.node, at=stage.now
            )

    def test_closes_after_five_wrong_tries(self, stage: Stage) -> None:
        row = stage.signed()
        asked = consenting.ask_person(
            row.uuid, role="shareholder", name="李四", by=stage.clerk, node=stage.node, at=stage.now
        )
        code = identified(asked, "李四", stage)
        for _ in range(consenting.MOST_WRONG):
            with pytest.raises(consenting.ConsentNotProved):
                consenting.answer(
                    asked.token, name="王五", code=code, agrees=True, node=stage.node, at=stage.now
                )
        with pytest.raises(consenting.UnknownConsent):
            consenting.answer(asked.token, name="李四", code=code, agrees=True, node=stage.node, at=stage.now)

    def test_a_changed_consent_shows_nothing(self, stage: Stage) -> None:
        row = stage.signed()
        asked = consenting.ask_person(
            row.uuid, role="shareholder", name="李四", by=stage.clerk, node=stage.node, at=stage.now
        )
        code = identified(asked, "李四", stage)
        consenting.answer(asked.token, name="李四", code=code, agrees=True, node=stage.node, at=stage.now)
        assert len(queries.personal_consents(row.uuid)) == 1
        for change in (
            {"fields": '["ENT-02.holder_id"]'},
            {"name_digest": "0" * 64},
            {"role": "manager"},
            {"evidence_digest": "0" * 64},
            {"statement": b"{}"},
            {"jws": "x..y"},
        ):
            kept = PersonalConsent.objects.get()
            PersonalConsent.objects.update(**change)
            assert queries.personal_consents(row.uuid) == (), change
            kept.save()
        assert len(queries.personal_consents(row.uuid)) == 1

    def test_ends_with_the_authorisation_and_wrong_links_lead_nowhere(self, stage: Stage) -> None:
        with pytest.raises(consenting.ConsentNotPossible):
            consenting.ask_person(
                stage.draft().uuid,
                role="shareholder",
                name="李四",
                by=stage.clerk,
                node=stage.node,
                at=stage.now,
            )
        assert Client().get(reverse("personal-consent", args=["nothing"])).status_code == 404


class TestOthers:
    """Every page with an id answers strangers as if there were nothing."""

    def test_see_nothing_of_it(self, stage: Stage) -> None:
        row, draft = stage.signed(), stage.draft()
        asked = stage.asked()
        sun = browser("sun")
        for name, thing in (
            ("authorisation", row.uuid),
            ("authorisation", draft.uuid),
            ("authorisation-document", row.uuid),
            ("authorisation-signature", row.uuid),
            ("authorisation-withdraw", row.uuid),
            ("authorisation-request", asked.uuid),
            ("authorisation-link", asked.token),
        ):
            assert sun.get(reverse(name, args=[thing])).status_code == 404, name
        for name, thing in (
            ("authorisation-sign", draft.uuid),
            ("authorisation-upload", draft.uuid),
            ("authorisation-discard", draft.uuid),
            ("authorisation-withdraw", row.uuid),
            ("authorisation-person", row.uuid),
            ("authorisation-decline", asked.uuid),
        ):
            sent = {"code": "000000", "jws": "x..y", "role": "shareholder", "name": "x"}
            assert sun.post(reverse(name, args=[thing]), sent).status_code == 404, name
        row.refresh_from_db()
        assert (row.state, Authorisation.objects.filter(pk=draft.pk).exists()) == (State.SIGNED, True)

    def test_institutions_see_no_drafts_and_enterprises_no_bank_pages(self, stage: Stage) -> None:
        draft = stage.draft()
        bank, owner = browser("zheng"), browser("zhao")
        assert bank.get(reverse("institution-authorisation", args=[draft.uuid])).status_code == 404
        assert owner.get(reverse("institution-authorisation", args=[draft.uuid])).status_code == 403
        assert bank.get(reverse("authorisation", args=[draft.uuid])).status_code == 403

    def test_clerks_prepare_and_withdraw_but_do_not_sign(self, stage: Stage) -> None:
        clerk, draft = browser("qian"), stage.draft()
        page = clerk.get(reverse("authorisation", args=[draft.uuid])).content.decode()
        assert reverse("authorisation-sign", args=[draft.uuid]) not in page
        assert clerk.post(reverse("authorisation-sign", args=[draft.uuid]), {"code": "1"}).status_code == 403
        assert clerk.get(reverse("enterprise-keys")).status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens(stage: Stage, language: str) -> None:
    row, draft = stage.signed(), stage.draft()
    owner, bank = browser("zhao", language), browser("zheng", language)
    asked = stage.asked()
    for name, things in (
        ("enterprise-home", []),
        ("authorisations", []),
        ("authorisation-give", []),
        ("enterprise-keys", []),
        ("authorisation", [row.uuid]),
        ("authorisation", [draft.uuid]),
        ("authorisation-request", [asked.uuid]),
        ("authorisation-withdraw", [row.uuid]),
    ):
        assert owner.get(reverse(name, args=things)).status_code == 200, name
    for name, things in (
        ("institution-authorisations", []),
        ("institution-request-new", []),
        ("institution-request", [asked.uuid]),
        ("institution-authorisation", [row.uuid]),
    ):
        assert bank.get(reverse(name, args=things)).status_code == 200, name
    assert bank.get(reverse("institution-request-new") + "?purpose=pre-loan").status_code == 200
