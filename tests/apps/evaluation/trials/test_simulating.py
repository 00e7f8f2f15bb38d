"""Simulating a draft: who would move, why, along which cuts, and how much hangs on each weight."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.apps.evaluation.grading.test_parts import COMBINED, GENERAL
from tests.apps.evaluation.grading.test_runs import OF_A_TABLE
from tests.apps.evaluation.trials.conftest import APPROVER, EDITOR, NOON, STRANGER, TODAY

from creditmesh.apps.evaluation.grading.operations import classifying
from creditmesh.apps.evaluation.grading.operations.requesting import NoTableForPurpose, NotOfRecords
from creditmesh.apps.evaluation.grading.queries.parts import NoRunOfPart
from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.evaluation.systems.operations import approving, drafting
from creditmesh.apps.evaluation.systems.queries import checking, versions
from creditmesh.apps.evaluation.systems.rules.standing import NotSimulated
from creditmesh.apps.evaluation.trials.models import Trial
from creditmesh.apps.evaluation.trials.operations import (
    executing,
    holding,
    previewing,
    proposing,
    requesting,
)
from creditmesh.apps.evaluation.trials.queries import trials
from creditmesh.apps.evaluation.trials.rules.trial import Kind
from creditmesh.apps.ground.audit.models import Entry, Event
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, NotPermitted
from creditmesh.catalogue.reading import CatalogueRefused

pytestmark = pytest.mark.django_db
HARSHER = ("{up_to: 2, points: 500}", "{up_to: 2, points: 900}")


def classified(node):
    return classifying.classify(system="small", as_of=TODAY, by=COMMAND_LINE, node=node, clock=lambda: NOON)


class TestASimulation:
    def test_counts_who_moves_from_which_grade_to_which(self, drafted, simulated):
        done = simulated(drafted(*HARSHER))
        assert done.state is State.DONE
        matrix = {(was, now): number for was, now, number in done.result["matrix"]}
        assert matrix == {
            ("A", "A"): 21,
            ("B", "C"): 12,
            ("C", "C"): 10,
            ("D", "D"): 1,
            ("excluded", "excluded"): 1,
        }
        assert done.result["moved"] == {"worse": 12, "better": 0, "other": 0, "same": 33}

    @pytest.mark.computed
    def test_says_why_by_the_indicator_that_changed_most(self, drafted, simulated):
        done = simulated(drafted(*HARSHER))
        assert done.result["reasons"] == [
            {"direction": "worse", "kind": "indicator", "id": "penalty_count", "subjects": 12}
        ]
        assert {one["subject"] for one in done.result["movers"]} >= {"S20", "S29", "E3"}

    @pytest.mark.computed
    def test_says_so_when_a_trigger_a_cut_off_or_the_weights_did_it(self, drafted, simulated):
        trigger = "{id: licence_revoked, label: {zh: 许可被吊销, en: Licence revoked}, when: revoked_licence, grade: D}"
        many = "{id: many, label: {zh: 多, en: Many}, when: penalties > 2, grade: D}"
        done = simulated(drafted(trigger, f"{trigger}\n  - {many}"))
        assert [(one["kind"], one["id"]) for one in done.result["reasons"]] == [("rule", "many")]
        assert done.result["newly_worst"]["total"] == len(done.result["newly_worst"]["rows"]) == 10
        lower = simulated(drafted("up_to: 450", "up_to: 300", version="3"))
        assert [one["kind"] for one in lower.result["reasons"]] == ["cut_offs"]

    @pytest.mark.computed
    def test_shows_small_cells_of_a_cut_without_numbers(self, drafted, simulated):
        regions = {one["key"]: one for one in simulated(drafted(*HARSHER)).result["cuts"]["region"]}
        assert regions["990121001"]["subjects"] >= 10
        assert regions["990121001"]["cell"] == "few"
        assert sum(regions["990121001"]["after"].values()) == regions["990121001"]["subjects"]
        assert set(regions["unknown"]) == {"key", "cell"}

    @pytest.mark.computed
    def test_tells_how_much_hangs_on_each_weight(self, drafted, simulated):
        told = simulated(drafted("up_to: 450", "up_to: 349"))
        weights = {one["id"]: one for one in told.result["sensitivity"]["weights"]}
        assert set(weights) == {"regulatory", "associations"}
        assert (weights["regulatory"]["up"], weights["regulatory"]["down"]) == (10, 12)
        assert told.result["sensitivity"]["sample"] == 45

    @pytest.mark.computed
    def test_gathers_other_records_when_the_draft_asks_for_them(self, drafted, simulated):
        done = simulated(drafted("within: 36 months", "within: 1 months"))
        assert done.result["moved"]["better"] == 22

    def test_is_the_same_when_done_again(self, drafted, node):
        draft = drafted(*HARSHER)
        results = []
        for _ in range(2):
            asked = requesting.simulate(draft=draft.uuid, by=EDITOR, node=node, at=NOON)
            results.append(executing.execute(trial=asked.uuid, node=node, clock=lambda: NOON).result)
        assert results[0] == results[1]

    def test_is_asked_for_by_an_editor_alone_and_of_a_file_that_loads(self, drafted, node):
        draft = drafted(*HARSHER)
        for who in (APPROVER, STRANGER):
            with pytest.raises(NotPermitted):
                requesting.simulate(draft=draft.uuid, by=who, node=node, at=NOON)
        with pytest.raises(NotPermitted):
            trials.trial(uuid4(), viewer=STRANGER)
        broken = drafted("scale: 1000", "scale: none", version="4")
        with pytest.raises(CatalogueRefused):
            requesting.simulate(draft=broken.uuid, by=EDITOR, node=node, at=NOON)
        bank = drafted("purpose: risk_classification", "purpose: bank_rating", version="5")
        with pytest.raises(NoTableForPurpose):
            requesting.simulate(draft=bank.uuid, by=EDITOR, node=node, at=NOON)

    def test_is_refused_for_a_file_over_the_columns_of_a_table(self, published, node):
        learnt = drafting.bring_in(system="small", content=OF_A_TABLE.encode(), cases=b"", by=EDITOR, at=NOON)

        with pytest.raises(NotOfRecords, match="scores the rows of a table"):
            requesting.simulate(draft=learnt.uuid, by=EDITOR, node=node, at=NOON)

    def test_announces_itself_and_stands_in_the_ledger(self, drafted, simulated):
        simulated(drafted(*HARSHER))
        assert [one.act for one in Entry.objects.order_by("-id")[:2]] == ["trial.execute", "trial.request"]
        assert {"trial.requested", "trial.done"} <= set(Event.objects.values_list("name", flat=True))


class TestASimulationOfACombinedSystem:
    def test_takes_along_the_latest_run_of_the_part(self, drafted, simulated, node):
        combined = COMBINED.split("combination:")[1]
        more = (
            "  - {symbol: D, label: {zh: 高, en: High}}",
            f"  - {{symbol: D, label: {{zh: 高, en: High}}}}\ncombination:{combined}",
        )
        draft = drafted(*more, cases="system: small\ncases: []\n")
        with pytest.raises(NoRunOfPart):
            requesting.simulate(draft=draft.uuid, by=EDITOR, node=node, at=NOON)
        (node.home / "other.yml").write_text(GENERAL, encoding="utf-8")
        classifying.classify(
            system="other",
            file=node.home / "other.yml",
            as_of=TODAY,
            by=COMMAND_LINE,
            node=node,
            clock=lambda: NOON,
        )
        done = simulated(draft)
        assert done.result["moved"]["same"] == done.result["subjects"] == 45
        assert len(done.result["sensitivity"]["weights"]) == 2


class TestAWorker:
    def test_finds_a_finished_trial_taken(self, drafted, simulated, node):
        done = simulated(drafted(*HARSHER))
        with pytest.raises(holding.TrialTaken):
            executing.execute(trial=done.uuid, node=node, clock=lambda: NOON)
        assert executing.execute_if_free(trial=done.uuid, node=node, clock=lambda: NOON) is None

    def test_takes_over_from_a_dead_one(self, drafted, node):
        asked = requesting.simulate(draft=drafted(*HARSHER).uuid, by=EDITOR, node=node, at=NOON)
        _, first = holding.take(uuid=asked.uuid, clock=lambda: NOON)
        assert trials.interrupted() == [asked.uuid]
        later = NOON + timedelta(hours=2)
        done = executing.execute(trial=asked.uuid, node=node, clock=lambda: later)
        assert done.state is State.DONE
        with pytest.raises(holding.TrialTaken):
            first.change(progress=3)

    def test_marks_a_trial_that_breaks_as_failed_and_says_why(self, drafted, node, monkeypatch):
        asked = requesting.simulate(draft=drafted(*HARSHER).uuid, by=EDITOR, node=node, at=NOON)

        def broken(*_, **__):
            raise RuntimeError("the disk is on fire")

        monkeypatch.setattr(executing.engine, "run", broken)
        with pytest.raises(RuntimeError):
            executing.execute(trial=asked.uuid, node=node, clock=lambda: NOON)
        failed = trials.trial(asked.uuid, viewer=EDITOR)
        assert failed.state is State.FAILED
        assert "on fire" in failed.failure


class TestAProposal:
    def test_rests_on_a_simulation_of_exactly_its_bytes(self, drafted, simulated, node):
        draft = drafted(*HARSHER)
        keep = {"draft": draft.uuid, "why": "加重", "starts": TODAY, "by": EDITOR, "node": node, "at": NOON}
        with pytest.raises(NotSimulated):
            proposing.propose(**keep)
        done = simulated(draft)
        changed = drafting.save(
            draft=draft.uuid, revision=draft.revision, content=draft.content + b"\n# later\n",
            cases=draft.cases, by=EDITOR, at=NOON,
        )  # fmt: skip
        with pytest.raises(NotSimulated):
            proposing.propose(**keep)
        again = simulated(changed)
        version = proposing.propose(**keep)
        assert version.simulation == str(again.uuid) != str(done.uuid)

    def test_once_approved_is_what_the_next_run_uses(self, drafted, simulated, node):
        before = classified(node)
        draft = drafted(*HARSHER)
        simulated(draft)
        version = proposing.propose(draft=draft.uuid, why="加重", starts=TODAY, by=EDITOR, node=node, at=NOON)
        approving.approve(version=version.uuid, by=APPROVER, at=NOON)
        after = classified(node)
        assert (before["version"], after["version"]) == ("1", "2")
        assert (before["grades"]["B"], after["grades"]["B"]) == (12, 0)
        assert versions.live("small", TODAY).sha256 == draft.sha256


class TestAShadow:
    def test_is_tried_after_each_run_of_the_live_system_and_changes_nothing(self, drafted, simulated, node):
        draft = drafted(*HARSHER)
        simulated(draft)
        version = proposing.propose(
            draft=draft.uuid, why="先影子运行", starts=TODAY, shadow=True, by=EDITOR, node=node, at=NOON
        )
        approving.approve(version=version.uuid, by=APPROVER, at=NOON)
        run = classified(node)
        assert run["version"] == "1"
        assert proposing.run_shadows(run=run["run"], node=node, at=NOON) == 1
        assert proposing.run_shadows(run=run["run"], node=node, at=NOON) == 0
        asked = Trial.objects.get(kind=Kind.SHADOW)
        done = executing.execute(trial=asked.uuid, node=node, clock=lambda: NOON)
        assert done.result["moved"]["worse"] == 12


class TestAPreview:
    def seen(self, draft, node, by=EDITOR):
        checked = checking.check(
            system="small", content=draft.content, cases=draft.cases, catalogue=node.catalogue, on=TODAY
        )
        return previewing.preview(draft=checked.system, node=node, by=by, on=TODAY)

    def test_scores_the_latest_runs_inputs_again(self, drafted, node):
        classified(node)
        told = self.seen(drafted(*HARSHER), node)
        assert told.refusal is None
        assert (told.sampled, told.whole) == (45, 45)
        assert told.result["moved"]["worse"] == 12
        assert "movers" not in told.result

    def test_says_so_when_there_is_no_run_or_the_inputs_differ(self, drafted, node):
        assert self.seen(drafted(*HARSHER), node).refusal.code == "nothing-run-yet"
        classified(node)
        other = drafted("within: 36 months", "within: 1 months", version="3")
        assert self.seen(other, node).refusal.code == "inputs-differ"

    def test_takes_a_sample_where_there_are_too_many(self, drafted, node, monkeypatch):
        classified(node)
        few = previewing.numbers(TODAY)
        monkeypatch.setattr(previewing, "numbers", lambda on: type(few)(**{**vars(few), "sample": 20}))
        told = self.seen(drafted(*HARSHER), node)
        assert (told.sampled, told.whole, told.result["subjects"]) == (20, 45, 20)

    def test_is_for_editors(self, drafted, node):
        with pytest.raises(NotPermitted):
            self.seen(drafted(*HARSHER), node, by=STRANGER)
