"""The first ten minutes of a bank's engineer: every command of the page is run, in order, against a node."""

import io
import json
import re
import shlex
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.utils import timezone
from tests.client.direct import DirectWire
from typer.testing import CliRunner

from creditmesh.apps.members.institutions import sandbox
from creditmesh.apps.sharing.disclosure.operations import batches
from creditmesh.cli import starting
from creditmesh.cli.main import app
from creditmesh.client import __main__ as command
from creditmesh.client import commands
from creditmesh.client.calling import Client
from creditmesh.exchange.standalone import verify_proof

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).parents[2] / "docs" / "how-a-bank-connects.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
TROUBLED = sandbox.subjects()[1].key


class Shell:
    """As much of a shell as the page needs: names, one redirection, and the three programs it calls."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.printed: dict[str, str] = {}

    def run(self, line: str) -> str:
        """Run one line and return what it prints; fail when the command does."""
        kept = re.fullmatch(r"(\w+)=\$\((.*)\)", line)
        if kept:
            self.names[kept[1]] = self.run(kept[2]).strip()
            return ""
        words = shlex.split(re.sub(r"\$(\w+)", lambda name: self.names[name[1]], line))
        target = None
        if words[-2] in {">", ">>"}:
            words, how, target = words[:-2], words[-2], Path(words[-1])
        told = self.call(words)
        if target:
            before = target.read_text("utf-8") if how == ">>" and target.exists() else ""
            target.write_text(before + told, "utf-8")
        self.printed[" ".join(words)] = told
        return told

    def call(self, words: list[str]) -> str:
        """Call a program and return what it prints."""
        if words[0] == "echo":
            return " ".join(words[1:]) + "\n"
        if words[0] == "creditmesh":
            done = CliRunner().invoke(app, words[1:], catch_exceptions=False)
            assert done.exit_code == 0
            return done.output
        called = {
            "creditmesh.client": command.main,
            "creditmesh.exchange.standalone.verify_proof": verify_proof.main,
        }
        assert words[:2] == ["python", "-m"]
        out = io.StringIO()
        with redirect_stdout(out):
            assert called[words[2]](words[3:]) == 0
        return out.getvalue()

    def told_by(self, start: str) -> str:
        """Return what the first command printed that starts so."""
        return next(told for line, told in self.printed.items() if start in line)


@pytest.fixture
def _direct(monkeypatch, tmp_path, node):
    """The client's wire leads into this node, the node's commands run here, lists are answered while one waits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(starting, "start_django", lambda: None)
    monkeypatch.setattr("creditmesh.client.calling.Wire", lambda _url, **_more: DirectWire())

    def work(_seconds: float) -> None:
        for uuid in batches.unfinished():
            batches.run(uuid, clock=timezone.now)

    monkeypatch.setattr(commands.time, "sleep", work)


@pytest.mark.usefixtures("_direct")
class TestThePage:
    def test_can_be_followed_word_by_word(self):
        shell = Shell()
        before = None
        for line in SHELL:
            shell.run(line)
            before = before or Path("credentials/key.pem").read_text("ascii")
        assert '"sandbox": true' in shell.told_by("token")
        assert '"decision_number"' in shell.told_by("PEN-01"), "the first question finds something"
        assert '"answer": "MISMATCH"' in shell.told_by(" verify ")
        assert '"paid": ' in shell.told_by("--mode RAW")
        assert '"answered": 1' in shell.told_by(" list ")
        assert json.loads(shell.told_by(" report "))["report"]["subject"]["code"] == TROUBLED
        assert "it holds" in shell.told_by("verify_proof")
        assert '"kind": "applied"' in shell.told_by(" outcome ")
        assert "sandbox.ready" in shell.told_by(" notices ")
        assert Path("credentials/key.pem").read_text("ascii") != before
        assert '"sandbox": true' in shell.run("python -m creditmesh.client token")

    def test_has_a_program_that_does_what_it_says(self, capsys):
        key = Path("credentials")
        for line in SHELL[:2]:
            Shell().run(line)
        (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        names: dict[str, object] = {}
        exec(compile(program, "quick-start", "exec"), names)  # noqa: S102
        names["check_before_a_loan"](Client.from_folder("http://127.0.0.1:8000", key), TROUBLED)
        told = capsys.readouterr().out
        assert "Give this to the enterprise: http" in told
        assert "at place" in told


@pytest.mark.usefixtures("_direct")
class TestWhatCannotBeDone:
    @pytest.fixture(autouse=True)
    def _program(self, _direct):
        for line in SHELL[:2]:
            Shell().run(line)

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (["--only", "authorisation", "inquire", TROUBLED, "PEN-01"], "has no “authorisation”"),
            (["verify", TROUBLED, "paid=1", "--purpose", "pre-loan", "--authorisation", "x"], "is no claim"),
            (["inquire", TROUBLED, "TAX-02", "--mode", "RAW"], "needs --authorisation"),
            (["--language", "en", "inquire", TROUBLED, "NONE-1"], "403 unknown-item: The catalogue"),
            (["proof", "x"], "“x” is no number"),
            (["authorise", "123", "TAX-02", "--purpose", "pre-loan"], "body.subject: "),
            (["authorise", TROUBLED, "TAX-02", "--purpose", "none"], "404 unknown-purpose"),
            (["authorise", TROUBLED, "TAX-02", "--purpose", "post-loan"], "409 loan-not-named"),
            (
                [
                    "authorise",
                    TROUBLED,
                    "TAX-02",
                    "--purpose",
                    "post-loan",
                    "--reference",
                    "7",
                    "--per-day",
                    "3",
                ],
                "at most 2",
            ),
            (["list", "nowhere.csv", "--purpose", "pre-loan"], "nowhere.csv"),
        ],
    )
    def test_is_said_in_a_sentence(self, capsys, words, why):
        assert command.main(words) == 1
        assert why in capsys.readouterr().err

    def test_a_list_without_its_columns_is_refused(self, capsys):
        Path("list.csv").write_text("subject,items\nx,y\n", "utf-8")
        assert command.main(["list", "list.csv", "--purpose", "pre-loan"]) == 1
        assert "lacks the column 'authorisation'" in capsys.readouterr().err

    def test_an_authorisation_is_asked_for_within_the_bounds_of_its_purpose(self, capsys):
        asked = ["authorise", TROUBLED, "TAX-02", "--purpose", "post-loan", "--reference", "4711"]
        assert command.main(["--only", "state", *asked]) == 0
        assert capsys.readouterr().out == "signed\n"

    def test_a_change_of_the_key_that_was_cut_short_goes_on(self, capsys, monkeypatch):
        with monkeypatch.context() as cut:
            cut.setattr(Path, "replace", lambda _self, _target: (_ for _ in ()).throw(OSError("cut short")))
            assert command.main(["change-key"]) == 1
        assert command.main(["change-key"]) == 0
        assert command.main(["--only", "institution", "token"]) == 0
        assert '"sandbox": true' in capsys.readouterr().out


class TestAClaim:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("TAX-02.paid=100", 100),
            ("TAX-02.tax_type=property", "property"),
            ("TAX-02.paid_on=2026-01-11", "2026-01-11"),
            ('TAX-02.paid={"from": 1, "to": 2}', {"from": 1, "to": 2}),
            ("SOC-01.settled=true", True),
            ("TAX-02.paid=1.5", "1.5"),
        ],
    )
    def test_is_taken_as_it_is_meant(self, text, value):
        assert commands.claim(text).value == value
