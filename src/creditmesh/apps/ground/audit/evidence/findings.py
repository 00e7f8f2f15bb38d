"""What a verification of the ledger found."""

from dataclasses import dataclass, field
from enum import StrEnum

MOST = 100  # one edit can show in many places; a hundred are told


class Kind(StrEnum):
    """What is wrong."""

    UNREADABLE = "unreadable"
    ENTRY_CHANGED = "entry-changed"
    ENTRY_MISSING = "entry-missing"
    PLACE_MISSING = "place-missing"
    ENTRY_WITHOUT_PLACE = "entry-without-place"
    TREE_CHANGED = "tree-changed"
    HEAD_CHANGED = "head-changed"
    HEAD_MISSING = "head-missing"
    HEAD_NOT_SIGNED = "head-not-signed"
    NOT_WHAT_WAS_SIGNED = "not-what-was-signed"
    NOT_WHAT_WAS_KEPT = "not-what-was-kept"
    KEPT_NOT_SIGNED = "kept-not-signed"
    STAMP_CHANGED = "stamp-changed"
    EXPIRED_TOO_EARLY = "expired-too-early"


SENTENCES = {
    Kind.UNREADABLE: "A table of the ledger cannot be read.",
    Kind.ENTRY_CHANGED: "An entry is not what the tree commits to: it was edited, or another put in its place.",
    Kind.ENTRY_MISSING: "An entry that has a place in the tree is gone, and not because it expired.",
    Kind.PLACE_MISSING: "A place of the tree names no entry.",
    Kind.ENTRY_WITHOUT_PLACE: "An entry has no place in the tree and does not wait for one.",
    Kind.TREE_CHANGED: "The stored hashes of the tree are not those of its leaves.",
    Kind.HEAD_CHANGED: "A signed head was edited.",
    Kind.HEAD_MISSING: "A signed head is gone: heads are numbered without gaps.",
    Kind.HEAD_NOT_SIGNED: "A head is not signed by a key of this node.",
    Kind.NOT_WHAT_WAS_SIGNED: "The ledger is not what this signed head says: it was changed after signing.",
    Kind.NOT_WHAT_WAS_KEPT: "The ledger has not grown out of a head kept elsewhere: it was cut short or forked.",
    Kind.KEPT_NOT_SIGNED: "A kept head is not signed by a key of this node.",
    Kind.STAMP_CHANGED: "A time stamp is not what the ledger says of it, or does not hold.",
    Kind.EXPIRED_TOO_EARLY: "An entry expired without, or earlier than, the ledger says.",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where: a position of the tree, a row, or the number of a head."""

    kind: Kind
    where: int | None = None

    @property
    def sentence(self) -> str:
        """Return what is wrong, in English."""
        return SENTENCES[self.kind]


@dataclass
class Findings:
    """Everything a verification found; `holds` when nothing is wrong."""

    size: int = 0
    root: str = ""
    entries: int = 0  # with their body
    expired: int = 0
    waiting: int = 0
    heads: int = 0
    stamps: int = 0
    kept: int = 0  # heads kept elsewhere that it was held against
    problems: list[Problem] = field(default_factory=list)
    more: int = 0  # problems that are not listed

    @property
    def holds(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems

    def wrong(self, kind: Kind, where: int | None = None) -> None:
        """Note that something is wrong."""
        if len(self.problems) < MOST:
            self.problems.append(Problem(kind, where))
        else:
            self.more += 1
