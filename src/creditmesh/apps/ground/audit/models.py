"""The ledger, which only grows, the Merkle tree over it, its signed heads; and the news that waits."""

from typing import Any, NoReturn

from django.db import models

from creditmesh.apps.ground.audit.rules import Outcome
from creditmesh.kernel.errors import CreditmeshError


class LedgerOnlyGrows(CreditmeshError):
    """Someone tried to change or delete what the ledger holds."""

    code = "ledger-only-grows"

    def __init__(self) -> None:
        super().__init__("The ledger only grows: append a new entry that corrects the old one.")


class Entries(models.QuerySet["Entry"]):
    """Rows of the ledger: they can be added and read, nothing else."""

    def update(self, **_kwargs: Any) -> NoReturn:
        """Refuse: raise `LedgerOnlyGrows`."""
        raise LedgerOnlyGrows

    def delete(self) -> NoReturn:
        """Refuse: raise `LedgerOnlyGrows`."""
        raise LedgerOnlyGrows


class Entry(models.Model):
    """One act: who, what, on which object, why, and how it ended.

    Names and roles are copied, not referenced: the ledger must read the same after a user is renamed.
    The row is the body of a leaf of the tree, which commits to every column of it under `salt`. Database
    triggers refuse UPDATE and DELETE as well, except of bodies that `Cutoff` says have expired.
    """

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    user_label = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=200, blank=True)
    act = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=60)
    object_key = models.CharField(max_length=300, blank=True)
    why = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Outcome])
    request = models.CharField(max_length=64, blank=True)
    uuid = models.UUIDField(unique=True)
    salt = models.BinaryField()
    subject = models.CharField(max_length=64, blank=True, default="")
    details = models.TextField(blank=True, default="")  # canonical JSON; empty when there are none

    objects = Entries.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["act", "-id"], name="entry_act"),
            models.Index(fields=["object_kind", "object_key", "-id"], name="entry_object"),
            models.Index(fields=["user_id", "-id"], name="entry_user"),
            models.Index(fields=["outcome", "-id"], name="entry_outcome"),
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["subject", "-id"], name="entry_subject", condition=~models.Q(subject="")),
        ]

    def __str__(self) -> str:
        return (
            f"{self.at:%Y-%m-%d %H:%M:%S} {self.user_label} {self.act} {self.object_kind} {self.object_key}"
        )


class Waiting(models.Model):
    """An entry that is written and has no place in the tree yet."""

    entry_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"entry {self.entry_id}"


class Log(models.Model):
    """How far the tree has grown: one row, locked by whoever appends, so that positions have no gaps.

    `peaks` are the roots of the complete subtrees at its right edge, largest first: all that appending reads.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    size = models.BigIntegerField()
    peaks = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.size} leaves"


class Leaf(models.Model):
    """Which entry stands at which position of the tree; no foreign key, because the body may expire."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.position}: entry {self.entry_id}"


class Tile(models.Model):
    """The hashes of one small subtree, one after the other as they were completed (see `tiles`)."""

    id = models.BigIntegerField(primary_key=True)
    hashes = models.BinaryField()

    def __str__(self) -> str:
        return f"tile {self.id}"


class Head(models.Model):
    """A signed tree head: what the node says its ledger was at a moment. Numbered without gaps from 1."""

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(db_index=True)
    root = models.BinaryField()
    at = models.DateTimeField(db_index=True)
    key_id = models.CharField(max_length=200)
    document = models.TextField()  # canonical JSON, exactly as it was signed
    signature = models.TextField()

    def __str__(self) -> str:
        return f"head {self.number} of {self.size}"


class Stamp(models.Model):
    """What a time-stamping authority answered about a head (RFC 3161)."""

    head_number = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)  # the entry `ledger.stamp` that commits to the rest
    token = models.BinaryField()
    at = models.DateTimeField()
    authority = models.CharField(max_length=300)
    serial = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"stamp of head {self.head_number}"


class Expired(models.Model):
    """What remains of an entry whose body expired: the digests its leaf is made of."""

    entry_id = models.BigIntegerField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    opening = models.BinaryField()  # salt of the field `entry` alone: proves that this uuid is meant
    names = models.TextField()  # names of the fields, as a JSON list
    digests = models.BinaryField()  # 32 bytes each, in the order of the names

    def __str__(self) -> str:
        return f"expired {self.uuid}"


class Cutoff(models.Model):
    """Before which day bodies may go: only after an entry of the ledger has said so."""

    entry_id = models.BigIntegerField(primary_key=True)  # the entry `ledger.expire` that says so; stays
    before = models.DateTimeField()

    def __str__(self) -> str:
        return f"before {self.before}"


class Event(models.Model):
    """A piece of news, such as ("batch.landed", "17"), until the worker has passed it on."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=300)
    announced_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_waiting", condition=models.Q(handled_at__isnull=True)),
            models.Index(fields=["name", "key"], name="event_name_key"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"
