"""The page for a bank's engineer: its Python is Python. Its commands are run by test_ten_minutes.py."""

import re
from pathlib import Path

import pytest

from creditmesh.exchange import fields
from creditmesh.exchange.fields import Message, Request

PAGE = (Path(__file__).parents[2] / "docs" / "how-a-bank-connects.md").read_text("utf-8")


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
