"""A list that contradicts itself is refused with the rule and the line: each rule has its small list.

The expected line is the one marked `# <-` in the list.
"""

from pathlib import Path

import pytest

from creditmesh.catalogue.loading import check_file, load
from creditmesh.catalogue.reading import CatalogueRefused

LIST = """\
id: tiny
version: 1
status: local
label: {zh: 小清单, en: Tiny}
origin: a test
effective_from: 2026-01-01
classes:
  - {code: TIN, label: {zh: 小, en: Tiny}}
sources:
  - {code: desk, label: {zh: 窗口, en: Desk}, regions: ["6301"]}
items:
  - code: TIN-01
    class_code: TIN
    label: {zh: 一, en: One}
    authority: {zh: 局, en: Bureau}
    level: local
    status: local
    evidence: a test
    update: upsert
    record_key: [uscc, on]
    subject: {code: uscc}
    describes: {name: name, established: on}
    event_date: on
    modes: [OPEN, AUTH, GOV]
    sensitivity: L1
    cadence: daily
    deliver_within_days: 3
    sources: [desk]
    retention: retention.record
    publicity: publicity.penalty
    open_when: {field: state, values: [good]}
    ignored_columns: [证件号码]
    fields:
      - {name: uscc, label: {zh: 代码, en: Code}, kind: uscc, required: true}
      - {name: name, label: {zh: 名称, en: Name}, aliases: [企业名称]}
      - {name: on, label: {zh: 日期, en: Date}, kind: date, required: true}
      - name: state
        label: {zh: 状态, en: State}
        kind: choice
        choices: {good: {zh: 好, en: Good}, bad: {zh: 坏, en: Bad}}
        choice_aliases: {优: good}
      - {name: paid, label: {zh: 金额, en: Paid}, kind: money, unit: 元, minimum: 0, maximum: 9}
"""

# rule, text of the good list, what it is changed to (the line to be named is marked)
WRONG = [
    ("item-code", "  - code: TIN-01", "  - code: tin01  # <-"),
    ("class-unknown", "    class_code: TIN", "    class_code: TON  # <-"),
    ("class-empty", "classes:\n", "classes:\n  - {code: TON, label: {zh: 大, en: Ton}}  # <-\n"),
    ("class-twice", "sources:\n", "  - {code: TIN, label: {zh: 小, en: Tiny}}  # <-\nsources:\n"),
    ("source-twice", "items:\n", "  - {code: desk, label: {zh: 窗口, en: Desk}}  # <-\nitems:\n"),
    ("source-unknown", "    sources: [desk]", "    sources: [desk, door]  # <-"),
    ("delivers-unknown", 'regions: ["6301"]}', 'regions: ["6301"], delivers: [TIN-09]}  # <-'),
    ("region-digits", 'regions: ["6301"]}', 'regions: [Xining]}  # <-'),
    ("extends-unknown", "origin: a test", "extends: nowhere  # <-\norigin: a test"),
    ("extends-circle", "origin: a test", "extends: tiny  # <-\norigin: a test"),
    ("rule-unknown", "    retention: retention.record", "    retention: retention.never  # <-"),
    ("rule-unknown", "    publicity: publicity.penalty", "    publicity: publicity.pen  # <-"),
    ("key-unknown", "    record_key: [uscc, on]", "    record_key: [uscc, of]  # <-"),
    ("key-optional", "    record_key: [uscc, on]", "    record_key: [uscc, name]  # <-"),
    ("key-twice", "    record_key: [uscc, on]", "    record_key: [uscc, uscc]  # <-"),
    ("subject-unknown", "    subject: {code: uscc}", "    subject: {code: code}  # <-"),
    ("subject-kind", "    subject: {code: uscc}", "    subject: {code: name, pseudonym: uscc}  # <-"),
    ("subject-none", "    subject: {code: uscc}", "    subject: {name: name}  # <-"),
    ("subject-optional", "    subject: {code: uscc}", "    subject: {pseudonym: name}  # <-"),
    ("event-unknown", "    event_date: on", "    event_date: of  # <-"),
    ("event-not-date", "    event_date: on", "    event_date: name  # <-"),
    ("describes-unknown", "    describes: {name: name, established: on}", "    describes: {name: title}  # <-"),
    ("describes-kind", "established: on}", "established: name}  # <-"),
    (
        "describes-no-code",
        "    subject: {code: uscc}\n    describes: {name: name, established: on}",
        "    subject: {pseudonym: uscc}\n    describes: {name: name, region_of_code: true}  # <-",
    ),
    ("mode-twice", "    modes: [OPEN, AUTH, GOV]", "    modes: [OPEN, OPEN]  # <-"),
    ("open-sensitive", "    modes: [OPEN, AUTH, GOV]\n    sensitivity: L1", "    modes: [OPEN]  # <-\n    sensitivity: L3"),
    ("open-sensitive-field", "unit: 元, minimum", "sensitivity: L4, unit: 元, minimum"),
    ("raw-without-auth", "    modes: [OPEN, AUTH, GOV]", "    modes: [OPEN, RAW]  # <-"),
    ("verify-alone", "    modes: [OPEN, AUTH, GOV]", "    modes: [OPEN, VERIFY]  # <-"),
    ("open-when-closed", "    modes: [OPEN, AUTH, GOV]", "    modes: [AUTH]"),
    ("open-when-unknown", "    open_when: {field: state, values: [good]}", "    open_when: {field: sate, values: [good]}  # <-"),
    ("open-when-kind", "    open_when: {field: state, values: [good]}", "    open_when: {field: name, values: [good]}  # <-"),
    ("open-when-value", "    open_when: {field: state, values: [good]}", "    open_when: {field: state, values: [best]}  # <-"),
    ("ignored-column-is-field", "    ignored_columns: [证件号码]", "    ignored_columns: [金额]  # <-"),
    ("field-name", "{name: paid, ", "{name: Paid, "),
    ("field-twice", "{name: paid, ", "{name: on, "),
    ("column-name-twice", "unit: 元, minimum", "unit: 元, aliases: [企业名称], minimum"),
    ("column-name-twice", "{zh: 金额, en: Paid}", "{zh: 金额, en: ' STATE '}"),
    ("personal-public", "{name: name, label", "{name: name, personal: true, label"),
    ("choices-missing", "        choices: {good: {zh: 好, en: Good}, bad: {zh: 坏, en: Bad}}\n        choice_aliases: {优: good}\n", ""),
    ("choices-kind", "        kind: choice\n        choices:", "        kind: text\n        choices:"),
    ("choice-alias-unknown", "        choice_aliases: {优: good}", "        choice_aliases: {优: best}  # <-"),
    ("choice-text-twice", "        choice_aliases: {优: good}", "        choice_aliases: {坏: good}  # <-"),
    ("choice-text-twice", "bad: {zh: 坏, en: Bad}}", "bad: {zh: 好, en: Bad}}  # <-"),
    ("unit-missing", "unit: 元, ", ""),
    ("unit-unknown", "unit: 元, ", "unit: 两, "),
    ("unit-kind", "{name: name, label", "{name: name, unit: 元, label"),
    ("limits-crossed", "maximum: 9", "maximum: -1"),
    ("limits-kind", "{name: name, label", "{name: name, minimum: 1, label"),
    ("date-limits-kind", "{name: name, label", "{name: name, not_in_future: true, label"),
    ("date-limits-kind", "{name: name, label", "{name: name, earliest: 1949-10-01, label"),
    ("check-required", "kind: date, required: true}", "kind: date, required: true, check: warn}"),
    ("shape-extra-forbidden", "    cadence: daily", "    cadence: daily\n    owner: me  # <-"),
    ("shape-missing", "    update: upsert\n", ""),
    ("shape-enum", "    level: local", "    level: village  # <-"),
    ("yaml-duplicate-key", "    level: local", "    level: local\n    level: local  # <-"),
]  # fmt: skip
FIELD_LINES = {
    "open-sensitive-field": "name: paid", "field-name": "name: Paid", "field-twice": "金额",
    "column-name-twice": "name: paid", "personal-public": "personal:", "choices-missing": "kind: choice",
    "choices-kind": "choices:", "unit-missing": "name: paid", "unit-unknown": "name: paid",
    "unit-kind": "unit: 元, label: {zh: 名称", "limits-crossed": "name: paid", "limits-kind": "minimum: 1,",
    "date-limits-kind": "label: {zh: 名称", "check-required": "check: warn", "shape-missing": "code: TIN-01",
    "open-when-closed": "open_when:",
}  # fmt: skip


def marked_line(text: str, rule: str) -> int:
    """Return the number of the line marked by `# <-`, or of the field the rule is about."""
    mark = "# <-" if "# <-" in text else FIELD_LINES[rule]
    return next(number for number, line in enumerate(text.splitlines(), 1) if mark in line)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the list to be checked lies."""
    return tmp_path / "tiny.yml"


class TestAGoodList:
    def test_has_nothing_wrong(self, path: Path):
        path.write_text(LIST, encoding="utf-8")
        assert check_file(path) == []

    def test_can_be_loaded_alone(self, path: Path):
        path.write_text(LIST, encoding="utf-8")
        catalogue = load(folder=path.parent)
        assert list(catalogue.items) == ["TIN-01"]
        assert catalogue.items["TIN-01"].field("paid").maximum == 9


@pytest.mark.parametrize(("rule", "right", "wrong"), WRONG)
def test_a_contradiction_is_refused_with_rule_and_line(path: Path, rule: str, right: str, wrong: str):
    assert LIST.count(right) == 1
    text = LIST.replace(right, wrong)
    path.write_text(text, encoding="utf-8")
    found = {(one.file, one.line, one.rule) for one in check_file(path)}
    assert (str(path), marked_line(text, rule), rule) in found


class TestSeveralLists:
    def test_may_not_share_an_id(self, path: Path):
        path.write_text(LIST, encoding="utf-8")
        (path.parent / "twin.yml").write_text(LIST, encoding="utf-8")
        with pytest.raises(CatalogueRefused) as refused:
            load(folder=path.parent)
        found = {(Path(one.file).name, one.line, one.rule) for one in refused.value.problems}
        assert {("tiny.yml", 1, "list-twice"), ("twin.yml", 1, "list-twice")} <= found
        assert ("twin.yml", 12, "item-twice") in found

    def test_may_not_extend_each_other(self, path: Path):
        path.write_text(LIST.replace("origin:", "extends: other\norigin:"), encoding="utf-8")
        other = "id: other\nextends: tiny\n" + LIST.partition("\n")[2].partition("classes:")[0]
        (path.parent / "other.yml").write_text(other, encoding="utf-8")
        with pytest.raises(CatalogueRefused) as refused:
            load(folder=path.parent)
        assert {one.rule for one in refused.value.problems} == {"extends-circle"}

    def test_that_extend_a_circle_are_not_blamed_for_it(self, path: Path):
        path.write_text(LIST.replace("origin:", "extends: loop\norigin:"), encoding="utf-8")
        loop = "id: loop\nextends: loop\n" + LIST.partition("\n")[2].partition("classes:")[0]
        (path.parent / "loop.yml").write_text(loop, encoding="utf-8")
        with pytest.raises(CatalogueRefused) as refused:
            load(folder=path.parent)
        assert [Path(one.file).name for one in refused.value.problems] == ["loop.yml"]

    def test_of_a_locality_add_departments_to_items_they_extend(self, path: Path):
        text = LIST.replace("origin:", "extends: national-2024\norigin:").replace(
            'regions: ["6301"]}', 'regions: ["6301"], delivers: [PEN-01]}'
        )
        path.write_text(text, encoding="utf-8")
        catalogue = load(folder=path.parent)
        assert [one.id for one in catalogue.lists] == ["national-2024", "tiny"]
        assert catalogue.items["PEN-01"].sources == ("ndrc", "samr", "desk")
        assert load().items["PEN-01"].sources != catalogue.items["PEN-01"].sources


class TestAListInAFolder:
    HEAD, _, ITEMS = LIST.partition("items:\n")

    def test_is_one_list(self, tmp_path: Path):
        folder = tmp_path / "tiny"
        folder.mkdir()
        (folder / "list.yml").write_text(self.HEAD, encoding="utf-8")
        (folder / "things.yml").write_text("items:\n" + self.ITEMS, encoding="utf-8")
        assert check_file(folder) == check_file(folder / "things.yml") == []
        assert list(load(folder=tmp_path).items) == ["TIN-01"]

    def test_names_the_part_that_is_wrong(self, tmp_path: Path):
        folder = tmp_path / "tiny"
        folder.mkdir()
        (folder / "list.yml").write_text(self.HEAD, encoding="utf-8")
        part = folder / "things.yml"
        part.write_text("items:\n" + self.ITEMS.replace("level: local", "level: village"), encoding="utf-8")
        (problem,) = check_file(part)
        assert (problem.file, problem.line, problem.rule) == (str(part), 6, "shape-enum")


class TestTheShippedCatalogue:
    def test_is_read_once(self):
        assert load() is load()

    def test_contradicts_itself_nowhere(self):
        shipped = Path(str(load.__code__.co_filename)).parent / "sharing-lists"
        problems = {path.name: check_file(path) for path in shipped.iterdir()}
        assert {name: found for name, found in problems.items() if found} == {}
        assert len(problems) >= 5

    def test_does_not_find_items_of_nobody(self):
        with pytest.raises(KeyError):
            load().list_of("XXX-99")
        with pytest.raises(KeyError):
            load().items["PEN-01"].field("nothing")
