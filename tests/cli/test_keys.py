"""The node's key on the command line."""

import json

import pytest
from typer.testing import CliRunner

from creditmesh.cli import starting
from creditmesh.cli.main import app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _this_node(node, monkeypatch):
    monkeypatch.setattr(starting, "start_django", lambda **_unused: None)


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


class TestTheNodesKey:
    def test_is_shown(self, node):
        assert node.signer.key_id in run("keys", "show").output
        assert json.loads(run("keys", "show", "--json").output) == {"keys": node.signer.jwks()}

    def test_is_replaced_and_the_old_one_kept(self, node):
        old = node.signer.key_id
        done = run("keys", "rotate", "--algorithm", "ES256", "--json")
        assert done.exit_code == 0
        assert json.loads(done.output)["key"]["kid"] == node.signer.key_id != old
        lines = run("keys", "show").output.splitlines()
        assert [line.split()[0] for line in lines] == [node.signer.key_id, old]
        assert "sign" in run("keys", "rotate").output

    def test_is_of_a_known_kind(self):
        assert run("keys", "rotate", "--algorithm", "RSA").exit_code == 2
