"""What changes between the question and the signature: templates get other bounds, days go by."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.apps.sharing.authorisations.conftest import CHOICE, WISH, Stage

from creditmesh.apps.ground.parties import operations as organisations
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind
from creditmesh.apps.sharing.authorisations.letters.drafting import BeyondBounds, Choice, LoanNotNamed
from creditmesh.apps.sharing.authorisations.operations import preparing, signing
from creditmesh.apps.sharing.authorisations.rules import State
from creditmesh.catalogue import purposes
from creditmesh.catalogue.model import Mode
from creditmesh.kernel.periods import add_months


class TestATemplateThatChanges:
    """What may be given is what the template in force on the day allows, whatever was asked for before."""

    @pytest.fixture
    def tomorrow(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> datetime:
        """From tomorrow on the purpose covers less, for shorter, and no longer far back."""
        file = next(one for one in purposes.load().files if one.purpose == "pre-loan")
        old, today = file.versions[-1], timezone.localdate(stage.now)
        bounds = old.bounds.model_copy(update={"data_months": 12, "life_days": 30, "per_day": 1})
        changed = {
            "version": "next",
            "effective_from": today + timedelta(days=1),
            "classes": ("TAX",),
            "bounds": bounds,
        }
        versions = (
            old.model_copy(update={"effective_to": today}),
            old.model_copy(update=changed),
        )
        then = purposes.Purposes(files=(file.model_copy(update={"versions": versions}),))
        monkeypatch.setattr(purposes, "load", lambda: then)
        return stage.now + timedelta(days=1)

    def test_narrows_what_was_asked_for_before(self, stage: Stage, tomorrow: datetime) -> None:
        asked = stage.asked()
        offer = preparing.from_request(asked.uuid, by=stage.owner, node=stage.node, at=tomorrow)
        wish = offer.wish
        assert (wish.items, wish.data_months, wish.life_days, wish.per_day) == (("TAX-02",), 12, 30, 1)
        with pytest.raises(BeyondBounds):
            preparing.prepare(offer, choice=CHOICE, by=stage.owner, node=stage.node, at=tomorrow)
        choice = Choice(
            items=wish.items, data_months=12, life_days=30, max_queries=1, per_day=1, clause_confirmed=True
        )
        draft = preparing.prepare(offer, choice=choice, by=stage.owner, node=stage.node, at=tomorrow)
        assert (draft.purpose_version, draft.data_from) == (
            "next",
            add_months(timezone.localdate(tomorrow), -12),
        )

    def test_ends_what_was_prepared_and_not_signed(self, stage: Stage, tomorrow: datetime) -> None:
        draft = stage.draft()
        stage.now = tomorrow
        with pytest.raises(signing.DraftTooOld):
            stage.sign(draft)


class TestADraft:
    """What is signed carries something, and says whom it is given to."""

    def test_about_a_loan_names_it_or_it_would_never_end_with_the_loan(self, stage: Stage) -> None:
        wish = replace(WISH, modes=(Mode.AUTH,), per_day=1, reference=" ")
        with pytest.raises(LoanNotNamed):
            stage.asked(purpose="post-loan", wish=wish)
        # Blanks around it would keep the loan from being found when it is settled.
        assert stage.asked(purpose="post-loan", wish=replace(wish, reference=" LN-7 ")).reference == "LN-7"
        with pytest.raises(LoanNotNamed):
            preparing.unasked("BANK", purpose="post-loan", reference="", node=stage.node, at=stage.now)
        owner = Client()
        owner.force_login(User.objects.get(pk=stage.owner.user_id))
        answer = owner.get(reverse("authorisation-give"), {"institution": "BANK", "purpose": "post-loan"})
        assert (answer.status_code, "请在业务编号中填写贷款编号" in answer.content.decode()) == (422, True)

    def test_names_the_branches_that_may_ask_too(self, stage: Stage) -> None:
        name = "青禾农村商业银行北坡支行（虚构）"
        new = organisations.NewOrganisation(code="BANK-2", name=name, kind=OrganisationKind.BANK)
        organisations.create_organisation(by=COMMAND_LINE, new=new, at=stage.now)
        asked = stage.asked(wish=replace(WISH, branches=("BANK-2",)))
        owner = Client()
        owner.force_login(User.objects.get(pk=stage.owner.user_id))
        page = owner.get(reverse("authorisation-request", args=[asked.uuid])).content.decode()
        assert f"{name}（BANK-2）" in page
        offer = preparing.from_request(asked.uuid, by=stage.owner, node=stage.node, at=stage.now)
        draft = preparing.prepare(offer, choice=CHOICE, by=stage.owner, node=stage.node, at=stage.now)
        assert f"其分支机构 {name}（BANK-2）" in draft.notice
        shown = owner.get(reverse("authorisation", args=[draft.uuid])).content.decode()
        assert f"{name}（BANK-2）" in shown

    def test_raw_detail_alone_is_given_or_nothing_is(self, stage: Stage) -> None:
        wish = replace(WISH, modes=(Mode.RAW,), raw_detail=True)
        with pytest.raises(BeyondBounds, match="raw detail"):
            stage.draft(wish=wish)
        assert stage.draft(wish=wish, choice=replace(CHOICE, raw_detail=True)).modes == '["RAW"]'

    def test_what_is_over_before_it_is_signed_ends_nothing_that_is_in_force(self, stage: Stage) -> None:
        kept = stage.signed()
        draft = stage.draft(choice=replace(CHOICE, life_days=1))
        stage.now += timedelta(days=2)
        with pytest.raises(signing.DraftTooOld):
            stage.sign(draft)
        kept.refresh_from_db()
        assert kept.state == State.SIGNED
