"""Back-tests, and the measures they rest on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.apps.evaluation.trials import conftest as people
from tests.apps.evaluation.trials.conftest import EDITOR, NOON, TODAY

from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.evaluation.trials.operations import executing, requesting
from creditmesh.apps.evaluation.trials.queries import outcomes
from creditmesh.apps.evaluation.trials.rules import measures, trial
from creditmesh.apps.evaluation.trials.rules.measures import Step
from creditmesh.apps.evaluation.trials.rules.trial import Cell, Limits, TrialRefused
from creditmesh.apps.ground.parties.rules import Role
from creditmesh.scoring.definition.parts import Purpose

PAST = date(2025, 7, 31)


def looked_back(draft, node, **more):
    wanted = {"on": PAST, "months": 6, "outcome": "TST-02", **more}
    asked = requesting.backtest(content=draft.content, by=EDITOR, node=node, at=NOON, **wanted)
    return executing.execute(trial=asked.uuid, node=node, clock=lambda: NOON)


@pytest.mark.django_db
class TestABackTest:
    def test_measures_what_followed_against_the_grades_of_that_day(self, drafted, node):
        done = looked_back(drafted(), node)
        assert done.state is State.DONE
        told = done.result["foresight"]["after"]
        assert (told["subjects"], told["hits"]) == (44, 11)
        assert told["auc_bp"] > 7_000
        assert (
            told["found"]["50"] == 7_500
        )  # 8 of the first 20, and 2 of 24 level ones share 3 more: 8.25 of 11
        assert told["days"]["hits"] == 11
        grades = {one["grade"]: one for one in told["grades"]}
        assert grades["C"]["lift_bp"] > 10_000 > grades["A"]["lift_bp"]

    @pytest.mark.computed
    def test_warns_when_the_lake_does_not_go_back_that_far(self, drafted, node):
        assert looked_back(drafted(), node).result["known"] == "as_valid"

    def test_reads_what_was_known_when_the_lake_goes_back(self, drafted, node, monkeypatch):
        now = node.lake.versions()
        monkeypatch.setattr(type(node.lake), "versions_on", lambda self, at: {**now, "TST-02": 0})
        done = looked_back(drafted(), node)
        assert done.result["known"] == "as_known"
        assert done.tables["TST-02"] == 0

    def test_knows_how_the_lake_stood_at_an_instant(self, node):
        assert node.lake.versions_on(NOON.replace(year=2000)) == {}
        assert node.lake.versions_on(NOON.replace(year=2099)) == node.lake.versions()

    @pytest.mark.computed
    def test_tells_error_rates_along_the_cuts_with_small_cells_hidden(self, drafted, node):
        cells = {one["key"]: one for one in looked_back(drafted(), node).result["errors"]["region"]}
        assert cells["unknown"] == {"key": "unknown", "cell": "hidden"}
        shown = next(one for one in cells.values() if one["cell"] == "few")
        assert shown["missed"]["whole"] == shown["hits"]
        assert shown["in_vain"]["low_bp"] <= shown["in_vain"]["share_bp"] <= shown["in_vain"]["high_bp"]

    @pytest.mark.computed
    def test_looks_for_rows_that_satisfy_an_expression(self, drafted, node):
        done = looked_back(drafted(), node, where="kind == 'revocation'")
        assert done.result["foresight"]["after"]["hits"] == 1
        for wrong in ({"where": "nonsense =="}, {"outcome": "XXX-99"}, {"on": TODAY}, {"months": 99}):
            with pytest.raises(TrialRefused):
                looked_back(drafted(), node, **wrong)


class TestAnOrder:
    def test_that_puts_all_hits_first_is_worth_everything(self):
        told = measures.ordering([Step(hits=3, others=0), Step(hits=0, others=5)])
        assert (told.auc_bp, told.ks_bp) == (10_000, 10_000)
        assert measures.ordering([Step(hits=0, others=5), Step(hits=3, others=0)]).auc_bp == 0

    def test_with_everybody_level_is_worth_a_coin(self):
        told = measures.ordering([Step(hits=3, others=5)])
        assert (told.auc_bp, told.ks_bp) == (5_000, 0)

    def test_without_hits_or_others_is_not_measured(self):
        for steps in ([], [Step(hits=2, others=0)], [Step(hits=0, others=2)]):
            assert measures.ordering(steps).auc_bp is None

    @given(some.lists(some.tuples(some.integers(0, 5), some.integers(0, 5)), min_size=1, max_size=30))
    def test_turned_round_is_worth_the_rest(self, pairs):
        steps = [Step(hits=hits, others=others) for hits, others in pairs]
        there, back = measures.ordering(steps), measures.ordering(steps[::-1])
        if there.auc_bp is not None:
            assert abs(there.auc_bp + back.auc_bp - 10_000) <= 1
            assert there.ks_bp == back.ks_bp or min(there.ks_bp, back.ks_bp) >= 0

    def test_shares_ties_out_when_it_asks_for_the_worst(self):
        steps = [Step(hits=2, others=2), Step(hits=0, others=6)]
        assert measures.found_in_worst(steps, percent=20) == 5_000
        assert measures.found_in_worst(steps, percent=100) == 10_000
        assert measures.found_in_worst([Step(hits=0, others=1)], percent=10) is None

    def test_has_a_curve_of_few_points_with_both_ends(self):
        curve = measures.thinned([(float(n), float(n)) for n in range(1000)], most=10)
        assert (len(curve), curve[0], curve[-1]) == (10, (0.0, 0.0), (999.0, 999.0))


class TestAShare:
    def test_comes_with_the_interval_of_wilson(self):
        told = measures.share(part=10, whole=100)
        # Worked example: 10 of 100 at 95 % is 5.52 % to 17.44 %.
        assert (told.share_bp, told.low_bp, told.high_bp) == (1_000, 552, 1_744)
        assert measures.share(part=0, whole=0).share_bp is None

    def test_of_a_part_is_told_as_times_the_whole(self):
        assert measures.lift_bp(hits=2, size=10, all_hits=10, all_size=100) == 20_000
        assert measures.lift_bp(hits=0, size=0, all_hits=1, all_size=1) is None


class TestACell:
    def test_is_hidden_marked_or_shown(self):
        limits = Limits(smallest=10, unmarked=30)
        assert [trial.cell(size=n, limits=limits) for n in (9, 10, 30)] == [
            Cell.HIDDEN,
            Cell.FEW,
            Cell.ENOUGH,
        ]

    def test_is_of_an_age(self):
        assert [trial.age_band(years) for years in (None, 0, 2, 4, 9, 40)] == [
            "unknown",
            "0-1",
            "1-3",
            "3-5",
            "5-10",
            "10+",
        ]

    def test_ends_months_later_on_a_day_there_is(self):
        assert trial.months_after(date(2025, 8, 31), 6) == date(2026, 2, 28)
        assert trial.months_after(date(2025, 1, 15), -1) == date(2024, 12, 15)

    def test_names_are_for_those_who_may_see_grades(self):
        assert trial.may_see_names(viewer=EDITOR, purpose=Purpose.RISK_CLASSIFICATION)
        assert not trial.may_see_names(viewer=people.STRANGER, purpose=Purpose.RISK_CLASSIFICATION)
        assert Role.BANK_STAFF in people.STRANGER.roles


def test_the_shipped_outcomes_are_of_items_of_the_shipped_catalogue(request):
    from creditmesh.catalogue import loading

    catalogue = loading.load()
    assert outcomes.offered(catalogue) == outcomes.shipped()
    for one in outcomes.shipped():
        assert outcomes.chosen(outcome=one.id, where=one.where or "", catalogue=catalogue).item == one.item
