"""Where a system's values and weights come from: records, the columns of a table, units, judgements; and what is refused."""

import pytest
from tests.scoring.example import CATALOGUE, FILE, example
from tests.scoring.test_basing import GENERAL, ours
from tests.scoring.test_units import lifts

from creditmesh.catalogue.model import Catalogue
from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import loading
from creditmesh.scoring.records import shared, units

WORDS = "{zh: 字, en: words}"
OF_A_TABLE = f"""
id: loans
version: "1"
label: {WORDS}
owner: {WORDS}
purpose: bank_rating
lifecycle: draft
status: fictitious
source: made up
effective_from: 2026-01-01
direction: higher_is_worse
rounding: half_up
cut_offs: upper_inclusive
not_collected: skip
insufficient: {{}}
features:
  debt: {{label: {WORDS}, column: Debt, type: integer}}
groups:
  - id: all
    label: {WORDS}
    weight: 10000
    indicators:
      - {{id: owes, label: {WORDS}, weight: 10000, value: debt, missing: skip, reason: {WORDS},
          per_event: {{points: 1, cap: 1000}}}}
grades:
  - {{symbol: A, label: {WORDS}, up_to: 30}}
  - {{symbol: B, label: {WORDS}}}
"""
RECORDED = f"  fines: {{label: {WORDS}, item: TST-02, take: count}}\n"


def refused(whole: str) -> list[tuple[str, str]]:
    """Return rule and sentence of what is wrong in a file."""
    with pytest.raises(CatalogueRefused) as wrong:
        loading.checked(parse(whole, file="x.yml"), catalogue=CATALOGUE)
    return [(one.rule, one.sentence) for one in wrong.value.problems]


class TestAColumnOfATable:
    def test_needs_no_sharing_list(self):
        system = loading.checked(parse(OF_A_TABLE, file="x.yml"), catalogue=Catalogue(lists=()))

        assert system.definition.of_a_table

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("column: Debt, type: integer", "column: Debt", "names its `column` and its `type`"),
            ("type: integer", "type: integer, of: fine", "taken as it is"),
            ("type: integer", "type: integer, depth: 2", "taken as it is"),
            ("type: integer", "type: date, scale: 10", "only a column of numbers"),
            ("features:\n", "population: {items: [TST-01]}\nfeatures:\n", "has no `population`"),
            ("features:\n", f"features:\n{RECORDED}", "not both"),
            ("column: Debt, type: integer", "item: TST-02, take: count", "name the items whose subjects"),
            ("column: Debt, type: integer", "item: TST-02, take: count, scale: 10", "belong to a feature"),
        ],
    )
    def test_is_refused(self, old, new, says):
        assert old in OF_A_TABLE
        found = refused(OF_A_TABLE.replace(old, new))

        assert any(rule == "shape-value-error" and says in sentence for rule, sentence in found), found


class TestWeightsFromJudgements:
    TEXT = FILE.read_text(encoding="utf-8")

    def stated(self, weights_from: str) -> str:
        return self.TEXT.replace("\ngroups:\n", f"\nweights_from: {weights_from}\ngroups:\n")

    def test_are_taken_when_they_are_those_of_the_file(self):
        weights = [one.weight for one in example().definition.groups]
        whole = self.stated(f"{{entropy: {weights}}}")

        assert loading.checked(parse(whole, file="x.yml"), catalogue=CATALOGUE)

    @pytest.mark.parametrize(
        ("weights_from", "rule", "says"),
        [
            (
                "{entropy: [9000, 500, 500]}",
                "weights-differ",
                "This gives the weights 9000, 500, 500, not those",
            ),
            ("{entropy: [10000]}", "bad-judgement", "is for 1 weights; here are 3"),
            ("{ahp: [[1, 2], [2, 1]]}", "bad-judgement", "not the inverse"),
            ("{overruled: because}", "shape-value-error", "give `ahp`, `entropy` or `critic`"),
            ("{entropy: [5000, 5000], critic: [5000, 5000]}", "shape-value-error", "`shares` says how much"),
        ],
    )
    def test_are_refused(self, weights_from, rule, says):
        found = refused(self.stated(weights_from))

        assert any(one == rule and says in sentence for one, sentence in found), found


class TestAFileBasedOnAnother:
    def test_may_give_an_indicator_a_formula_in_place_of_its_value(self):
        found = ours(
            "groups:\n"
            "  - id: basic\n    weight: 10000\n"
            "    indicators: [{id: age, weight: 10000, formula: 'min(1000, max(0, days(established)))'}]\n"
        ).groups[0].indicators[0]  # fmt: skip

        was = next(one for one in GENERAL.indicators if one.id == "age")
        assert (found.way, found.value, found.reason) == ("formula", None, was.reason)


class TestUnits:
    def test_that_all_items_name_need_no_ties(self):
        named = lifts("LFT-03: {through: maintenance}", "LFT-03: {key: code}")

        assert units.TIES in units.views(lifts(), within="lake")
        assert units.TIES not in units.views(named, within="lake")
        assert units.TIES not in units.views(lifts(), within="lake", items=["LFT-02"])

    def test_have_a_pass_of_their_own(self):
        general = loading.load(loading.shipped()["general"])

        found = shared.unions([general, lifts(), loading.load(loading.shipped()["general-shandong"])])

        assert [sorted(one.columns) for one in found][1] == ["lifts"]
