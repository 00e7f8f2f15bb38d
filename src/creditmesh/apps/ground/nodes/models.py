"""The identity of this node, made once."""

from django.db import models


class Node(models.Model):
    """A node of the network; for now there is one row: this node."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100)
    region = models.CharField(max_length=12)
    is_self = models.BooleanField(default=False)
    established_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_self"], condition=models.Q(is_self=True), name="node_one_self"
            )
        ]

    def __str__(self) -> str:
        return self.name


class WorkerBeat(models.Model):
    """The last sign of life of a background worker."""

    worker = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.worker} {self.at}"
