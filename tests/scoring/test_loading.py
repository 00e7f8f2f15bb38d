"""A system file that makes no sense is refused with the line and what to do about it."""

from pathlib import Path

import pytest
from tests.scoring.example import CATALOGUE, FILE, example

from creditmesh.catalogue.reading import CatalogueRefused, parse
from creditmesh.scoring import loading
from creditmesh.scoring.definition.parts import Purpose

TEXT = FILE.read_text(encoding="utf-8")
BANDS = "bands: [{up_to: 0, points: 0}, {up_to: 2, points: 300}, {points: 1000, status: recalled}]"
PENALTIES_12M = "item: TST-02, take: count, within: 12 months, worse: more}"
LINE = "linear: [{at: 0, points: 0}, {at: 5000, points: 1000}]"
FORMULA = "formula: min(1000, max(0, same_legal_rep_count - 4) * 100)"
ON_LIST = 'take: exists, where: "removed_on is missing", worse: more}'


def problems(old: str, new: str) -> list[tuple[int, str, str]]:
    """Return line, rule and sentence of what is wrong in the example with one text replaced."""
    assert old in TEXT
    try:
        loading.checked(parse(TEXT.replace(old, new), file="example.yml"), catalogue=CATALOGUE)
    except CatalogueRefused as refused:
        return [(one.line, one.rule, one.sentence) for one in refused.problems]
    return []


def line_of(text: str) -> int:
    """Return the line of the example on which a text stands first."""
    return TEXT[: TEXT.index(text)].count("\n") + 1


class TestASystemFile:
    def test_is_loaded_when_nothing_is_wrong(self):
        system = example()

        assert (system.id, system.version, len(system.definition.indicators)) == ("example", "1", 7)

    def test_names_its_line(self):
        [(line, rule, sentence)] = problems("value: penalties_12m", "value: penalties_13m")

        assert (line, rule) == (line_of("value: penalties_12m"), "expression")
        assert "'penalties_13m' is not known here" in sentence

    @pytest.mark.parametrize(
        ("old", "new", "rule", "says"),
        [
            # shape
            ("weight: 3000", "weight: 0.3", "shape-int-type", "integer"),
            ("rounding: half_up", "rounding: bankers", "shape-literal-error", "half_up"),
            ("version:", "verzion:", "shape-extra-forbidden", "verzion"),
            ("id: example\n", "id: Example\n", "shape-string-pattern-mismatch", "id"),
            ("effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_until: 2025-01-01", "shape-value-error", "later"),
            ("within: 12 months", "within: twelve months", "shape-int-parsing", "within"),
            ("within: 12 months", "within: 12 moons", "shape-literal-error", "within"),
            ("missing: {score: 0}", "missing: perhaps", "shape-literal-error", "missing"),
            ("missing: {score: 0}", "missing: {act: score}", "shape-value-error", "score: POINTS"),
            (BANDS, BANDS + "\n            boolean: {yes: 1, no: 0}", "shape-value-error", "exactly one way"),
            (BANDS, BANDS + "\n            formula: '1'", "shape-value-error", "exactly one way"),
            (FORMULA, FORMULA + "\n        value: same_legal_rep_count", "shape-value-error", "its own value"),
            ("    sub_groups:\n", "    indicators: []\n    sub_groups_: []\n    sub_groups:\n", "shape-extra-forbidden", "sub_groups_"),
            ("bounds: {lowest: 0, highest: 100000}", "bounds: {lowest: 9, highest: 1}", "shape-value-error", "above the highest"),
            ("take: days_since, worse: less", "take: days_since, worse: less, weigh: {by: kind, as: {fine: 2}}", "shape-value-error", "weighed"),
            ("item: TST-02, take: sum, of: fine", "item: TST-02, take: sum", "shape-value-error", "of: FIELD"),
            (PENALTIES_12M, PENALTIES_12M.replace("count,", "count, of: fine,"), "shape-value-error", "takes no `of`"),
            (PENALTIES_12M, PENALTIES_12M.replace("count", "share"), "shape-value-error", "needs `among`"),
            (PENALTIES_12M, PENALTIES_12M.replace("item: TST-02, ", ""), "shape-value-error", "name an `item`"),
            # records
            ("item: TST-05", "item: TST-09", "unknown-item", "No sharing list has an item TST-09"),
            ("population: {items: [TST-01]}", "population: {items: [TST-08]}", "unknown-item", "TST-08"),
            ("relations: [same_legal_rep]", "relations: [same_cat]", "unknown-relation", "same_cat"),
            ("of: established_date", "of: born", "unknown-field", "TST-01 has no field born"),
            ("field: holder_code", "field: holder", "unknown-field", "TST-03 has no field holder"),
            ("half_life: 12 months", "half_life: 90 days", "half-life", "months or years"),
            ("half_life: 12 months", "half_life: 12", "shape-literal-error", "half_life"),
            ("weigh: {by: kind, as: {warning: 1", "weigh: {by: kind, as: {warning: 10001", "shape-less-than-equal", "10000"),
            ("item: TST-02, take: sum, of: fine,", "item: TST-02, take: sum, of: fine, decay: {half_life: 1 year}, weigh: {by: kind, as: {fine: 2}},", "shape-value-error", "either weighed or decays"),
            ("    sub_groups:", "    indicators: [{id: x, label: {zh: x, en: x}, weight: 1, formula: '1', missing: skip, reason: {zh: x, en: x}}]\n    sub_groups:", "shape-value-error", "either `sub_groups` or `indicators`"),
            ("weigh: {by: kind", "weigh: {by: sort", "unknown-field", "no field sort"),
            ("revocation: 5", "reprimand: 5", "unknown-choice", "'reprimand' is no choice of kind"),
            ("take: sum, of: fine", "take: sum, of: kind", "type", "cannot be taken of kind"),
            ("item: TST-01, take: latest, of: established_date", "item: TST-01, take: exists, where: name is missing, within: 3 days", "no-event-date", "no window"),
            ("{label: {zh: 登记状态, en: Registration status}, item: TST-01, take: latest, of: status}", "{label: {zh: a, en: a}, item: TST-01, take: latest, of: status, bounds: {lowest: 0, highest: 1}}", "type", "Only numbers have bounds"),
            (ON_LIST, "take: exists, where: removed_on > 3}", "expression", "cannot be compared"),
            (ON_LIST, "take: exists, where: 1 > 2}", "unreachable", "never holds"),
            ("depth: 2", "depth: 2\n    within: 3 days", "shape", "belongs to features that read one item"),
            ("relations: [same_legal_rep], worse", "relations: [same_legal_rep], depth: 2, worse", "shape", "`peers` counts everyone"),
            ("\n    where: \"previous_grade in ['C', 'D'] or on_serious_list\"", "", "shape", "needs `where`"),
            ("previous_grade in ['C', 'D']", "previous_grade in ['E']", "expression", "is no choice of previous_grade"),
            ("or on_serious_list\"", "or same_legal_rep_count > 3\"", "expression", "not known here"),
            ("\n  fines:", "\n  score:", "reserved-name", "'score' is a word"),
            ("\n  fines:", "\n  points_lost:", "reserved-name", "looks like a column"),
            # ids, weights, points
            ("- id: paid_in_ratio", "- id: age", "duplicate-id", "'age' stands twice"),
            ("- id: basic", "- id: total", "reserved-name", "'total' is a column"),
            ("weight: 3000\n    indicators", "weight: 2999\n    indicators", "weights", "sum to 9999"),
            ("weight: 7000", "weight: 7001", "weights", "sum to 10001"),
            ("weight: 6000\n            value", "weight: 6001\n            value", "weights", "sum to 10001"),
            ("status: recalled}", "status: recalled}".replace("}", ", up_to: 5}"), "bands", "The last band must be open"),
            ("{up_to: 2, points: 300}", "{points: 300}", "bands", "Only the last band is open"),
            ("{up_to: 2, points: 300}", "{up_to: 0, points: 300}", "order", "0 does not come after 0"),
            ("{up_to: 2, points: 300}", "{up_to: 2, points: 1300}", "points", "1300 points are outside 0 to 1000"),
            ("missing: {score: 0}", "missing: {score: -1}", "points", "-1 points are outside"),
            ("points: 150, cap", "points: 0, cap", "points", "must both be above zero"),
            (LINE, "linear: [{at: 0, points: 0}, {at: 0, points: 9}]", "order", "the values must rise"),
            (LINE, "linear: [{at: 0, points: 10}, {at: 5, points: 9}]", "monotone", "must rise with the value"),
            (BANDS, "bands: [{up_to: 0, points: 10}, {points: 9}]", "monotone", "`worse: more` on penalties_12m"),
            (LINE, "linear: [{at: -4000000000000000000, points: 0}, {at: 4000000000000000000, points: 9}]", "overflow", "64 bits"),
            ("value: penalties_12m", "value: on_serious_list", "expression", "a number is wanted"),
            ("value: penalties_12m\n            " + BANDS, "value: status\n            lookup: {points: {active: 0, sleeping: 5}}", "unknown-choice", "'sleeping' is no choice of status"),
            ("value: penalties_12m\n            " + BANDS, "value: status\n            lookup: {points: {active: 0}}", "lookup", "deregistered, revoked"),
            ("value: penalties_12m\n            " + BANDS, "value: industry\n            lookup: {points: {C: 0}}", "lookup", "say what `otherwise` scores"),
            ("value: penalties_12m\n            " + BANDS, "value: on_serious_list\n            boolean: {yes: 0, no: 9}", "monotone", "must rise"),
            (BANDS, BANDS + "\n            applies_when: penalties_12m", "expression", "true or false is wanted"),
            (BANDS, BANDS + "\n            applies_when: penalties_12m < 0", "unreachable", "never holds"),
            # grades and rules
            ("cut_offs: upper_inclusive", "cut_offs: lower_inclusive", "cut-offs", "write `cut_offs: upper_inclusive`"),
            ("up_to: 450}", "up_to: 150}", "cut-offs", "from the best grade to the worst"),
            ("up_to: 700}", "up_to: 1700}", "cut-offs", "inside 0 to 1000"),
            ("up_to: 700}", "at_least: 700}", "cut-offs", "`up_to`, and nothing else"),
            ("- {symbol: B,", "- {symbol: A,", "duplicate-id", "'A' stands twice"),
            ("    grade: D", "    grade: E", "unknown-grade", "'E' is no grade"),
            ("    grade: D", "    grade: A", "unreachable", "changes nothing"),
            ("insufficient: {not_better_than: B}", "insufficient: {not_better_than: X}", "unknown-grade", "'X' is no grade"),
            ("days(established) < 365", "days(established) < true", "expression", "cannot be compared"),
            ("when: \"status == 'deregistered'\"", "when: \"status == 'gone'\"", "expression", "is no choice of status"),
            ("- {id: young,", "- {id: serious_list,", "duplicate-id", "'serious_list' stands twice"),
            ("exclusions:\n", "applies_when: penalties_12m >= 0\nexclusions:\n", "", ""),
            ("exclusions:\n", "applies_when: not penalties_12m < 0\nexclusions:\n", "unreachable", "always holds"),
        ],
    )  # fmt: skip
    def test_is_refused(self, old, new, rule, says):
        found = problems(old, new)

        if not rule:
            assert found == []
            return
        assert rule in [one for _, one, _ in found]
        assert any(says in sentence for _, one, sentence in found if one == rule)
        assert all(line > 0 for line, _, _ in found)

    def test_of_the_other_direction_takes_its_other_cut_offs(self):
        turned = TEXT.replace("higher_is_worse", "higher_is_better").replace(
            "upper_inclusive", "lower_inclusive"
        )
        for old, new in (
            ("up_to: 200}\n", "at_least: 800}\n"),
            ("up_to: 450}\n", "at_least: 500}\n"),
            ("up_to: 700}\n", "at_least: 300}\n"),
        ):
            turned = turned.replace(old, new)
        for word in ("worse: more", "worse: less"):
            turned = turned.replace(f", {word}", "").replace(f"    {word}\n", "")

        loaded = loading.checked(parse(turned, file="turned.yml"), catalogue=CATALOGUE)

        assert [grade.at_least for grade in loaded.definition.grades] == [800, 500, 300, None]

    def test_may_say_that_an_award_takes_points_away(self):
        award = (
            "      - {id: award, label: {zh: 奖, en: Award}, weight: 2000, role: adjustment, value: fines,\n"
            "         per_event: {points: -100, cap: -500}, missing: skip, reason: {zh: 奖, en: Award}}\n"
        )

        assert problems("  - id: regulatory\n", award + "  - id: regulatory\n")[0][1] == "monotone"
        assert (
            problems(
                "  - id: regulatory\n", award.replace("fines", "last_penalty_days") + "  - id: regulatory\n"
            )
            == []
        )


class TestResultsOfRiskClassification:
    def test_are_for_regulators_only(self):
        assert [purpose for purpose in Purpose if purpose.regulators_only] == [Purpose.RISK_CLASSIFICATION]


class TestShippedSystems:
    @pytest.mark.parametrize("path", loading.shipped().values(), ids=lambda path: path.stem)
    def test_are_named_like_their_files(self, path: Path):
        assert loading.load(path).id == path.stem
