"""Who says to act for an enterprise is checked, and learns nothing that helps to guess."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.apps.members.enterprises.conftest import INN, MILL, UNKNOWN

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.audit.models import Event
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties import queries
from creditmesh.apps.ground.parties.rules import NotPermitted, OrganisationKind, Role
from creditmesh.apps.members.enterprises.models import Claim
from creditmesh.apps.members.enterprises.operations import deciding, registering
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.apps.members.enterprises.rules import Capacity, Part, State, Verdict, WrongClaimState
from creditmesh.catalogue import rule_packs

pytestmark = pytest.mark.django_db


@pytest.fixture
def ouyang(office):
    return office.account("ouyang", "欧阳明远")


def acts():
    return [one.act for one in ledger.ledger_page().lines]


class TestTheLegalRepresentative:
    def test_is_matched_and_still_waits_for_a_person(self, office, ouyang):
        uuid, state = office.checked(ouyang)

        assert state is State.MATCHED
        assert acting.may_act(ouyang.user_id, MILL) is None
        assert office.line(uuid).findings == (
            (Part.NAME, True),
            (Part.REPRESENTATIVE, True),
            (Part.CLAIMANT, True),
            (Part.STATUS, True),
        )

    def test_is_matched_whatever_brackets_and_spaces_are_typed(self, office, ouyang):
        _, state = office.checked(ouyang, name="青禾县麦香 (集团) 有限公司", representative="欧阳 明远")
        assert state is State.MATCHED

    def test_becomes_the_owner_when_the_operator_approves(self, office, ouyang):
        uuid, _ = office.checked(ouyang)
        deciding.approve(uuid, by=office.operator, why="证件已核对", at=office.at)

        assert acting.may_act(ouyang.user_id, MILL) is Role.ENTERPRISE_OWNER
        assert acting.is_registered(MILL)
        assert office.actor("ouyang").subject == MILL
        assert queries.organisation(code=MILL).name == "青禾县麦香（集团）有限公司"
        assert set(Event.objects.values_list("name", "key")) >= {
            ("enterprise.claimed", str(uuid)),
            ("enterprise.activated", MILL),
        }
        assert {"claim.submit", "claim.check", "claim.approve"} <= set(acts())

    def test_who_bears_another_name_goes_to_a_person(self, office):
        liar = office.account("liar", "张三")
        uuid, state = office.checked(liar)
        assert state is State.REVIEW
        assert dict(office.line(uuid).findings)[Part.CLAIMANT] is False

    def test_acts_at_once_in_a_demonstration_which_says_so(self, office, ouyang):
        office.node = replace(office.node, demo=True)
        uuid, state = office.checked(ouyang)
        assert state is State.ACTIVE
        assert acting.may_act(ouyang.user_id, MILL) is Role.ENTERPRISE_OWNER
        assert "demonstration" in office.line(uuid).why

    def test_acts_at_once_where_the_rules_ask_no_person_but_a_handler_does_not(
        self, office, ouyang, monkeypatch
    ):
        relaxed = rule_packs.load().rule("enterprise.claim.first-owner", on=office.at.date())
        monkeypatch.setattr(
            rule_packs.RulePack,
            "rule",
            _patched(rule_packs.RulePack.rule, relaxed.model_copy(update={"value": "doubtful"})),
        )
        handler = office.account("handler", "李代办")
        assert office.checked(ouyang)[1] is State.ACTIVE
        assert office.checked(handler, INN, capacity=Capacity.HANDLER)[1] is State.MATCHED

    def test_who_joined_another_organisation_meanwhile_is_left_to_a_person(self, office, ouyang):
        office.node = replace(office.node, demo=True)
        uuid = office.claim(ouyang)
        bank = parties.NewOrganisation(code="bank", name="银行", kind=OrganisationKind.BANK)
        parties.create_organisation(by=office.operator, new=bank, at=office.at)
        parties.add_membership(
            by=office.operator, username="ouyang", organisation="bank", role=Role.BANK_STAFF, at=office.at
        )
        assert deciding.check(uuid, by=office.check, node=office.node, at=office.at) is State.MATCHED
        with pytest.raises(parties.WrongRole):
            deciding.approve(uuid, by=office.operator, why="x", at=office.at)


def _patched(original, instead):
    return lambda pack, rule_id, **asked: (
        instead if rule_id == instead.id else original(pack, rule_id, **asked)
    )


class TestAHandler:
    def test_needs_a_letter(self, office):
        by = office.account("handler", "李代办")
        uuid = office.claim(by, capacity=Capacity.LEGAL_REPRESENTATIVE, submit=False)
        Claim.objects.filter(uuid=uuid).update(capacity=Capacity.HANDLER)
        with pytest.raises(registering.LetterMissing):
            registering.submit(uuid, by=by, node=office.node, at=office.at)

    def test_with_a_letter_is_decided_by_a_person(self, office):
        by = office.account("handler", "李代办")
        uuid, state = office.checked(by, capacity=Capacity.HANDLER)
        assert state is State.MATCHED
        deciding.approve(uuid, by=office.operator, why="授权书已核对", at=office.at)
        assert acting.may_act(by.user_id, MILL) is Role.ENTERPRISE_OWNER


class TestWhatAClaimantLearns:
    @pytest.mark.parametrize(
        ("subject", "representative"), [(MILL, "欧阳明远"), (MILL, "张三"), (UNKNOWN, "欧阳明远")]
    )
    def test_is_the_same_whether_the_name_was_right(self, office, ouyang, subject, representative):
        before = claims_seen(office, ouyang, subject, representative)
        assert before == ("waiting", "", None)

    def test_does_not_depend_on_a_check_in_the_answer(self, office, ouyang):
        office.claim(ouyang)
        assert office.check.asked == 0

    def test_ends_after_three_tries_a_day(self, office, ouyang):
        for _ in range(3):
            uuid = office.claim(ouyang, representative="张三")
            registering.take_back(uuid, by=ouyang, at=office.at)
        with pytest.raises(registering.TooManyClaims):
            office.claim(ouyang)
        assert acts()[0] == "claim.submit"
        office.at += timedelta(hours=24)
        registering.submit(claims.own(ouyang.user_id).uuid, by=ouyang, node=office.node, at=office.at)

    def test_ends_for_an_enterprise_whoever_tries(self, office):
        for number in range(5):
            office.claim(office.account(f"guesser{number}", "张三"), representative="张三")
        with pytest.raises(registering.TooManyClaims):
            office.claim(office.account("guesser9", "欧阳明远"))


def claims_seen(office, by, subject, representative):
    office.checked(by, subject, representative=representative)
    seen = claims.own(by.user_id)
    return seen.stage, seen.why, seen.decided_at


class TestAClaim:
    def test_of_what_is_not_held_cannot_be_checked_nor_approved(self, office, ouyang):
        uuid, state = office.checked(ouyang, UNKNOWN, representative="欧阳明远")
        assert (state, office.line(uuid).verdict) == (State.REVIEW, Verdict.CANNOT_BE_CHECKED)
        with pytest.raises(queries.UnknownSubject):
            deciding.approve(uuid, by=office.operator, why="x", at=office.at)
        assert office.line(uuid).state is State.REVIEW

    def test_by_a_second_person_is_contested_and_the_owner_is_told(self, office):
        owner = office.owner()
        rival = office.account("rival", "欧阳明远")
        uuid, state = office.checked(rival)

        assert state is State.REVIEW
        assert office.line(uuid).contested
        assert [one.claimant for one in claims.contests(viewer=owner)] == ["欧阳明远"]
        assert claims.contests(viewer=rival) == ()

    def test_of_two_at_once_contest_each_other(self, office):
        first = office.claim(office.account("a", "欧阳明远"))
        office.claim(office.account("b", "欧阳明远"))
        assert deciding.check(first, by=office.check, node=office.node, at=office.at) is State.REVIEW

    def test_can_take_the_place_of_the_present_owner(self, office):
        old = office.owner()
        heir = office.account("heir", "欧阳明远")
        uuid, _ = office.checked(heir)
        deciding.approve(uuid, by=office.operator, why="法定代表人已变更", at=office.at, replacing=True)
        assert acting.may_act(old.user_id, MILL) is None
        assert acting.may_act(heir.user_id, MILL) is Role.ENTERPRISE_OWNER
        assert claims.own(old.user_id).stage == "ended"

    def test_of_an_individual_business_is_marked(self, office):
        uuid, _ = office.checked(office.account("inn", "阿依古丽·买买提"), INN)
        assert office.line(uuid).individual

    def test_is_rejected_with_a_reason_that_the_claimant_reads(self, office, ouyang):
        uuid, _ = office.checked(ouyang)
        with pytest.raises(deciding.ReasonMissing):
            deciding.reject(uuid, by=office.operator, why=" ", at=office.at)
        deciding.reject(uuid, by=office.operator, why="证件与本人不符", at=office.at)
        assert (claims.own(ouyang.user_id).stage, claims.own(ouyang.user_id).why) == (
            "rejected",
            "证件与本人不符",
        )
        with pytest.raises(WrongClaimState):
            deciding.approve(uuid, by=office.operator, why="x", at=office.at)

    def test_whose_check_breaks_goes_to_a_person(self, office, ouyang):
        class Broken:
            name = "service"

            def __call__(self, stated):
                raise TimeoutError(stated.representative)

        uuid = office.claim(ouyang)
        state = deciding.check(uuid, by=Broken(), node=office.node, at=office.at)
        assert (state, office.line(uuid).verdict) == (State.REVIEW, Verdict.CANNOT_BE_CHECKED)

    def test_is_checked_once(self, office, ouyang):
        uuid, _ = office.checked(ouyang)
        assert deciding.check(uuid, by=office.check, node=office.node, at=office.at) is None
        assert office.check.asked == 1
        assert claims.unchecked() == ()

    def test_cannot_be_begun_twice_nor_by_a_member_of_something(self, office, ouyang, cast):
        office.claim(ouyang)
        with pytest.raises(registering.ClaimUnderWay):
            office.claim(ouyang)
        with pytest.raises(registering.ActsAlready):
            office.claim(cast.actor(Role.BANK_STAFF))

    def test_of_somebody_else_is_none_of_ones_business(self, office, ouyang):
        uuid = office.claim(ouyang, submit=False)
        other = office.account("other", "王五")
        for act in (
            lambda: registering.submit(uuid, by=other, node=office.node, at=office.at),
            lambda: registering.take_back(uuid, by=other, at=office.at),
            lambda: office.attach(uuid, other),
        ):
            with pytest.raises(claims.UnknownClaim):
                act()
        with pytest.raises(NotPermitted):
            claims.queue(viewer=other)
        with pytest.raises(NotPermitted):
            deciding.approve(uuid, by=other, why="x", at=office.at)

    def test_that_is_active_is_not_taken_back(self, office):
        owner = office.owner()
        with pytest.raises(claims.UnknownClaim):
            registering.take_back(claims.own(owner.user_id).uuid, by=owner, at=office.at)
