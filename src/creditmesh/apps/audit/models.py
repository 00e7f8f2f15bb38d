"""Two tables: the ledger, which only grows, and the news that waits to be passed on."""

from typing import Any, NoReturn

from django.db import models

from creditmesh.apps.audit.rules import Outcome
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
    Database triggers refuse UPDATE and DELETE as well (migration 0002).
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

    objects = Entries.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["act", "-id"], name="entry_act"),
            models.Index(fields=["object_kind", "object_key", "-id"], name="entry_object"),
            models.Index(fields=["user_id", "-id"], name="entry_user"),
            models.Index(fields=["outcome", "-id"], name="entry_outcome"),
            models.Index(fields=["at"], name="entry_at"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.at:%Y-%m-%d %H:%M:%S} {self.user_label} {self.act} {self.object_kind} {self.object_key}"
        )


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
