"""The Merkle tree: against RFC 9162's definition, against published vectors, and as a property of any tree."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange import vectors

from creditmesh.exchange import merkle


class Store:
    """Stored levels, as a table would hold them; counts reads."""

    def __init__(self) -> None:
        self.hashes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        self.reads = 0

    def read(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self.hashes[level, index]

    def grow(self, leaves: list[bytes]) -> None:
        stored = merkle.append(self.size, leaves, self.read)
        for level, index, found in stored:
            assert (level, index) not in self.hashes, "what is stored is never written again"
            self.hashes[level, index] = found
        self.size += len(leaves)


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(one).encode()) for one in range(count)]


def tree(count: int) -> Store:
    store = Store()
    store.grow(leaves(count))
    return store


def defined_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word for word."""
    if not hashes:
        return merkle.EMPTY
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


class TestATree:
    def test_has_the_published_root_of_the_eight_standard_leaves(self):
        data = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        store = Store()
        store.grow([merkle.leaf_hash(bytes.fromhex(one)) for one in data])
        expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        assert merkle.root(8, store.read).hex() == expected

    @given(st.lists(st.integers(0, 40), max_size=8))
    def test_is_the_same_however_its_leaves_arrive(self, groups):
        total, store = leaves(sum(groups)), Store()
        for count in groups:
            store.grow(total[store.size : store.size + count])
        assert store.hashes == tree(len(total)).hashes
        assert merkle.root(store.size, store.read) == defined_root(total)

    def test_is_the_hash_of_nothing_when_it_is_empty(self):
        assert merkle.root(0, Store().read) == merkle.EMPTY

    def test_stores_no_more_than_twice_its_leaves(self):
        assert len(tree(1000).hashes) < 2000

    @pytest.mark.parametrize("size", [1, 2, 3, 1000, 4095, 4096, 4097])
    def test_reads_few_hashes_for_any_proof(self, size):
        store = tree(size)
        most = 2 * size.bit_length() ** 2
        for ask in (
            lambda: merkle.root(size, store.read),
            lambda: merkle.inclusion(size // 3, size, store.read),
            lambda: merkle.consistency(size // 3 + 1, size, store.read),
        ):
            store.reads = 0
            ask()
            assert store.reads <= most


class TestProofs:
    @given(st.integers(1, 70), st.data())
    def test_of_inclusion_hold_and_those_changed_do_not(self, size, data):
        store = tree(size)
        index = data.draw(st.integers(0, size - 1))
        path = merkle.inclusion(index, size, store.read)
        stated: dict[str, Any] = {
            "index": index, "size": size, "leaf": leaves(size)[index], "path": path,
            "expected": merkle.root(size, store.read),
        }  # fmt: skip
        assert merkle.verify_inclusion(**stated)
        assert not merkle.verify_inclusion(**{**stated, "leaf": bytes(32)})
        assert not merkle.verify_inclusion(**{**stated, "expected": bytes(32)})
        assert not merkle.verify_inclusion(**{**stated, "path": [*path, bytes(32)]})
        assert not merkle.verify_inclusion(**{**stated, "path": path[:-1]}) or not path
        other = data.draw(st.integers(-2, size + 2).filter(lambda one: one != index))
        assert not merkle.verify_inclusion(**{**stated, "index": other})

    @given(st.integers(1, 70), st.data())
    def test_of_consistency_hold_and_those_changed_do_not(self, second, data):
        store = tree(second)
        first = data.draw(st.integers(1, second))
        path = merkle.consistency(first, second, store.read)
        stated: dict[str, Any] = {
            "first": first, "second": second, "path": path,
            "first_root": merkle.root(first, store.read), "second_root": merkle.root(second, store.read),
        }  # fmt: skip
        assert merkle.verify_consistency(**stated)
        assert not merkle.verify_consistency(**{**stated, "first_root": bytes(32)})
        assert not merkle.verify_consistency(**{**stated, "second_root": bytes(32)})
        assert not merkle.verify_consistency(**{**stated, "path": [*path, bytes(32)]})
        if path:
            assert not merkle.verify_consistency(**{**stated, "path": path[1:]})
            assert not merkle.verify_consistency(**{**stated, "path": []})

    @given(st.integers(2, 50), st.integers(0, 49), st.data())
    def test_of_consistency_fail_when_the_past_was_changed(self, second, place, data):
        first = data.draw(st.integers(1, second))
        place %= first
        changed = leaves(second)
        changed[place] = merkle.leaf_hash(b"forged")
        forged = Store()
        forged.grow(changed)
        assert not merkle.verify_consistency(
            first=first, second=second,
            first_root=merkle.root(first, tree(second).read), second_root=merkle.root(second, forged.read),
            path=merkle.consistency(first, second, forged.read),
        )  # fmt: skip

    def test_of_nothing_are_refused(self):
        store = tree(4)
        for index, size in ((-1, 4), (4, 4), (0, 0)):
            with pytest.raises(ValueError, match="no leaf"):
                merkle.inclusion(index, size, store.read)
        for first, second in ((-1, 2), (3, 2)):
            with pytest.raises(ValueError, match="cannot begin"):
                merkle.consistency(first, second, store.read)
        assert merkle.consistency(0, 4, store.read) == []
        whole = merkle.root(4, store.read)
        for first, second in ((0, 0), (0, 4), (-1, 4), (5, 4)):
            assert not merkle.verify_consistency(
                first=first, second=second, first_root=whole, second_root=whole, path=[]
            )
        for leaf in (b"", bytes(31)):
            assert not merkle.verify_inclusion(index=0, size=1, leaf=leaf, path=[], expected=leaf)


def hashed(text: str) -> bytes:
    return base64.b64decode(text)


class TestPublishedVectors:
    def test_of_inclusion(self):
        found = sorted((vectors.folder("ct-merkle") / "testdata" / "inclusion").rglob("*.json"))
        for path in found:
            one = json.loads(path.read_text("utf-8"))
            holds = merkle.verify_inclusion(
                index=one["leafIdx"], size=one["treeSize"], leaf=hashed(one["leafHash"]),
                path=[hashed(step) for step in one["proof"] or []], expected=hashed(one["root"]),
            )  # fmt: skip
            assert holds != one["wantErr"], path
        assert len(found) == 98

    def test_of_consistency(self):
        found = sorted((vectors.folder("ct-merkle") / "testdata" / "consistency").rglob("*.json"))
        for path in found:
            one = json.loads(path.read_text("utf-8"))
            holds = merkle.verify_consistency(
                first=one["size1"], second=one["size2"],
                first_root=hashed(one["root1"]), second_root=hashed(one["root2"]),
                path=[hashed(step) for step in one["proof"] or []],
            )  # fmt: skip
            assert holds != one["wantErr"], path
        assert len(found) == 98
