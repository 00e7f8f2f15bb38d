"""Claims move only along the known ways, whatever is tried in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.ground.parties.rules import Role
from creditmesh.apps.members.enterprises import rules
from creditmesh.apps.members.enterprises.rules import (
    Capacity,
    Part,
    Registered,
    Review,
    State,
    Statement,
    Verdict,
    WrongClaimState,
)

STATES = st.sampled_from(State)
AGREES = st.sampled_from([True, False, None])


def stated(**said):
    told = {"subject": "x", "name": "麦香", "representative": "欧阳明远", "claimant": "欧阳明远"}
    return Statement(**({"capacity": Capacity.LEGAL_REPRESENTATIVE} | told | said))


class TestAClaim:
    @given(st.lists(STATES))
    def test_becomes_active_only_after_it_was_checked_and_never_comes_back(self, wishes):
        path = [State.DRAFT]
        for wish in wishes:
            try:
                path.append(rules.move(path[-1], wish))
            except WrongClaimState:
                assert wish not in rules.MOVES[path[-1]]
        if State.ACTIVE in path:
            before = path[: path.index(State.ACTIVE)]
            assert before[:2] == [State.DRAFT, State.SUBMITTED]
            assert before[-1] in {State.MATCHED, State.REVIEW}
        assert all(path.count(one) == 1 for one in path)

    @given(
        st.sampled_from(Verdict),
        st.booleans(),
        st.sampled_from(Review),
        st.sampled_from(Capacity),
        st.booleans(),
    )
    def test_passes_without_a_person_only_when_it_matches_and_nobody_contests(
        self, verdict, contested, review, capacity, demonstration
    ):
        then = rules.after_check(verdict, contested=contested)
        alone = rules.activates_itself(then, review=review, capacity=capacity, demonstration=demonstration)
        if alone:
            assert (verdict, contested) == (Verdict.MATCH, False)
            assert demonstration or (review, capacity) == (Review.DOUBTFUL, Capacity.LEGAL_REPRESENTATIVE)
        assert then in rules.MOVES[State.SUBMITTED]


class TestACheck:
    @given(st.dictionaries(st.sampled_from(Part), AGREES))
    def test_is_a_match_only_when_everything_agrees(self, findings):
        verdict = rules.Checked(findings=tuple(findings.items()), by="x").verdict
        assert (verdict is Verdict.MATCH) == (bool(findings) and all(findings.values()))
        assert (verdict is Verdict.MISMATCH) == (False in findings.values())

    @pytest.mark.parametrize(
        ("held", "verdict"),
        [
            (None, Verdict.CANNOT_BE_CHECKED),
            (Registered(name="麦香", status="active"), Verdict.CANNOT_BE_CHECKED),
            (Registered(name="麦香", representative="欧阳明远", status="active"), Verdict.MATCH),
            (Registered(name="麦香", representative="欧阳 明远", status="active"), Verdict.MATCH),
            (Registered(name="麦香", representative="欧阳明", status="active"), Verdict.MISMATCH),
            (Registered(name="麦香", representative="欧阳明远", status="deregistered"), Verdict.MISMATCH),
        ],
    )
    def test_of_the_register_says_what_it_can(self, held, verdict):
        assert rules.compare(stated(), held, by="register").verdict is verdict

    def test_of_a_handler_does_not_compare_the_handlers_name(self):
        held = Registered(name="麦香", representative="欧阳明远", status="active")
        handler = stated(claimant="李代办", capacity=Capacity.HANDLER)
        assert rules.compare(handler, held, by="register").verdict is Verdict.MATCH


class TestTheRoles:
    def test_are_ordered(self):
        assert rules.strongest([Role.ENTERPRISE_VIEWER, Role.ENTERPRISE_OWNER]) is Role.ENTERPRISE_OWNER
        assert rules.strongest([Role.BANK_STAFF]) is None

    @pytest.mark.parametrize(
        ("owners", "role", "kept"), [(1, "owner", True), (2, "owner", False), (1, "user", False)]
    )
    def test_of_the_last_owner_stay(self, owners, role, kept):
        removed = Role(f"enterprise_{role}")
        if kept:
            with pytest.raises(rules.LastOwner):
                rules.keep_an_owner(owners=owners, removed=removed)
        else:
            rules.keep_an_owner(owners=owners, removed=removed)
