"""The worked example of docs/add-an-information-item.md does what the page says."""

import re
from pathlib import Path

import pytest

from creditmesh.catalogue.headers import columns_of, ignored_by, normalise_header
from creditmesh.catalogue.loading import check_file, load

PAGE = Path(__file__).parents[2] / "docs" / "add-an-information-item.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The first YAML block of the page, as a file."""
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "local-lifts.yml"
    path.write_text(text, encoding="utf-8")
    return path


class TestTheWorkedExample:
    def test_is_accepted(self, example: Path):
        assert check_file(example) == []

    def test_adds_its_item_to_the_list_it_extends(self, example: Path):
        catalogue = load(folder=example.parent)
        assert catalogue.list_of("LFT-01").id == "local-lifts"
        assert "PEN-01" in catalogue.items
        assert catalogue.items["LFT-01"].sources == ("lift-institute",)

    def test_finds_and_ignores_the_columns_it_names(self, example: Path):
        item = load(folder=example.parent).items["LFT-01"]
        assert columns_of(item)[normalise_header("设备注册代码")] == "device_number"
        assert normalise_header("检验员身份证号") in ignored_by(item)

    def test_is_refused_as_the_page_shows(self, example: Path):
        text = example.read_text(encoding="utf-8").replace(
            "record_key: [report_number]", "record_key: [report]"
        )
        example.write_text(text, encoding="utf-8")
        (problem,) = check_file(example)
        shown = re.search(r"`(local-lifts\.yml:\d+: .*?\])`", PAGE.read_text(encoding="utf-8"))
        assert shown is not None
        assert str(problem) == shown[1].replace("local-lifts.yml", str(example))
