"""The command line: each command one call, with 0, 1 or 2 at the end and never a traceback."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from creditmesh.apps.ground.audit import queries as ledger
from creditmesh.apps.ground.parties import operations, queries
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, OrganisationKind, Role
from creditmesh.cli import starting
from creditmesh.cli.main import app

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
PASSWORD = "a long and unlikely sentence"


def run(*arguments, typed=""):
    return CliRunner().invoke(app, list(arguments), input=typed)


def commands(command, path=("creditmesh",)):
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(path), command
        return
    for name, child in children.items():
        yield from commands(child, (*path, name))


class TestTheReference:
    def test_names_every_command_and_option(self):
        text = REFERENCE.read_text(encoding="utf-8")
        for name, command in commands(get_command(app)):
            row = next((line for line in text.splitlines() if line.startswith(f"| `{name}")), None)
            assert row is not None, f"{name} is missing in {REFERENCE.name}"
            for parameter in command.params:
                if parameter.param_type_name == "option" and parameter.name != "help":
                    assert f"`{max(parameter.opts, key=len)}`" in row, f"{name} {parameter.opts}"

    def test_names_no_command_that_is_not_there(self):
        rows = [line for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
        known = [name for name, _ in commands(get_command(app))]
        assert len(rows) == len(known)


class TestExitCodes:
    def test_wrong_usage_is_two(self):
        assert run("collect", "PEN-01").exit_code == 2
        assert run("nonsense").exit_code == 2
        assert run("catalogue", "check", "/nowhere.yml").exit_code == 2

    def test_it_tells_its_version(self):
        answer = run("--version")
        assert (answer.exit_code, answer.output) == (0, f"creditmesh {version('creditmesh')}\n")

    def test_without_a_node_it_says_how_to_make_one(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CREDITMESH_HOME", str(tmp_path / "nowhere"))
        answer = run("quality")

        assert answer.exit_code == 1
        assert "creditmesh init" in answer.stderr
        assert not (tmp_path / "nowhere").exists()

    def test_a_refusal_is_one_sentence(self, db):
        answer = run("user", "password", "nobody", typed=f"{PASSWORD}\n{PASSWORD}\n")
        assert answer.exit_code == 1
        assert answer.stderr.startswith("There is no user “nobody”")
        assert "Traceback" not in answer.output


class TestCatalogueCheck:
    def test_accepts_what_is_shipped(self):
        folder = Path(starting.__file__).parents[1] / "catalogue" / "sharing-lists"
        answer = run("catalogue", "check", str(min(folder.iterdir())), "--json")
        assert (answer.exit_code, json.loads(answer.stdout)["accepted"]) == (0, True)

    def test_refuses_with_file_line_and_rule(self, tmp_path):
        file = tmp_path / "list.yml"
        file.write_text("id: local\nversion: '1'\nnonsense: true\n", encoding="utf-8")
        answer = run("catalogue", "check", str(file), "--json")

        assert answer.exit_code == 1
        problems = json.loads(answer.stdout)["problems"]
        assert all(one["file"].endswith("list.yml") and one["line"] and one["rule"] for one in problems)


@pytest.mark.django_db
class TestPeople:
    def test_are_made_with_a_password_nobody_sees(self):
        made = run("organisation", "create", "tax", "税务局", "--kind", "department")
        assert made.exit_code == 0, made.output
        answer = run(
            "user", "create", "li.ming", "--organisation", "tax", "--role", "data_officer",
            typed=f"{PASSWORD}\n{PASSWORD}\n",
        )  # fmt: skip

        assert answer.exit_code == 0, answer.output
        assert PASSWORD not in answer.output
        actor = queries.actor(queries.user(username="li.ming"))
        assert actor.roles == {Role.DATA_OFFICER}
        assert ledger.ledger_page().lines[0].user_label == "command line"
        assert "li.ming" in run("user", "list").stdout
        assert json.loads(run("organisation", "list", "--json").stdout)["organisations"][0]["code"] == "tax"

    def test_are_made_whole_or_not_at_all(self, noon):
        new = operations.NewOrganisation(code="bank", name="银行", kind=OrganisationKind.BANK)
        operations.create_organisation(by=COMMAND_LINE, new=new, at=noon)
        answer = run(
            "user", "create", "li.ming", "--organisation", "bank", "--role", "regulator",
            typed=f"{PASSWORD}\n{PASSWORD}\n",
        )  # fmt: skip

        assert answer.exit_code == 1
        with pytest.raises(queries.UnknownUser):
            queries.user(username="li.ming")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("organisation", "create", "x", "x", "--kind", "club"),
            ("organisation", "create", "x", "x", "--kind", "department", "--source", "nowhere"),
            ("user", "create", "x", "--organisation", "x", "--role", "king"),
        ],
    )
    def test_of_unknown_kinds_are_wrong_usage(self, arguments):
        answer = run(*arguments)
        assert answer.exit_code == 2

    def test_get_keys_that_are_shown_once(self, cast):
        issued = json.loads(run("key", "issue", "regulator", "--name", "nightly", "--json").stdout)
        assert operations.use_api_key(secret=issued["secret"], at=starting.now()) is not None
        assert run("key", "revoke", "regulator", issued["prefix"]).exit_code == 0
        assert operations.use_api_key(secret=issued["secret"], at=starting.now()) is None
        assert run("key", "revoke", "regulator", issued["prefix"]).exit_code == 1

    def test_of_a_demonstration_are_shown_once(self):
        first = json.loads(run("demo-accounts", "--json").stdout)["accounts"]
        assert {one["username"] for one in first} == {role.value for role in Role}
        assert json.loads(run("demo-accounts", "--json").stdout)["accounts"] == []
        assert len(json.loads(run("demo-accounts", "--new-passwords", "--json").stdout)["accounts"]) == len(
            Role
        )


class TestPlainData:
    def test_is_what_json_knows(self, noon):
        line = queries.SubjectLine(
            key="K", scheme="uscc", name="麦香", registration_number=None, region="", industry="",
            entity_type="", established_date=noon.date(), status="",
        )  # fmt: skip
        told = starting.plain({"rows": (line,), "ok": True, "share": 12})
        assert json.loads(json.dumps(told)) == told
        assert told["rows"][0]["established_date"] == "2026-03-02"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where the node of these tests is, made once."""
    home = tmp_path_factory.mktemp("new") / "node"
    made = call(home, "init", "--name", "青禾")
    assert made.returncode == 0, made.stderr
    return home


@pytest.mark.faults
class TestANewNode:
    def test_is_made_and_made_again_without_loss(self, home):
        first = (home / "secret-key").read_text(encoding="ascii")
        again = call(home, "init")

        assert again.returncode == 0, again.stderr
        assert "青禾" in again.stdout
        assert (home / "secret-key").read_text(encoding="ascii") == first
        assert (home / "static" / "staticfiles.json").is_file()

    def test_names_a_setting_that_is_wrong(self, tmp_path):
        answer = call(tmp_path / "node", "init", CREDITMESH_PORT="many")
        assert answer.returncode == 1
        assert "CREDITMESH_PORT" in answer.stderr
        assert "Traceback" not in answer.stderr

    def test_does_not_start_with_a_catalogue_that_contradicts_itself(self, home, tmp_path):
        folder = tmp_path / "lists"
        folder.mkdir()
        (folder / "local.yml").write_text("id: local\nversion: '1'\nnonsense: true\n", encoding="utf-8")
        answer = call(home, "quality", CREDITMESH_CATALOGUE_FOLDER=str(folder))

        assert answer.returncode == 1
        assert "local.yml:" in answer.stderr
        assert "does not start" in answer.stderr
        assert "Traceback" not in answer.stderr


def call(home, *arguments, **more):
    """Run a command in a process of its own, on the node of a home folder."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CREDITMESH", "DJANGO"))
    }
    return subprocess.run(
        [sys.executable, "-m", "creditmesh.cli.main", *arguments],
        env={**environment, "CREDITMESH_HOME": str(home), **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
