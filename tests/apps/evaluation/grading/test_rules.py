"""What a run may become, who may see its results, how cells, regions and replays are judged."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.evaluation.grading import rules
from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, GRANTS, Actor, NotPermitted, Permission, Role
from creditmesh.scoring.definition.parts import Purpose

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def actor(*roles: Role) -> Actor:
    return Actor(user_id=1, label="someone", roles=frozenset(roles))


class TestTheStatesOfARun:
    def test_the_way_from_request_to_done(self) -> None:
        rules.require_step(state=State.REQUESTED, to=State.RUNNING)
        rules.require_step(state=State.RUNNING, to=State.DONE)

    def test_a_worker_may_take_over_from_a_dead_one(self) -> None:
        rules.require_step(state=State.RUNNING, to=State.RUNNING)

    @pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.ABANDONED])
    @pytest.mark.parametrize("to", list(State))
    def test_what_has_ended_stays_ended(self, state: State, to: State) -> None:
        with pytest.raises(rules.WrongState, match="ask for a new run"):
            rules.require_step(state=state, to=to)

    def test_every_state_has_its_row_and_unfinished_means_that_something_can_follow(self) -> None:
        assert set(rules.TRANSITIONS) == set(State)
        assert {State.REQUESTED, State.RUNNING} == rules.UNFINISHED

    def test_progress_grows_with_every_stage(self) -> None:
        shares = list(rules.PROGRESS.values())
        assert list(rules.PROGRESS) == list(rules.Stage)
        assert shares == sorted(set(shares))
        assert (shares[0], shares[-1]) == (0, 100)


class TestTheDayARunIsDue:
    @pytest.mark.parametrize(
        ("on", "day", "due"),
        [
            (date(2026, 3, 31), 31, date(2026, 3, 31)),
            (date(2026, 3, 30), 31, date(2026, 2, 28)),
            (date(2026, 2, 28), 31, date(2026, 2, 28)),
            (date(2026, 1, 1), 2, date(2025, 12, 2)),
        ],
    )
    def test_is_the_latest_such_day_of_a_month(self, on: date, day: int, due: date) -> None:
        assert rules.due_day(on, day) == due


class TestTakingARun:
    def test_a_requested_run_is_free(self) -> None:
        assert rules.may_take(state=State.REQUESTED, lease_until=None, holder_is_dead=False, at=NOON)

    def test_a_finished_run_is_not(self) -> None:
        assert not rules.may_take(state=State.DONE, lease_until=None, holder_is_dead=True, at=NOON)

    def test_a_run_whose_worker_lives_is_left_alone_until_its_lease_is_over(self) -> None:
        late = NOON + timedelta(seconds=1)
        running = State.RUNNING
        assert not rules.may_take(state=running, lease_until=late, holder_is_dead=False, at=NOON)
        assert rules.may_take(state=running, lease_until=late, holder_is_dead=False, at=late)
        assert rules.may_take(state=running, lease_until=None, holder_is_dead=False, at=NOON)

    def test_a_run_whose_worker_is_dead_is_free_at_once(self) -> None:
        late = NOON + timedelta(hours=1)
        assert rules.may_take(state=State.RUNNING, lease_until=late, holder_is_dead=True, at=NOON)


class TestWhoMaySee:
    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_regulators_see_results(self, purpose: Purpose) -> None:
        rules.require_sight(viewer=actor(Role.REGULATOR), purpose=purpose)

    @pytest.mark.parametrize("role", sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES]))
    def test_nobody_else_sees_a_risk_class(self, role: Role) -> None:
        with pytest.raises(NotPermitted, match="see_risk_classes"):
            rules.require_sight(viewer=actor(role), purpose=Purpose.RISK_CLASSIFICATION)

    def test_every_purpose_has_a_permission(self) -> None:
        assert set(rules.SIGHT) == set(Purpose)

    @pytest.mark.parametrize("role", [Role.REGULATOR, Role.OPERATOR])
    def test_regulators_and_operators_ask_for_runs(self, role: Role) -> None:
        rules.require_conduct(by=actor(role))

    @pytest.mark.parametrize("role", [Role.BANK_STAFF, Role.ENTERPRISE_USER, Role.DATA_OFFICER, Role.AUDITOR])
    def test_others_do_not(self, role: Role) -> None:
        with pytest.raises(NotPermitted, match="request_runs"):
            rules.require_conduct(by=actor(role))

    def test_the_shell_may_do_both(self) -> None:
        rules.require_conduct(by=COMMAND_LINE)
        rules.require_sight(viewer=COMMAND_LINE, purpose=Purpose.RISK_CLASSIFICATION)


class TestCells:
    @given(st.sampled_from(rules.FORMULA_STARTS), st.text())
    def test_what_a_spreadsheet_would_run_gets_a_quote(self, start: str, rest: str) -> None:
        assert rules.plain_cell(start + rest) == "'" + start + rest

    @pytest.mark.parametrize("cell", ["青禾乳业", "", 12, None, "a=1"])
    def test_what_it_would_not_stays(self, cell: object) -> None:
        assert rules.plain_cell(cell) == cell


class TestRegionsAndSections:
    @pytest.mark.parametrize(
        ("region", "group"),
        [
            ("630102", "630102"),
            ("630102001", "630102"),
            ("990121003", "990121003"),
            ("990121003201", "990121003"),
            ("990121", "990121"),
            ("63", "63"),
            ("6", rules.UNKNOWN),
            ("", rules.UNKNOWN),
            (None, rules.UNKNOWN),
            ("西宁市", rules.UNKNOWN),
            ("６３０１", rules.UNKNOWN),
        ],
    )
    def test_a_region_counts_under_its_county_or_its_invented_town(
        self, region: str | None, group: str
    ) -> None:
        assert rules.region_group(region) == group

    @pytest.mark.parametrize(
        ("industry", "section"),
        [
            ("C1391", "C"),
            ("1391", "C"),
            ("A", "A"),
            ("", rules.UNKNOWN),
            (None, rules.UNKNOWN),
            ("?", rules.UNKNOWN),
        ],
    )
    def test_an_industry_counts_under_its_section(self, industry: str | None, section: str) -> None:
        assert rules.section(industry) == section


ROWS = st.dictionaries(st.sampled_from(["score", "grade", "name"]), st.integers() | st.none(), max_size=3)


class TestComparingAReplay:
    @given(ROWS)
    def test_a_row_does_not_differ_from_itself(self, row: dict[str, object]) -> None:
        assert rules.differences(subject="S", recorded=row, recomputed=dict(row)) == ()

    @given(ROWS, ROWS)
    def test_rows_that_differ_say_where(self, one: dict[str, object], other: dict[str, object]) -> None:
        found = rules.differences(subject="S", recorded=one, recomputed=other)
        assert bool(found) == (one != other)
        assert {difference.column for difference in found} <= set(one) | set(other)

    def test_both_values_are_told(self) -> None:
        (found,) = rules.differences(
            subject="S", recorded={"score": 1, "x": 2}, recomputed={"score": None, "x": 2}
        )
        assert found == rules.Difference(subject="S", column="score", recorded="1", recomputed=None)

    def test_a_row_only_one_side_has_is_one_difference(self) -> None:
        (gone,) = rules.differences(subject="S", recorded={"score": 1}, recomputed=None)
        (new,) = rules.differences(subject="S", recorded=None, recomputed={"score": 1})
        assert (gone.column, gone.recorded, gone.recomputed) == ("*", "present", None)
        assert new == replace(gone, recorded=None, recomputed="present")
