"""Publishing from a shell: two people with their passwords, a simulation, and a way back."""

import json
from uuid import uuid4

import pytest
from tests.apps.evaluation.grading import small
from tests.apps.evaluation.trials.conftest import CASES, node  # noqa: F401 - a fixture
from typer.testing import CliRunner

from creditmesh.apps.evaluation.trials.operations import reading
from creditmesh.apps.ground.nodes import queries as nodes
from creditmesh.apps.ground.parties import operations
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role
from creditmesh.cli import starting
from creditmesh.cli.main import app

PASSWORD = "a long and unlikely sentence"


def run(*arguments, typed=f"{PASSWORD}\n"):
    return CliRunner().invoke(app, ["system", *arguments], input=typed)


@pytest.fixture
def people(db, node, monkeypatch):  # noqa: F811 - the fixture above
    """Two regulators, an editor and an approver, on the small node."""
    at = starting.now()
    new = operations.NewOrganisation(
        code="REG", name="监管局", kind=OrganisationKind.REGULATOR, region="990121"
    )
    operations.create_organisation(by=COMMAND_LINE, new=new, at=at)
    for username, role in (("edith", Role.SYSTEM_EDITOR), ("anna", Role.SYSTEM_APPROVER)):
        operations.create_user(
            by=COMMAND_LINE, username=username, password=PASSWORD, full_name=username, at=at
        )
        operations.add_membership(by=COMMAND_LINE, username=username, organisation="REG", role=role, at=at)
    monkeypatch.setattr(nodes, "this_node", lambda: node)
    assert reading.collected(catalogue=node.catalogue)


class TestASystem:
    def test_is_proposed_approved_listed_and_taken_back(self, people, tmp_path):
        file = tmp_path / "small.yml"
        file.write_text(small.SYSTEM, encoding="utf-8")
        file.with_suffix(".cases.yml").write_text(CASES, encoding="utf-8")
        told = run("propose", str(file), "--why", "第一版", "--as", "edith", "--json")
        assert told.exit_code == 0, told.output
        made = json.loads(told.stdout)
        assert made["moved"]["same"] == 45
        waits = run("list").output
        assert made["uuid"] in waits

        refused = run("approve", made["uuid"], "--as", "edith")
        assert refused.exit_code == 1
        approved = run("approve", made["uuid"], "--as", "anna")
        assert approved.exit_code == 0, approved.output
        [small_one] = [
            one for one in json.loads(run("list", "--json").stdout)["live"] if one["system"] == "small"
        ]
        assert (small_one["version"], small_one["number"]) == ("1", 1)
        again = run("rollback", "small", "--to", "1", "--why", "x", "--as", "edith")
        assert (again.exit_code, "nothing to go back to" in again.stderr) == (1, True)

    def test_is_nobodys_without_the_password(self, people):
        told = run("approve", str(uuid4()), "--as", "anna", typed="guess\n")
        assert told.exit_code == 1
        assert "with this password" in told.stderr
