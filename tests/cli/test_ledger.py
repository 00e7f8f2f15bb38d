"""The ledger on the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from django.db import connection
from tests.apps.ground.audit.conftest import Ledger, unguarded
from typer.testing import CliRunner

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.cli import starting
from creditmesh.cli.main import app
from creditmesh.exchange.standalone import verify_proof

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _this_node(node: ThisNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "start_django", lambda **_unused: None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments])


class TestTheLedger:
    def test_holds_until_somebody_edits_it(self, tmp_path: Path) -> None:
        Ledger(at=datetime.now(UTC)).ask(3)
        assert run("heads").output.strip() == "No head has been signed yet."
        assert run("heads", "--sign").exit_code == 0
        kept = tmp_path / "kept.json"
        kept.write_text(run("heads", "--json").stdout)

        holds = json.loads(run("verify", "--head", str(kept), "--json").stdout)
        assert (holds["holds"], holds["size"], holds["kept"]) == (True, 3, 2)

        with unguarded(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_entry SET why = 'edited' WHERE act = 'inquiry.answer'")
        broken = run("verify")
        assert broken.exit_code == 1
        assert broken.stdout.count("WRONG entry-changed") == 3
        assert "does NOT hold" in broken.stdout

    def test_refuses_a_file_without_heads(self, tmp_path: Path) -> None:
        file = tmp_path / "nothing.json"
        file.write_text("{}")

        answer = run("verify", "--head", str(file))

        assert (answer.exit_code, "holds no tree heads" in answer.stderr) == (1, True)

    def test_proves_an_entry(self, tmp_path: Path) -> None:
        (entry,) = Ledger(at=datetime.now(UTC)).ask(1)
        file = tmp_path / "proof.json"

        assert run("prove", entry, "--file", str(file)).exit_code == 0

        assert verify_proof.check(json.loads(file.read_text()), None, None).holds()
        assert "Zhang Wei" not in file.read_text()
        assert "Zhang Wei" in run("prove", entry, "--everything").stdout
        assert run("prove", "00000000-0000-0000-0000-000000000000").exit_code == 1

    def test_lets_old_text_go_by_the_rule_pack(self) -> None:
        Ledger(at=datetime.now(UTC) - timedelta(days=366 * 11)).ask(2)

        told = json.loads(run("expire", "--json").stdout)

        assert (told["expired"], told["rule"]["value"]) == (2, 10)
        assert "0 entries expired; kept are 10 years" in run("expire").stdout
        assert run("verify").exit_code == 0
