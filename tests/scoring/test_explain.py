"""An explanation says how every point came, what decided, what would help, and which records stand behind it."""

from datetime import date

import pytest
from tests.scoring.example import CATALOGUE, FILE, TODAY, World, example

from creditmesh.catalogue.model import Status
from creditmesh.catalogue.reading import parse
from creditmesh.scoring import cases, evaluate, loading
from creditmesh.scoring.definition import wording
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.explain import Branch, explanation

A, B = "A" * 18, "B" * 18
CASES = FILE.with_suffix(".cases.yml")


def changed(*replacements: tuple[str, str]) -> System:
    """Return the example with texts replaced."""
    text = FILE.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return loading.checked(parse(text, file="changed.yml"), catalogue=CATALOGUE)


def row(system: System | None = None, **values: object) -> dict[str, object]:
    """Return the clean enterprise of the first case, with other inputs."""
    _, found = cases.rows(system or example(), CASES)[0]
    return {"subject": A, "name": "甲", **found, **values}


def leaf(branches: tuple[Branch, ...], id_: str) -> Branch:
    """Return a branch wherever it hangs."""
    for one in branches:
        if one.id == id_:
            return one
        if one.parts and any(id_ == below.id for below in every(one.parts)):
            return leaf(one.parts, id_)
    raise KeyError(id_)


def every(branches: tuple[Branch, ...]) -> list[Branch]:
    """Return all branches."""
    return [one for branch in branches for one in (branch, *every(branch.parts))]


class TestAnExplanation:
    def test_says_who_got_what_by_which_rules(self):
        found = explanation(example(), row())

        assert (found.system, found.version, found.scale, found.as_of) == ("example", "1", 1000, TODAY)
        assert (found.subject, found.name, found.grade, found.score, found.outcome) == (
            A,
            "甲",
            "A",
            0,
            "graded",
        )
        assert found.grade_label.zh == "信用风险低"
        assert (found.decided, found.reasons, found.short_of, found.differs) == ((), (), (), ())

    def test_says_how_the_points_came(self):
        found = explanation(example(), row(penalties_12m=2))
        penalties = leaf(found.groups, "penalties")

        assert penalties.how.en == "2 → 300 of 1000, weight 60%"
        assert penalties.how.zh == "2 → 300分（满分1000），权重 60%"
        assert (penalties.share, penalties.contribution, penalties.points) == (2100, 63_000, 300_000)
        assert [one.contribution for one in found.groups] == [0, 63_000, 0]

    def test_gives_the_weight_of_what_is_lacking_to_the_rest(self):
        found = explanation(example(), row(failed_share=None))

        assert (
            leaf(found.groups, "failed_samples").how.en
            == "nothing on record → left out, its weight carried by the others"
        )
        assert (leaf(found.groups, "inspections").share, leaf(found.groups, "sanctions").share) == (0, 5000)

    def test_gives_reasons_in_words_with_what_would_help(self):
        found = explanation(example(), row(penalties_12m=3, penalty_weight=1500, paid_in=0))

        assert [one.sentence.en for one in found.reasons] == [
            "3 penalties in 12 months",
            "0% of the registered capital is paid in",
            "Penalties weigh 1.5",
        ]
        assert found.reasons[0].improve.zh == "履行处罚决定并申请信用修复"
        assert (found.reasons[0].points, found.reasons[0].contribution) == (1_000_000, 210_000)
        assert found.reasons[0].actionable

    def test_gives_as_a_reason_that_nobody_delivers(self):
        found = explanation(example(), row(failed_share=None, tst_04_collected=False))

        assert found.reasons[0].sentence.en == "Failed samples: not collected here"

    def test_names_what_decided_outside_the_points(self):
        found = explanation(
            example(), row(on_serious_list=True, established=date(2026, 5, 1), status="deregistered")
        )

        assert [(one.kind, one.id, one.grade, one.condition) for one in found.decided] == [
            ("exclusion", "deregistered", None, "status == 'deregistered'"),
            ("trigger", "serious_list", "D", "on_serious_list"),
            ("cap", "young", "B", "days(established) < 365"),
        ]
        assert found.decided[1].repair.zh == "按规定移出名单"
        assert (found.grade, found.grade_label) == (None, None)

    def test_says_where_data_is_too_thin(self):
        found = explanation(example(), row(penalties_12m=None, penalty_weight=None, tst_02_collected=False))

        assert [one.en for one in found.short_of] == [
            "Regulatory information: coverage 30%, at least 50% is needed"
        ]

    def test_says_that_nothing_is_known_at_all(self):
        nothing = dict.fromkeys(example().definition.features)
        flags = {f"tst_0{n}_collected": False for n in range(1, 6)}
        system = changed(
            ("not_collected: worst", "not_collected: skip"), ("    minimum_coverage: 5000\n", "")
        )
        found = explanation(system, row(**nothing, **flags))

        assert [one.en for one in found.short_of] == [
            "Example index system: coverage 0%, at least 30% is needed"
        ]
        assert (found.grade, found.score) == ("B", None)

    def test_names_what_was_refused(self):
        system = changed(
            ('missing: skip\n        reason: {zh: "成立', 'missing: refuse\n        reason: {zh: "成立')
        )
        found = explanation(system, row(established=None))

        assert [one.en for one in found.short_of] == ["Age: nothing on record"]
        assert found.outcome == "insufficient"

    def test_tells_how_sure_each_number_is(self):
        found = explanation(example(), row(penalties_12m=3))

        assert leaf(found.groups, "penalties").origin.status is Status.RECALLED
        assert leaf(found.groups, "age").origin.status is Status.FICTITIOUS
        assert leaf(found.groups, "penalties").origin.source == "made up for the tests of this project"

    def test_notices_a_stored_row_that_its_inputs_do_not_give(self):
        assert explanation(example(), row(score=5, grade="A", outcome="graded")).differs == ("score",)

    def test_shows_an_award_as_what_it_took_away(self):
        award = (
            "      - {id: award, label: {zh: 奖, en: Award}, weight: 2000, role: adjustment, value: fines,\n"
            "         boolean: {yes: -500, no: 0}, missing: skip, reason: {zh: 奖, en: Award}}\n"
        ).replace("value: fines", "value: fines > 0")
        found = explanation(
            changed(("  - id: regulatory\n", award + "  - id: regulatory\n")), row(paid_in=0, fines=1)
        )

        assert leaf(found.groups, "award").contribution == -30_000
        assert leaf(found.groups, "award").how.en == "yes → -500 of 1000, weight 20%"
        assert leaf(found.groups, "basic").points == 150_000


class TestTheRecordsBehindAnInput:
    def test_are_found_again_by_their_predicate(self, tmp_path):
        world = World()
        world.enterprise(A, legal_representative_id="p1")
        world.enterprise(B, legal_representative_id="p1")
        world.record("TST-02", A, decided_on=date(2026, 9, 1), kind="fine")
        world.record("TST-02", A, decided_on=date(2026, 9, 2), kind="fine", repaired=True)
        world.record("TST-02", A, decided_on=date(2020, 9, 1), kind="fine")
        world.record("TST-02", B, decided_on=date(2026, 9, 1), kind="fine")
        world.record("TST-03", A, holder_code="H", share=9000)
        world.record("TST-03", A, holder_code="K", share=1000)
        world.record("TST-04", A, sampled_on=date(2026, 9, 1), result="void")
        world.record("TST-04", A, sampled_on=date(2026, 9, 1), result="passed")
        out = tmp_path / "r.parquet"
        evaluate.run(world.connection, system=example(), as_of=TODAY, out=out)
        [stored, _] = world.query(f"FROM '{out}'")
        found = explanation(example(), stored)

        def behind(indicator):
            return {
                (one.feature, one.relation, one.item): len(
                    world.query(f"SELECT * FROM {one.view} WHERE _subject = '{A}' AND ({one.predicate})")
                )
                for one in leaf(found.groups, indicator).lineage
            }

        assert found.differs == ()
        assert behind("penalties") == {("penalties_12m", None, "TST-02"): 1}
        assert behind("penalty_load") == {("penalty_weight", None, "TST-02"): 2}
        assert behind("failed_samples") == {("failed_share", None, "TST-04"): 1}
        assert behind("related_risk") == {
            ("related_bad_share", "same_legal_rep", "TST-01"): 1,
            ("related_bad_share", "common_holder", "TST-03"): 1,
        }

    def test_are_described_in_words(self):
        [line] = leaf(explanation(example(), row()).groups, "penalties").lineage

        assert (line.window.zh, line.window.en, line.take) == ("近12个月", "the last 12 months", "count")
        assert line.filter == "not repaired and (publicity_ends is missing or publicity_ends >= as_of)"


class TestAValueInWords:
    @pytest.mark.parametrize(
        ("value", "shown_as", "zh", "en"),
        [
            (True, "number", "是", "yes"),
            (False, "number", "否", "no"),
            (None, "number", "无", "none"),
            (1234500, "money", "1.2345万元", "CNY 12,345.00"),
            (2450, "percent", "24.5%", "24.5%"),
            (30, "days", "30天", "30 days"),
            (1500, "thousandths", "1.5", "1.5"),
            (7, "number", "7", "7"),
            (date(2026, 1, 2), "text", "2026-01-02", "2026-01-02"),
            ("C13", "text", "C13", "C13"),
        ],
    )
    def test_is_written_for_people(self, value, shown_as, zh, en):
        indicator = example().definition.indicators[0].model_copy(update={"shown_as": shown_as})
        words = wording.value(example(), indicator, value)

        if shown_as == "money":
            assert "12,345" in words.en or "12345" in words.en
        else:
            assert (words.zh, words.en) == (zh, en)

    def test_is_a_choice_by_its_name(self):
        indicator = example().definition.indicators[0].model_copy(update={"value": "status"})

        assert wording.value(example(), indicator, "active").zh == "active"
        assert wording.value(example(), indicator, "asleep").zh == "asleep"
