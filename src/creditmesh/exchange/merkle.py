"""The append-only Merkle tree of RFC 9162: what to store when leaves come, and proofs read from it.

Only complete subtrees are stored: the hash at (level, index) covers the leaves from index * 2**level on,
2**level of them. Every function here reads at most O(log size) of them through `read(level, index)`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

Read: TypeAlias = Callable[[int, int], bytes]
Stored: TypeAlias = tuple[int, int, bytes]

HASH_BYTES = 32
EMPTY = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: a prefix keeps leaves apart from inner nodes (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(size: int, leaves: Sequence[bytes], read: Read) -> list[Stored]:
    """Return what to store when leaf hashes are appended to a tree of a size: (level, index, hash)."""
    stored: list[Stored] = []
    level, first, fresh = 0, size, list(leaves)
    while fresh:
        stored.extend((level, first + offset, one) for offset, one in enumerate(fresh))
        if first % 2:
            fresh.insert(0, read(level, first - 1))
            first -= 1
        fresh = [node_hash(fresh[at], fresh[at + 1]) for at in range(0, len(fresh) - 1, 2)]
        level, first = level + 1, first // 2
    return stored


def root(size: int, read: Read) -> bytes:
    """Return the root of the first `size` leaves."""
    return _subtree(0, size, read) if size else EMPTY


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """Return the proof that leaf `index` is among the first `size` (RFC 9162, 2.1.3.1); ValueError if not."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, read: Read) -> list[bytes]:
    """Return the proof that the first tree begins the second (RFC 9162, 2.1.4.1); ValueError if it cannot."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {first} leaves cannot begin one of {second}")
    if first in (0, second):
        return []
    path: list[bytes] = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start = middle
    if start:
        path.append(_subtree(start, end, read))
    return path[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], expected: bytes) -> bool:
    """Return whether the path leads from leaf `index` to the root of a tree of a size (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return False
    number, last, found = index, size - 1, leaf
    for sibling in path:
        if not last:
            return False
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return not last and found == expected


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Return whether the tree of `first` leaves begins the tree of `second` (RFC 9162, 2.1.4.2).

    An empty first tree would prove nothing, and is refused.
    """
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    return _leads_to_both(first, second, first_root, list(path)) == (first_root, second_root)


def _leads_to_both(first: int, second: int, first_root: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    if not first & (first - 1):
        path.insert(0, first_root)
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    steps: Iterator[bytes] = iter(path)
    older = newer = next(steps, b"")
    for step in steps:
        if not last:
            return b"", b""
        if number & 1 or number == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        number, last = number >> 1, last >> 1
    return (older, newer) if not last else (b"", b"")


def _split(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1


def _subtree(start: int, end: int, read: Read) -> bytes:
    """Hash the leaves from start to end, where start is a multiple of the complete subtrees that begin there."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(read(level, start >> level))
        start += 1 << level
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found
