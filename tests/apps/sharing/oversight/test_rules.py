"""Shares, thresholds and steps, for any numbers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.ground.parties.rules import OrganisationKind
from creditmesh.apps.members.institutions.rules.standing import Institution, Limits, State
from creditmesh.apps.sharing.oversight import rules
from creditmesh.apps.sharing.oversight.rules import Act, Kind, Last, Level, Tally, WrongOutcome
from creditmesh.catalogue import rule_packs

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
LIMITS = rules.thresholds(rule_packs.load(), on=NOON.date(), region="990121")
COUNT = st.integers(0, 10_000)
TALLIES = st.builds(Tally, behind=COUNT, empty=COUNT, overdue=COUNT, waiting=COUNT)


def home(state=State.ACTIVE):
    return Institution(
        code="x", name="x", kind=OrganisationKind.BANK, state=state, sandbox=False, limits=Limits(1, 1, 1)
    )


def act(level, last=None, *, days=0, state=State.ACTIVE):
    known = Last(act=last, at=NOON - timedelta(days=days)) if last else None
    return rules.next_act(level, known, home(state), LIMITS, at=NOON)


class TestAShare:
    @given(TALLIES)
    def test_counts_what_is_due_alone(self, tally):
        assert tally.asked == tally.judged + tally.waiting
        assert tally.share_bp is None or 0 <= tally.share_bp <= 10_000
        assert (tally.share_bp is None) == (tally.judged == 0)

    @given(TALLIES, TALLIES)
    def test_adds_up(self, one, other):
        both = one.plus(other)
        assert (both.asked, both.nothing) == (one.asked + other.asked, one.nothing + other.nothing)

    @given(TALLIES, st.integers(1, 1000))
    def test_never_falls_when_more_has_nothing_behind_it(self, tally, more):
        worse = tally.plus(Tally(overdue=more))
        assert (worse.share_bp or 0) >= (tally.share_bp or 0)

    @pytest.mark.parametrize(
        ("behind", "overdue", "level"),
        [
            (0, 19, Level.TOO_FEW),
            (81, 19, Level.FINE),
            (80, 20, Level.WARNING),
            (51, 49, Level.WARNING),
            (50, 50, Level.SUSPENSION),
            (0, 20, Level.SUSPENSION),
        ],
    )
    def test_leads_to_what_the_rules_say(self, behind, overdue, level):
        assert rules.level(Tally(behind=behind, overdue=overdue), LIMITS) is level


class TestASuspension:
    @given(st.sampled_from(Level), st.sampled_from([None, *Act]), st.integers(0, 400), st.sampled_from(State))
    def test_never_comes_without_a_warning_that_had_time(self, level, last, days, state):
        if act(level, last, days=days, state=state) is Act.SUSPENDED:
            assert (level, last, state) == (Level.SUSPENSION, Act.WARNED, State.ACTIVE)
            assert days >= LIMITS.notice_days

    @pytest.mark.parametrize(
        ("level", "last", "days", "then"),
        [
            (Level.SUSPENSION, None, 0, Act.WARNED),
            (Level.SUSPENSION, Act.RESUMED, 99, Act.WARNED),
            (Level.SUSPENSION, Act.WARNED, 13, None),
            (Level.SUSPENSION, Act.WARNED, 14, Act.SUSPENDED),
            (Level.WARNING, Act.WARNED, 99, None),
            (Level.FINE, Act.WARNED, 1, Act.CLEARED),
            (Level.FINE, Act.CLEARED, 1, None),
            (Level.TOO_FEW, None, 0, None),
        ],
    )
    def test_follows_step_by_step(self, level, last, days, then):
        assert act(level, last, days=days) is then


class TestAnOutcome:
    @pytest.mark.parametrize("kind", ["", "sold", "GRANTED", "granted; drop table"])
    def test_is_one_of_those_known(self, kind):
        with pytest.raises(WrongOutcome, match="no outcome"):
            rules.said(kind, "")

    def test_of_monitoring_names_its_loan(self):
        with pytest.raises(WrongOutcome, match="loan"):
            rules.said("monitored", " ")
        assert rules.said("monitored", " L-1 ").reference == "L-1"

    def test_has_a_short_reference(self):
        with pytest.raises(WrongOutcome):
            rules.said("granted", "x" * 101)
        assert rules.said(" granted ", "").kind is Kind.GRANTED
