"""Improvement of small systems made by hand: what can be moved, why nothing helps, values in words, time alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from tests.scoring.combined import WEIGHTED, food, row
from tests.scoring.example import CATALOGUE, FILE, TODAY, World, example, inputs
from tests.scoring.test_combination import ADD_ON, BUDGET, FLOOR, MATRIX, TURNED

from creditmesh.catalogue.reading import parse
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.improving import gains, searching, trying, waiting, wording
from creditmesh.scoring.improving.gains import Gains
from creditmesh.scoring.improving.levers import levers, way_of
from creditmesh.scoring.improving.proposals import improvement
from creditmesh.scoring.improving.reach import Reach
from creditmesh.scoring.improving.ready import ready
from creditmesh.scoring.loading import checked

WORDS = "{zh: 字, en: words}"
MINES = f"""
id: mines
version: "1"
label: {WORDS}
owner: {WORDS}
purpose: bank_rating
lifecycle: draft
status: fictitious
source: made up
effective_from: 2026-01-01
direction: higher_is_worse
scale: 100
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
minimum_coverage: 5000
insufficient: {{not_better_than: B}}
features:
  debt: {{label: {WORDS}, column: Debt, type: integer, worse: more, bounds: {{lowest: 0, highest: 100}}}}
  sector: {{label: {WORDS}, column: Sector, type: text}}
  founded: {{label: {WORDS}, column: Founded, type: date}}
groups:
  - id: all
    label: {WORDS}
    weight: 10000
    indicators:
      - {{id: owes, label: {WORDS}, weight: 6000, applies_when: "sector == 'mine'", value: debt, missing: skip,
          reason: {WORDS}, per_event: {{points: 1, cap: 100}}}}
      - {{id: trade, label: {WORDS}, weight: 3000, value: sector, missing: skip, reason: {WORDS},
          lookup: {{points: {{farm: 0, mine: 80}}, otherwise: 40}}}}
      - {{id: known, label: {WORDS}, weight: 500, value: sector, missing: skip, reason: {WORDS}, actionable: false,
          lookup: {{points: {{shop: 0, mine: 80}}, otherwise: 40}}}}
      - {{id: young, label: {WORDS}, weight: 500, value: days(founded), missing: skip, reason: {WORDS},
          bands: [{{up_to: 365, points: 100}}, {{points: 0}}]}}
grades:
  - {{symbol: A, label: {WORDS}, up_to: 10}}
  - {{symbol: B, label: {WORDS}, up_to: 40}}
  - {{symbol: C, label: {WORDS}}}
"""


def mines(*changes: tuple[str, str]) -> System:
    whole = MINES
    for old, new in changes:
        assert old in whole
        whole = whole.replace(old, new)
    return checked(parse(whole, file="mines.yml"), catalogue=CATALOGUE)


def mine(**values: object) -> dict[str, object]:
    about = {"as_of": TODAY, "subject": "M", "name": None, "region": None, "industry": None}
    return {**about, "debt": 90, "sector": "mine", "founded": date(2010, 1, 1), **values}


class TestTheColumnsOfATable:
    def test_can_all_be_changed(self) -> None:
        system = mines()

        ways = {name: way_of(system, one) for name, one in system.definition.features.items()}

        assert ways == dict.fromkeys(("debt", "sector", "founded"), "column")

    def test_are_changed_to_what_scores_better_in_what_asks_for_it(self) -> None:
        system = mines()
        plan, score = ready(system)

        found = {one.name: one for one in levers(system, plan, row=mine(), score=score)}

        assert set(found) == {"debt", "sector"}  # no day of the past becomes another
        assert [one.values for one in found["sector"].choices] == [{"sector": "farm"}]
        assert found["debt"].choices[-1].values == {"debt": 0}


class TestWhyNothingHelps:
    def test_is_told_where_data_is_too_thin(self) -> None:
        system = mines(("sector == 'mine'", "sector != 'shop'"))

        found = improvement(system, mine(debt=None, sector="farm"))

        assert (found.grade, found.proposals, found.why) == ("B", (), "thin")

    def test_is_told_where_nothing_can_be_moved(self) -> None:
        changes = [(f"weight: {one},", f"weight: {one}, actionable: false,") for one in (6000, 3000)]

        found = improvement(mines(*changes), mine(), target="A")

        assert (found.grade, found.levers, found.why) == ("C", (), "nothing")

    def test_is_told_where_the_search_was_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(searching, "MOST_LOOKS", 0)

        found = improvement(mines(), mine())

        assert (found.settled, found.why) == (False, "unsettled")
        assert found.reason is not None
        assert found.reason.en.startswith("Too many things could change")

    def test_is_told_where_people_moved_the_grade_down(self) -> None:
        found = improvement(food(), row(as_of=TODAY, moving=60, adjusted_steps=1), target="A")

        assert (found.grade, found.proposals, found.why) == ("C", (), "adjusted")

    def test_is_told_where_there_is_no_grade(self) -> None:
        found = improvement(food(), row(as_of=TODAY, still=None, moving=None))

        assert (found.grade, found.target, found.why) == (None, None, "ungraded")


class TestTooManySettingsTogether:
    def test_are_searched_without_a_promise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gains, "MOST_CONTEXTS", 1)
        system, now = mines(), mine(debt=30, sector="farm")
        plan, score = ready(system)
        found = levers(system, plan, row=now, score=score)
        made = Gains(plan, levers=found, row=now, score=score)

        assert Reach(plan, levers=found, row=now, gains=made).best({}) is None
        assert {one.points for one in made.readings} == {None}


class TestWhatIsWithinReach:
    ROWS: tuple[Mapping[str, Any], ...] = (
        {},
        {"part_general_score": 410_000, "part_general_rank": 2, "still": 60, "moving": 60},
        {"part_general_score": 410_000, "part_general_rank": 2, "still": None, "moving": None},
        {"still": None, "moving": None},
        {"moving": 50},
    )

    @pytest.mark.parametrize(
        ("steps", "parts"),
        [
            (WEIGHTED, ""),
            (WEIGHTED.replace("rescale: true", "rescale: true, turned: true"), TURNED),
            (BUDGET, ""),
            (ADD_ON, ""),
            (MATRIX, ""),
            (MATRIX.replace("        otherwise: C\n", ""), ""),
            (WEIGHTED + FLOOR, ""),
        ],
    )
    @pytest.mark.parametrize("values", ROWS)
    def test_without_any_change_is_what_is_there(
        self, steps: str, parts: str, values: Mapping[str, Any]
    ) -> None:
        system = food(steps, parts) if parts else food(steps)
        plan, score = ready(system)
        now = row(as_of=TODAY, **values)
        found = levers(system, plan, row=now, score=score)
        reach = Reach(plan, levers=found, row=now, gains=Gains(plan, levers=found, row=now, score=score))

        # where data is too thin for a grade there is a rank by score all the same
        assert not reach.promised or score(now).rank in (None, reach.best({}))


class TestAValueInWords:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("on_serious_list", True, "yes"),
            ("on_serious_list", False, "no"),
            ("fines", 1_234_500, "CNY 12,345.00"),
            ("failed_share", 2_450, "24.5%"),
            ("penalty_weight", 1_500, "1.5"),
            ("penalties_12m", 3, "3"),
            ("same_legal_rep_count", 3, "3"),
            ("status", "active", "active"),
            ("status", "asleep", "asleep"),
        ],
    )
    def test_is_said_as_its_kind(self, name: str, value: object, said: str) -> None:
        assert wording.value(example(), name, value).en == said

    def test_of_days_is_said_in_days(self) -> None:
        text = FILE.read_text(encoding="utf-8").replace("take: days_since,", "take: days_since, unit: days,")
        system = checked(parse(text, file="x.yml"), catalogue=CATALOGUE)

        assert wording.value(system, "last_penalty_days", 12).zh == "12天"

    def test_of_a_part_is_said_as_grade_or_points(self) -> None:
        assert wording.value(food(), "part_general_rank", 1).en == "grade B"
        assert wording.value(food(), "part_general_score", 41_500).en == "41.5 points"

    def test_stands_in_a_form_as_people_write_it(self) -> None:
        assert trying.as_written(example(), "fines", 1_234_500) == "12345"
        assert trying.as_written(example(), "established", date(2020, 1, 2)) == "2020-01-02"

    def test_of_a_column_is_said_as_it_is(self) -> None:
        assert wording.value(mines(), "sector", "mine").zh == "mine"


class TestInputsTriedByHand:
    def test_may_be_emptied_and_set_to_any_kind(self) -> None:
        system = mines()

        assert trying.tried(system, mine(), {"debt": " "}).outcome == "insufficient"
        assert (
            trying.tried(system, mine(), {"sector": "farm", "founded": "2026-10-01"}).points["young"]
            == 100_000
        )

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ({"debt": "101"}, "cannot be read as a value"),
            ({"dept": "1"}, "reads no input 'dept'. Did you mean 'debt'"),
        ],
    )
    def test_are_refused_where_the_system_has_no_place_for_them(
        self, written: dict[str, str], said: str
    ) -> None:
        with pytest.raises(trying.InputNotUnderstood, match=said):
            trying.tried(mines(), mine(), written)


class TestTimeAlone:
    @staticmethod
    def world(status: str = "active") -> World:
        world = World()
        world.enterprise("A", status=status)
        world.record("TST-02", "A", decided_on=date(2026, 1, 10), kind="fine", fine=1, repaired=False)
        world.record("TST-02", "A", decided_on=None, kind="fine", fine=1, repaired=False)
        shown = date(2026, 12, 24)
        world.record(
            "TST-02", "A", decided_on=TODAY, kind="fine", fine=1, repaired=False, publicity_ends=shown
        )
        return world

    def test_lets_records_fade_and_leave_their_windows(self) -> None:
        world = self.world()
        now = {**inputs(world)["A"], "as_of": TODAY}

        found = waiting.course(world.connection, system=example(), row=now)

        changed = {one.day: [label.en for label in one.changed] for one in found.steps}
        assert "Penalties, weighed and decayed" in changed[date(2026, 11, 10)]  # a month older
        assert "Penalties in 12 months" in changed[date(2027, 1, 10)]
        assert "Penalties in 12 months" in changed[date(2026, 12, 25)]  # the day after the last of publicity

    def test_is_looked_at_on_the_days_of_records_alone_where_no_rule_counts_days(self) -> None:
        text = FILE.read_text(encoding="utf-8")
        for old, new in (
            ("value: days(established)", "value: penalties_12m"),
            ("points: 600}, {up_to: 1094, points: 300}, {points: 0}", "points: 0}, {points: 600}"),
            ("days(established) < 365", "penalties_12m > 90"),
        ):
            assert old in text
            text = text.replace(old, new)
        text = text.replace("shown_as: days", "shown_as: number")
        system = checked(parse(text, file="x.yml"), catalogue=CATALOGUE)
        now = {**inputs(self.world())["A"], "as_of": TODAY, "last_penalty_days": None}

        found = waiting.course(self.world().connection, system=system, row=now)

        assert date(2027, 1, 10) in {one.day for one in found.steps}

    @pytest.mark.parametrize(("status", "changes"), [("active", True), ("revoked", False)])
    def test_asks_who_is_in_scope_where_the_file_says_so(self, status: str, changes: bool) -> None:
        text = FILE.read_text(encoding="utf-8").replace(
            "population: {items: [TST-01]}", "population: {items: [TST-01], where: \"status == 'active'\"}"
        )
        system = checked(parse(text, file="x.yml"), catalogue=CATALOGUE)
        now = {**inputs(self.world())["A"], "as_of": TODAY}

        found = waiting.course(self.world(status).connection, system=system, row=now)

        assert any(one.changed for one in found.steps) is changes
