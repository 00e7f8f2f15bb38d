"""Catalogue files are read as plain data with line numbers, and anything cleverer is refused."""

from pathlib import Path
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, model_validator

from creditmesh.catalogue import reading
from creditmesh.catalogue.reading import CatalogueRefused, parse, read, validated


class Child(BaseModel):
    count: int


class Parent(BaseModel):
    name: str
    children: list[Child] = []


class StrictChild(Child):
    model_config = ConfigDict(extra="forbid")


class Counted(Child):
    most: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.count:
            raise ValueError("most must not be below count")
        return self


class Family(BaseModel):
    children: tuple[Counted, ...]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    children: tuple[StrictChild, ...] = ()


def refusal(text: str) -> tuple[str, int]:
    """Return rule and line of the only problem of a text."""
    with pytest.raises(CatalogueRefused) as refused:
        parse(text, file="a.yml")
    (problem,) = refused.value.problems
    return problem.rule, problem.line


class TestADocument:
    def test_keeps_the_line_of_every_value(self):
        document = parse("name: x\nchildren:\n  - count: 1\n  - {count: 2}\n", file="a.yml")
        assert document.data == {"name": "x", "children": [{"count": 1}, {"count": 2}]}
        assert document.line_of(("children", 1, "count")) == 4
        assert document.line_of(("children",)) == 2

    def test_skips_steps_that_do_not_stand_in_the_file(self):
        document = parse("name: x\nchildren:\n  - count: 1\n", file="a.yml")
        assert document.line_of(("children", "tag-of-a-union", 0, "count", "int")) == 3
        assert document.line_of(("nowhere",)) == 1

    def test_reads_bare_words_without_surprises(self):
        text = "a: yes\nb: no\nc: 012\nd: 0\ne: -5\nf: 1.5\ng: 2026-01-02\nh:\ni: true\nj: '7'\nk: ~\nl: false\n1: x"
        assert parse(text, file="a.yml").data == {
            "a": "yes", "b": "no", "c": "012", "d": 0, "e": -5, "f": "1.5", "g": "2026-01-02",
            "h": None, "i": True, "j": "7", "k": None, "l": False, "1": "x",
        }  # fmt: skip

    @given(st.dictionaries(st.text("abc", min_size=1), st.integers(-(10**18), 10**18)))
    def test_reads_back_whatever_integers_are_written(self, data):
        text = "{" + ", ".join(f"{key}: {value}" for key, value in data.items()) + "}"
        assert parse(text, file="a.yml").data == data


class TestTheReaderRefuses:
    def test_a_key_written_twice(self):
        assert refusal("a: 1\nb: 2\na: 3\n") == ("yaml-duplicate-key", 3)

    def test_anchors_and_aliases_as_values_and_as_keys(self):
        assert refusal("a: &x [1]\nb: *x\n") == ("yaml-alias", 1)
        assert refusal("a: 1\n&x b: 2\n") == ("yaml-alias", 2)

    def test_tags(self):
        assert refusal("a: 1\nb: !!python/object/apply:os.system [ls]\n") == ("yaml-tag", 2)

    def test_keys_that_are_not_words(self):
        assert refusal("a: 1\n? [x, y]\n: 2\n") == ("yaml-key", 2)

    def test_broken_text(self):
        assert refusal("a: 1\nb: [1,\n") == ("yaml-syntax", 3)

    def test_characters_no_text_holds(self):
        assert refusal("a: \x00\n")[0] == "yaml-syntax"

    def test_two_documents_in_a_file(self):
        assert refusal("a: 1\n---\nb: 2\n") == ("yaml-one-document", 2)

    def test_an_empty_file(self):
        assert refusal("# nothing\n") == ("yaml-empty", 1)

    def test_nesting_without_end(self):
        assert refusal("a: " + "[" * 60 + "]" * 60)[0] == "yaml-too-deep"

    def test_a_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(CatalogueRefused, match="unreadable"):
            read(tmp_path / "missing.yml")

    def test_a_file_larger_than_any_list(self, tmp_path: Path):
        path = tmp_path / "big.yml"
        path.write_bytes(b"# " + b"x" * reading.LARGEST_BYTES)
        with pytest.raises(CatalogueRefused, match="yaml-too-large"):
            read(path)

    def test_another_encoding_and_says_on_which_line(self, tmp_path: Path):
        path = tmp_path / "gb.yml"
        path.write_bytes(b"a: 1\nb: " + "名称".encode("gb18030"))
        with pytest.raises(CatalogueRefused) as refused:
            read(path)
        assert (refused.value.problems[0].rule, refused.value.problems[0].line) == ("yaml-not-utf8", 2)


class TestValidation:
    def test_returns_the_model(self, tmp_path: Path):
        path = tmp_path / "a.yml"
        path.write_text("\ufeffname: 甲\n", encoding="utf-8")
        assert validated(read(path), Parent).name == "甲"

    def test_names_file_line_and_rule_of_every_error(self):
        document = parse("name: x\nchildren:\n  - count: one\n  - counts: 2\n", file="lists/a.yml")
        with pytest.raises(CatalogueRefused) as refused:
            validated(document, Parent)
        assert [(one.file, one.line, one.rule) for one in refused.value.problems] == [
            ("lists/a.yml", 3, "shape-int-parsing"),
            ("lists/a.yml", 4, "shape-missing"),
        ]
        assert refused.value.sentence.startswith("lists/a.yml:3: children.0.count: ")

    def test_stands_at_the_key_that_a_rule_of_several_begins_with(self):
        document = parse("name: x\nchildren:\n  - count: 1\n    most: 0\n", file="a.yml")
        with pytest.raises(CatalogueRefused) as refused:
            validated(document, Family)
        (problem,) = refused.value.problems
        assert (problem.line, problem.sentence) == (4, "children.0: most must not be below count.")

    def test_says_so_when_the_file_is_no_mapping(self):
        with pytest.raises(CatalogueRefused, match=r"a\.yml:1: The file"):
            validated(parse("- 1\n", file="a.yml"), Parent)

    def test_suggests_the_key_that_was_meant_and_names_the_one_that_lacks(self):
        document = parse("nome: x\nchildren: [{count: 1, zzz: 2}]\n", file="a.yml")
        with pytest.raises(CatalogueRefused) as refused:
            validated(document, Strict)
        assert [one.sentence for one in refused.value.problems] == [
            "name: It is missing here; write `name:`.",
            (
                "children.0.zzz: There is no key 'zzz' here; leave it out, or look up in the description of the format"
                " what may stand here."
            ),
            "nome: There is no key 'nome' here; did you mean 'name'?",
        ]
