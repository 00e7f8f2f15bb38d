"""What would improve a result: for regulators and for the enterprise itself, written in the ledger, nothing kept."""

from datetime import date

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.models import RiskStanding
from creditmesh.apps.evaluation.grading.operations import executing, requesting, viewing
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import Actor, NotPermitted, Permission, Role

CREDIT = small.SYSTEM.replace("risk_classification", "public_credit_evaluation")


@pytest.fixture
def node(tmp_path, monkeypatch):
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    return small.small_node(tmp_path)


@pytest.fixture
def run(db, node, noon, regulator):
    """Execute the small system."""

    def executed(text: str = small.SYSTEM):
        file = small.system_file(node.home, text)
        asked = requesting.request_run(
            system="small", as_of=date(2026, 3, 1), by=regulator, node=node, at=noon, file=file
        )
        return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

    return executed


class TestWhatWouldImproveARiskClass:
    def test_says_when_old_records_run_out_where_nothing_can_be_changed(
        self, run, node, noon, regulator
    ) -> None:
        run()

        seen = viewing.view_improvement(viewer=regulator, subject="E3", node=node, at=noon, system="small")

        assert (seen.improvement.grade, seen.improvement.target, seen.improvement.why) == (
            "B",
            "A",
            "nothing",
        )
        # the penalties of 2025-11-03 and 2025-12-03 count for 36 months each
        assert [(one.day, one.grade, one.score) for one in seen.course.steps] == [(date(2028, 12, 3), "A", 0)]
        assert seen.course.better == seen.course.steps[0]
        assert [one.en for one in seen.course.better.changed] == ["Penalties"]

    def test_is_written_in_the_ledger(self, run, node, noon, regulator) -> None:
        done = run()
        viewing.view_improvement(viewer=regulator, subject="E3", node=node, at=noon, system="small")

        last = Entry.objects.order_by("-id").first()
        assert (last.act, last.object_key) == ("standing.view", "E3")
        assert last.why == f"what would improve it [small, run {done.uuid}]"

    def test_is_for_those_who_see_risk_classes(self, run, node, noon) -> None:
        run()
        nobody = Actor(user_id=7, label="x")

        with pytest.raises(NotPermitted):
            viewing.view_improvement(viewer=nobody, subject="E3", node=node, at=noon, system="small")

    def test_a_trigger_that_nothing_repairs_is_named(self, run, node, noon, regulator) -> None:
        run()
        seen = viewing.view_improvement(viewer=regulator, subject="E1", node=node, at=noon, system="small")
        assert (seen.improvement.why, [one.id for one in seen.improvement.in_the_way]) == (
            "rule",
            ["licence_revoked"],
        )
        assert seen.improvement.reason.en.endswith("Licence revoked.")
        assert seen.improvement.reason.zh.endswith("许可被吊销仍然有效。")


class TestInputsTriedByHand:
    def test_give_a_result_at_once_and_change_nothing(self, run, node, noon, regulator) -> None:
        run()
        seen = viewing.view_improvement(
            viewer=regulator, subject="E3", node=node, at=noon, system="small", written={"penalties": "0"}
        )
        assert (seen.now.grade, seen.tried.grade, seen.tried.score) == ("B", "A", 0)
        assert RiskStanding.objects.get(subject="E3").grade == "B"


class TestWhatWouldImproveTheOwnEvaluation:
    @pytest.fixture
    def owner(self):
        role = Role.ENTERPRISE_OWNER
        return Actor(user_id=9, label="甲", organisation="E3", roles=frozenset({role}), subject="E3")

    def test_is_shown_to_the_enterprise(self, run, node, noon, owner) -> None:
        run(CREDIT)
        seen = viewing.view_own_improvement(by=owner, node=node, at=noon)
        assert (seen.subject, seen.improvement.grade) == ("E3", "B")

    def test_is_never_of_a_risk_class(self, run, node, noon, owner) -> None:
        run()
        assert viewing.view_own_improvement(by=owner, node=node, at=noon) is None

    def test_needs_the_permission(self, run, node, noon) -> None:
        nobody = Actor(user_id=7, label="x")
        assert not nobody.may(Permission.SEE_OWN_RECORD)
        with pytest.raises(NotPermitted):
            viewing.view_own_improvement(by=nobody, node=node, at=noon)
