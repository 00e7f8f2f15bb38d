"""Public credit evaluations: apart from risk classes in table, permission and page."""

from datetime import date

import pytest
from django.test import Client
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.models import EvaluationStanding, RiskStanding
from creditmesh.apps.evaluation.grading.operations import executing, requesting, viewing
from creditmesh.apps.evaluation.grading.queries import distribution, evaluations, standings
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import GRANTS, Actor, NotPermitted, Permission, Role
from creditmesh.apps.ground.records.operations import marking
from creditmesh.apps.ground.records.rules import MarkKind, RecordRef
from creditmesh.exchange.canonical import canonical
from creditmesh.web.portals.regulator import choosing

TEXT = small.SYSTEM.replace("risk_classification", "public_credit_evaluation")


@pytest.fixture
def node(tmp_path):
    return small.small_node(tmp_path)


@pytest.fixture
def execute(db, node, noon, regulator, monkeypatch):
    """Ask for a run of the small system and execute it."""
    # The small node's records were landed without batches in the database.
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])

    def executed(text=small.SYSTEM):
        file = small.system_file(node.home, text)
        asked = requesting.request_run(
            system="small", as_of=date(2026, 3, 1), by=regulator, node=node, at=noon, file=file
        )
        return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

    return executed


@pytest.fixture
def evaluated(execute):
    """A finished run that makes evaluations."""
    return execute(text=TEXT)


class TestTheEvaluationOfOne:
    def test_is_plain_data_that_can_be_signed(self, evaluated, node) -> None:
        told = evaluations.latest(subject="E1", node=node)

        assert canonical(told)
        assert told["run"] == str(evaluated.uuid)
        assert [one["grade"] for one in told["history"]] == [told["grade"]]
        assert told["groups"][0]["label"]["zh"]

    def test_is_none_of_whom_no_run_says_anything(self, evaluated, node) -> None:
        assert evaluations.latest(subject="NOBODY", node=node) is None

    def test_says_that_a_record_behind_it_was_stopped_since(self, evaluated, node, regulator, noon) -> None:
        record = RecordRef(subject="E1", item="PEN-01", key="1")
        assert evaluations.latest(subject="E1", node=node)["outdated"] is False

        marking.mark(record=record, kind=MarkKind.DISPUTED, case="1", by=regulator.who(), at=noon)
        assert evaluations.latest(subject="E1", node=node)["outdated"] is False

        marking.mark(record=record, kind=MarkKind.STOPPED, case="1", by=regulator.who(), at=noon)
        assert evaluations.latest(subject="E1", node=node)["outdated"] is True
        assert evaluations.latest(subject="E2", node=node)["outdated"] is False

    def test_is_never_a_risk_class(self, execute, node) -> None:
        execute()

        assert RiskStanding.objects.exists()
        assert evaluations.latest(subject="E1", node=node) is None

    def test_its_outline_tells_no_single_record(self, evaluated, node) -> None:
        told = evaluations.latest(subject="E1", node=node)

        assert told["reasons"]
        assert told["decided"]
        outline = evaluations.outline(told)
        assert (outline["reasons"], outline["decided"], outline["score"]) == ([], [], told["score"])


class TestWhoSees:
    def test_regulators_do_and_the_ledger_knows(self, evaluated, node, regulator, noon) -> None:
        assert viewing.view_evaluation(viewer=regulator, subject="E1", node=node, at=noon)
        assert Entry.objects.filter(act="evaluation.view", subject="E1").count() == 1

    @pytest.mark.parametrize("role", sorted(set(Role) - GRANTS[Permission.SEE_EVALUATIONS]))
    def test_nobody_else_does_but_through_disclosure(self, evaluated, node, noon, role) -> None:
        other = Actor(user_id=None, label="x", roles=frozenset({role}))
        with pytest.raises(NotPermitted):
            viewing.view_evaluation(viewer=other, subject="E1", node=node, at=noon)
        with pytest.raises(NotPermitted):
            distribution.result_run(viewer=other, uuid=evaluated.uuid)

    def test_who_sees_evaluations_alone_sees_no_risk_class(self, execute, evaluated, monkeypatch) -> None:
        risk = execute()
        viewer = Actor(user_id=None, label="x", roles=frozenset({Role.REGULATOR}))
        object.__setattr__(viewer, "permissions", frozenset({Permission.SEE_EVALUATIONS}))

        assert standings.listing(viewer=viewer, run=evaluated.uuid, filters=standings.Filters()).rows
        with pytest.raises(NotPermitted, match="see_risk_classes"):
            standings.listing(viewer=viewer, run=risk.uuid, filters=standings.Filters())

    def test_pages_of_risk_classes_offer_no_evaluation(self, db) -> None:
        assert "public-credit" not in [one.id for one in choosing.risk_systems()]
        assert choosing.chosen("public-credit").system != "public-credit"
        assert EvaluationStanding._meta.db_table != RiskStanding._meta.db_table
        assert Client().get("/evaluations/").status_code == 302
