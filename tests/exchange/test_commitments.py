"""Commitments: what is shown can be checked, what is not shown cannot be guessed, nothing can be exchanged."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditmesh.exchange import commitments
from creditmesh.exchange.canonical import canonical

SALT = bytes(range(32))
BODY = {"act": "inquire", "subject": "91110000100006273X", "items": ["A01"], "n": 3, "why": None}


class TestACommitment:
    def test_is_what_the_documentation_says(self):
        found = commitments.commit({"act": "inquire"}, salt=SALT)
        digest = hashlib.sha256(hashlib.sha256(SALT + b"act").digest() + b'"inquire"').hexdigest()
        assert found.fields == {"act": digest}
        assert found.leaf == hashlib.sha256(b"\x00" + canonical({"act": digest})).digest()

    def test_does_not_depend_on_the_order_of_fields(self):
        backwards = dict(reversed(BODY.items()))
        assert commitments.commit(backwards, salt=SALT) == commitments.commit(BODY, salt=SALT)

    @given(st.sampled_from(sorted(BODY)), st.text(max_size=5))
    def test_changes_with_every_field(self, name, value):
        assert (
            commitments.commit({**BODY, name: value}, salt=SALT).leaf
            != commitments.commit(BODY, salt=SALT).leaf
        )

    def test_changes_with_the_salt_and_differs_between_fields_of_one_value(self):
        assert commitments.commit(BODY, salt=bytes(32)).fields != commitments.commit(BODY, salt=SALT).fields
        twins = commitments.commit({"a": 1, "b": 1}, salt=SALT).fields
        assert twins["a"] != twins["b"]

    @pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
    def test_wants_a_salt_of_full_length(self, salt):
        with pytest.raises(ValueError, match="32 bytes"):
            commitments.commit(BODY, salt=salt)


class TestAnOpening:
    def test_shows_the_chosen_fields_and_digests_of_all(self):
        opening = commitments.opened(BODY, salt=SALT, show=["n", "act"])
        assert sorted(opening["shown"]) == ["act", "n"]
        assert opening["fields"] == commitments.commit(BODY, salt=SALT).fields
        for name, one in opening["shown"].items():
            digest = commitments.field_digest(one["value"], salt=bytes.fromhex(one["salt"]))
            assert digest == opening["fields"][name]
        assert BODY["subject"] not in str(opening)

    def test_of_a_field_that_is_not_there_is_refused(self):
        with pytest.raises(KeyError):
            commitments.opened(BODY, salt=SALT, show=["other"])
