"""Working days: decided through 2026, by rule afterwards, and what an operator enters on top."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.kernel import workdays
from creditmesh.kernel.workdays import Calendar, UnreadableCalendar, YearOutOfCalendar

CALENDAR = Calendar.shipped()
decided_days = st.dates(date(2004, 1, 1), date(2026, 12, 31))
later_days = st.dates(date(2027, 1, 1), date(2098, 1, 1))


class TestTheDecidedYears:
    @given(decided_days)
    def test_agree_with_the_notices(self, day):
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day)
        assert CALENDAR.standing(day) == "decided"

    def test_know_a_weekend_worked_and_a_weekday_off(self):
        assert CALENDAR.is_workday(date(2026, 10, 10))
        assert not CALENDAR.is_workday(date(2026, 10, 7))


class TestTheRule:
    def test_answers_for_2027(self):
        spring_eve, fourth_day = date(2027, 2, 5), date(2027, 2, 8)
        assert not CALENDAR.is_workday(spring_eve)
        assert not CALENDAR.is_workday(fourth_day)
        assert CALENDAR.standing(spring_eve) == "by rule"

    def test_makes_up_for_holidays_at_a_weekend(self):
        # 2027: 6 and 7 February (Spring Festival) are Saturday and Sunday, 8 February a Monday off anyway.
        rest = workdays.rest_days(2027)
        assert {date(2027, 2, 9), date(2027, 2, 10)} <= rest
        assert date(2027, 2, 11) not in rest

    @given(st.integers(2027, 2099))
    def test_gives_thirteen_days_off_the_week_every_year(self, year):
        weekdays_off = [day for day in workdays.rest_days(year) if day.weekday() < 5]
        # Mid-Autumn may fall on a day of National Day, then one day does for both.
        shared = len(workdays.rest_days(year) & {date(year, 10, 1), date(year, 10, 2), date(year, 10, 3)})
        assert shared == 3
        assert 12 <= len(weekdays_off) <= 13

    @given(st.integers(2027, 2098))
    def test_agrees_on_the_holidays_with_another_source(self, year):
        names = holidays.country_holidays("CN", years=year, categories=("public",), observed=False)
        stated = {day for day in names if day.year == year}
        assert stated <= workdays.rest_days(year)

    @pytest.mark.parametrize("year", [1948, 2100])
    def test_says_where_it_ends(self, year):
        with pytest.raises(YearOutOfCalendar, match=str(year)):
            CALENDAR.is_workday(date(year, 5, 3))

    def test_knows_the_weekend_of_any_year(self):
        assert not CALENDAR.is_workday(date(2101, 1, 1))


class TestCounting:
    def test_begins_the_day_after_the_event(self):
        assert CALENDAR.add(date(2026, 6, 1), 1) == date(2026, 6, 2)
        assert CALENDAR.add(date(2026, 6, 5), 1) == date(2026, 6, 8)

    def test_of_no_days_stays(self):
        assert CALENDAR.add(date(2026, 10, 3), 0) == date(2026, 10, 3)

    def test_crosses_a_long_holiday(self):
        assert CALENDAR.add(date(2026, 9, 30), 3) == date(2026, 10, 10)

    def test_says_when_a_day_on_the_way_is_not_decided(self):
        assert CALENDAR.deadline(date(2026, 12, 28), 2).standing == "decided"
        assert CALENDAR.deadline(date(2026, 12, 28), 10).standing == "by rule"

    def test_does_not_go_back(self):
        with pytest.raises(ValueError, match="forwards"):
            CALENDAR.add(date(2026, 6, 1), -1)

    @given(decided_days | later_days, st.integers(0, 60))
    def test_is_undone_by_between(self, day, count):
        then = CALENDAR.add(day, count)
        assert CALENDAR.between(day, then) == count
        assert count == 0 or CALENDAR.is_workday(then)

    def test_backwards_is_none(self):
        assert CALENDAR.between(date(2026, 6, 5), date(2026, 6, 1)) == 0


class TestAnOperatorsTable:
    NOTICE = ("date,working", "2027-02-05,0", "2027-02-20,1")

    def test_is_read(self):
        assert workdays.read_table(self.NOTICE) == {date(2027, 2, 5): False, date(2027, 2, 20): True}

    @pytest.mark.parametrize("line", ["2027-02-30,0", "2027-02-05,yes", "2027-02-05"])
    def test_is_refused_by_line(self, line):
        with pytest.raises(UnreadableCalendar, match="Line 3"):
            workdays.read_table(["date,working", "2027-02-01,1", line])

    def test_without_its_columns_is_refused(self):
        with pytest.raises(UnreadableCalendar, match="Line 2"):
            workdays.read_table(["day", "2027-02-01"])

    def test_changes_single_days(self):
        calendar = CALENDAR.override(workdays.read_table(self.NOTICE))
        assert calendar.is_workday(date(2027, 2, 20))
        assert calendar.standing(date(2027, 2, 20)) == "decided"
        assert calendar.standing(date(2027, 2, 22)) == "by rule"

    def test_may_settle_a_whole_year(self):
        calendar = CALENDAR.override(workdays.read_table(self.NOTICE), years=[2027])
        assert calendar.is_workday(date(2027, 10, 1))
        assert calendar.standing(date(2027, 10, 1)) == "decided"

    def test_may_replace_a_shipped_year(self):
        calendar = CALENDAR.override({}, years=[2026])
        assert calendar.is_workday(date(2026, 10, 1))
        assert not CALENDAR.is_workday(date(2026, 10, 1))

    def test_settles_years_no_rule_reaches(self):
        calendar = CALENDAR.override({}, years=[2100])
        assert calendar.is_workday(date(2100, 1, 1) + timedelta(days=3))
