"""The shape of the house: sizes, folders, docstrings. What the import contracts cannot see."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "creditmesh"
MOST_LINES = 400
MOST_ENTRIES = 12
FORBIDDEN_NAMES = {"core", "common", "utils", "helpers", "base", "manager"}
# Folders of data and pages grow with the subject matter, not with complexity.
DATA_FOLDERS = {
    "migrations",
    "templates",
    "static",
    "locale",
    "tables",
    "sharing-lists",
    "index-systems",
    "rule-packs",
}


def modules() -> list[Path]:
    """Return every hand-written Python file of the project."""
    folders = [SOURCE, ROOT / "tests", ROOT / "tools", ROOT / "benchmarks"]
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and "vendor" not in path.parts]


def code_folders() -> list[Path]:
    """Return the package's folders that hold code."""
    folders = [SOURCE, *(path for path in SOURCE.rglob("*") if path.is_dir())]
    return [
        folder
        for folder in folders
        if not DATA_FOLDERS & set(folder.relative_to(SOURCE).parts) and "__pycache__" not in folder.parts
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("folder", code_folders(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_holds_at_most_a_dozen_things(folder: Path) -> None:
    entries = [
        one.name for one in folder.iterdir() if one.name not in {"__init__.py", "__pycache__", "py.typed"}
    ]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("__init__.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_an_init_file_is_one_docstring(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    if "migrations" in path.parts:
        return
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body=body, type_ignores=[]))


def public_parts(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef]:
    """Return the module's public functions and classes."""
    return [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_"
    ]


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_public_function_says_what_it_does(path: Path) -> None:
    if "migrations" in path.parts or "vendor" in path.parts:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module opens with one line that says what it is for"
    silent = [node.name for node in public_parts(tree) if not ast.get_docstring(node)]
    assert silent == []


def test_no_file_is_named_after_nothing() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")} | {path.name for path in code_folders()}
    assert names & FORBIDDEN_NAMES == set()


def test_the_day_of_a_moment_is_that_of_the_node() -> None:
    # A moment is kept in UTC: in China its own day is yesterday's until eight in the morning.
    files = [*SOURCE.glob("apps/**/*.py"), *SOURCE.glob("web/**/*.py")]
    found = {one: re.findall(r"\b(?:at|now|\w+_at|since)\.date\(\)", one.read_text("utf-8")) for one in files}
    assert {str(one): said for one, said in found.items() if said} == {}


def test_nothing_committed_names_this_machine_or_a_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    telling = ["/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "registry.npm" + "js", "pythonhosted" + ".org"]
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".parquet", ".xlsx"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert [word for word in telling if word in text] == [], name
