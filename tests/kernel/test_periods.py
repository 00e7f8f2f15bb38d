"""Half-open periods: the end is the first day that is no longer in it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel.periods import EmptyPeriod, Period, add_months

days = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@st.composite
def periods(draw):
    starts = draw(days)
    length = draw(st.none() | st.integers(1, 4000))
    return Period(starts, None if length is None else starts + timedelta(days=length))


class TestAPeriod:
    def test_holds_its_first_day_and_not_its_end(self):
        january = Period.of_month(2026, 1)
        assert january.contains(date(2026, 1, 1))
        assert january.contains(date(2026, 1, 31))
        assert not january.contains(date(2026, 2, 1))
        assert not january.contains(date(2025, 12, 31))
        assert (january.days, january.last) == (31, date(2026, 1, 31))

    def test_may_go_on_for_good(self):
        open_end = Period(date(2026, 1, 1))
        assert open_end.contains(date(9999, 12, 31))
        assert (open_end.days, open_end.last) == (None, None)

    def test_may_be_given_by_its_first_and_last_day(self):
        assert Period.of_days(date(2026, 1, 1), date(2026, 1, 31)) == Period.of_month(2026, 1)

    @pytest.mark.parametrize("length", [0, -1])
    def test_holds_at_least_a_day(self, length):
        with pytest.raises(EmptyPeriod):
            Period(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=length))

    def test_that_meets_another_does_not_overlap_it(self):
        assert not Period.of_month(2026, 1).overlaps(Period.of_month(2026, 2))
        assert Period.of_month(2026, 1).intersection(Period.of_month(2026, 2)) is None

    @given(periods(), periods(), days)
    def test_shares_with_another_the_days_both_hold(self, one, other, day):
        shared = one.intersection(other)
        assert (shared is not None and shared.contains(day)) == (one.contains(day) and other.contains(day))
        assert shared == other.intersection(one)
        assert one.overlaps(other) == (shared is not None)

    @given(periods())
    def test_is_its_own_intersection(self, one):
        assert one.intersection(one) == one

    @given(periods(), days, st.integers(-3000, 3000))
    def test_moves_all_its_days(self, one, day, by):
        moved = one.shift(days=by)
        assert moved.contains(day + timedelta(days=by)) == one.contains(day)
        assert moved.shift(days=-by) == one

    def test_moves_by_months_before_days(self):
        assert Period.of_month(2026, 1).shift(months=1) == Period.of_month(2026, 2)
        assert Period.of_month(2026, 1).shift(months=-1, days=1).starts == date(2025, 12, 2)


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2026, 1, 31), 13, date(2027, 2, 28)),
            (date(2026, 3, 31), -1, date(2026, 2, 28)),
            (date(2026, 12, 15), 1, date(2027, 1, 15)),
            (date(2026, 1, 15), -1, date(2025, 12, 15)),
        ],
    )
    def test_end_where_the_month_ends(self, day, months, then):
        assert add_months(day, months) == then

    @given(days, st.integers(-300, 300))
    def test_lead_to_the_month_asked_for(self, day, months):
        then = add_months(day, months)
        assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
        assert then.day <= day.day
