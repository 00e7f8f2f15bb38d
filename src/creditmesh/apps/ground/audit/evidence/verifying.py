"""Compute the whole ledger again from its rows, and hold it against what was signed and what was kept.

Every byte of every row is looked at: bodies give the leaves, leaves the tree, the tree the roots of all heads.
Nothing is locked; what is appended meanwhile is verified too.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from creditmesh.apps.ground.audit.evidence import stored
from creditmesh.apps.ground.audit.evidence.findings import Findings, Kind
from creditmesh.apps.ground.audit.rules import moment
from creditmesh.apps.ground.audit.tree import growing, tiles
from creditmesh.exchange import jws, merkle, proofs, timestamps
from creditmesh.exchange.canonical import canonical, sha256
from creditmesh.kernel.errors import CreditmeshError

_CHUNK = 4_096
_COUNTS = """
    SELECT (SELECT count(*) FROM audit_log), coalesce((SELECT max(size) FROM audit_log), 0),
    (SELECT count(*) FROM audit_tile), coalesce((SELECT sum(length(hashes)) FROM audit_tile), 0),
    (SELECT count(*) FROM audit_leaf), (SELECT count(*) FROM audit_waiting)
"""
_HEADS = "SELECT number, size, root, {at}, key_id, document, signature FROM audit_head ORDER BY number"
_STAMPS = "SELECT head_number, entry_id, token, {at}, authority, serial FROM audit_stamp ORDER BY head_number"
_STAMPINGS = "SELECT id, object_key, details FROM audit_entry WHERE act = 'ledger.stamp' AND outcome = 'done'"
_CUTOFFS = """
    SELECT audit_cutoff.entry_id, {before}, details FROM audit_cutoff
    LEFT JOIN audit_entry ON audit_entry.id = audit_cutoff.entry_id AND act = 'ledger.expire'
"""
_STRAY = f"""
    SELECT entry_id, '{Kind.ENTRY_MISSING}' FROM audit_waiting
        WHERE entry_id NOT IN (SELECT id FROM audit_entry)
    UNION ALL SELECT entry_id, '{Kind.ENTRY_WITHOUT_PLACE}' FROM audit_waiting
        WHERE entry_id IN (SELECT entry_id FROM audit_leaf)
    UNION ALL SELECT id, '{Kind.ENTRY_WITHOUT_PLACE}' FROM audit_entry
        WHERE NOT EXISTS (SELECT 1 FROM audit_leaf WHERE entry_id = audit_entry.id)
        AND NOT EXISTS (SELECT 1 FROM audit_waiting WHERE entry_id = audit_entry.id)
    UNION ALL SELECT entry_id, '{Kind.EXPIRED_TOO_EARLY}' FROM audit_expired
        WHERE NOT EXISTS (SELECT 1 FROM audit_leaf WHERE entry_id = audit_expired.entry_id)
"""  # noqa: S608 (constants)


def verify(
    *, resolve: jws.Resolve, kept: Sequence[proofs.SignedHead] = (), roots: Sequence[str] = ()
) -> Findings:
    """Return what is wrong with the ledger, if anything is.

    `resolve` knows the node's keys; `kept` are heads from elsewhere; `roots` (PEM) check time stamps.
    """
    found = Findings()
    try:
        _Verification(found, resolve, kept, roots).run()
    except (DatabaseError, growing.LedgerDamaged, OverflowError, ValueError, TypeError):
        # Such as text that is no text any more.
        found.wrong(Kind.UNREADABLE)
    return found


class _Verification:
    def __init__(
        self,
        found: Findings,
        resolve: jws.Resolve,
        kept: Sequence[proofs.SignedHead],
        roots: Sequence[str],
    ) -> None:
        self.found = found
        self.resolve = resolve
        self.kept = kept
        self.stamp_roots = roots
        self.edge = growing.Edge(0, ())
        self.roots: dict[int, bytes] = {0: merkle.EMPTY}
        self.rows: set[int] = set()
        self._log: object = None  # the name of the ledger, as its heads say
        self.documents: dict[int, str] = {}
        self._skipped = 0  # numbers of heads that are missing so far
        signed = {size for (size,) in stored.fetch("SELECT size FROM audit_head")}
        self.asked = sorted(signed | {_size(one) for one in kept})

    def run(self) -> None:
        """Verify everything."""
        self._walk()
        self._totals()
        self._heads()
        self._kept()
        self._stamps()
        self._expiry()

    def _walk(self) -> None:
        """Compute the tree from the bodies, up to where it has grown by now."""
        log = next(iter(stored.fetch("SELECT size, peaks FROM audit_log WHERE id = 1")), None)
        end = log[0] if log else 0
        while self.edge.size < end:
            self._step(min(end, self.edge.size + _CHUNK))
        self.found.size, self.found.root = self.edge.size, self.edge.root.hex()
        if log and growing.edge(log[0], bytes(log[1])) != self.edge:
            self.found.wrong(Kind.TREE_CHANGED)

    def _step(self, end: int) -> None:
        first = self.edge.size
        kept_leaves = self._stored_leaves(first, end)
        leaves = list(kept_leaves)
        missing = set(range(first, end))
        for one in stored.held(first, end):
            missing.discard(one.position)
            self.found.expired += one.expired
            self.found.entries += one.found and not one.expired
            if one.leaf is not None and one.leaf == kept_leaves[one.position - first]:
                continue
            # The stored hash goes on, so that one edit is told once; heads tell which of the two is true.
            self.found.wrong(Kind.ENTRY_CHANGED if one.found else Kind.ENTRY_MISSING, one.position)
        for position in sorted(missing):
            self.found.wrong(Kind.PLACE_MISSING, position)
        self._grow(leaves)

    def _stored_leaves(self, first: int, end: int) -> list[bytes]:
        known = stored.fetch_tiles({tiles.tile_of(0, position)[0] for position in range(first, end)})
        found = []
        for position in range(first, end):
            try:
                found.append(tiles.node_in(known, 0, position))
            except KeyError:
                self.found.wrong(Kind.TREE_CHANGED, position)
                found.append(merkle.EMPTY)
        return found

    def _grow(self, leaves: Sequence[bytes]) -> None:
        first, before = self.edge.size, self.edge
        nodes = merkle.append(first, leaves, before.read)
        fresh = {(level, index): value for level, index, value in nodes}

        def read(level: int, index: int) -> bytes:
            return fresh.get((level, index)) or before.read(level, index)

        grown = first + len(leaves)
        for size in self.asked[bisect_right(self.asked, first) : bisect_right(self.asked, grown)]:
            self.roots[size] = merkle.root(size, read)
        self._compare(tiles.packed(nodes))
        self.edge = growing.Edge(grown, tuple(read(*place) for place in tiles.peak_places(grown)))

    def _compare(self, expected: Sequence[tuple[int, bytes, int]]) -> None:
        held = stored.fetch_tiles([row for row, _, _ in expected])
        for row, part, start in expected:
            self.rows.add(row)
            if held.get(row, b"")[start : start + len(part)] != part:
                self.found.wrong(Kind.TREE_CHANGED, row)

    def _totals(self) -> None:
        """See that there is nothing besides what was looked at."""
        counts = _counts()
        if counts["size"] != self.edge.size:
            self._walk()  # it has grown meanwhile
            counts = _counts()
        nodes = 2 * self.edge.size - self.edge.size.bit_count()
        told = (
            len(self.rows),
            nodes * tiles.HASH_BYTES,
            self.edge.size,
            1 if self.edge.size else counts["logs"],
        )
        if told != (counts["tiles"], counts["bytes"], counts["leaves"], counts["logs"]):
            self.found.wrong(Kind.TREE_CHANGED)
        self.found.waiting = counts["waiting"]
        for number, kind in stored.fetch(_STRAY):
            self.found.wrong(Kind(kind), number)

    def _heads(self) -> None:
        last_size, last_at = 0, ""
        for expected, row in enumerate(stored.fetch(_HEADS), start=1):
            head = _HeadRow(*row)
            self.found.heads += 1
            if head.number != expected + self._skipped:
                self._skipped = head.number - expected
                self.found.wrong(Kind.HEAD_MISSING, head.number)
            document = head.document_if_whole()
            if document is None or self._log not in (None, document["log"]):
                self.found.wrong(Kind.HEAD_CHANGED, head.number)
                continue
            if document["size"] < last_size or document["at"] < last_at:
                self.found.wrong(Kind.HEAD_CHANGED, head.number)
            last_size, last_at, self._log = document["size"], document["at"], document["log"]
            self.documents[head.number] = head.document
            self._signed(head, document)

    def _signed(self, head: "_HeadRow", document: Mapping[str, Any]) -> None:
        try:
            kid = proofs.verify_head(proofs.SignedHead(document, head.signature), resolve=self.resolve)
        except CreditmeshError:
            kid = ""
        if kid != head.key_id:
            self.found.wrong(Kind.HEAD_NOT_SIGNED, head.number)
        if self.roots.get(head.size, b"").hex() != document["root"]:
            self.found.wrong(Kind.NOT_WHAT_WAS_SIGNED, head.number)

    def _kept(self) -> None:
        log = self._log
        for one in self.kept:
            self.found.kept += 1
            size = _size(one)
            try:
                proofs.verify_head(one, resolve=self.resolve)
            except CreditmeshError:
                self.found.wrong(Kind.KEPT_NOT_SIGNED, size)
                continue
            same_log = log in (None, one.document["log"])
            if not same_log or self.roots.get(size, b"").hex() != one.document["root"]:
                self.found.wrong(Kind.NOT_WHAT_WAS_KEPT, size)

    def _stamps(self) -> None:
        said = {number: (key, details) for number, key, details in stored.fetch(_STAMPINGS)}
        for head, entry, token, at, authority, serial in stored.fetch(_STAMPS):
            self.found.stamps += 1
            _, details = said.pop(entry, ("", "{}"))
            told = {"authority": authority, "serial": serial, "token": sha256(bytes(token))}
            try:
                holds = self._stamp_holds(json.loads(details), told, (self.documents[head], at, bytes(token)))
            except (ValueError, KeyError, TypeError, CreditmeshError):
                holds = False
            if not holds:
                self.found.wrong(Kind.STAMP_CHANGED, head)
        for key, _ in said.values():
            self.found.wrong(Kind.STAMP_CHANGED, int(key) if key.isdigit() else None)

    def _stamp_holds(
        self, said: Mapping[str, Any], told: Mapping[str, Any], held: tuple[str, object, bytes]
    ) -> bool:
        document, at, token = held
        if said != {**told, "at": said["at"], "head": sha256(document.encode())}:
            return False
        if at != stored.as_held(datetime.fromisoformat(said["at"])):
            return False
        if not self.stamp_roots:
            return True
        found = timestamps.answer(token, digest=bytes.fromhex(said["head"]), roots=self.stamp_roots)
        return bool(moment(found.at) == said["at"])

    def _expiry(self) -> None:
        latest = 0.0
        for number, at, details in stored.fetch(_CUTOFFS):
            before = json.loads(details).get("before", "") if details else ""
            if not before or at != stored.as_held(datetime.fromisoformat(before)):
                self.found.wrong(Kind.EXPIRED_TOO_EARLY, number)
                continue
            latest = max(latest, datetime.fromisoformat(before).timestamp() * 1000)
        for number, name in stored.fetch("SELECT entry_id, uuid FROM audit_expired"):
            # The first 48 bits of an entry's name are its moment in milliseconds; the leaf commits to the name.
            if int(str(name).replace("-", "")[:12], 16) > latest:
                self.found.wrong(Kind.EXPIRED_TOO_EARLY, number)


@dataclass(frozen=True)
class _HeadRow:
    number: int
    size: int
    root: bytes
    at: object
    key_id: str
    document: str
    signature: str

    def document_if_whole(self) -> dict[str, Any] | None:
        """Return what was signed if the columns say the same, else None."""
        try:
            document: dict[str, Any] = json.loads(self.document)
            at = datetime.fromisoformat(document["at"])
            whole = (
                set(document) == {"at", "log", "root", "size"}
                and canonical(document).decode() == self.document
                and (document["size"], document["root"]) == (self.size, bytes(self.root).hex())
                and moment(at) == document["at"]
                and self.at == stored.as_held(at)
            )
        except (ValueError, KeyError, TypeError, CreditmeshError):
            return None
        return document if whole else None


def _counts() -> dict[str, int]:
    ((*counts,),) = stored.fetch(_COUNTS)
    return dict(zip(("logs", "size", "tiles", "bytes", "leaves", "waiting"), map(int, counts), strict=True))


def _size(head: proofs.SignedHead) -> int:
    size = head.document["size"]
    return size if isinstance(size, int) else -1
