"""The tables of published index systems: drafts people work on, and versions people decided on."""

from django.db import models
from django.db.models import F, Q

from creditmesh.apps.evaluation.systems.rules.standing import DraftState, State


class Line(models.Model):
    """One index system; locked by whoever decides on one of its versions."""

    system = models.CharField(max_length=80, primary_key=True)

    def __str__(self) -> str:
        return self.system


class Draft(models.Model):
    """A copy of a system that is being worked on: the file and the cases beside it, byte for byte."""

    uuid = models.UUIDField(unique=True)
    system = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    content = models.BinaryField()
    cases = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    based_on = models.PositiveIntegerField(null=True)  # number of a version; None: brought in as a file
    base_content = models.BinaryField()
    base_cases = models.BinaryField()
    author = models.CharField(max_length=220)
    author_label = models.CharField(max_length=200)
    editors = models.TextField()  # identities of all who saved it, one a line
    revision = models.PositiveIntegerField(
        default=1
    )  # raised with every save: who saves must have seen the last
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    made_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in DraftState], default=DraftState.OPEN.value
    )

    class Meta:
        indexes = [models.Index(fields=["state", "-changed_at"], name="systems_draft_open")]

    def __str__(self) -> str:
        return f"{self.system}: {self.title}"


class Version(models.Model):
    """A file of a system that was proposed, and what was decided on it; never changed in its bytes."""

    uuid = models.UUIDField(unique=True)
    system = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=40)  # the `version` the file states
    content = models.BinaryField()
    cases = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    based_on = models.PositiveIntegerField(null=True)
    base_content = models.BinaryField()
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True, related_name="versions")
    rolls_back_to = models.PositiveIntegerField(null=True)
    why = models.TextField()
    author = models.CharField(max_length=220)
    author_label = models.CharField(max_length=200)
    editors = models.TextField()
    proposed_by = models.CharField(max_length=220)
    proposed_by_label = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    simulation = models.CharField(max_length=40, blank=True)  # id of the trial of exactly these bytes
    shadow = models.BooleanField(default=False)  # runs beside the live one and decides nothing
    wanted_from = models.DateField()
    wanted_until = models.DateField(null=True)
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in State], default=State.PROPOSED.value
    )
    decided_by = models.CharField(max_length=220, blank=True)
    decided_by_label = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    effective_from = models.DateField(null=True)
    effective_until = models.DateField(null=True)  # the first day it is valid no more

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "number"], name="systems_one_number"),
            models.CheckConstraint(
                condition=~Q(state=State.APPROVED.value)
                | (
                    ~Q(decided_by="")
                    & ~Q(decided_by=F("author"))
                    & ~Q(decided_by=F("proposed_by"))
                    & Q(effective_from__isnull=False)
                ),
                name="systems_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["system"],
                condition=Q(state=State.APPROVED.value, shadow=False, effective_until__isnull=True),
                name="systems_one_without_end",
            ),
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True) | Q(effective_until__gte=F("effective_from")),
                name="systems_days_in_order",
            ),
        ]
        indexes = [models.Index(fields=["system", "state", "effective_from"], name="systems_valid")]

    def __str__(self) -> str:
        return f"{self.system} {self.name} (version {self.number})"
