"""Organisations, users, memberships and keys: made once, written down, and taken away at once."""

from datetime import timedelta

import pytest

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties import demo_accounts, operations, queries
from creditmesh.apps.ground.parties.models import ApiKey, Membership, User
from creditmesh.apps.ground.parties.rules import (
    ANONYMOUS,
    COMMAND_LINE,
    OrganisationKind,
    Permission,
    Role,
)

pytestmark = pytest.mark.django_db
PASSWORD = "a long and unlikely sentence"
BY = {"by": COMMAND_LINE}


@pytest.fixture
def bank(noon):
    new = operations.NewOrganisation(code="xining-bank", name="西宁银行", kind=OrganisationKind.BANK)
    return operations.create_organisation(**BY, new=new, at=noon)


@pytest.fixture
def tax(noon):
    new = operations.NewOrganisation(
        code="tax", name="税务局", kind=OrganisationKind.DEPARTMENT, sources=("tax", "tax", "court")
    )
    return operations.create_organisation(**BY, new=new, at=noon)


@pytest.fixture
def li(noon):
    return operations.create_user(**BY, username="li.ming", password=PASSWORD, full_name="李明", at=noon)


def acts():
    return [one.act for one in ledger.ledger_page().lines]


class TestAnOrganisation:
    def test_has_a_code_of_its_own(self, bank, noon):
        with pytest.raises(operations.NameTaken, match="choose another"):
            operations.create_organisation(
                **BY,
                new=operations.NewOrganisation(code=bank.code, name="x", kind=OrganisationKind.BANK),
                at=noon,
            )
        assert acts() == ["organisation.create"]

    def test_delivers_for_its_sources(self, tax):
        (line,) = queries.organisations()
        assert (line.code, line.sources) == ("tax", ("court", "tax"))


class TestAUser:
    def test_may_nothing_before_belonging_somewhere(self, li):
        assert queries.actor(li).permissions == frozenset()

    def test_has_a_name_that_capitals_do_not_tell_apart(self, li, noon):
        with pytest.raises(operations.NameTaken):
            operations.create_user(**BY, username="LI.Ming", password=PASSWORD, at=noon)
        assert queries.user(username="Li.MING") == li

    @pytest.mark.parametrize("weak", ["short", "password1234", "123456789012345"])
    def test_needs_a_password_that_is_hard_to_guess(self, noon, weak):
        with pytest.raises(operations.WeakPassword):
            operations.create_user(**BY, username="wang", password=weak, at=noon)
        assert not User.objects.exists()
        assert acts() == []

    def test_gets_a_password_unlike_his_name_whatever_is_drawn(self, noon, monkeypatch):
        like_regulator = "toTrrXAHW-eaGl_U"  # every letter of "regulator" is in it
        drawn = iter([like_regulator, like_regulator, "p7_Wc-1zJx0kQm5D"])
        monkeypatch.setattr("secrets.token_urlsafe", lambda length: next(drawn))
        password = operations.fresh_password(username="regulator")
        operations.create_user(**BY, username="regulator", password=password, at=noon)
        assert password == "p7_Wc-1zJx0kQm5D"

    def test_is_unknown_until_made(self):
        with pytest.raises(queries.UnknownUser, match="create the user first"):
            queries.user(username="nobody")

    def test_who_is_out_may_nothing(self, li, bank, noon):
        operations.add_membership(
            **BY, username="li.ming", organisation=bank.code, role=Role.BANK_STAFF, at=noon
        )
        operations.set_active(**BY, username="li.ming", active=False, at=noon)
        li.refresh_from_db()

        assert queries.actor(li) == ANONYMOUS
        assert acts()[0] == "user.deactivate"


class TestAMembership:
    def test_brings_the_permissions_of_its_role(self, li, tax, noon):
        operations.add_membership(
            **BY, username="li.ming", organisation="tax", role=Role.DATA_OFFICER, at=noon
        )
        actor = queries.actor(li)

        assert actor.organisation == "tax"
        assert actor.organisation_name == "税务局"
        assert actor.may(Permission.DELIVER)
        assert actor.may_deliver("court")
        assert not actor.may_deliver("bank")

    def test_must_fit_the_kind_of_organisation(self, li, bank, noon):
        with pytest.raises(operations.WrongRole, match="bank_staff"):
            operations.add_membership(
                **BY, username="li.ming", organisation=bank.code, role=Role.REGULATOR, at=noon
            )
        assert queries.actor(li).roles == frozenset()

    def test_is_in_one_organisation_at_a_time(self, li, bank, tax, noon):
        belong = {**BY, "username": "li.ming", "at": noon}
        operations.add_membership(**belong, organisation="tax", role=Role.DATA_OFFICER)
        with pytest.raises(operations.WrongRole, match="end that membership first"):
            operations.add_membership(**belong, organisation=bank.code, role=Role.BANK_STAFF)

        operations.end_membership(**belong, organisation="tax", role=Role.DATA_OFFICER)
        assert queries.actor(li).roles == frozenset()
        operations.add_membership(**belong, organisation=bank.code, role=Role.BANK_STAFF)
        assert queries.actor(li).roles == {Role.BANK_STAFF}

    def test_given_or_ended_twice_is_written_once(self, li, tax, noon):
        held = {
            **BY,
            "username": "li.ming",
            "organisation": "tax",
            "role": Role.DATA_OFFICER,
            "at": noon,
        }
        operations.add_membership(**held)
        operations.add_membership(**held)
        assert len(queries.members(organisation="tax")) == 1
        operations.end_membership(**held)
        operations.end_membership(**held)

        assert queries.members() == ()
        assert acts()[:2] == ["membership.end", "membership.add"]

    def test_needs_an_organisation_that_exists(self, li, noon):
        with pytest.raises(queries.UnknownOrganisation, match="create it first"):
            operations.add_membership(
                **BY, username="li.ming", organisation="nowhere", role=Role.DATA_OFFICER, at=noon
            )


class TestAnApiKey:
    @pytest.fixture
    def issued(self, li, tax, noon):
        operations.add_membership(
            **BY, username="li.ming", organisation="tax", role=Role.DATA_OFFICER, at=noon
        )
        return operations.issue_api_key(**BY, user=li, name="nightly", days=30, at=noon)

    def test_acts_as_its_user(self, issued, noon):
        actor = operations.use_api_key(secret=issued.secret, at=noon)

        assert actor is not None
        assert (actor.label, actor.key_name, actor.roles) == ("李明", "nightly", {Role.DATA_OFFICER})

    def test_is_kept_as_a_hash_only(self, issued):
        row = ApiKey.objects.get()
        assert issued.secret not in (row.digest, row.prefix)
        assert issued.prefix == row.prefix

    def test_ends_when_its_days_are_over(self, issued, noon):
        last = noon + timedelta(days=30) - timedelta(seconds=1)
        assert operations.use_api_key(secret=issued.secret, at=last) is not None
        assert operations.use_api_key(secret=issued.secret, at=last + timedelta(seconds=1)) is None

    def test_ends_at_once_when_revoked(self, issued, li, noon):
        operations.revoke_api_key(**BY, user=li, prefix=issued.prefix, at=noon)

        assert operations.use_api_key(secret=issued.secret, at=noon) is None
        with pytest.raises(operations.UnknownKey):
            operations.revoke_api_key(**BY, user=li, prefix=issued.prefix, at=noon)
        assert acts()[0] == "key.revoke"

    def test_ends_with_its_user(self, issued, li, noon):
        operations.set_active(**BY, username=li.username, active=False, at=noon)
        assert operations.use_api_key(secret=issued.secret, at=noon) is None

    @pytest.mark.parametrize("change", ["{}x", "x{}", "cm_000000000000_{}", "", "Bearer {}", "cm__"])
    def test_must_be_the_whole_key(self, issued, noon, change):
        assert operations.use_api_key(secret=change.format(issued.secret), at=noon) is None

    @pytest.mark.parametrize("days", [0, -1, 367])
    def test_is_for_a_year_at_most(self, li, noon, days):
        with pytest.raises(operations.KeyTooLong):
            operations.issue_api_key(**BY, user=li, name="x", days=days, at=noon)

    def test_says_when_it_was_used_without_writing_at_every_call(self, issued, li, noon):
        def used_at():
            return queries.api_keys(user_id=li.id)[0].last_used_at

        assert used_at() is None
        for seconds, expected in [(0, 0), (30, 0), (61, 61)]:
            operations.use_api_key(secret=issued.secret, at=noon + timedelta(seconds=seconds))
            assert used_at() == noon + timedelta(seconds=expected)


class TestDemoAccounts:
    def test_are_one_per_role_and_made_once(self, noon):
        made = demo_accounts.make(**BY, region="990121", sources=("tax",), at=noon)

        assert [one.role for one in made] == list(Role)
        assert len({one.password for one in made}) == len(Role)
        for one in made:
            user = queries.user(username=one.username)
            assert user.check_password(one.password)
            assert queries.actor(user).roles == {one.role}
        assert demo_accounts.make(**BY, region="990121", sources=("tax",), at=noon) == ()

    def test_get_new_passwords_when_asked(self, noon):
        first = demo_accounts.make(**BY, region="", sources=(), at=noon)
        second = demo_accounts.make(**BY, region="", sources=(), at=noon, new_passwords=True)

        assert [one.username for one in first] == [one.username for one in second]
        assert all(queries.user(username=one.username).check_password(one.password) for one in second)
        assert not {one.password for one in first} & {one.password for one in second}

    def test_leave_a_real_user_of_that_name_alone(self, noon):
        operations.create_user(**BY, username="operator", password=PASSWORD, at=noon)
        made = demo_accounts.make(**BY, region="", sources=(), at=noon, new_passwords=True)

        assert Role.OPERATOR not in {one.role for one in made}
        assert queries.user(username="operator").check_password(PASSWORD)

    def test_speak_for_an_enterprise_on_the_register(self, noon):
        row = operations.SubjectRow(key="91990121MA0000000X", name="青禾麦香食品有限公司")
        operations.register_subjects(rows=[row])
        demo_accounts.make(**BY, region="", sources=(), at=noon)

        actor = queries.actor(queries.user(username="enterprise_user"))
        assert (actor.subject, actor.organisation_name) == (row.key, row.name)


class TestRowsThatSaySomebodyActsForTwo:
    def test_give_the_rights_in_the_first_organisation_alone(self, bank, tax, li, noon) -> None:
        operations.add_membership(
            **BY, username="li.ming", organisation="xining-bank", role=Role.BANK_STAFF, at=noon
        )
        Membership.objects.create(user=li, organisation=tax, role=Role.DATA_OFFICER, starts_at=noon)
        actor = queries.actor(li)
        assert (actor.organisation, actor.roles) == ("xining-bank", {Role.BANK_STAFF})
        assert actor.may(Permission.INQUIRE)
        assert not actor.may(Permission.DELIVER)


class TestNamesOfOrganisations:
    def test_are_read_for_those_asked_for(self, bank, tax, count_queries) -> None:
        with count_queries(1):
            assert queries.organisation_names(["tax", "tax", "nobody"]) == {"tax": "税务局"}
        assert [one.code for one in queries.organisations(kinds=[OrganisationKind.BANK])] == ["xining-bank"]
        assert len(queries.organisations()) == 2
