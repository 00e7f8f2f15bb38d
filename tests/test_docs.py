"""Documents that fail the build when they lie: links, commands, decisions, what the README names."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def ids(path: Path) -> str:
    """Name a page by its place in the project."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    local = [link for link in targets if link and "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_file_of_the_house_it_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name == "CHANGELOG.md":
        return
    named = set(
        re.findall(
            r"`((?:web|apps|cli|client|collecting|exchange|lake|scoring|catalogue|kernel|sample)/[\w./-]+\.\w+)`",
            text,
        )
    )
    assert [name for name in named if not (ROOT / "src" / "creditmesh" / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_every_test_it_names_exists(page: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text(encoding="utf-8"))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists()
        or not re.search(rf"(class|def) {name}\b", (ROOT / file).read_text("utf-8"))
    ]
    assert missing == []


def test_the_index_of_decisions_is_complete() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert pages
    assert [name for name in pages if name not in index] == []
    numbers = [name[:4] for name in pages]
    assert numbers == [f"{number:04}" for number in range(1, len(pages) + 1)], (
        "one page a number, none missing"
    )


def test_the_readme_names_only_commands_that_exist() -> None:
    # `./run` is run by tests/test_commands.py and `./test` by CI; nothing else may stand in a shell block.
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [
        line for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]
    assert set(commands) == {"./run", "./test"}
    for command in ("run", "test", ".ci/run"):
        answer = subprocess.run(
            ["git", "ls-files", "-s", command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if answer.returncode:
            pytest.skip("not a git checkout")
        assert answer.stdout.startswith("100755"), f"{command} is committed and can be executed"
    assert "./test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_just_recipes_call_what_is_there() -> None:
    text = (ROOT / "justfile").read_text(encoding="utf-8")
    called = re.findall(r"^\s+((?:tools|benchmarks)/[\w.]+)|python (tools/[\w.]+)", text, re.MULTILINE)
    missing = [name for pair in called for name in pair if name and not (ROOT / name).exists()]
    assert missing == []


def test_every_number_of_a_shipped_system_has_a_status() -> None:
    systems = sorted((ROOT / "src/creditmesh/catalogue/index-systems").glob("*.yml"))
    files = [path for path in systems if not path.name.endswith((".cases.yml", ".card.yml"))]
    assert files
    for path in files:
        system = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert system["status"] != "official", "no shipped system is an official table"
        assert system["source"]
        assert path.with_suffix(".cases.yml").exists(), "cases stand beside the rules"
