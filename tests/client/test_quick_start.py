"""The quick-start for a bank's engineer: its commands are commands, its Python is Python."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from creditmesh.cli.main import app
from creditmesh.client import __main__ as command
from creditmesh.exchange import fields
from creditmesh.exchange.fields import Message, Request

PAGE = (Path(__file__).parents[2] / "docs" / "how-a-bank-connects.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
OURS = "python -m creditmesh.client"


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith(OURS)])
def test_the_clients_commands_are_understood(line):
    words = shlex.split(line.removeprefix(OURS).partition(">")[0])
    assert callable(command._parser().parse_args(words).run)


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("creditmesh ")])
def test_the_nodes_commands_are_understood(line):
    found = get_command(app)
    words = shlex.split(line)[1:]
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    options = {name for parameter in found.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_command_is_of_a_kind_known_here():
    assert len([line for line in SHELL if line.startswith((OURS, "creditmesh "))]) == len(SHELL) - 1
    assert "python -m creditmesh.exchange.standalone.verify_proof" in PAGE


def test_the_program_runs_up_to_its_first_call(tmp_path, monkeypatch):
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="client-id"):
        exec(compile(program, "quick-start", "exec"), {})  # noqa: S102


def test_the_text_that_is_signed_is_what_we_sign():
    (text,) = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    stated = text.splitlines()[-1].removeprefix('"@signature-params": ')
    one = fields.stated(f"any={stated}", "any=:AAAA:")
    headers = {
        name: re.search(rf'"{name}": (.*)', text)[1]  # type: ignore[index]
        for name in ("content-digest", "authorization")
    }
    request = Request("POST", "https://node.example.cn/api/v1/inquiries", headers)
    assert fields.base(one.components, one.text, Message(headers, b"", request)).decode() == text
