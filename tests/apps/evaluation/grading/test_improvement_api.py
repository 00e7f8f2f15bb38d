"""What would improve a result, through the API: risk classes for regulators, an enterprise's own evaluation for it alone."""

from datetime import date

import pytest
from tests.apps.evaluation.grading import small

from creditmesh.apps.evaluation.grading.api import improvements
from creditmesh.apps.evaluation.grading.operations import executing, requesting
from creditmesh.apps.ground.audit.models import Entry
from creditmesh.apps.ground.parties.rules import GRANTS, Permission, Role

pytestmark = pytest.mark.urls("tests.apps.evaluation.grading.urls")
RISK = "/api/v1/systems/small/subjects/{}/improvements"
OWN = "/api/v1/own-evaluations/{}/improvements"
CREDIT = small.SYSTEM.replace("risk_classification", "public_credit_evaluation")
NOT_REGULATORS = sorted(set(Role) - GRANTS[Permission.SEE_RISK_CLASSES])
NOT_ENTERPRISES = sorted(set(Role) - GRANTS[Permission.SEE_OWN_RECORD])


@pytest.fixture
def own(cast) -> str:
    """The enterprise of the person who owns one."""
    return cast.actor(Role.ENTERPRISE_OWNER).subject


@pytest.fixture
def node(tmp_path, monkeypatch, own):
    monkeypatch.setattr(executing, "collected", lambda *, catalogue: [(code, "") for code in catalogue.items])
    node = small.small_node(tmp_path)
    small.land(node.lake, small.REGISTER, [{"code": own, "name": "本企业", "region": "990121001"}], seq=3)
    fines = [
        {"code": own, "number": f"P{n}", "kind": "fine", "fine": 1, "decided_on": date(2026, 1, n)}
        for n in range(10, 13)
    ]
    small.land(node.lake, small.PENALTIES, fines, seq=4)
    monkeypatch.setattr(improvements, "this_node", lambda: node)
    return node


@pytest.fixture
def run(node, noon, regulator):
    def executed(text: str):
        file = small.system_file(node.home, text)
        asked = requesting.request_run(
            system="small", as_of=date(2026, 3, 1), by=regulator, node=node, at=noon, file=file
        )
        return executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

    return executed


def post(client, address: str, body: object):
    return client.post(address, body, content_type="application/json")


class TestARiskClass:
    def test_is_told_to_a_regulator_with_what_was_tried_and_written_down(self, cast, run, own) -> None:
        done = run(small.SYSTEM)
        regulator = cast.client(Role.REGULATOR)

        told = regulator.get(RISK.format(own) + "?language=en").json()
        assert (told["subject"], told["grade"], told["why"], told["tried"]) == (own, "C", "nothing", None)
        assert told["time"]["steps"]
        last = Entry.objects.order_by("-id").first()
        assert (last.act, last.object_key) == ("standing.view", own)
        assert str(done.uuid) in last.why

        tried = post(regulator, RISK.format(own) + "?time=false", {"inputs": {"penalties": "0"}}).json()
        assert (tried["tried"]["grade"], tried["tried"]["score"], tried["time"]) == ("A", 0, None)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"inputs": {"penalties": "many"}}, 409),
            ({"inputs": {"penaltys": "1"}}, 409),
            ({"inputs": {"penalties": "1" * 81}}, 422),
            ({"inputs": {f"n{n}": "" for n in range(301)}}, 422),
            ({"other": 1}, 422),
        ],
    )
    def test_refuses_what_is_no_input(self, cast, run, own, body, status) -> None:
        run(small.SYSTEM)
        answer = post(cast.client(Role.REGULATOR), RISK.format(own), body)

        assert answer.status_code == status, answer.content

    def test_is_told_after_a_run_of_changes_as_well(self, cast, run, node, noon, regulator, own) -> None:
        run(small.SYSTEM)
        file = small.system_file(node.home)
        asked = requesting.request_run(
            system="small",
            as_of=date(2026, 3, 1),
            by=regulator,
            node=node,
            at=noon,
            file=file,
            changes_only=True,
        )
        executing.execute_run(run=asked.uuid, node=node, clock=lambda: noon)

        told = cast.client(Role.REGULATOR).get(RISK.format(own)).json()
        assert (told["run"], told["grade"]) == (str(asked.uuid), "C")

    def test_is_told_to_nobody_else(self, cast, run, own) -> None:
        run(small.SYSTEM)
        for role in NOT_REGULATORS:
            answer = cast.client(role).get(RISK.format(own))
            assert (answer.status_code, "grade" in answer.json()) == (403, False), role

    def test_of_nobody_is_not_found(self, cast, run) -> None:
        run(small.SYSTEM)
        assert cast.client(Role.REGULATOR).get(RISK.format("nobody")).status_code == 404


class TestTheOwnEvaluation:
    def test_is_told_to_the_enterprise(self, cast, run, own) -> None:
        run(CREDIT)
        told = cast.client(Role.ENTERPRISE_OWNER).get(OWN.format(own) + "?language=en")

        assert (told.status_code, told.json()["subject"], told.json()["grade"]) == (200, own, "C")
        tried = post(
            cast.client(Role.ENTERPRISE_OWNER), OWN.format(own), {"inputs": {"penalties": "0"}}
        ).json()
        assert tried["tried"]["grade"] == "A"

    def test_of_others_is_answered_like_one_that_is_not_there(self, cast, run) -> None:
        run(CREDIT)
        client = cast.client(Role.ENTERPRISE_OWNER)
        said = {
            (answer.status_code, answer.content.decode().replace(subject, "ID"))
            for subject in ("E1", "nobody")
            for answer in (client.get(OWN.format(subject)), post(client, OWN.format(subject), {}))
        }

        assert [status for status, _ in said] == [404]

    def test_is_no_risk_class(self, cast, run, own) -> None:
        run(small.SYSTEM)

        assert cast.client(Role.ENTERPRISE_OWNER).get(OWN.format(own)).status_code == 404

    def test_is_for_enterprises(self, cast, run, own) -> None:
        run(CREDIT)
        for role in NOT_ENTERPRISES:
            assert cast.client(role).get(OWN.format(own)).status_code == 403, role
