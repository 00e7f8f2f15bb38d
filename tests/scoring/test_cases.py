"""Cases beside a system say what differs, and are refused when they name what is not there."""

import re
import shutil
from pathlib import Path

import pytest
from tests.scoring.example import CATALOGUE, FILE

from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.scoring import cases, loading

ROOT = Path(__file__).parents[2]
CASES = FILE.with_suffix(".cases.yml").read_text(encoding="utf-8")


@pytest.fixture
def check(tmp_path):
    """Check the example with another file of cases."""

    def checked(text):
        system = tmp_path / "example.yml"
        shutil.copy(FILE, system)
        if text is not None:
            (tmp_path / "example.cases.yml").write_text(text, encoding="utf-8")
        return cases.check(system, catalogue=CATALOGUE)

    return checked


def one(expect: str, given: str = "", more: str = "") -> str:
    """Return a file of one case."""
    return f"system: example\ngiven: {{status: active, established: 2010-01-01, as_of: 2026-11-01}}\ncases:\n  - name: x\n    input: {{{given}}}\n    expect: {{{expect}}}\n{more}"


class TestACase:
    def test_passes_when_all_it_says_comes_out(self, check):
        assert {result.passed for result in check(CASES)} == {True}

    def test_is_not_needed(self, check):
        assert check(None) == []

    def test_may_use_points_with_thousandths(self, check):
        [result] = check(one('points: {paid_in_ratio: "233.360"}', "subscribed: 3, paid_in: 1"))

        assert result.problem == "points of paid_in_ratio: 233.360 expected, 233.360 found" or result.passed

    def test_says_what_differs(self, check):
        [result] = check(
            one(
                "grade: B, score: 210, triggers: [serious_list], points: {penalties: -1}, coverages: {basic: 1}, reasons: [age]"
            )
        )

        assert not result.passed
        assert result.problem == (
            "grade: B expected, A found; score: 210.000 expected, 0.000 found; triggers: serious_list expected, none"
            " found; reasons: age expected, none found; points of penalties: -1.000 expected, 0.000 found; coverage of"
            " basic: 1 expected, 5000 found"
        )

    def test_may_give_an_input_of_an_item_that_is_not_collected(self, check):
        [result] = check(one("points: {penalties: 300}", "penalties_12m: 1", "    not_collected: [TST-02]\n"))

        assert result.passed

    def test_takes_nothing_from_what_all_cases_start_from_where_it_is_not_collected(self, check):
        [result] = check(one("points: {age: null}", "", "    not_collected: [TST-01]\n"))

        assert result.passed

    @pytest.mark.parametrize(
        ("text", "line", "says"),
        [
            (one("grade: A").replace("system: example", "system: general"), 1, "cases of general"),
            (one("grade: A", "penalties_13m: 1"), 5, "'penalties_13m' is not known"),
            (one("grade: A", more="    not_collected: [TST-07]\n"), 7, "'TST-07' is not known"),
            (one("points: {penaltys: 1}"), 6, "'penaltys' is not known"),
            (one("coverages: {sanctions: 1}"), 6, "'sanctions' is not known"),
            (one("reasons: [weather]"), 6, "'weather' is not known"),
            (one("grade: A", "penalties_12m: many"), 5, "'many' does not fit penalties_12m"),
            (one("grade: A", "established: yesterday"), 5, "'yesterday' does not fit established"),
            (one("grade: A", "status: sleeping"), 5, "'sleeping' does not fit status"),
            (one("grade: A", "on_serious_list: 1"), 5, "'1' does not fit on_serious_list"),
            (one("score: lots"), 6, "integer"),
            (one('score: "1.2345"'), 6, "integer"),
            (one("score: [1]"), 6, "integer"),
        ],
    )
    def test_is_refused_when_it_makes_no_sense(self, check, text, line, says):
        with pytest.raises(CatalogueRefused) as refused:
            check(text)

        [problem, *_] = refused.value.problems
        assert problem.line == line
        assert says in problem.sentence


def test_the_walk_through_for_a_new_indicator_can_be_followed_word_by_word(tmp_path):
    text = (ROOT / "docs" / "add-an-indicator.md").read_text(encoding="utf-8")
    feature, indicator, case = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    general = loading.shipped()["general"]
    system = general.read_text(encoding="utf-8")
    less = ("weight: 1500\n            value: overdue", "weight: 1000\n            value: overdue")
    for old, new in (
        ("\nfeatures:\n", f"\nfeatures:\n{feature}"),
        ("          - id: rectification\n", f"{indicator}          - id: rectification\n"),
        less,
    ):
        assert system.count(old) == 1
        system = system.replace(old, new)
    file = tmp_path / "general.yml"
    file.write_text(system, encoding="utf-8")
    beside = general.with_suffix(".cases.yml").read_text(encoding="utf-8").rstrip("\n")
    file.with_suffix(".cases.yml").write_text(f"{beside}\n{case}", encoding="utf-8")

    assert [one.problem for one in cases.check(file) if not one.passed] == []
