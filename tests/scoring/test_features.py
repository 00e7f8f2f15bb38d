"""Records become inputs: windows, filters, decay, what is missing and what was never collected, relations."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.scoring.example import (
    TODAY,
    World,
    feature,
    inputs,
    with_features,
)

from creditmesh.scoring.definition.loaded import inputs as names_of
from creditmesh.scoring.definition.parts import Window
from creditmesh.scoring.records.rows import fading, window_start

A, B, C, D = (letter * 18 for letter in "ABCD")


class TestRowsOfAnItem:
    def test_are_counted_in_a_window_that_goes_by_the_calendar(self):
        world = World()
        world.enterprise(A)
        for day in (date(2025, 11, 1), date(2025, 11, 2), TODAY, TODAY + timedelta(1)):
            world.record("TST-02", A, decided_on=day, kind="fine")

        assert inputs(world)[A]["penalties_12m"] == 2

    def test_without_a_date_count_except_in_a_window(self):
        world = World()
        world.enterprise(A)
        world.record("TST-02", A, kind="fine", fine=100)
        system = with_features(feature("all_penalties", "item: TST-02, take: count"))

        assert inputs(world, system)[A]["all_penalties"] == 1
        assert inputs(world, system)[A]["penalties_12m"] == 0

    def test_that_were_repaired_or_are_past_their_publicity_do_not_count(self):
        world = World()
        world.enterprise(A)
        for values in (
            {"repaired": True},
            {"publicity_ends": TODAY - timedelta(1)},
            {"publicity_ends": TODAY},
            {},
        ):
            world.record("TST-02", A, decided_on=date(2026, 9, 1), kind="fine", **values)

        assert inputs(world)[A]["penalties_12m"] == 2
        assert inputs(world, as_of=TODAY - timedelta(2))[A]["penalties_12m"] == 3

    def test_weigh_by_kind_and_fade_with_age(self):
        world = World()
        world.enterprise(A)
        world.record("TST-02", A, decided_on=TODAY, kind="revocation")
        world.record("TST-02", A, decided_on=date(2025, 11, 1), kind="fine")
        world.record("TST-02", A, decided_on=date(2026, 10, 2), kind=None)

        assert inputs(world)[A]["penalty_weight"] == 5 * 1000 + 2 * 500 + 1 * 1000

    def test_that_have_faded_away_count_no_more(self):
        world = World()
        world.enterprise(A)
        world.record("TST-02", A, decided_on=date(1990, 1, 1), kind="fine")

        assert inputs(world)[A]["penalty_weight"] == 0

    def test_fade_in_the_unit_of_a_sum(self):
        world = World()
        world.enterprise(A)
        world.record("TST-02", A, decided_on=date(2025, 11, 1), fine=1001)
        system = with_features(
            feature("faded_fines", "item: TST-02, take: sum, of: fine, decay: {half_life: 1 year}")
        )

        assert inputs(world, system)[A]["faded_fines"] == 500

    def test_give_the_latest_stated_value(self):
        world = World()
        world.enterprise(A, subscribed_capital=5, paid_in_capital=2)
        world.enterprise(A, subscribed_capital=7, status="revoked")
        found = inputs(world)[A]

        assert (found["subscribed"], found["paid_in"], found["status"]) == (7, 2, "revoked")

    def test_give_shares_least_greatest_and_different_values(self):
        world = World()
        world.enterprise(A)
        for result, day in (("passed", 1), ("failed", 2), ("failed", 3), ("void", 4)):
            world.record("TST-04", A, sampled_on=date(2026, 10, day), result=result)
        system = with_features(
            "\n".join(
                [
                    feature("first_sample", "item: TST-04, take: min, of: sampled_on"),
                    feature(
                        "last_failed", "item: TST-04, take: max, of: sampled_on, where: result == 'failed'"
                    ),
                    feature("results", "item: TST-04, take: distinct, of: result"),
                    feature(
                        "since_failed",
                        "item: TST-04, take: days_since, of: sampled_on, where: result == 'failed'",
                    ),
                ]
            )
        )
        found = inputs(world, system)[A]

        assert found["failed_share"] == 6666
        assert (found["first_sample"], found["last_failed"]) == (date(2026, 10, 1), date(2026, 10, 3))
        assert (found["results"], found["since_failed"]) == (3, 29)

    def test_are_held_inside_bounds(self):
        world = World()
        world.enterprise(A, subscribed_capital=2 * 10**17, paid_in_capital=-5)
        world.record("TST-02", A, decided_on=TODAY, kind="fine", fine=2**62)
        world.record("TST-02", A, decided_on=TODAY, kind="fine", fine=2**62)
        found = inputs(world)[A]

        assert (found["subscribed"], found["paid_in"], found["fines"]) == (10**14, 0, 10**14)


class TestBounds:
    def test_follow_from_what_is_taken(self):
        text = "\n".join(
            [
                feature("signed", "item: TST-02, take: count, weigh: {by: kind, as: {fine: -2}}"),
                feature("balance", "item: TST-02, take: sum, of: fine, weigh: {by: kind, as: {fine: -1}}"),
                feature("plain", "item: TST-02, take: sum, of: fine"),
            ]
        )
        known = names_of(with_features(text))

        assert known["signed"].bounds == (-(10**9), 10**9)
        assert known["balance"].bounds == (-(10**14), 10**14)
        assert known["plain"].bounds == (0, 10**14)


class TestNothing:
    def test_is_none_where_the_item_is_collected(self):
        world = World()
        world.enterprise(A)
        found = inputs(world)[A]

        assert (found["penalties_12m"], found["fines"], found["on_serious_list"]) == (0, 0, False)
        assert (found["last_penalty_days"], found["failed_share"], found["related_bad_share"]) == (
            None,
            None,
            None,
        )
        assert found["same_legal_rep_count"] == 0

    def test_is_not_collected_where_nobody_delivered_for_the_region(self):
        world = World(collected=[("TST-01", ""), ("TST-02", "6301"), ("TST-05", "64")])
        world.enterprise(A, region="630121")
        world.enterprise(B, region="640100")
        found = inputs(world)

        assert (found[A]["penalties_12m"], found[A]["tst_02_collected"]) == (0, True)
        assert (found[A]["on_serious_list"], found[A]["tst_05_collected"]) == (None, False)
        assert (found[B]["penalties_12m"], found[B]["on_serious_list"]) == (None, False)

    def test_is_collected_for_an_enterprise_that_has_a_row_all_the_same(self):
        world = World(collected=[("TST-01", "")])
        world.enterprise(A)
        world.record("TST-02", A, decided_on=TODAY, kind="fine")

        assert (inputs(world)[A]["penalties_12m"], inputs(world)[A]["tst_02_collected"]) == (1, True)

    def test_is_taken_from_any_delivery_where_the_region_is_unknown(self):
        world = World(collected=[("TST-02", "6301")])
        world.enterprise(A, region=None)

        assert (inputs(world)[A]["penalties_12m"], inputs(world)[A]["tst_05_collected"]) == (0, False)


class TestTime:
    @pytest.mark.parametrize(
        ("as_of", "number", "unit", "start"),
        [
            (date(2024, 3, 31), 1, "months", date(2024, 2, 29)),
            (date(2023, 3, 31), 1, "months", date(2023, 2, 28)),
            (date(2024, 1, 15), 1, "months", date(2023, 12, 15)),
            (date(2024, 2, 29), 1, "years", date(2023, 2, 28)),
            (date(2024, 3, 1), 1, "days", date(2024, 2, 29)),
            (date(50, 3, 1), 1_200, "months", date(1, 1, 1)),
            (date(1, 1, 3), 9, "days", date(1, 1, 1)),
        ],
    )
    def test_a_window_starts_on_the_same_day_of_the_month(self, as_of, number, unit, start):
        assert window_start(as_of, Window(number=number, unit=unit)) == start

    @settings(max_examples=10)
    @given(half_life=st.integers(1, 120))
    @example(half_life=1)
    @example(half_life=120)
    def test_fading_halves_with_each_half_life_and_ends(self, half_life):
        weights = fading(half_life)

        assert (weights[0], weights[half_life], weights[-1]) == (1000, 500, 0)
        assert weights == sorted(weights, reverse=True)


def counting(penalty: Mapping[str, Any]) -> bool:
    """Say in plain Python which penalties of the example count."""
    ends = penalty["publicity_ends"]
    return penalty["decided_on"] <= TODAY and not penalty["repaired"] and (ends is None or ends >= TODAY)


def months_old(day: date) -> int:
    """Return whole months by the calendar."""
    return (TODAY.year - day.year) * 12 + TODAY.month - day.month - (1 if day.day > TODAY.day else 0)


class TestAnyRecords:
    days = st.integers(-2_000, 100).map(lambda n: TODAY + timedelta(n))
    penalties = st.fixed_dictionaries(
        {
            "decided_on": days,
            "kind": st.sampled_from([None, "warning", "fine", "revocation"]),
            "fine": st.none() | st.integers(0, 10**9),
            "repaired": st.sampled_from([None, False, True]),
            "publicity_ends": st.none() | days,
        }
    )

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landed=st.lists(st.lists(penalties, max_size=12), min_size=1, max_size=8))
    def test_give_what_plain_python_counts(self, landed):
        world = World()
        by_subject = {letter * 18: penalties for letter, penalties in zip("ABCDEFGH", landed, strict=False)}
        for subject, penalties in by_subject.items():
            world.enterprise(subject)
            for penalty in penalties:
                world.record("TST-02", subject, **penalty)
        found = inputs(world)
        for subject, penalties in by_subject.items():
            self.are_counted(found[subject], penalties)

    def are_counted(self, found, landed):
        held = [one for one in landed if counting(one)]
        weights = {None: 1, "warning": 1, "fine": 2, "revocation": 5}
        faded = [*fading(12), *[0] * 200]

        assert found["penalties_12m"] == sum(one["decided_on"] > date(2025, 11, 1) for one in held)
        assert found["fines"] == sum(
            one["fine"] or 0 for one in held if one["decided_on"] > date(2023, 11, 1)
        )
        assert found["penalty_weight"] == sum(
            weights[one["kind"]] * faded[months_old(one["decided_on"])] for one in held
        )
        since = [(TODAY - one["decided_on"]).days for one in held]
        assert found["last_penalty_days"] == (min(since) if since else None)
