"""Canonical JSON, base64url and digests."""

import json
import math
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import vectors

from creditmesh.exchange import canonical
from creditmesh.exchange.canonical import NotCanonical, from_base64url, sha256, to_base64url

SAFE = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


class Colour(StrEnum):
    RED = "red"


class TestCanonicalJson:
    @given(values)
    def test_is_that_of_the_library_for_every_value(self, value):
        assert canonical.canonical(value) == rfc8785.dumps(value)

    @given(values)
    def test_does_not_change_when_another_program_reads_and_writes_it(self, value):
        text = canonical.canonical(value)
        assert canonical.canonical(json.loads(text, parse_int=float)) == text

    def test_orders_names_by_utf_16_and_takes_enums_and_tuples(self):
        value = {"\U0001f600": (), "\ufb33": Colour.RED, "名": [True, None], "a": -0.0}
        assert (
            canonical.canonical(value).decode() == '{"a":0,"名":[true,null],"\U0001f600":[],"\ufb33":"red"}'
        )

    @pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
    def test_agrees_with_the_published_vectors(self, name):
        data = vectors.folder("jcs-rfc8785") / "testdata"
        value = json.loads((data / "input" / f"{name}.json").read_text("utf-8"))
        assert canonical.canonical(value) == (data / "output" / f"{name}.json").read_bytes().strip()

    @pytest.mark.parametrize(
        "value",
        [math.nan, math.inf, 2**53, -(2**53), "\ud800", {"\ud800": 1}, {1: 2}, {"a": 1, 2: 3}, {1}, b"x"],
    )
    def test_refuses_what_json_cannot_say(self, value):
        with pytest.raises(NotCanonical, match="canonical JSON"):
            canonical.canonical(value)

    def test_refuses_what_is_nested_without_end(self):
        value: list[object] = []
        value.append(value)
        with pytest.raises(NotCanonical):
            canonical.canonical(value)


class TestBase64Url:
    @given(st.binary())
    def test_comes_back(self, data):
        assert from_base64url(to_base64url(data)) == data

    @pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q Q", "+/8", "QUI\n", "Ä"])
    def test_has_only_one_spelling(self, text):
        with pytest.raises(ValueError, match=r"base64|padded|Invalid"):
            from_base64url(text)


def test_a_digest_is_hexadecimal():
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
