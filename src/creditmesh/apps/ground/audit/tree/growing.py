"""Append leaves to the tree, gapless and without forks however many processes do it at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from creditmesh.apps.ground.audit import statements
from creditmesh.apps.ground.audit.tree import tiles
from creditmesh.exchange import merkle
from creditmesh.kernel.errors import CreditmeshError

_LOCK = "SELECT size, peaks FROM audit_log WHERE id = 1"
_BEGIN = "INSERT INTO audit_log (id, size, peaks) VALUES (1, 0, %s) ON CONFLICT DO NOTHING"
_STEP = "UPDATE audit_log SET size = %s, peaks = %s WHERE id = 1 AND size = %s"
_LEAVES = {
    "sqlite": "INSERT INTO audit_leaf (position, entry_id) VALUES",
    "postgresql": """INSERT INTO audit_leaf (position, entry_id)
        SELECT %s + place - 1, entry FROM unnest(%s::bigint[]) WITH ORDINALITY AS given (entry, place)""",
}
_NEW_TILES = "INSERT INTO audit_tile (id, hashes) VALUES (%s, %s) ON CONFLICT DO NOTHING"
# On SQLite `||` makes text of bytes, without touching them.
_GROWN_TILES = {
    "sqlite": """UPDATE audit_tile SET hashes = CAST(hashes || %s AS BLOB)
        WHERE id = %s AND length(hashes) = %s""",
    "postgresql": "UPDATE audit_tile SET hashes = hashes || %s WHERE id = %s AND length(hashes) = %s",
}


class LedgerDamaged(CreditmeshError):
    """The tables of the ledger contradict each other."""

    code = "ledger-damaged"

    def __init__(self) -> None:
        super().__init__(
            "The ledger's tables contradict each other: nothing was written. Run `creditmesh ledger verify`."
        )


@dataclass(frozen=True)
class Edge:
    """The right edge of the tree, locked until the transaction ends."""

    size: int
    peaks: tuple[bytes, ...]

    def read(self, level: int, index: int) -> bytes:
        """Return a complete subtree at the edge, for `exchange.merkle`."""
        return self.peaks[tiles.peak_places(self.size).index((level, index))]

    @property
    def root(self) -> bytes:
        """Return the root of the tree."""
        return merkle.root(self.size, self.read)


def size() -> int:
    """Return how many leaves the tree has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM audit_log WHERE id = 1")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def lock_edge(cursor: CursorWrapper) -> Edge:
    """Return the edge of the tree; whoever else would append waits until this transaction ends."""
    statement = _LOCK + (" FOR UPDATE" if connection.features.has_select_for_update else "")
    cursor.execute(statement)
    row = cursor.fetchone()
    if row is None:
        cursor.execute(_BEGIN, [b""])
        cursor.execute(statement)
        row = cursor.fetchone()
    return edge(row[0], bytes(row[1]))


def edge(size: int, peaks: bytes) -> Edge:
    """Return the edge as a row of the table tells it; raise `LedgerDamaged` if it cannot be."""
    parts = tuple(peaks[at : at + tiles.HASH_BYTES] for at in range(0, len(peaks), tiles.HASH_BYTES))
    if size < 0 or len(peaks) % tiles.HASH_BYTES or len(parts) != size.bit_count():
        raise LedgerDamaged
    return Edge(size, parts)


def extend(cursor: CursorWrapper, *, at_edge: Edge, entries: Sequence[int], hashes: Sequence[bytes]) -> Edge:
    """Append the leaves of entries, whose edge was locked in this transaction; return the new edge.

    The first leaf gets the position `at_edge.size`. Raises `LedgerDamaged` and writes nothing when the rows are
    not what the edge says.
    """
    first = at_edge.size
    stored = merkle.append(first, hashes, at_edge.read)
    fresh = {(level, index): value for level, index, value in stored}
    grown = first + len(hashes)
    peaks = [fresh.get(place) or at_edge.read(*place) for place in tiles.peak_places(grown)]
    if connection.vendor == "sqlite":
        statements.insert(_LEAVES["sqlite"], list(enumerate(entries, start=first)))
    else:
        cursor.execute(_LEAVES["postgresql"], [first, list(entries)])
    appended = tiles.packed(stored)
    _write(cursor, _NEW_TILES, [(row, added) for row, added, before in appended if not before])
    grown_tiles = [(added, row, before) for row, added, before in appended if before]
    _write(cursor, _GROWN_TILES[connection.vendor], grown_tiles)
    cursor.execute(_STEP, [grown, b"".join(peaks), first])
    if cursor.rowcount != 1:
        raise LedgerDamaged
    return Edge(grown, tuple(peaks))


def _write(cursor: CursorWrapper, statement: str, rows: Sequence[tuple[int | bytes, ...]]) -> None:
    if rows:
        cursor.executemany(statement, rows)
        if cursor.rowcount != len(rows):
            raise LedgerDamaged
