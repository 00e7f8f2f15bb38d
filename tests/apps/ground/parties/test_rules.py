"""The one table of permissions: complete, and nobody but a regulator sees risk classes."""

import pytest

from creditmesh.apps.ground.parties.rules import (
    ANONYMOUS,
    COMMAND_LINE,
    GRANTS,
    Actor,
    NotPermitted,
    OrganisationKind,
    Permission,
    Role,
    permissions_of,
    roles_for_kind,
    scheme_of,
)


def actor(*roles, **known):
    return Actor(user_id=1, label="Li Ming", roles=frozenset(roles), **known)


class TestTheTable:
    def test_names_every_permission(self):
        assert set(GRANTS) == set(Permission)

    def test_gives_no_permission_to_nobody_and_every_role_something(self):
        assert all(GRANTS.values())
        assert all(permissions_of([role]) for role in Role)
        assert permissions_of([]) == frozenset()

    def test_shows_risk_classes_to_regulators_only(self):
        makers = {Role.SYSTEM_EDITOR, Role.SYSTEM_APPROVER}  # of index systems, at the regulator too
        assert GRANTS[Permission.SEE_RISK_CLASSES] == {Role.REGULATOR} | makers
        assert GRANTS[Permission.SEE_RECORDS] == {Role.REGULATOR}

    def test_lets_no_organisation_but_a_regulator_have_regulators(self):
        having = {kind for kind in OrganisationKind if Role.REGULATOR in roles_for_kind(kind)}
        assert having == {OrganisationKind.REGULATOR}

    def test_lets_nobody_run_the_node_and_see_risk_classes(self):
        assert all(not {Role.OPERATOR, Role.REGULATOR} <= roles_for_kind(kind) for kind in OrganisationKind)

    def test_gives_every_kind_of_organisation_a_role_and_every_role_an_organisation(self):
        assert all(roles_for_kind(kind) for kind in OrganisationKind)
        assert frozenset().union(*(roles_for_kind(kind) for kind in OrganisationKind)) == set(Role)


class TestAnActor:
    def test_may_what_any_of_the_roles_grants(self):
        both = actor(Role.DATA_OFFICER, Role.REGULATOR)

        assert both.may(Permission.DELIVER)
        assert both.may(Permission.SEE_RISK_CLASSES)
        assert not both.may(Permission.MANAGE_PEOPLE)
        assert both.permissions == permissions_of([Role.DATA_OFFICER, Role.REGULATOR])

    def test_is_refused_with_a_sentence_that_says_what_to_do(self):
        actor(Role.REGULATOR).demand(Permission.SEE_RISK_CLASSES)
        with pytest.raises(NotPermitted, match="ask the operator") as refusal:
            actor(Role.BANK_STAFF).demand(Permission.SEE_RISK_CLASSES)
        assert refusal.value.permission == Permission.SEE_RISK_CLASSES

    def test_delivers_only_for_the_sources_of_the_own_organisation(self):
        officer = actor(Role.DATA_OFFICER, sources=frozenset({"tax"}))

        assert officer.may_deliver("tax")
        assert not officer.may_deliver("court")
        assert officer.may_see_batches_of("tax")
        assert not officer.may_see_batches_of("court")

    def test_operates_the_node_for_every_source(self):
        assert actor(Role.OPERATOR).may_deliver("tax")
        assert actor(Role.AUDITOR).may_see_batches_of("tax")
        assert not actor(Role.AUDITOR).may_deliver("tax")

    def test_does_nothing_when_nobody_is_signed_in(self):
        assert not ANONYMOUS.permissions
        assert not ANONYMOUS.may_deliver("tax")
        assert not actor(Role.BANK_STAFF, sources=frozenset({"tax"})).may_deliver("tax")

    def test_is_written_down_with_role_organisation_and_key(self):
        who = actor(
            Role.REGULATOR, Role.DATA_OFFICER, organisation="amr", key_name="nightly", request="r-9"
        ).who()

        assert (who.label, who.user_id, who.organisation) == ("Li Ming (key nightly)", 1, "amr")
        assert (who.role, who.request) == ("data_officer, regulator", "r-9")
        assert COMMAND_LINE.who().label == "command line"


class TestSchemes:
    @pytest.mark.parametrize(
        ("key", "scheme"),
        [
            ("91630000MA75000008", "uscc"),
            ("R:630100000000018", "registration"),
            ("P:5f3a", "pseudonym"),
        ],
    )
    def test_are_told_by_the_beginning_of_the_key(self, key, scheme):
        assert scheme_of(key) == scheme
