"""Every jurisdiction's clock gives the days its rules say, and never loses or gains one."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.sharing.rights.rules import clocks
from creditmesh.apps.sharing.rights.rules.clocks import Cause, ClockRule, Course, Pause
from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.rule_packs import PackFile, Rule, RulePack
from creditmesh.kernel.workdays import Calendar

CASES = yaml.safe_load((Path(__file__).parent / "clocks.yml").read_text("utf-8"))
CALENDAR = Calendar.shipped()
PLACES = ("990121", "310115", "370100", "410100", "330100", "440305", "331003")
DAYS = st.dates(date(2024, 1, 1), date(2026, 11, 30))


def regime(place: str, on: date = date(2026, 9, 28)) -> clocks.Regime:
    return clocks.regime(pack=rule_packs.load(), place=place, on=on)


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["region"])
def test_the_days_of_a_place_are_those_of_its_rules(case: dict[str, Any]) -> None:
    course = Course(
        received=case["received"],
        forwarded=case.get("forwarded"),
        extended=case.get("extended", False),
        pauses=tuple(Pause(began=began, ended=ended) for began, ended in case.get("pauses", ())),
    )

    found = clocks.deadlines(regime(case["place"], case["received"]), course, calendar=CALENDAR)

    assert (found.mark, found.forward, found.own, found.provider) == (
        case["mark"], case["forward"], case["own"], case["provider"]
    )  # fmt: skip
    assert course.paused is (None in [ended for _, ended in case.get("pauses", ())])


class TestARegime:
    def test_suspends_disclosure_in_taizhou_alone(self) -> None:
        assert [place for place in PLACES if regime(place).suspends] == ["331003"]

    def test_stops_the_clock_for_tests_and_appraisals_in_henan_alone(self) -> None:
        assert regime("410100").excluded == {Cause.TEST, Cause.APPRAISAL}
        assert not any(regime(place).excluded for place in PLACES if place != "410100")

    def test_can_be_extended_where_a_rule_says_so(self) -> None:
        # Taizhou lies in Zhejiang, whose extension holds there too: the city's own rules are silent on it.
        assert {place for place in PLACES if regime(place).may_extend} == {"330100", "440305", "331003"}

    def test_names_the_rules_behind_its_days(self) -> None:
        sources = {rule.source_doc for rule in regime("310115").rules}

        assert sources == {"上海市社会信用条例"}

    def test_is_not_made_of_what_is_no_number_of_days(self) -> None:
        rule = rule_packs.load().rule("publicity.penalty.general.min", on=date(2026, 9, 28))

        with pytest.raises(ClockRule):
            clocks.term(rule)


def a_pack(days: int) -> RulePack:
    """The national rules with no day at all for an extension."""
    words = {"zh": "零", "en": "none"}
    rule = Rule.model_validate(
        {"id": "objection.extension", "value": days, "unit": "working_day", "source_doc": "x", "status": "default",
         "label": words}
    )  # fmt: skip
    file = PackFile.model_validate({"id": "x", "version": "1", "label": words, "rules": [rule.model_dump()]})
    return RulePack(files=(*rule_packs.load().files, file))


def test_an_extension_of_no_days_is_none() -> None:
    assert not clocks.regime(pack=a_pack(0), place="CN", on=date(2026, 9, 28)).may_extend
    assert clocks.regime(pack=a_pack(2), place="CN", on=date(2026, 9, 28)).may_extend


class TestATerm:
    @given(
        DAYS,
        st.integers(0, 30),
        st.booleans(),
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=3),
    )
    def test_counts_every_day_but_the_paused_ones_once(
        self, start: date, number: int, working: bool, stretches: list[tuple[int, int]]
    ) -> None:
        term = clocks.Term(days=number, working=working, rule=regime("990121").mark.rule)
        pauses = tuple(
            Pause(began=start + timedelta(days=after), ended=start + timedelta(days=after + long))
            for after, long in stretches
        )

        last = clocks.ends(term, start=start, calendar=CALENDAR, pauses=pauses)

        assert last is not None
        days = [start + timedelta(days=one) for one in range(1, (last - start).days + 1)]
        counted = [
            day
            for day in days
            if (CALENDAR.is_workday(day) or not working) and not any(one.covers(day) for one in pauses)
        ]
        assert len(counted) == number
        assert not number or counted[-1] == last

    @given(DAYS, st.sampled_from(PLACES))
    def test_is_never_shortened_by_an_extension_or_a_pause(self, day: date, place: str) -> None:
        clock = regime(place, day)
        plain = clocks.deadlines(clock, Course(received=day), calendar=CALENDAR)
        pause = Pause(began=day, ended=day + timedelta(days=4))
        for other in (
            Course(received=day, extended=True),
            Course(received=day, pauses=(pause,)),
            Course(received=day, pauses=(pause,), extended=True),
        ):
            found = clocks.deadlines(clock, other, calendar=CALENDAR)
            assert found.own is not None
            assert plain.own is not None
            assert found.provider is not None
            assert plain.provider is not None
            assert found.own >= plain.own
            assert found.provider >= plain.provider
            assert found.mark == plain.mark

    def test_of_an_extension_waits_for_a_pause_to_end(self) -> None:
        course = Course(received=date(2026, 9, 28), extended=True, pauses=(Pause(began=date(2026, 9, 28)),))

        for place in ("330100", "440305"):
            found = clocks.deadlines(regime(place), course, calendar=CALENDAR)
            assert (found.own, found.provider) == (None, None)
