"""Rules are looked up by the day and the place, and a pack that contradicts itself is refused."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.catalogue import rule_packs
from creditmesh.catalogue.loading import check_file
from creditmesh.catalogue.model import Status
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.catalogue.rule_packs import UnknownRule, load

ORDER_36 = date(2026, 4, 1)
PACK = """\
id: tiny
version: 1
label: {zh: 小, en: Tiny}
rules:
  - {id: a.b, value: 1, unit: month, effective_to: 2026-03-31, status: default, source_doc: x, label: {zh: 一, en: one}}
  - {id: a.b, value: 2, unit: month, effective_from: 2026-04-01, status: default, source_doc: x, label: {zh: 二, en: two}}
"""


class TestTheRuleInForce:
    def test_changes_with_the_day(self):
        rule = load().rule("publicity.penalty.serious.min", on=ORDER_36)
        before = load().rule("publicity.penalty.serious.min", on=ORDER_36 - timedelta(days=1))
        assert (rule.value, rule.unit, rule.status) == (12, "month", Status.OFFICIAL)
        assert (before.value, before.status) == (12, Status.RECALLED)
        assert "36" in rule.source_doc
        assert "58" in before.source_doc

    def test_changes_its_number_with_the_order(self):
        days = (date(2022, 1, 1), date(2024, 1, 1), ORDER_36)
        assert [load().rule("publicity.penalty.general.max", on=day).value for day in days] == [12, 36, 12]

    def test_of_a_place_comes_before_that_of_the_nation(self):
        day = date(2026, 5, 1)
        assert load().rule("objection.decide.own", on=day).value == 20
        assert load().rule("objection.decide.own", on=day, jurisdiction="310000").unit == "working_day"

    def test_of_the_province_holds_in_its_counties(self):
        day = date(2026, 5, 1)
        assert load().rule("objection.decide.own", on=day, jurisdiction="370102").jurisdiction == "370000"
        assert load().rule("objection.decide.own", on=day, jurisdiction="440304").jurisdiction == "440300"

    def test_of_the_nation_holds_where_the_place_says_nothing(self):
        rule = load().rule("risk.decay.half-life", on=ORDER_36, jurisdiction="630100")
        assert (rule.value, rule.jurisdiction, rule.status) == (12, "CN", Status.DEFAULT)

    def test_is_missing_before_anything_was_ordered(self):
        with pytest.raises(UnknownRule, match="add it to a rule pack"):
            load().rule("publicity.samr-penalty.low", on=date(2021, 8, 31))

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    def test_is_one_at_most_on_every_day(self, day):
        for rules in load().rules.values():
            places = [rule.jurisdiction for rule in rules if rule.in_force(day)]
            assert len(places) == len(set(places))


class TestTheShippedPacks:
    def test_know_rules_by_id_and_by_their_start(self):
        assert load().knows("retention.record")
        assert load().knows("publicity.penalty")
        assert not load().knows("publicity.pen")

    def test_name_their_versions_for_replay(self):
        files = sorted(path.stem for path in rule_packs.SHIPPED.glob("*.yml"))
        assert load().version == "+".join(f"{name}@2026.1" for name in files)

    def test_never_call_a_number_of_ours_official(self):
        ours = [rule for rules in load().rules.values() for rule in rules if rule.source_doc == "creditmesh"]
        assert ours
        assert {rule.status for rule in ours} == {Status.DEFAULT}

    def test_carry_the_objection_clocks_of_seven_regimes(self):
        own = [rule.jurisdiction for rule in load().rules["objection.decide.own"]]
        assert sorted(own) == ["310000", "330000", "331000", "370000", "410000", "440300", "CN"]

    def test_weigh_the_five_groups_to_the_whole(self):
        weights = [
            rules[0].value for rule_id, rules in load().rules.items() if rule_id.startswith("risk.weight.")
        ]
        assert len(weights) == 5
        assert sum(int(weight) for weight in weights) == 10_000

    def test_draw_no_class_never_and_a_worse_class_never_less(self):
        ratios = [int(load().rule(f"sampling.ratio.{one}", on=ORDER_36).value) for one in "ABCD"]
        assert ratios == sorted(ratios)
        assert ratios[0] > 0

    def test_draw_the_worst_of_five_classes_most(self):
        ratios = [
            int(load().rule(f"sampling.ratio.{one}", on=ORDER_36, jurisdiction="370102").value)
            for one in "ABCDE"
        ]
        assert ratios == sorted(ratios)
        assert ratios[0] > 0

    def test_inspect_food_producers_as_often_as_the_place_and_the_day_say(self):
        def least(grade, *, place="CN", day=ORDER_36):
            number = load().rule(f"inspection.minimum.food.{grade}", on=day, jurisdiction=place).value
            months = load().rule("inspection.period.food.A", on=day, jurisdiction=place).value
            return number, months if grade == "A" else 12

        assert [least(grade) for grade in "ABCD"] == [(1, 12), (1, 12), (2, 12), (3, 12)]
        for place in ("310115", "340100"):
            assert [least(grade, place=place) for grade in "ABCD"] == [(1, 24), (1, 12), (2, 12), (3, 12)]
        assert least("A", place="310115", day=date(2022, 9, 30)) == (1, 12)

    def test_name_index_systems_that_are_shipped(self):
        folder = rule_packs.SHIPPED.parent / "index-systems"
        named = {
            str(rule.value)
            for rule_id, rules in load().rules.items()
            if rule_id.startswith("risk.system.")
            for rule in rules
        }
        assert {"general-qinghai", "general-shandong", "food-shanghai", "food-anhui", "elevators"} <= named
        assert named <= {path.stem for path in folder.glob("*.yml")}

    def test_are_read_once(self):
        assert load() is load()


class TestAPackThatContradictsItself:
    @pytest.mark.parametrize(
        ("rule", "line", "right", "wrong"),
        [
            ("rule-unit", 5, "unit: month, effective_to", "unit: moon, effective_to"),
            ("rule-value", 5, "value: 1", "value: one"),
            ("rule-value", 6, "unit: month, effective_from", "unit: text, effective_from"),
            ("rule-dates", 5, "effective_to", "effective_from: 2026-05-01, effective_to"),
            ("rule-twice", 6, "effective_from: 2026-04-01", "effective_from: 2026-03-31"),
            ("rule-jurisdiction", 6, "value: 2", "jurisdiction: Gansu, value: 2"),
            ("shape-enum", 5, "status: default, source_doc: x, label: {zh: 一", "status: sure, source_doc: x, label: {zh: 一"),
        ],
    )  # fmt: skip
    def test_is_refused_with_rule_and_line(self, tmp_path: Path, rule, line, right, wrong):
        path = tmp_path / "tiny.yml"
        assert PACK.count(right) == 1
        path.write_text(PACK.replace(right, wrong), encoding="utf-8")
        assert (str(path), line, rule) in {(one.file, one.line, one.rule) for one in check_file(path)}
        with pytest.raises(CatalogueRefused):
            load(folder=tmp_path)

    def test_is_told_from_a_good_one(self, tmp_path: Path):
        path = tmp_path / "tiny.yml"
        path.write_text(PACK, encoding="utf-8")
        assert check_file(path) == []
        assert load(folder=tmp_path).version == "tiny@1"

    def test_is_refused_with_the_errors_of_all_files(self, tmp_path: Path):
        for name in ("a.yml", "b.yml"):
            (tmp_path / name).write_text(PACK.replace("value: 1", "value: []"), encoding="utf-8")
        with pytest.raises(CatalogueRefused) as refused:
            load(folder=tmp_path)
        assert {Path(one.file).name for one in refused.value.problems} == {"a.yml", "b.yml"}

    def test_may_stand_in_any_province_of_the_same_days(self, tmp_path: Path):
        path = tmp_path / "tiny.yml"
        changed = PACK.replace("effective_from: 2026-04-01", 'jurisdiction: "620000"')
        path.write_text(changed, encoding="utf-8")
        assert rule_packs.check_file(path) == []
