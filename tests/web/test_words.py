"""Every text of the pages has its Chinese words, with the same blanks to fill; no code is left without words."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from tests.web import messages

import creditmesh
from creditmesh.apps.ground.audit.rules import COMMAND_LINE, NOBODY, WORKER
from creditmesh.apps.ground.parties import rules as parties
from creditmesh.apps.ground.records.operations.holding import DiskFull
from creditmesh.apps.ground.records.operations.receiving import DeliveryTooLarge, NoRoom
from creditmesh.collecting.reading.rows import UnreadableFile
from creditmesh.collecting.run import WrongSource
from creditmesh.kernel.errors import CreditmeshError
from creditmesh.web.portals.frame import refusals
from creditmesh.web.portals.frame import words as vocabularies
from creditmesh.web.serving import errors

HOUSE = Path(creditmesh.__file__).parent
REACHING_PAGES = ("apps", "collecting", "lake")
# Their sentences are in both languages already.
SPEAKING_BOTH = {UnreadableFile.code, WrongSource.code}

BLANK = re.compile(r"%\((\w+)\)[sd]")
EVERY = sorted(
    {
        (str(path.relative_to(messages.WEB)), text)
        for path, text in [*messages.in_code(), *messages.in_templates()]
    },
    key=str,
)


def words(text: messages.Message) -> str:
    """Return the Chinese words of a text, nothing when there are none."""
    one = text[0] if isinstance(text, tuple) else text
    found = messages.chinese().get(one)
    if found is None or found.fuzzy:
        return ""
    return found.string[0] if isinstance(found.string, list | tuple) else found.string


class TestEveryText:
    def test_has_chinese_words(self):
        chinese = {
            one.id[0] if isinstance(one.id, list | tuple) else one.id: one
            for one in messages.chinese()
            if one.id
        }
        missing = [
            (where, text)
            for where, text in EVERY
            if not _told(chinese, text[0] if isinstance(text, tuple) else text)
        ]
        assert missing == []

    def test_keeps_the_blanks_of_the_english(self):
        wrong = []
        for one in messages.chinese():
            if not one.id:
                continue
            english = one.id[0] if isinstance(one.id, list | tuple) else one.id
            told = one.string[0] if isinstance(one.string, list | tuple) else one.string
            if set(BLANK.findall(english)) != set(BLANK.findall(told)):
                wrong.append(english)
        assert wrong == []

    def test_is_still_used_when_it_has_words(self):
        used = {text[0] if isinstance(text, tuple) else text for _, text in EVERY}
        kept = {
            one.id[0] if isinstance(one.id, list | tuple) else one.id for one in messages.chinese() if one.id
        }
        assert kept - used == set()


def _told(chinese, english):
    found = chinese.get(english)
    if found is None:
        return False
    return bool(found.string[0] if isinstance(found.string, list | tuple) else found.string)


@pytest.mark.parametrize("english", ["Sign in", "Enterprises", "Skip to the content"])
def test_a_chinese_page_speaks_chinese(english):
    assert re.search(r"[\u4e00-\u9fff]", words(english))


def refused_codes() -> set[str]:
    """Return the code of every domain error of the layers that pages call."""
    for layer in REACHING_PAGES:
        package = importlib.import_module(f"creditmesh.{layer}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    starts = tuple(f"creditmesh.{layer}." for layer in REACHING_PAGES)
    return {one.code for one in _kinds_of(CreditmeshError) if one.__module__.startswith(starts)}


def _kinds_of(error: type[CreditmeshError]) -> Iterator[type[CreditmeshError]]:
    for one in error.__subclasses__():
        yield one
        yield from _kinds_of(one)


def in_the_ledger(name: str) -> set[str]:
    """Return the constants the code gives as keyword `name`, straight, by a variable or by a parameter."""
    found: set[str] = set()
    for path in HOUSE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if f"{name}=" in text:
            found |= _given(ast.parse(text), name)
    return found


def _given(module: ast.Module, name: str) -> set[str]:
    calls = [one for one in ast.walk(module) if isinstance(one, ast.Call)]
    found: set[str] = set()
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "append":
            continue
        for given in (one.value for one in call.keywords if one.arg == name):
            found |= _constants(given)
            if isinstance(given, ast.Name):
                found |= _named(module, calls, given.id)
    return found


def _named(module: ast.Module, calls: list[ast.Call], name: str) -> set[str]:
    found: set[str] = set()
    for one in ast.walk(module):
        if isinstance(one, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in one.targets
        ):
            found |= _constants(one.value)
        elif isinstance(one, ast.FunctionDef) and name in (taken := [arg.arg for arg in one.args.args]):
            for call in calls:
                if isinstance(call.func, ast.Name) and call.func.id == one.name:
                    found |= _constants(call.args[taken.index(name)])
    return found


def _constants(value: ast.expr) -> set[str]:
    parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    return {one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def things() -> set[str]:
    """Return every kind of object that the code writes into the ledger."""
    found = set()
    for path in HOUSE.rglob("*.py"):
        found |= set(re.findall(r"\bThing\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")))
    return found


class TestARefusal:
    def test_has_chinese_words_whatever_its_code(self):
        codes = refused_codes()
        assert len(codes) > 30
        assert codes - set(refusals.SENTENCES) - SPEAKING_BOTH == set()

    @pytest.mark.parametrize(
        "refusal",
        [
            UnreadableFile("栏目“Name. B”重复；只能出现一次。", "Heading “Name. B” stands twice; keep one."),
            WrongSource("来源“税务局”不能报送PEN-01。 Source tax may not deliver item PEN-01."),
        ],
        ids=["file", "source"],
    )
    def test_of_an_engine_is_told_in_the_language_of_the_page(self, refusal):
        with translation.override("zh-hans"):
            chinese = refusals.sentence(refusal)
        with translation.override("en"):
            english = refusals.sentence(refusal)
        assert chinese.endswith("。")
        assert not re.search(r"[\u4e00-\u9fff]", english)
        assert f"{chinese} {english}" == refusal.sentence

    def test_in_one_language_stays_whole(self):
        with translation.override("en"):
            assert refusals.spoken("文件没有表头行。请写上列名。") == "文件没有表头行。请写上列名。"
        assert refusals.spoken("No header. Mend it.") == "No header. Mend it."

    def test_names_what_was_asked_for(self):
        refusal = DiskFull("The disk is full: PEN-01 was not kept.")
        with translation.override("zh-hans"):
            assert refusals.sentence(refusal, about="PEN-01").endswith("（PEN-01）")
        with translation.override("en"):
            assert refusals.sentence(refusal, about="PEN-01") == refusal.sentence

    @pytest.mark.parametrize(
        ("kind", "status"), [(DeliveryTooLarge, 413), (NoRoom, 507), (DiskFull, 507), (CreditmeshError, 409)]
    )
    def test_has_the_status_that_programs_know(self, kind, status):
        assert errors.status_of(kind("No.")) == status


class TestTheLedger:
    def test_has_words_for_every_act(self):
        acts = in_the_ledger("act")
        assert {"people.sign_in", "review.tie", "user.deactivate", "batch.land"} <= acts
        assert acts - set(vocabularies.ACTS) == set()

    def test_has_words_for_everything_acted_on(self):
        assert {"subject", "batch"} <= things()
        assert things() - set(vocabularies.ACTED_ON) == set()

    def test_has_words_for_whoever_is_not_a_person(self):
        labels = {one.label for one in (COMMAND_LINE, WORKER, NOBODY)}
        assert labels | {parties.COMMAND_LINE.label, parties.ANONYMOUS.label} <= set(vocabularies.NOT_PEOPLE)
