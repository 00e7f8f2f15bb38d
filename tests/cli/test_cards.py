"""The model card of an index system from a shell: shipped ones by name, files with what stands beside them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditmesh.cli.main import app
from creditmesh.scoring import loading


def card(*arguments: str):
    return CliRunner().invoke(app, ["system", "card", *arguments])


class TestACard:
    @pytest.mark.parametrize("name", ["general", "food-production-2016"])
    def test_of_a_shipped_system_is_asked_for_by_name(self, name: str) -> None:
        told = json.loads(card(name, "--json").output)
        assert told["system"] == name
        assert told["cut_offs"]
        assert json.loads(card(str(loading.shipped()[name]), "--json").output) == told

    def test_is_written_where_one_wants_it(self, tmp_path: Path) -> None:
        out = tmp_path / "card.md"
        done = card("elevators", "--out", str(out))
        assert done.exit_code == 0
        assert out.read_text(encoding="utf-8").startswith("# 模型卡 / Model card: ")
        assert done.output.strip() == out.read_text(encoding="utf-8").strip()

    def test_of_nothing_is_refused_with_the_names_there_are(self) -> None:
        done = card("generall")
        assert done.exit_code == 2
        assert "general-qinghai" in done.output.replace("\n", "")
