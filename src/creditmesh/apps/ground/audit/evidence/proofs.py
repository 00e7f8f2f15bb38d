"""Proofs about the ledger: that an entry stands in it, and that it only grew."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from creditmesh.apps.ground.audit.evidence.heads import HeadLine, head_for, latest_head
from creditmesh.apps.ground.audit.models import Entry, Expired, Leaf
from creditmesh.apps.ground.audit.rules import body
from creditmesh.apps.ground.audit.tree import growing, rows, tiles
from creditmesh.exchange import commitments, merkle
from creditmesh.exchange import proofs as files
from creditmesh.exchange.canonical import JSON
from creditmesh.kernel.errors import CreditmeshError

WITHHELD = frozenset({"user", "user_id", "role", "request", "why"})
"""Fields that tell of a person or were meant for those inside: a proof for others keeps them as digests."""

_MOST_KNOWN = 8_192  # tiles kept in memory, 4 KB each
_known: dict[int, bytes] = {}


class UnknownEntry(CreditmeshError):
    """There is no such entry in the ledger."""

    code = "unknown-entry"

    def __init__(self) -> None:
        super().__init__("There is no such entry in the ledger.")


class NotYetSealed(CreditmeshError):
    """The entry is written and has no place in the tree, or no signed head covers it, yet."""

    code = "not-yet-sealed"

    def __init__(self) -> None:
        super().__init__("This entry is not covered by a signed tree head yet: ask again in a few minutes.")


class NoSuchTree(CreditmeshError):
    """Sizes that the ledger never had, or in the wrong order."""

    code = "no-such-tree"

    def __init__(self) -> None:
        super().__init__(
            "The ledger has no trees of these sizes: take two sizes of its heads, smaller first."
        )


class BodyExpired(CreditmeshError):
    """The body of the entry has expired; what remains is its place."""

    code = "body-expired"

    def __init__(self) -> None:
        super().__init__(
            "The text of this entry has expired. A proof file made before stays valid; no new one can be made."
        )


@dataclass(frozen=True)
class Place:
    """Where an entry stands; the body may have expired."""

    entry: UUID
    number: int  # of the row
    position: int | None  # none: waits for its place
    expired: bool


def place_of(entry: UUID) -> Place:
    """Return where an entry stands; raise `UnknownEntry`."""
    kept = Entry.objects.filter(uuid=entry).values_list("id", flat=True).first()
    gone = None if kept else Expired.objects.filter(uuid=entry).values_list("entry_id", flat=True).first()
    number = kept or gone
    if number is None:
        raise UnknownEntry
    position = Leaf.objects.filter(entry_id=number).values_list("position", flat=True).first()
    return Place(entry=entry, number=number, position=position, expired=kept is None)


def entry_at(position: int) -> Place:
    """Return the entry at a position; raise `UnknownEntry`."""
    number = Leaf.objects.filter(position=position).values_list("entry_id", flat=True).first()
    if number is None:
        raise UnknownEntry
    kept = Entry.objects.filter(id=number).values_list("uuid", flat=True).first()
    name = kept or Expired.objects.filter(entry_id=number).values_list("uuid", flat=True).first()
    if name is None:
        raise UnknownEntry
    return Place(entry=name, number=number, position=position, expired=kept is None)


def position_of(leaf_hash: bytes) -> int:
    """Return the position of a leaf by its hash; raise `UnknownEntry`.

    Looks through all leaves: an index over hashes would cost every append more than it ever saves, because
    whoever knows the hash was told the position with it.
    """
    inside = {
        "sqlite": "instr(hashes, %s) > 0",
        "postgresql": "position(%s::bytea in hashes) > 0",
    }[connection.vendor]
    with connection.cursor() as cursor:
        query = f"SELECT id, hashes FROM audit_tile WHERE id < {tiles.OF_LEAVES} AND {inside}"  # noqa: S608
        cursor.execute(query, [leaf_hash])
        for number, hashes in cursor.fetchall():
            for position in range(number << tiles.LEVELS, (number + 1) << tiles.LEVELS):
                _, slot = tiles.tile_of(0, position)
                if bytes(hashes)[slot * tiles.HASH_BYTES : (slot + 1) * tiles.HASH_BYTES] == leaf_hash:
                    return position
    raise UnknownEntry


def leaf(position: int) -> bytes:
    """Return the hash of the leaf at a position; raise `UnknownEntry`."""
    if not 0 <= position < growing.size():
        raise UnknownEntry
    return _Reader({})(0, position)


def inclusion(*, position: int, size: int) -> list[bytes]:
    """Return the path from a leaf to the root of the first `size` leaves; raise `NoSuchTree`."""
    if not 0 <= position < size <= growing.size():
        raise NoSuchTree
    read = _Reader({})
    read.fetch(_on_the_way([position], size))
    return merkle.inclusion(position, size, read)


def consistency(*, first: int, second: int) -> list[bytes]:
    """Return the path that shows that the tree of `first` leaves begins that of `second`; raise `NoSuchTree`."""
    if not 0 <= first <= second <= growing.size():
        raise NoSuchTree
    return merkle.consistency(first, second, _Reader({}))


def inclusions(*, positions: Sequence[int], head: HeadLine) -> list[list[bytes]]:
    """Return the paths from many leaves to the root of a signed head, each checked before it is given out.

    Raises `NoSuchTree` for a position the head does not cover, `LedgerDamaged` when the tables do not lead to
    what was signed.
    """
    if not all(0 <= one < head.size for one in positions):
        raise NoSuchTree
    # Tiles that were read before serve again: they only grow. Were they not what was signed, it would show.
    for known in (_known, {}):
        if len(known) > _MOST_KNOWN:
            known.clear()
        read = _Reader(known)
        read.fetch(_on_the_way(positions, head.size))
        paths = [merkle.inclusion(one, head.size, read) for one in positions]
        if all(_leads(one, path, head, read) for one, path in zip(positions, paths, strict=True)):
            return paths
        _known.clear()
    raise growing.LedgerDamaged


def proof_file(
    *, entry: UUID, keys: Sequence[Mapping[str, JSON]], show: Collection[str] | None = None
) -> dict[str, JSON]:
    """Return the proof file of an entry (`exchange.proofs`); `keys` are the node's public keys as JWK.

    `show` names the fields to be shown in clear, by default all but `WITHHELD`; the others stay digests. The
    head is the first stamped one over the entry if there is one, else the last. Raises `UnknownEntry`,
    `NotYetSealed` (see `signing.head_over`), `BodyExpired`, `LedgerDamaged`.
    """
    place = place_of(entry)
    last = latest_head()
    if place.position is None or last is None or last.size <= place.position:
        raise NotYetSealed
    row = Entry.objects.filter(id=place.number).first()
    if row is None:
        raise BodyExpired
    fields = body(rows.read_back(row))
    shown = set(fields) - WITHHELD if show is None else set(show) & set(fields)
    head = head_for(place.position)
    (path,) = inclusions(positions=[place.position], head=head)
    later = (
        []
        if last.number == head.number
        else [files.Later(_signed(last), consistency(first=head.size, second=last.size))]
    )
    return files.build(
        opening=commitments.opened(fields, salt=bytes(row.salt), show=shown),
        place=files.Place(place.position, path),
        head=_signed(head),
        keys=keys,
        later=later,
        stamps=[head.stamp.token] if head.stamp else [],
    )


def fields_of(entry: UUID) -> frozenset[str]:
    """Return the names of all fields an entry commits to; raise `UnknownEntry` or `BodyExpired`."""
    if place_of(entry).expired:
        raise BodyExpired
    return frozenset(body(rows.read_back(Entry.objects.get(uuid=entry))))


class _Reader:
    """Reads nodes of the tree, row by row as they are needed; takes from and gives to `known`, which is shared."""

    def __init__(self, known: dict[int, bytes]) -> None:
        self._known = known
        self._held: dict[int, bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        try:
            return tiles.node_in(self._held, level, index)
        except KeyError:
            self._read([tiles.tile_of(level, index)[0]])
        try:
            return tiles.node_in(self._held, level, index)
        except KeyError:
            raise growing.LedgerDamaged from None

    def fetch(self, wanted: Collection[int]) -> None:
        """Read the rows that are not known yet, in one go."""
        for row in wanted:
            hashes = self._known.get(row)
            if hashes is not None:
                self._held[row] = hashes
        missing = sorted(set(wanted) - self._held.keys())
        for start in range(0, len(missing), 500):
            self._read(missing[start : start + 500])

    def _read(self, numbers: Sequence[int]) -> None:
        # The numbers are our own integers; as parameters they would cost more than the rows.
        listed = ",".join(map(str, numbers))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, hashes FROM audit_tile WHERE id IN ({listed})")  # noqa: S608
            found = {number: bytes(hashes) for number, hashes in cursor.fetchall()}
        self._held.update(found)
        self._known.update(found)


def _on_the_way(positions: Sequence[int], size: int) -> set[int]:
    """Return the rows that paths from these leaves pass through."""
    levels = range(0, (size - 1).bit_length() or 1, tiles.LEVELS)
    found = {tiles.tile_of(level, one >> level)[0] for level in levels for one in positions}
    return found | {tiles.tile_of(level, index)[0] for level, index in tiles.peak_places(size)}


def _leads(position: int, path: Sequence[bytes], head: HeadLine, read: merkle.Read) -> bool:
    hash_ = read(0, position)
    return merkle.verify_inclusion(
        index=position, size=head.size, leaf=hash_, path=path, expected=bytes.fromhex(head.root)
    )


def _signed(head: HeadLine) -> files.SignedHead:
    return files.SignedHead(json.loads(head.document), head.signature)
