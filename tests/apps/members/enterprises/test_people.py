"""Several people act for one enterprise: an owner admits them by a code and ends them; one owner stays."""

from datetime import timedelta

import pytest
from tests.apps.members.enterprises.conftest import INN, MILL, protect

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties import operations as parties
from creditmesh.apps.ground.parties.rules import NotPermitted, Role
from creditmesh.apps.members.enterprises.models import Invitation
from creditmesh.apps.members.enterprises.operations import admitting, deciding
from creditmesh.apps.members.enterprises.queries import acting, claims
from creditmesh.apps.members.enterprises.rules import LastOwner

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(office):
    return office.owner()


def invite(office, owner, role=Role.ENTERPRISE_USER):
    return admitting.invite(role=role, note="给会计", by=owner, node=office.node, at=office.at)


def joined(office, owner, username, role=Role.ENTERPRISE_USER):
    by = office.account(username, "李会计")
    admitting.join(invite(office, owner, role), by=by, at=office.at)
    return office.actor(username)


class TestAnInvitation:
    def test_lets_one_person_in_with_its_role(self, office, owner):
        member = joined(office, owner, "clerk", Role.ENTERPRISE_VIEWER)
        assert acting.may_act(member.user_id, MILL) is Role.ENTERPRISE_VIEWER
        assert member.subject == MILL
        assert [one.role for one in acting.people(MILL)] == [Role.ENTERPRISE_OWNER, Role.ENTERPRISE_VIEWER]
        assert acting.invitations(MILL, at=office.at) == ()

    def test_is_typed_with_or_without_dashes(self, office, owner):
        code = invite(office, owner)
        by = office.account("clerk", "李会计")
        assert admitting.join(f" {code.replace('-', ' ').lower()} ", by=by, at=office.at) == MILL

    def test_is_kept_as_a_hash_alone(self, office, owner):
        code = invite(office, owner)
        row = Invitation.objects.get()
        assert code.replace("-", "") not in repr(vars(row))

    def test_of_an_owner_who_was_replaced_is_no_way_back(self, office, owner):
        code = invite(office, owner)
        rightful = office.account("rightful", "欧阳明远")
        claim, _ = office.checked(rightful)
        deciding.approve(claim, by=office.operator, why="前任冒名", at=office.at, replacing=True)
        with pytest.raises(admitting.UnknownInvitation):
            admitting.join(code, by=office.account("again", "冒名者"), at=office.at)
        assert acting.invitations(MILL, at=office.at) == ()

    @pytest.mark.parametrize("broken", ["used", "over", "taken back", "mistyped", "empty"])
    def test_that_does_not_hold_is_refused_in_the_same_words(self, office, owner, broken):
        code = invite(office, owner)
        at = office.at
        if broken == "used":
            admitting.join(code, by=office.account("first", "张"), at=at)
        elif broken == "over":
            at += timedelta(days=7)
        elif broken == "taken back":
            admitting.take_back(Invitation.objects.get().uuid, by=owner, at=at)
        else:
            code = "AAAA-AAAA-AAAA-AAAA" if broken == "mistyped" else ""
        with pytest.raises(admitting.UnknownInvitation, match="mistyped, used or over"):
            admitting.join(code, by=office.account("late", "王"), at=at)
        assert ledger.ledger_page().lines[0].outcome == "refused"

    def test_does_not_make_owners(self, office, owner):
        with pytest.raises(admitting.WrongInvitation):
            invite(office, owner, Role.ENTERPRISE_OWNER)

    def test_does_not_reach_who_belongs_elsewhere_and_stays_open(self, office, owner):
        other = office.owner("inn", "阿依古丽·买买提", INN)
        code = invite(office, owner)
        with pytest.raises(parties.WrongRole):
            admitting.join(code, by=other, at=office.at)
        assert len(acting.invitations(MILL, at=office.at)) == 1

    def test_of_another_enterprise_cannot_be_taken_back(self, office, owner):
        other = office.owner("inn", "阿依古丽·买买提", INN)
        invite(office, owner)
        with pytest.raises(admitting.UnknownInvitation):
            admitting.take_back(Invitation.objects.get().uuid, by=other, at=office.at)

    def test_waits_with_nineteen_others_at_most(self, office, owner):
        for _ in range(admitting.MOST_OPEN):
            invite(office, owner)
        with pytest.raises(admitting.WrongInvitation):
            invite(office, owner)


class TestAnOwner:
    def test_needs_a_second_factor(self, office):
        by = office.account("ouyang", "欧阳明远")
        uuid, _ = office.checked(by)
        deciding.approve(uuid, by=office.operator, why="核对", at=office.at)
        owner = office.actor("ouyang")
        with pytest.raises(admitting.NoSecondFactor):
            invite(office, owner)
        protect(owner.user_id)
        assert invite(office, owner)

    def test_who_is_the_last_cannot_leave(self, office, owner):
        joined(office, owner, "clerk")
        with pytest.raises(LastOwner):
            admitting.end(owner.user_id, by=owner, at=office.at)
        assert acting.may_act(owner.user_id, MILL) is Role.ENTERPRISE_OWNER

    def test_leaves_when_there_is_another(self, office, owner):
        heir = office.account("heir", "欧阳明远")
        uuid, _ = office.checked(heir)
        deciding.approve(uuid, by=office.operator, why="变更", at=office.at)
        admitting.end(owner.user_id, by=owner, at=office.at)
        assert acting.may_act(owner.user_id, MILL) is None
        assert claims.own(owner.user_id).stage == "ended"

    def test_ends_a_member_at_once(self, office, owner):
        member = joined(office, owner, "clerk")
        admitting.end(member.user_id, by=owner, at=office.at)
        assert acting.may_act(member.user_id, MILL) is None
        assert office.actor("clerk").roles == frozenset()

    def test_cannot_end_anybody_of_another_enterprise(self, office, owner):
        other = office.owner("inn", "阿依古丽·买买提", INN)
        for user_id in (other.user_id, 999_999):
            with pytest.raises(admitting.UnknownPerson):
                admitting.end(user_id, by=owner, at=office.at)


class TestAMember:
    def test_neither_invites_nor_ends_others(self, office, owner):
        member = joined(office, owner, "clerk")
        protect(member.user_id)
        with pytest.raises(NotPermitted):
            invite(office, member)
        with pytest.raises(NotPermitted):
            admitting.end(owner.user_id, by=member, at=office.at)

    def test_leaves_when_he_likes(self, office, owner):
        member = joined(office, owner, "clerk")
        admitting.end(member.user_id, by=member, at=office.at)
        assert acting.may_act(member.user_id, MILL) is None

    def test_who_is_locked_out_does_not_act(self, office, owner):
        member = joined(office, owner, "clerk")
        parties.set_active(by=office.operator, username="clerk", active=False, at=office.at)
        assert acting.may_act(member.user_id, MILL) is None


class TestNobody:
    @pytest.mark.parametrize(("user_id", "subject"), [(None, MILL), (1, ""), (1, "demo-bank")])
    def test_acts(self, db, user_id, subject):
        assert acting.may_act(user_id, subject) is None
        assert acting.organisation_of("nowhere") is None
        assert not acting.has_second_factor(None)
