"""Results of devices as a part of an enterprise's system: the worst or the mean of those that belong to it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scoring.combined import GENERAL, food, row, text
from tests.scoring.example import CATALOGUE

from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import evaluate
from creditmesh.scoring.definition.checks import across
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Direction
from creditmesh.scoring.explain import explanation
from creditmesh.scoring.loading import checked, load, shipped
from creditmesh.scoring.plan import compile_plan
from creditmesh.scoring.records import beside
from creditmesh.scoring.targets.to_python import function

TOLD = [
    ("general:", "lifts:"),
    ("zh: 通用, en: general", "zh: 电梯, en: lifts"),
    ("scale: 1000", "scale: 100"),
]
LIFTS = GENERAL.replace("system: general", "system: elevators")
for old, new in TOLD:
    LIFTS = LIFTS.replace(old, new)
WORST = f"{LIFTS}      through: user\n      take: worst\n"
MEAN = WORST.replace("take: worst", "take: mean")
STEPS = """
    - id: whole
      label: {zh: 综合, en: whole}
      weighted: {parts: [{of: lifts, weight: 5000}, {of: own, weight: 5000}]}
"""
HELD = """
    - id: held
      label: {zh: 托底, en: held}
      floor: {of: own, not_better_than: [lifts], less: 1}
"""
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("subject", "grade", "belongs_user", "belongs_maintenance")]
    + [("score", pa.int64())]
)


def by_duckdb(system: System, rows: list[dict[str, object]], folder: Path) -> dict[str, tuple]:
    file = folder / "lifts.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), file)
    with duckdb.connect() as engine:
        evaluate.show(engine, system=system, beside=evaluate.Beside(parts={"lifts": str(file)}))
        found = engine.execute("SELECT subject, score, rank FROM _part_lifts").fetchall()
    return {subject: (score, rank) for subject, score, rank in found}


def lift(of: str | None, score: int | None, grade: str | None, nth: int = 0) -> dict[str, object]:
    return {
        "subject": f"D:{nth}",
        "grade": grade,
        "belongs_user": of,
        "belongs_maintenance": "M",
        "score": score,
    }


def problems(steps: str, parts: str, *others: tuple[str, str]) -> list[tuple[str, str, int]]:
    whole = text(steps, parts)
    for was, becomes in others:
        assert was in whole
        whole = whole.replace(was, becomes)
    try:
        checked(parse(whole, file="food.yml"), catalogue=CATALOGUE)
    except CatalogueRefused as refused:
        return [(one.rule, one.sentence, one.line) for one in refused.problems]
    return []


class TestTheDevicesOfAnEnterprise:
    ROWS = (
        lift("E1", 41_000, "B", 1),
        lift("E1", 12_000, "D", 2),  # a trigger, whatever the points
        lift("E1", None, None, 3),
        lift("E2", None, None, 4),
        lift(None, 90_000, "D", 5),
        lift("E3", 1, "A", 6),
        lift("E3", 2, "A", 7),
    )

    def test_count_as_the_worst_score_and_the_worst_grade(self, tmp_path):
        found = by_duckdb(food(STEPS, WORST), list(self.ROWS), tmp_path)

        assert found == {"E1": (41_000, 3), "E2": (None, None), "E3": (2, 0)}

    def test_count_as_their_mean_half_up_which_has_no_grade(self, tmp_path):
        found = by_duckdb(food(STEPS, MEAN), list(self.ROWS), tmp_path)

        assert found == {"E1": (26_500, None), "E2": (None, None), "E3": (2, None)}

    def test_have_the_lowest_score_as_the_worst_where_more_is_better(self, tmp_path):
        system = food(STEPS, WORST)
        combination = system.definition.combination
        part = combination.parts["lifts"].model_copy(update={"direction": Direction.HIGHER_IS_BETTER})
        turned = combination.model_copy(update={"parts": {"lifts": part}})
        system = replace(system, definition=system.definition.model_copy(update={"combination": turned}))

        assert by_duckdb(system, list(self.ROWS), tmp_path)["E1"] == (12_000, 3)
        assert beside.of_devices(part, [(41_000, "B"), (12_000, "D")]) == (12_000, 3)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["E1", "E2", None]),
                st.none() | st.integers(0, 100_000),
                st.none() | st.sampled_from("ABCD"),
            ),
            max_size=12,
        ),
        parts=st.sampled_from([WORST, MEAN]),
    )
    def test_come_to_the_same_in_python(self, tmp_path_factory, rows, parts):
        system = food(STEPS, parts)
        told = [lift(*one, nth) for nth, one in enumerate(rows)]
        part = system.definition.combination.parts["lifts"]
        expected = {
            owner: beside.of_devices(part, [one[1:] for one in rows if one[0] == owner])
            for owner in {one[0] for one in rows} - {None}
        }

        assert by_duckdb(system, told, tmp_path_factory.mktemp("lifts")) == expected

    def test_are_explained_in_words(self):
        values = {
            "as_of": date(2026, 6, 30),
            "still": 20,
            "moving": 20,
            "part_lifts_score": 60_000,
            "part_lifts_rank": 3,
        }
        for parts, zh, en in (
            (WORST, "电梯（最差）", "lifts (the worst)"),
            (MEAN, "电梯（平均）", "lifts (the mean)"),
        ):
            system = food(STEPS, parts)
            scored = function(compile_plan(system))(row(**values)).columns(reasons=3)
            [step] = explanation(system, row(**values) | scored).combined

            assert step.words.zh == f"{zh} 60 × 0.5 + 食品 20 × 0.5 = 40"
            assert step.words.en == f"{en} 60 × 0.5 + food 20 × 0.5 = 40"
            assert [(one.system, one.through) for one in step.terms] == [("elevators", "user"), ("", "")]


class TestAFile:
    @pytest.mark.parametrize(
        ("steps", "parts", "others", "rule", "says"),
        [
            (STEPS, WORST.replace("      take: worst\n", ""), (), "shape-value-error", "together"),
            (STEPS, WORST.replace("      through: user\n", ""), (), "shape-value-error", "together"),
            (STEPS, WORST.replace("take: worst", "take: best"), (), "shape-literal-error", "worst"),
            (HELD, MEAN, (), "type", "'lifts' is a mean and has no grade: write `take: worst`"),
            (
                STEPS,
                MEAN,
                [("when: moving >= 90", "when: part_lifts_rank >= 2")],
                "expression",
                "part_lifts_rank",
            ),
        ],
    )
    def test_is_refused(self, steps, parts, others, rule, says):
        found = problems(steps, parts, *others)

        assert any(one == rule and says in sentence and line > 0 for one, sentence, line in found), found

    def test_may_read_the_worst_grade(self):
        assert problems(HELD, WORST, ("when: moving >= 90", "when: part_lifts_rank >= 2")) == []

    def test_of_a_system_that_scores_devices_itself_is_refused(self):
        unit = (
            "unit:\n  label: {zh: 梯, en: lift}\n  key: number\n  items: {TST-04: {key: number}}\npopulation:"
        )

        assert "unit" in [rule for rule, _, _ in problems(STEPS, WORST, ("population:", unit))]

    @pytest.mark.parametrize(
        ("parts", "says"),
        [
            (LIFTS, "scores devices, not enterprises: write `through: user`, `take: worst`"),
            (WORST.replace("through: user", "through: usr"), "Did you mean 'user'?"),
            (
                WORST.replace("system: elevators", "system: general").replace("scale: 100", "scale: 1000"),
                "scores enterprises: leave `through` and `take` out",
            ),
        ],
    )
    def test_must_fit_the_system_it_takes_along(self, parts, says):
        steps = STEPS.replace("of: lifts, weight: 5000", "of: lifts, weight: 5000, rescale: true")
        found = problems(steps if "1000" in parts else STEPS, parts)

        assert [rule for rule, _, _ in found] == ["part-differs"]
        assert says in found[0][1]
        assert found[0][2] > 0

    def test_of_another_scale_than_its_system_is_told_the_right_one(self):
        definition = load(shipped()["elevators"]).definition
        part = food(STEPS, WORST).definition.combination.parts["lifts"].model_copy(update={"scale": 7})

        assert ("scale", "'elevators' runs 0 to 100: write `scale: 100`.") in across.differences(
            part, definition
        )

    def test_of_a_system_whose_devices_belong_to_nobody_finds_no_use(self):
        definition = load(shipped()["elevators"]).definition
        alone = definition.model_copy(update={"unit": definition.unit.model_copy(update={"belongs_to": {}})})
        part = food(STEPS, WORST).definition.combination.parts["lifts"].model_copy(update={"through": None})

        assert "belong to nobody" in next(sentence for _, sentence in across.differences(part, alone))
