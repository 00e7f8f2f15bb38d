"""The table of trials: the bytes that were tried, all that was read, and what came of it."""

from django.db import models
from django.db.models import Q

from creditmesh.apps.evaluation.grading.rules import State
from creditmesh.apps.evaluation.trials.rules.trial import Kind, Stage


class Trial(models.Model):
    """One trial of one file against another."""

    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Kind])
    system = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    against_version = models.CharField(max_length=40, blank=True)
    against_content = models.BinaryField()  # empty: compared with nothing
    against_sha256 = models.CharField(max_length=64, blank=True)
    as_of = models.DateField()
    settings = models.TextField(default="{}")  # JSON: what a back-test looks for
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in State], default=State.REQUESTED.value
    )
    stage = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in Stage], default=Stage.WAITING.value
    )
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    failure = models.TextField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    tables = models.TextField(blank=True)  # JSON: item -> version of its table, frozen when it began
    collected = models.TextField(blank=True)  # item<TAB>region prefix, one a line
    result = models.TextField(blank=True)  # JSON, in numbers and, for movers, names
    milliseconds = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="trials_progress_is_percent")
        ]
        indexes = [
            models.Index(fields=["sha256", "kind", "state"], name="trials_of_bytes"),
            models.Index(fields=["system", "-requested_at"], name="trials_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.system} {self.version} as of {self.as_of} ({self.state})"
