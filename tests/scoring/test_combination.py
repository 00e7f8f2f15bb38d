"""A professional result and the general one are put together as the file says, and every pair of rules keeps its order."""

import pytest
from tests.scoring.combined import GENERAL, WEIGHTED, food, row, scored, text
from tests.scoring.example import CATALOGUE, TODAY

from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring.explain import explanation
from creditmesh.scoring.loading import checked

BY_CLASS = "by_grade: {A: 0, B: 6, C: 13, D: 20}"
BUDGET = f"""
    - id: whole
      label: {{zh: 综合, en: whole}}
      budget: {{blocks: [{{of: static, points: 40}}, {{of: dynamic, points: 40}}, {{of: general, points: 20, {BY_CLASS}}}]}}
"""
ADD_ON = f"""
    - id: whole
      label: {{zh: 综合, en: whole}}
      add_on: {{to: own, add: [{{of: general, points: 20, {BY_CLASS}}}]}}
"""
MATRIX = """
    - id: pair
      label: {zh: 矩阵, en: pair}
      matrix:
        rows: general
        columns: own
        otherwise: C
        table:
          A: {A: A, B: A, C: B, D: C}
          B: {A: A, B: B, C: C, D: D}
          C: {A: B, B: C, C: C, D: D}
          D: {A: C, B: C, C: D, D: D}
"""
FLOOR = """
    - id: held
      label: {zh: 托底, en: held}
      floor: {of: whole, not_better_than: [general, own], less: 1}
"""
TURNED = """
    general:
      label: {zh: 公共信用, en: public}
      system: public-credit
      scale: 1000
      direction: higher_is_better
      grades: [优, 良, 中, 差]
      missing: skip
"""


class TestWeighted:
    def test_is_the_mean_on_one_scale(self):
        found = scored(food(), part_general_score=410_000, still=60, moving=60)

        assert (found.own, found.score, found.steps) == (60_000, 50_500, {"whole": 50_500})
        assert found.grade == "C"

    def test_is_converted_and_rounded_in_one_quotient(self):
        # 410.005 of 1000 are 41.0005 of 100, half of which is 20.50025: rounded once, not 41.001 / 2 = 20.5005
        assert scored(food(), part_general_score=410_005).score == 20_500

    def test_leaves_the_weight_of_what_is_skipped_to_the_others(self):
        assert scored(food(), still=60, moving=60).score == 60_000

    def test_turns_what_runs_the_other_way(self):
        steps = WEIGHTED.replace("rescale: true", "rescale: true, turned: true")

        assert scored(food(steps, TURNED), part_general_score=900_000, still=60, moving=60).score == 35_000


class TestBudget:
    def test_adds_fixed_points_for_each_block(self):
        found = scored(food(BUDGET), still=50, moving=25, part_general_rank=2)

        assert found.score == 20_000 + 10_000 + 13_000

    def test_stretches_the_others_when_a_part_has_no_result(self):
        assert scored(food(BUDGET), still=50, moving=25).score == 30_000 * 100 // 80

    @pytest.mark.parametrize(
        ("points", "grade"),
        [(30_000, "A"), (30_010, "B"), (45_000, "B"), (45_010, "C"), (60_000, "C"), (60_010, "D")],
    )
    def test_ends_its_grades_where_the_rule_does(self, points, grade):
        everything = WEIGHTED.replace("5000, rescale", "10000, rescale").replace(
            "own, weight: 5000", "own, weight: 0"
        )

        assert scored(food(everything), part_general_score=points * 10).grade == grade


class TestAddOn:
    def test_adds_up_to_twenty_to_a_hundred(self):
        assert scored(food(ADD_ON), still=100, moving=98, part_general_rank=3).score == 98_800 + 20_000

    def test_adds_nothing_for_a_part_without_a_result(self):
        assert scored(food(ADD_ON), still=50, moving=50).score == 50_000

    def test_has_its_cut_offs_on_all_of_it(self):
        wider = text(ADD_ON).replace("up_to: 60", "up_to: 110")

        assert checked(parse(wider, file="food.yml"), catalogue=CATALOGUE)
        with pytest.raises(CatalogueRefused, match="inside 0 to 120"):
            checked(parse(wider.replace("110", "121"), file="food.yml"), catalogue=CATALOGUE)


class TestMatrix:
    @pytest.mark.parametrize(
        ("general", "moving", "grade"),
        [(0, 0, "A"), (0, 80, "B"), (3, 0, "C"), (2, 50, "B"), (2, 60, "C"), (None, 0, "C")],
    )
    def test_gives_the_grade_of_the_pair(self, general, moving, grade):
        found = scored(food(MATRIX), part_general_rank=general, moving=moving)

        assert (found.grade, found.steps) == (grade, {"pair": grade})
        assert found.score == moving * 600  # a matrix makes no score: the own one stays


class TestFloor:
    @pytest.mark.parametrize(
        ("general", "grade"), [((0, 0), "B"), ((1000, 3), "D"), ((100, 3), "C"), ((None, None), "B")]
    )
    def test_is_not_better_than_the_worse_less_one(self, general, grade):
        score, rank = general
        system = food(WEIGHTED + FLOOR)
        found = scored(
            system,
            still=80,
            moving=0,
            part_general_score=None if score is None else score * 1000,
            part_general_rank=rank,
        )

        # own 32: B; with 0 general: 16, A, but not better than B less one = A
        assert found.grade == (grade if general != (0, 0) else "A")

    def test_reads_the_step_before_it(self):
        found = scored(food(WEIGHTED + FLOOR), part_general_score=0, part_general_rank=3)

        assert found.steps == {"whole": 0, "held": "C"}
        assert (found.score, found.grade) == (0, "C")


class TestAPartWithoutAResult:
    def test_makes_the_whole_insufficient_where_it_refuses(self):
        system = food(WEIGHTED, GENERAL.replace("missing: skip", "missing: refuse"))

        assert scored(system, still=60).outcome == "insufficient"
        assert scored(system, part_general_score=0, part_general_rank=0).outcome == "graded"

    def test_counts_as_the_file_says(self):
        system = food(WEIGHTED + FLOOR, GENERAL.replace("missing: skip", "missing: {score: 500, grade: D}"))
        found = scored(system)

        assert found.steps == {"whole": 25_000, "held": "C"}

    def test_leaves_nothing_to_grade_when_it_is_all_there_is(self):
        steps = MATRIX.replace("        otherwise: C\n", "")

        assert scored(food(steps)).outcome == "insufficient"
        assert scored(food(steps)).grade is None


class TestPrecedence:
    """Exclusion > direct trigger > cap > score > adjustment (domain.md §2.5), pair by pair."""

    @pytest.mark.parametrize(
        ("values", "grade"),
        [
            ({"moving": 99, "listed": True}, None),  # exclusion over trigger
            ({"moving": 99}, None),  # over cap (99 is many, too) and score
            ({"moving": 99, "adjusted_steps": -1}, None),  # over adjustment
            ({"listed": True, "moving": 90}, "D"),  # trigger over cap
            ({"listed": True}, "D"),  # trigger over score
            ({"listed": True, "adjusted_steps": -1}, "D"),  # trigger over adjustment
            ({"moving": 90, "part_general_score": 0, "part_general_rank": 0}, "C"),  # cap over score (27: A)
            ({"moving": 90, "part_general_score": 200_000, "adjusted_steps": -1}, "C"),  # cap over adjustment
            ({"moving": 60}, "B"),  # score alone
            ({"moving": 60, "adjusted_steps": 1}, "C"),  # moved
            ({"moving": 60, "adjusted_steps": -1}, "A"),
            ({"moving": 60, "adjusted_steps": 3}, "C"),  # never by more than the file allows
            ({"adjusted_steps": -1}, "A"),  # never out of the grades
            ({"still": 100, "moving": 80, "adjusted_steps": 1}, "D"),
            ({"moving": 60, "adjusted_steps": None}, "B"),
        ],
    )
    def test_holds(self, values, grade):
        assert scored(food(), **values).grade == grade

    def test_an_adjustment_cannot_make_a_grade_of_nothing(self):
        found = scored(food(), still=None, moving=None, adjusted_steps=-1)

        assert (found.outcome, found.grade) == ("insufficient", None)


def told(system, **values):
    """Return the steps of a combination in words."""
    found = explanation(system, row(**{"as_of": TODAY, **values}))
    return [(one.words.zh, one.words.en) for one in found.combined]


class TestAnExplanation:
    def test_says_what_was_weighed(self):
        [words] = told(food(), part_general_score=410_000, still=60, moving=60)

        assert words == ("通用 41 × 0.5 + 食品 60 × 0.5 = 50.5", "general 41 × 0.5 + food 60 × 0.5 = 50.5")

    def test_says_what_has_no_result(self):
        [words] = told(food(), still=60, moving=60)

        assert words == ("食品 60 × 0.5 = 60（无结果：通用）", "food 60 × 0.5 = 60 (no result: general)")

    def test_says_what_each_block_brought(self):
        [words] = told(food(BUDGET), still=50, moving=25, part_general_rank=2)

        assert words == (
            "静态 20（至多 40） + 动态 10（至多 40） + 通用 C 13（至多 20） = 43",
            "static 20 (of 40) + dynamic 10 (of 40) + general C 13 (of 20) = 43",
        )

    def test_says_what_was_added(self):
        [words] = told(food(ADD_ON), still=50, moving=50, part_general_rank=1)

        assert words[1] == "food 50 + general B 6 (of 20) = 56"

    def test_says_which_pair_and_which_floor(self):
        assert told(food(MATRIX), part_general_rank=3)[0][1] == "general D × food A → C"
        assert told(food(MATRIX))[0][0] == "通用 无等级 × 食品 A → C"
        [_, held] = told(food(WEIGHTED + FLOOR), part_general_score=0, part_general_rank=3)
        assert held == (
            "综合 A，不优于通用 D、食品 A中最差者上调1级 → C",
            "whole A, not better than the worst of general D, food A less 1 → C",
        )

    def test_names_the_system_of_each_part_and_finds_no_difference(self):
        system = food(WEIGHTED + FLOOR)
        values = row(as_of=TODAY, part_general_score=410_000, part_general_rank=1, moving=60)
        stored = values | scored(system, **values).columns(reasons=3)
        found = explanation(system, stored)

        assert [one.system for one in found.combined[0].terms] == ["general", ""]
        assert (found.differs, found.score_own, found.score) == ((), 36_000, 38_500)

    def test_says_that_people_moved_it(self):
        up = explanation(food(), row(as_of=TODAY, moving=60, adjusted_steps=-1)).moved
        down = explanation(food(), row(as_of=TODAY, moving=60, adjusted_steps=1)).moved

        assert up.words.zh == "人工调整：上调1级，B → A"
        assert down.words.en == "adjusted by people: 1 grade worse, B → C"
        assert explanation(food(), row(as_of=TODAY, moving=60)).moved is None

    def test_says_that_there_is_nothing_to_say(self):
        steps = MATRIX.replace("        otherwise: C\n", "")

        assert told(food(steps))[0][1] == "general no grade × food A → no result"
        assert told(food(), still=None, moving=None)[0][1] == " = no result (no result: general, food)"
