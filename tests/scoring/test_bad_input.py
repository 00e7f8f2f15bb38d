"""One case for each rule a file can break: refused with the line, the rule, and what to do."""

from pathlib import Path

import duckdb
import pytest
from tests.scoring.combined import GENERAL, WEIGHTED, food, text
from tests.scoring.example import CATALOGUE
from tests.scoring.test_combination import ADD_ON, BUDGET, FLOOR, MATRIX
from tests.scoring.test_loading import TEXT
from tests.scoring.test_loading import problems as in_example

from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import evaluate, loading
from creditmesh.scoring.loading import checked

HALVES = "parts: [{of: general, weight: 5000, rescale: true}, {of: own, weight: 5000}]"
STEP = "    - id: whole\n"
SECOND = WEIGHTED.replace("id: whole", "id: second")


def problems(whole: str, old: str, new: str) -> list[tuple[str, str, int]]:
    """Return rule, sentence and line of what is wrong in a file with one text replaced."""
    assert old in whole
    try:
        checked(parse(whole.replace(old, new), file="food.yml"), catalogue=CATALOGUE)
    except CatalogueRefused as refused:
        return [(one.rule, one.sentence, one.line) for one in refused.problems]
    return []


class TestACombination:
    @pytest.mark.parametrize(
        ("steps", "old", "new", "rule", "says"),
        [
            # references: dangling, cyclic, across files
            (WEIGHTED, "of: general", "of: generel", "unknown-part", "Did you mean 'general'?"),
            (WEIGHTED, "{of: own,", "{of: whole,", "cycle", "reads only those before it"),
            (WEIGHTED + FLOOR, "{of: own, weight", "{of: held, weight", "cycle", "Step 'held' comes later"),
            (WEIGHTED, "system: general", "system: food", "cycle", "cannot be a part of itself"),
            (WEIGHTED, "system: general", "system: genaral", "unknown-system", "Did you mean 'general'?"),
            (WEIGHTED, "scale: 1000", "scale: 100", "scale", "leave `rescale` out"),
            (WEIGHTED, "grades: [A, B, C, D]", "grades: [A, B, C]", "part-differs", "Write `grades: [A, B, C, D]`"),
            (WEIGHTED, "      system: general\n", "      system: public-credit\n", "part-differs", "Write `direction: higher_is_better`"),
            (WEIGHTED, "id: whole", "id: static", "duplicate-id", "'static' is taken"),
            (WEIGHTED, "combination:\n  own_label: {zh: 食品, en: food}\n  parts:", "combination:\n  parts:\n    own: {label: {zh: a, en: a}, system: general, scale: 1000, direction: higher_is_worse, grades: [A, B], missing: skip}", "duplicate-id", "'own' is taken"),
            (WEIGHTED + SECOND, STEP, STEP, "unreachable", "Nothing reads step 'whole'"),
            (WEIGHTED, "of: general, weight: 5000, rescale: true", "of: static, weight: 5000", "unused-part", "No step reads 'general'"),
            # operators
            (WEIGHTED, "      weighted: ", "      floor: {of: own, not_better_than: [own], less: 1}\n      weighted: ", "shape-value-error", "exactly one operator"),
            (WEIGHTED, "weight: 5000}]", "weight: 4000}]", "weights", "sum to 9000"),
            (WEIGHTED, ", rescale: true", "", "scale", "write `rescale: true`"),
            (WEIGHTED, "{of: own, weight: 5000}", "{of: own, weight: 5000, turned: true}", "direction", "leave `turned` out"),
            (WEIGHTED, "      direction: higher_is_worse", "      direction: higher_is_better", "direction", "write `turned: true`"),
            (MATRIX + SECOND.replace("of: own", "of: pair"), "- id: second", "- id: third", "type", "gives a grade and no score"),
            (BUDGET, "D: 20}", "D: 21}", "points", "21 points are outside 0 to 20"),
            (BUDGET, "C: 13, D: 20}", "D: 20}", "not-total", "these are not: C"),
            (BUDGET, "C: 13, D: 20}", "C: 13, D: 20, E: 20}", "unknown-grade", "'E' is no grade here"),
            (BUDGET, "{of: general, points: 20,", "{of: general, turned: true, points: 20,", "direction", "not turned"),
            (BUDGET, "{of: general,", "{of: static,", "type", "is a group and has no grade"),
            (BUDGET, "points: 40}, {of: d", "points: 0}, {of: d", "shape-greater-than-equal", "1"),
            (MATRIX + ADD_ON, "to: own", "to: pair", "type", "'pair' gives a grade and no score"),
            (ADD_ON, "to: own", "to: general", "direction", "runs the other way"),
            (ADD_ON, "to: own", "to: general", "", ""),
            (MATRIX, "D: {A: C, B: C, C: D, D: D}", "C2: {A: C, B: C, C: D, D: D}", "not-total", "these are not: D"),
            (MATRIX, "A: {A: A, B: A, C: B, D: C}", "A: {A: A, B: A, C: B}", "not-total", "these are not: D"),
            (MATRIX, "A: {A: A, B: A, C: B, D: C}", "A: {A: A, B: A, C: B, D: X}", "unknown-grade", "'X' is no grade"),
            (MATRIX, "otherwise: C", "otherwise: F", "unknown-grade", "'F' is no grade"),
            (MATRIX, "rows: general", "rows: static", "type", "is a group"),
            (WEIGHTED + FLOOR, "floor: {of: whole", "floor: {of: general", "type", "is a part; a floor holds"),
            (WEIGHTED + FLOOR, "grades: [A, B, C, D]", "grades: [A, B, C, E]", "unknown-grade", "Say in `becomes`"),
            (WEIGHTED + FLOOR, "D]\n      missing: skip", "D]\n      missing: skip\n      becomes: {F: A}", "unknown-grade", "'F' is no grade here"),
            (WEIGHTED + FLOOR, "D]\n      missing: skip", "D]\n      missing: {score: 500}", "fallback", "state `grade` here as well"),
            (WEIGHTED, "D]\n      missing: skip", "D]\n      missing: {score: 1001}", "points", "outside 0 to 1000"),
            (WEIGHTED, "D]\n      missing: skip", "D]\n      missing: {score: 1, grade: Z}", "unknown-grade", "'Z' is no grade"),
            (WEIGHTED, "grades: [A, B, C, D]", "grades: [A, B, B, D]", "duplicate-id", "stands twice"),
            # cut-offs
            (ADD_ON + FLOOR, "combination:\n", "combination:\n", "cut-offs", "state `own_cut_offs`"),
            (ADD_ON + FLOOR, "combination:\n", "combination:\n  own_cut_offs: [30, 45]\n", "cut-offs", "3 cut-offs are needed"),
            (ADD_ON + FLOOR, "combination:\n", "combination:\n  own_cut_offs: [30, 45, 45]\n", "cut-offs", "inside 0 to 100"),
            (ADD_ON + FLOOR, "combination:\n", "combination:\n  own_cut_offs: [30, 45, 60]\n", "", ""),
            (WEIGHTED, STEP, STEP + "      cut_offs: [30, 45, 60]\n", "cut-offs", "leave its `cut_offs` out"),
            (MATRIX, "    - id: pair\n", "    - id: pair\n      cut_offs: [1, 2, 3]\n", "shape-value-error", "has no `cut_offs`"),
            (WEIGHTED, "adjustments: {better: 1, worse: 1}", "adjustments: {better: 0, worse: 0}", "shape-value-error", "leave `adjustments` out"),
            (WEIGHTED, "weighted: {", "weighted: {scale: 99991, ", "", ""),
            (WEIGHTED, "when: listed,", "when: part_general_rank >= 9,", "unreachable", "never holds"),
            (WEIGHTED, "when: listed,", "when: part_general_rank >= 3 and part_general_score > 1000,", "", ""),
            (WEIGHTED, "when: listed,", "when: adjusted_steps > 0,", "expression", "not known here"),
        ],
    )  # fmt: skip
    def test_is_refused(self, steps, old, new, rule, says):
        whole = text(steps)
        if rule == "direction" and "to: own" in old:
            whole = whole.replace("      direction: higher_is_worse", "      direction: higher_is_better")
        found = problems(whole, old, new)

        if not rule:
            assert [one for one in found if one[0] != "scale"] == []
            return
        assert any(one == rule and says in sentence and line > 0 for one, sentence, line in found), found

    def test_needs_scales_that_64_bits_can_hold_together(self):
        parts = "".join(
            GENERAL.replace("general:", f"g{n}:", 1).replace("scale: 1000", f"scale: {scale}")
            for n, scale in enumerate((99_991, 99_989, 99_971))
        )
        of = ", ".join(
            f"{{of: g{n}, weight: {weight}, rescale: true}}" for n, weight in enumerate((3333, 3333, 3334))
        )
        whole = text(WEIGHTED, parts).replace(HALVES, f"scale: 99961, parts: [{of}]")

        assert "overflow" in [rule for rule, _, _ in problems(whole, "id: food", "id: food")]


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "food.yml").write_text(text(), encoding="utf-8")
        return tmp_path

    def load(self, path: Path):
        return loading.load(path, catalogue=CATALOGUE)

    def test_that_are_parts_of_each_other_are_refused(self, folder):
        lap = GENERAL.replace("system: general", "system: lap").replace("scale: 1000", "scale: 100")
        whole = text(WEIGHTED.replace(", rescale: true", ""), lap)
        (folder / "food.yml").write_text(whole, encoding="utf-8")
        turned = whole.replace("id: food\n", "id: lap\n").replace("system: lap", "system: food")
        (folder / "lap.yml").write_text(turned, encoding="utf-8")

        with pytest.raises(CatalogueRefused, match=r"parts of each other: food → lap → food"):
            self.load(folder / "food.yml")
        # by way of a third
        (folder / "lap.yml").write_text(turned.replace("system: food", "system: top"), encoding="utf-8")
        top = whole.replace("id: food\n", "id: top\n").replace("system: lap", "system: food")
        (folder / "top.yml").write_text(top, encoding="utf-8")
        with pytest.raises(CatalogueRefused, match=r"parts of each other: food → lap → top → food"):
            self.load(folder / "food.yml")
        (folder / "top.yml").unlink()
        (folder / "lap.yml").write_text(turned, encoding="utf-8")
        # a circle that this file is not in is the business of those that are
        third = whole.replace("id: food\n", "id: third\n")
        (folder / "third.yml").write_text(third, encoding="utf-8")
        assert self.load(folder / "third.yml").id == "third"

    def test_that_cannot_be_read_are_no_parts(self, folder):
        (folder / "broken.yml").write_text("id: [", encoding="utf-8")
        (folder / "food.yml").write_text(
            text(parts=GENERAL.replace("system: general", "system: broken")), encoding="utf-8"
        )

        with pytest.raises(CatalogueRefused, match="No system 'broken' is at hand"):
            self.load(folder / "food.yml")

    def test_that_state_one_system_twice_for_the_same_days_are_refused(self, folder):
        later = text().replace("effective_from: 2026-01-01", "effective_from: 2026-07-01")
        (folder / "food-2.yml").write_text(later, encoding="utf-8")
        with pytest.raises(CatalogueRefused, match=r"food-2.yml states 'food' for some of the same days"):
            self.load(folder / "food.yml")

        ended = text().replace(
            "effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_until: 2026-07-01"
        )
        (folder / "food.yml").write_text(ended, encoding="utf-8")
        assert self.load(folder / "food.yml").id == "food"
        assert self.load(folder / "food-2.yml").id == "food"
        (folder / "food-2.yml").write_text(later.replace("2026-07-01", "someday"), encoding="utf-8")
        with pytest.raises(CatalogueRefused, match="some of the same days"):
            self.load(folder / "food.yml")

    def test_of_cases_and_drafts_do_not_count(self, folder):
        (folder / "food.cases.yml").write_text(text(), encoding="utf-8")
        (folder / "note.yml").write_text("id: food\n", encoding="utf-8")

        assert self.load(folder / "food.yml").id == "food"


class TestAnyFile:
    @pytest.mark.parametrize(
        ("old", "new", "rule", "says"),
        [
            # dangling references, with what was meant
            ("value: penalties_12m", "value: penaltys_12m", "expression", "did you mean 'penalties_12m'?"),
            ("item: TST-05", "item: TST-50", "unknown-item", "Did you mean 'TST-05'?"),
            ("of: established_date", "of: establish_date", "unknown-field", "Did you mean 'established_date'?"),
            ("relations: [same_legal_rep]", "relations: [same_legal_repp]", "unknown-relation", "Did you mean 'same_legal_rep'?"),
            # bands: overlapping (the same or a lower end) and gapped (a start of its own is no key)
            ("{up_to: 2, points: 300}", "{up_to: -1, points: 300}", "order", "the values must rise"),
            ("{up_to: 2, points: 300}", "{from: 1, up_to: 2, points: 300}", "shape-extra-forbidden", "from"),
            # a score without a grade, at either end
            ("- {symbol: D, label: {zh: 信用风险高, en: High risk}}", "- {symbol: D, label: {zh: 信用风险高, en: High risk}, up_to: 900}", "cut-offs", "Every grade but the worst has"),
            ("en: Low risk}, up_to: 200}", "en: Low risk}, at_least: 10}", "cut-offs", "Every grade but the worst has"),
            # units of measure
            ("item: TST-02, take: sum, of: fine,", "item: TST-02, take: sum, of: fine, unit: days,", "unit", "write `unit: fen`"),
            ("value: penalties_12m\n", "value: penalties_12m\n            unit: days\n", "unit", "written for `days`"),
            ("shown_as: percent", "shown_as: money", "unit", "write `shown_as: percent`"),
            ("value: penalties_12m\n", "value: days(established)\n            unit: fen\n", "unit", "The value is in `days`"),
            ("value: penalties_12m\n", "value: penalties_12m\n            unit: count\n", "", ""),
            # nothing but its inputs
            ("value: penalties_12m", "value: __import__('os')", "expression", "__import__"),
            ("value: penalties_12m", "value: penalties_12m.real", "expression", "not"),
            ("value: penalties_12m", "value: open('x')", "expression", "open"),
            ("value: penalties_12m", "value: '[x for x in [1]]'", "expression", "not"),
            ("value: penalties_12m", "value: penalties_12m / 2", "expression", "ratio"),
            # dates
            ("effective_from: 2026-01-01", "effective_from: 2026-13-01", "shape-date-from-datetime-parsing", "date"),
            ("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_until: 2026-01-01", "shape-value-error", "later"),
            ("effective_from: 2026-01-01", "effective_from: 1767225600", "shape-value-error", "write a day as 2026-12-31"),
            ("effective_from: 2026-01-01", "effective_from: 2026/01/01", "shape-value-error", "write a day as 2026-12-31"),
            ("value: penalties_12m", "value: \"days(established, date('2026-02-30'))\"", "expression", "2026-02-30"),
            ("label: {zh: 示例指标体系, en: Example index system}", "label: {zh: 示例, en: ' '}", "words", "in both languages"),
            # words: a place for the value that nothing fills, also in the braces of Chinese keyboards
            ("受到{value}次", "受到{vlaue}次", "placeholder", "Nothing fills {vlaue}; the measured value is {value}"),
            ("受到{value}次", "受到{value次", "placeholder", "Nothing fills {; the measured value"),
            ("受到{value}次", "受到{{value}}次", "placeholder", "Nothing fills {}; the measured value"),
            ("受到{value}次", "受到｛value｝次", "placeholder", "Did you mean '{value}'?"),
            ("en: Pay in the capital as the articles say", "en: 'Pay in {value}'", "placeholder", "only a `reason` tells a value"),
            ("zh: 按规定移出名单", "zh: '按规定移出{value}'", "placeholder", "Nothing fills {value} here"),
            ("en: Pay in the capital as the articles say", "en: Pay in {value}", "yaml-syntax", "in quotes; look at brackets"),
        ],
    )  # fmt: skip
    def test_is_refused(self, old, new, rule, says):
        found = in_example(old, new)

        if not rule:
            assert found == []
            return
        assert any(one == rule and says in sentence and line > 0 for line, one, sentence in found), found

    def test_that_was_kept_is_read_with_words_of_which_nothing_was_known_then(self):
        whole = TEXT.replace("受到{value}次", "受到{vlaue}次")

        assert checked(parse(whole, file="kept.yml"), catalogue=CATALOGUE, alone=True).id == "example"


class TestARunWithoutItsPart:
    def test_is_refused(self, tmp_path):
        with duckdb.connect() as connection, pytest.raises(evaluate.PartNotGiven, match="takes the results"):
            evaluate.show(connection, system=food(), beside=evaluate.Beside())


class TestARunWithItsPart:
    def test_reads_score_and_grade_of_each_subject(self, tmp_path):
        part = tmp_path / "part.parquet"
        with duckdb.connect() as connection:
            connection.execute(
                "COPY (SELECT * FROM (VALUES ('E1', 410000, 'B'), ('E2', NULL, NULL)) t(subject, score, grade))"
                f" TO '{part}' (FORMAT parquet)"
            )
            given = evaluate.Beside(parts={"general": str(part)}, adjusted={"E2": 1})
            evaluate.show(connection, system=food(), beside=given)

            assert connection.execute("FROM _part_general").fetchall() == [
                ("E1", 410_000, 1),
                ("E2", None, None),
            ]
            assert connection.execute("FROM _adjusted").fetchall() == [("E2", 1)]
