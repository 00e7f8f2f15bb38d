"""What is proposed to one enterprise: feasible, the smallest, in words; and why where nothing is."""

from collections.abc import Mapping
from datetime import date

import pytest
from tests.scoring.example import compiled

from creditmesh.scoring import cases, loading
from creditmesh.scoring.definition.loaded import System
from creditmesh.scoring.definition.parts import Window
from creditmesh.scoring.improving import trying, waiting
from creditmesh.scoring.improving.levers import way_of
from creditmesh.scoring.improving.proposals import improvement


def clean(name: str) -> tuple[System, dict[str, object]]:
    """Return a shipped system and the clear record of its first case."""
    file = loading.shipped()[name]
    system, _, _ = compiled(name)
    _, row = cases.rows(system, file.with_name(f"{name}.cases.yml"))[0]
    return system, dict(row)


@pytest.fixture
def general() -> tuple[System, dict[str, object]]:
    return clean("general")


def ways(system: System) -> Mapping[str, str | None]:
    """Return how each input can be made better."""
    return {name: way_of(system, one) for name, one in system.definition.features.items()}


class TestWhatCanBeChanged:
    def test_is_what_the_file_says_can_end(self, general):
        found = ways(general[0])
        for open_ in ("tax_arrears", "abnormal_now", "dishonest_debtor", "penalty_load", "open_enforcements"):
            assert found[open_] == "end", open_
        assert (found["tax_grade"], found["enterprises_at_address"]) == ("state", "state")
        assert (found["quality_awards"], found["commitments_kept"]) == ("more", "more")

    def test_is_not_what_happened(self, general):
        found = ways(general[0])
        for past in (
            "late_reports",
            "bad_inspections",
            "complaints",
            "major_accident",
            "recalls",
            "compulsions",
        ):
            assert found[past] is None, past


class TestAProposal:
    def test_pays_the_arrears_and_lifts_the_cap(self, general):
        system, row = general
        row = {**row, "abnormal_now": True, "tax_arrears": 1_200_000}

        found = improvement(system, row)

        assert (found.grade, found.target, found.why, found.settled) == ("C", "B", None, True)
        (way,) = found.proposals
        (change,) = way.changes
        assert (change.input, change.before, change.after, change.lifts) == (
            "abnormal_now",
            True,
            False,
            ("abnormal_list",),
        )
        assert way.words.en.endswith("lifts “On the abnormal list”; then grade A.")
        assert way.words.zh.endswith("解除“列入经营异常名录”；之后等级为A。")
        assert change.how[0].en.startswith("Do what was to be published")

    def test_tells_amounts_as_people_write_them(self, general):
        system, row = general
        row = row | {"tax_grade": "D", "tax_arrears": 1_200_000_00, "social_arrears": 9, "wage_arrears": True}
        row = row | {"open_enforcements": 3, "mediations_refused": 3, "penalty_load": 2_000}
        found = improvement(system, row, most=50)
        said = [one.words.en for way in found.proposals for one in way.changes]
        assert found.grade == "B"
        assert any(one.startswith("Tax arrears: CNY 1,200,000.00 → CNY") for one in said)

    def test_goes_no_further_than_it_must(self, general):
        system, row = general
        found = improvement(system, {**row, "serious_now": True, "abnormal_now": True})
        assert [[one.input for one in way.changes] for way in found.proposals] == [["serious_now"]]
        assert found.proposals[0].grade == "C"


class TestWithoutAProposal:
    @pytest.mark.parametrize(
        ("inputs", "why", "said"),
        [
            ({}, "best", "This is the best grade already."),
            ({"status": "deregistered"}, "excluded", "Left out of the evaluation: Deregistered."),
            (
                {"safety_conviction": True},
                "rule",
                "No change made today reaches C: still in force: Convicted for product, food or drug safety.",
            ),
        ],
    )
    def test_the_reason_is_said(self, general, inputs, why, said):
        system, row = general
        found = improvement(system, {**row, **inputs})
        assert (found.proposals, found.why, found.reason.en) == ((), why, said)

    def test_old_records_are_left_to_time(self, general):
        system, row = general
        past = {"name_changes": 3, "address_changes": 3, "representative_changes": 3, "recalls": 3}
        found = improvement(system, {**row, **past, "capital_reductions": 2, "penalty_amount": 10**11})
        assert (found.grade, found.why) == ("B", "points")
        assert {one.name for one in found.levers}.isdisjoint({*past, "capital_reductions", "penalty_amount"})


class TestAPartOfACombination:
    def test_is_proposed_with_the_system_whose_page_says_how(self):
        system, row = clean("integrated-supervision")
        combination = system.definition.combination
        bad = {f"part_{one}_rank": len(told.grades) - 1 for one, told in combination.parts.items()}
        bad |= {f"part_{one}_score": told.scale * 1000 for one, told in combination.parts.items()}
        found = improvement(system, {**row, **bad})
        named = {one.system for way in found.proposals for one in way.changes if one.way == "part"}
        assert named <= {one.system for one in combination.parts.values()}
        assert named


class TestInputsWrittenByHand:
    def test_are_read_as_their_kind(self, general):
        system, row = general
        scored = trying.tried(system, row, {"tax_arrears": "12,000.50", "abnormal_now": "yes"})
        assert (scored.values["arrears"], scored.grade) == (1_200_050, "C")

    def test_stay_as_they_are_when_not_touched(self, general):
        system, row = general
        written = {one.name: one.written for one in trying.asked(system, row, changeable=frozenset())}
        assert trying.tried(system, row, written) == trying.tried(system, row, {})

    @pytest.mark.parametrize(
        "wrong",
        [{"tax_arrears": "much"}, {"abnormal_now": "1"}, {"established": "2026-13-01"}, {"recalls": "1.5"},
         {"status": "foo"}],
    )  # fmt: skip
    def test_are_refused_when_they_cannot_be_read(self, general, wrong):
        system, row = general
        with pytest.raises(trying.InputNotUnderstood, match="cannot be read"):
            trying.tried(system, row, wrong)


class TestTheDayARecordLeavesItsWindow:
    @pytest.mark.parametrize(
        ("happened", "within", "leaves"),
        [
            (date(2025, 11, 3), Window(number=12, unit="months"), date(2026, 11, 3)),
            (date(2024, 2, 29), Window(number=1, unit="years"), date(2025, 3, 1)),
            (date(2025, 1, 31), Window(number=1, unit="months"), date(2025, 3, 1)),
            (date(2025, 1, 31), Window(number=10, unit="days"), date(2025, 2, 10)),
        ],
    )
    def test_is_the_first_on_which_it_does_not_count(self, happened, within, leaves):
        assert waiting.leaves(happened, within) == leaves
