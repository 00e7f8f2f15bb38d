"""States, outcomes and conditions as pure tables: total, and with nothing that leads nowhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.apps.sharing.disclosure.rules.publicity import Seriousness, in_publicity, seriousness
from creditmesh.apps.sharing.rights.rules import appeals, objections, repairs
from creditmesh.apps.sharing.rights.rules.clocks import Deadlines
from creditmesh.apps.sharing.rights.rules.objections import (
    EFFECTS,
    OPEN,
    TRANSITIONS,
    UNDECIDED,
    Effect,
    Outcome,
    OutcomeNotPossible,
    ReasonMissing,
    SamePerson,
    State,
    WrongStep,
)
from creditmesh.apps.sharing.rights.rules.repairs import Condition, Facts, NotRepairable
from creditmesh.catalogue import loading, rule_packs
from creditmesh.catalogue.model import Item, Update
from creditmesh.catalogue.rule_packs import PackFile, RulePack

CATALOGUE = loading.load()
PENALTY, LIST, DEBTOR, ABNORMAL = (CATALOGUE.items[one] for one in ("PEN-01", "BLK-01", "JUD-03", "ENT-06"))
TODAY = date(2026, 9, 28)


class TestStates:
    def test_all_have_a_line_in_the_table_and_lead_to_the_end(self) -> None:
        assert set(TRANSITIONS) == set(State)
        for start in State:
            reached, seen = {start}, set[State]()
            while reached - seen:
                one = (reached - seen).pop()
                seen.add(one)
                reached |= TRANSITIONS[one]
            assert State.CLOSED in reached

    def test_are_all_reached_from_the_first(self) -> None:
        reached = {State.RECEIVED}
        for _ in State:
            reached |= {following for one in reached for following in TRANSITIONS[one]}
        assert reached == set(State)

    def test_that_are_decided_do_not_become_undecided(self) -> None:
        for state in set(State) - UNDECIDED:
            assert not TRANSITIONS[state] & UNDECIDED
        assert UNDECIDED < OPEN

    @given(st.sampled_from(State), st.sampled_from(State))
    def test_step_as_the_table_says_or_not_at_all(self, state: State, to: State) -> None:
        if to in TRANSITIONS[state]:
            objections.require_step(state=state, to=to)
        else:
            with pytest.raises(WrongStep):
                objections.require_step(state=state, to=to)


class TestDue:
    DAYS = Deadlines(
        mark=date(2026, 9, 1), forward=date(2026, 9, 2), own=date(2026, 9, 3), provider=date(2026, 9, 9)
    )

    @pytest.mark.parametrize(
        ("state", "day"),
        [
            (State.RECEIVED, 1), (State.MARKED, 2), (State.OWN_CHECK, 3), (State.FORWARDED, 9), (State.DECIDED, 5),
            (State.NOTIFIED, None), (State.REVIEW_REQUESTED, 5), (State.REVIEWED, None), (State.CLOSED, None),
        ],
    )  # fmt: skip
    def test_is_the_day_of_the_step_that_comes_next(self, state: State, day: int | None) -> None:
        found = objections.due(state=state, days=self.DAYS, review=date(2026, 9, 5))

        assert found.on == (date(2026, 9, day) if day else None)
        assert found.is_breached(date(2026, 9, 10)) is (day is not None)
        assert not found.is_breached(date(2026, 9, 1))

    def test_of_a_marked_one_is_nothing_while_the_clock_stands_still(self) -> None:
        stopped = Deadlines(mark=date(2026, 9, 1), forward=None, own=None, provider=None)

        assert objections.due(state=State.MARKED, days=stopped).on is None


class TestOutcomes:
    def test_all_have_an_effect(self) -> None:
        assert set(EFFECTS) == set(Outcome)
        assert set(EFFECTS.values()) == set(Effect)

    @pytest.mark.parametrize("update", list(Update))
    def test_correct_rows_however_an_item_is_updated(self, update: Update) -> None:
        item = PENALTY.model_copy(update={"update": update})

        objections.require_possible(outcome=Outcome.CORRECT, item=item)

    def test_of_a_record_that_is_nothing_but_its_key_are_no_new_versions(self) -> None:
        whole = PENALTY.model_copy(update={"record_key": tuple(one.name for one in PENALTY.fields)})

        assert Outcome.CORRECT not in objections.possible_outcomes(whole)
        with pytest.raises(OutcomeNotPossible, match="delete"):
            objections.require_possible(outcome=Outcome.SUPPLEMENT, item=whole)

    def test_remove_from_a_list_only_what_is_a_list(self) -> None:
        assert Outcome.REMOVE_FROM_LIST in objections.possible_outcomes(LIST)
        assert Outcome.REMOVE_FROM_LIST not in objections.possible_outcomes(PENALTY)
        objections.require_possible(outcome=Outcome.DELETE, item=PENALTY)

    def test_need_a_reason(self) -> None:
        assert objections.require_reason("  因为 ") == "因为"
        with pytest.raises(ReasonMissing):
            objections.require_reason(" \n ")

    @pytest.mark.parametrize(("decider", "reviewer"), [(1, 1), (1, None), (None, None)])
    def test_are_reviewed_by_another_person(self, decider: int | None, reviewer: int | None) -> None:
        with pytest.raises(SamePerson):
            objections.require_other_person(decider=decider, reviewer=reviewer)
        objections.require_other_person(decider=1, reviewer=2)


def publicity(
    values: dict[str, Any], *, item: Item = PENALTY, event: date | None = date(2026, 5, 6), on: date = TODAY
) -> repairs.Publicity:
    return repairs.publicity(
        values, item=item, event_date=event, pack=rule_packs.load(), place="990121", on=on
    )


class TestSeriousness:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"seriousness": "minor", "penalty_kind": "closure_ordered"}, Seriousness.MINOR),
            ({"penalty_kind": "warning"}, Seriousness.MINOR),
            ({"penalty_kind": "criticism"}, Seriousness.MINOR),
            ({"penalty_kind": "fine"}, Seriousness.GENERAL),
            ({"penalty_kind": "licence_revoked"}, Seriousness.SERIOUS),
            ({}, Seriousness.GENERAL),
        ],
    )
    def test_is_what_the_source_says_or_follows_from_the_kind(
        self, values: dict[str, str], expected: Seriousness
    ) -> None:
        found = seriousness(values, pack=rule_packs.load(), place="990121", on=TODAY)

        assert found is expected

    def test_of_criticism_was_general_before_order_36(self) -> None:
        found = seriousness(
            {"penalty_kind": "criticism"}, pack=rule_packs.load(), place="CN", on=date(2026, 3, 31)
        )

        assert found is Seriousness.GENERAL


class TestPublicity:
    @pytest.mark.parametrize(
        ("said", "on", "shortest", "longest"),
        [
            ("minor", TODAY, date(2026, 5, 6), date(2026, 8, 6)),  # Order 36: 0 to 3 months
            ("general", TODAY, date(2026, 8, 6), date(2027, 5, 6)),  # 3 to 12 months
            ("serious", TODAY, date(2027, 5, 6), date(2029, 5, 6)),  # 12 to 36 months
            ("general", date(2026, 3, 31), date(2026, 8, 6), date(2029, 5, 6)),  # Order 58: 3 to 36 months
            (
                "serious",
                date(2023, 4, 30),
                date(2026, 11, 6),
                date(2029, 5, 6),
            ),  # the notice of 2019: 6 to 36
            ("minor", date(2023, 4, 30), date(2026, 5, 6), date(2027, 5, 6)),
        ],
    )
    def test_of_a_penalty_follows_the_rules_of_the_day(
        self, said: str, on: date, shortest: date, longest: date
    ) -> None:
        found = publicity({"seriousness": said}, on=on)

        assert (found.shortest, found.longest) == (shortest, longest)
        assert {rule.unit for rule in found.rules} == {"month"}

    @pytest.mark.parametrize("kind", ["warning", "fine", "licence_revoked", ""])
    def test_ends_for_everybody_on_the_day_the_enterprise_is_told(self, kind: str) -> None:
        said, began = {"penalty_kind": kind}, date(2026, 5, 6)
        last = publicity(said, event=began).longest
        assert last is not None
        shown = [
            in_publicity(said, item=PENALTY, event_date=began, pack=rule_packs.load(), place="990121", on=day)
            for day in (last - timedelta(days=1), last)
        ]
        assert shown == [True, False]

    def test_begins_on_the_day_of_publication_where_that_is_known(self) -> None:
        found = publicity({"published_on": "2026-06-01"}, item=DEBTOR)

        assert (found.since, found.shortest, found.longest) == (date(2026, 6, 1), None, date(2028, 6, 1))

    def test_of_a_serious_list_can_end_early_after_a_year(self) -> None:
        found = publicity({}, item=LIST)

        assert (found.shortest, found.longest, found.seriousness) == (
            date(2027, 5, 6),
            date(2029, 5, 6),
            None,
        )

    def test_of_the_abnormal_list_ends_with_the_duty_alone(self) -> None:
        found = publicity({}, item=ABNORMAL)

        assert (found.shortest, found.longest) == (None, None)
        assert not found.is_over(date(2099, 1, 1), fulfilled=True)

    def test_of_what_has_no_day_has_no_end(self) -> None:
        assert publicity({}, event=None).longest is None

    def test_is_there_only_for_what_is_publicised_for_a_time(self) -> None:
        with pytest.raises(NotRepairable):
            publicity({}, item=CATALOGUE.items["TAX-02"])

    def test_of_a_family_without_rules_has_no_end(self) -> None:
        found = publicity({}, item=PENALTY.model_copy(update={"publicity": "publicity.unheard-of"}))

        assert (found.shortest, found.longest, found.rules) == (None, None, ())

    def test_can_be_counted_in_days(self) -> None:
        words = {"zh": "期限", "en": "term"}
        rule = {
            "id": "publicity.dishonest-debtor.term", "value": 10, "unit": "calendar_day", "source_doc": "x",
            "effective_from": date(2026, 1, 1), "status": "default", "label": words,
        }  # fmt: skip
        file = PackFile.model_validate({"id": "x", "version": "1", "label": words, "rules": [rule]})
        pack = RulePack(files=(*rule_packs.load().files, file))

        found = repairs.publicity(
            {}, item=DEBTOR, event_date=date(2026, 5, 6), pack=pack, place="CN", on=TODAY
        )

        assert found.longest == date(2026, 5, 16)

    def test_is_over_by_its_own_last_day_or_when_old_and_fulfilled(self) -> None:
        assert publicity({"publicity_until": date(2026, 9, 27)}).is_over(TODAY, fulfilled=False)
        assert not publicity({"publicity_until": "2026-09-28"}).is_over(TODAY, fulfilled=False)
        old = publicity({"seriousness": "minor"})
        assert old.is_over(TODAY, fulfilled=True)
        assert not old.is_over(TODAY, fulfilled=False)
        assert old.is_over(date(2026, 8, 6), fulfilled=True)
        assert not old.is_over(date(2026, 8, 5), fulfilled=True)

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"fulfilment": "fully"}, True), ({"fulfilment": "partly"}, False), ({"status": "repaired"}, True),
            ({"removed_on": "2026-01-01"}, True), ({"status": "valid"}, False), ({}, False),
        ],
    )  # fmt: skip
    def test_knows_from_the_source_whether_duties_are_done(
        self, values: dict[str, str], expected: bool
    ) -> None:
        assert repairs.says_fulfilled(values) is expected

    def test_that_could_have_ended_is_looked_for_by_age(self) -> None:
        pack = rule_packs.load()

        assert repairs.longest_months(PENALTY, pack=pack, on=TODAY) == 3
        assert repairs.longest_months(DEBTOR, pack=pack, on=TODAY) == 24
        assert repairs.longest_months(ABNORMAL, pack=pack, on=TODAY) is None


class TestEveryItem:
    def test_that_states_when_its_publicity_ends_has_one_that_repair_can_end(self) -> None:
        stating = [
            one
            for one in CATALOGUE.items.values()
            if {"publicity_until", "repaired_on"} & {field.name for field in one.fields}
        ]

        assert {"PEN-01", "FOD-05"} <= {one.code for one in stating}
        assert [one.code for one in stating if not repairs.is_repairable(one)] == []

    def test_of_food_penalties_is_serious_where_production_was_stopped(self) -> None:
        pack = rule_packs.load()
        found = [
            seriousness({"production_suspended": stopped}, pack=pack, place="990121", on=TODAY)
            for stopped in (True, False, None)
        ]

        assert found == ["serious", "general", "general"]


class TestConditions:
    @given(st.booleans(), st.booleans(), st.booleans(), st.integers(-5, 5))
    def test_are_met_one_by_one(self, duties: bool, committed: bool, excluded: bool, days: int) -> None:
        shortest = date.fromordinal(TODAY.toordinal() - days)
        told = repairs.Publicity(
            seriousness=None, since=None, shortest=shortest, longest=None, stated_end=None, rules=()
        )
        facts = Facts(publicity=told, duties_done=duties, committed=committed, excluded_by_law=excluded)

        found = set(repairs.unmet(facts, on=TODAY))

        assert (Condition.SHORTEST_PUBLICITY in found) is (days < 0)
        assert (Condition.DUTIES in found) is not duties
        assert (Condition.COMMITMENT in found) is not committed
        assert (Condition.REPAIRABLE in found) is excluded

    def test_of_a_record_without_a_shortest_publicity_are_met_at_once(self) -> None:
        facts = Facts(
            publicity=publicity({}, item=ABNORMAL), duties_done=True, committed=True, excluded_by_law=False
        )

        assert repairs.unmet(facts, on=TODAY) == ()


class TestTheDaysOfTheOthers:
    def test_of_a_repair_are_those_of_the_place(self) -> None:
        pack = rule_packs.load()

        nation = repairs.handling(pack=pack, place="990121", on=TODAY)
        shenzhen = repairs.handling(pack=pack, place="440305", on=TODAY)

        assert [one.days for one in nation] == [2, 10]
        assert [one.days for one in shenzhen] == [2, 3]

    def test_of_a_repair_are_known_under_the_predecessor_too(self) -> None:
        assert repairs.handling(pack=rule_packs.load(), place="CN", on=date(2026, 3, 31))[1].days == 10

    def test_of_an_appeal_are_ten(self) -> None:
        assert appeals.answer_term(pack=rule_packs.load(), place="990121", on=TODAY).days == 10
