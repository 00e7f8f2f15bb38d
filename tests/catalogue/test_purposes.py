"""Purpose templates: what ships is sound, and a template that contradicts itself is refused by line and rule."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditmesh.catalogue import loading, purposes
from creditmesh.catalogue.model import Mode
from creditmesh.catalogue.purposes import UnknownPurpose
from creditmesh.catalogue.reading import CatalogueRefused
from creditmesh.cli.main import app

GOOD = """purpose: pre-loan
label: {zh: 贷前审查, en: Check before a loan}
versions:
  - version: "1"
    effective_from: 2026-01-01
    effective_to: 2026-06-30
    status: default
    source_doc: test
    bounds: {data_months: 12, life_days: 30, per_day: 1, max_queries: 5, retention_months: 1}
    modes: [AUTH]
    items: [TAX-02]
    institution_kinds: [bank]
    notice: {zh: 用途, en: use}
  - version: "2"
    effective_from: 2026-07-01
    status: default
    source_doc: test
    bounds: {data_months: 24, life_days: 30, per_day: 1, max_queries: 5, retention_months: 1}
    modes: [AUTH]
    classes: [TAX]
    institution_kinds: [bank]
    notice: {zh: 用途, en: use}
"""


def written(folder: Path, text: str, name: str = "pre-loan.yml") -> Path:
    """A template as a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


class TestWhatShips:
    def test_covers_the_six_purposes(self):
        assert purposes.load().codes == (
            "pre-loan",
            "post-loan",
            "guarantee",
            "insurance",
            "compensation",
            "quality-financing",
        )

    def test_offers_only_items_that_may_be_authorised(self):
        catalogue = loading.load()
        for one in purposes.load().in_force(on=date(2026, 11, 22)):
            assert one.items_of(catalogue)
            for item in one.items_of(catalogue):
                assert set(item.modes) & {Mode.AUTH, Mode.VERIFY, Mode.RAW}

    def test_accepts_itself(self):
        found = {
            path.name: purposes.check_file(path)
            for path in purposes.SHIPPED.glob("*.yml")
            if purposes.is_template(path)
        }
        assert found == {f"{code}.yml": [] for code in purposes.load().codes}


class TestVersions:
    def test_follow_the_day(self, tmp_path):
        written(tmp_path, GOOD)
        found = purposes.load(folder=tmp_path)
        assert found.purpose("pre-loan", on=date(2026, 6, 30)).version == "1"
        assert found.purpose("pre-loan", on=date(2026, 7, 1)).version == "2"
        with pytest.raises(UnknownPurpose):
            found.purpose("pre-loan", on=date(2025, 12, 31))

    def test_stay_known_after_they_ended(self, tmp_path):
        written(tmp_path, GOOD)
        found = purposes.load(folder=tmp_path)
        old = found.version("pre-loan", "1")
        assert old is not None
        assert old.bounds.data_months == 12
        assert found.version("pre-loan", "3") is None

    def test_cover_items_by_code_or_class(self, tmp_path):
        written(tmp_path, GOOD)
        found, items = purposes.load(folder=tmp_path), loading.load().items
        first, second = (found.version("pre-loan", one) for one in ("1", "2"))
        assert first is not None
        assert second is not None
        assert [one.covers(items["TAX-03"]) for one in (first, second)] == [False, True]
        assert not second.covers(items["TAX-04"])  # open only


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ("modes: [AUTH]", "modes: [GOV]", 10, "purpose-mode"),
        ("items: [TAX-02]", "items: [TAX-99]", 11, "purpose-item"),
        ("items: [TAX-02]", "items: [PEN-01]", 11, "purpose-item-mode"),
        ("classes: [TAX]", "classes: [XXX]", 20, "purpose-class"),
        ("    items: [TAX-02]\n", "", 4, "purpose-empty"),
        ("institution_kinds: [bank]", "institution_kinds: [shop]", 12, "purpose-institution"),
        ("effective_to: 2026-06-30", "effective_to: 2025-06-30", 6, "purpose-dates"),
        ("per_day: 1, max_queries: 5", "per_day: 6, max_queries: 5", 9, "purpose-frequency"),
        ('version: "2"', 'version: "1"', 14, "purpose-version-twice"),
        ("2026-07-01", "2026-06-30", 15, "purpose-days-twice"),
        ("data_months: 12", "data_months: 0", 9, "shape-greater-than-equal"),
        ("purpose: pre-loan", "purpose: Pre Loan", 1, "shape-string-pattern-mismatch"),
        ("status: default", "status: sure", 7, "shape-enum"),
        ("label:", "lable:", 1, "shape-missing"),
    ],
)
def test_a_contradiction_is_named_by_line_and_rule(tmp_path, old, new, line, rule):
    path = written(tmp_path, GOOD.replace(old, new, 1))
    assert (line, rule) in {(one.line, one.rule) for one in purposes.check_file(path)}
    with pytest.raises(CatalogueRefused):
        purposes.load(folder=tmp_path)


def test_a_purpose_stands_in_one_file(tmp_path):
    written(tmp_path, GOOD)
    written(tmp_path, GOOD, "again.yml")
    with pytest.raises(CatalogueRefused, match="two files"):
        purposes.load(folder=tmp_path)


def test_the_command_checks_templates_and_tells_them_from_lists(tmp_path):
    good, bad = written(tmp_path, GOOD), written(tmp_path, GOOD.replace("[AUTH]", "[OPEN]"), "bad.yml")
    assert CliRunner().invoke(app, ["catalogue", "check", str(good)]).exit_code == 0
    told = CliRunner().invoke(app, ["catalogue", "check", str(bad)])
    assert told.exit_code != 0
    assert "bad.yml:10:" in told.output
    assert not purposes.is_template(written(tmp_path, "a: [", "broken.yml"))
    assert purposes.check_file(tmp_path / "broken.yml")


def test_the_page_that_explains_names_the_bounds_that_ship():
    page = (Path(__file__).parents[2] / "docs" / "how-authorisations-work.md").read_text(encoding="utf-8")
    for one in purposes.load().in_force(on=date(2026, 11, 22)):
        told = one.bounds
        modes, kinds = " ".join(one.modes), ", ".join(one.institution_kinds)
        row = (
            f"| {one.code} | {told.data_months} months | {told.life_days} days | {told.max_queries}, {told.per_day} "
            f"a day | {modes} | {kinds} | {'yes ' if one.needs_loan else ''}|"
        )
        assert row in page
