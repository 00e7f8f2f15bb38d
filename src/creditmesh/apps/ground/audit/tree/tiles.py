"""How the nodes of the tree lie in rows: a tile holds a subtree of 64 leaves in the order of completion.

Six levels of the tree make a tier. A tile of tier t holds the nodes of the levels 6t to 6t+5 below one node of
level 6t+6, each appended when the last leaf below it came: a row only ever grows at its end, a commit touches a
row or two of each tier, and a proof reads one row of each tier (four for sixteen million leaves).
"""

from collections.abc import Iterable, Mapping

from creditmesh.exchange.merkle import Stored

LEVELS = 6
HASH_BYTES = 32
_TIER = 1 << 48  # more tiles than a tier will ever have
OF_LEAVES = _TIER  # rows below this number hold leaves


def tile_of(level: int, index: int) -> tuple[int, int]:
    """Return the row that holds a node, and its slot there."""
    tier, within = divmod(level, LEVELS)
    number, place = index >> (LEVELS - within), index & ((1 << LEVELS - within) - 1)
    last = ((place + 1) << within) - 1  # the leaf of the tile that completes the node
    return tier * _TIER + number, 2 * last - last.bit_count() + within


def packed(stored: Iterable[Stored]) -> list[tuple[int, bytes, int]]:
    """Return what to append to which rows: (row, bytes, length in bytes the row must have before)."""
    rows: dict[int, list[tuple[int, bytes]]] = {}
    for level, index, value in stored:
        row, slot = tile_of(level, index)
        rows.setdefault(row, []).append((slot, value))
    told = []
    for row, nodes in rows.items():
        nodes.sort()
        told.append((row, b"".join([value for _, value in nodes]), nodes[0][0] * HASH_BYTES))
    return told


def node_in(tiles: Mapping[int, bytes], level: int, index: int) -> bytes:
    """Return a node from rows that were read; KeyError when its row is not there or too short."""
    row, slot = tile_of(level, index)
    found = tiles[row][slot * HASH_BYTES : (slot + 1) * HASH_BYTES]
    if len(found) != HASH_BYTES:
        raise KeyError(row)
    return found


def peak_places(size: int) -> list[tuple[int, int]]:
    """Return (level, index) of the complete subtrees that make up a tree of a size, largest first."""
    places, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    return places
