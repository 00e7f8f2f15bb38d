"""What followed inquiries, as declared and as it happened; what was done about institutions."""

from django.db import models

from creditmesh.apps.sharing.oversight.rules import Act, Kind, Rest

KINDS = [(one.value, one.value) for one in Kind]


class Declaration(models.Model):
    """An institution's word on what followed an inquiry; a later one does not erase an earlier one."""

    inquiry = models.UUIDField(db_index=True)
    institution = models.CharField(max_length=40)
    kind = models.CharField(max_length=30, choices=KINDS)
    reference = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    client = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.inquiry}: {self.kind}"


class Fact(models.Model):
    """Something that happened on the platform between an institution and an enterprise."""

    source = models.CharField(max_length=40)  # which app tells, such as financing
    reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=30, choices=KINDS)
    institution = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "reference", "kind"], name="fact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.reference}: {self.kind}"


class Followed(models.Model):
    """What stands behind an inquiry now; an inquiry without a row has nothing behind it so far."""

    inquiry = models.UUIDField(unique=True)
    kind = models.CharField(max_length=30, choices=KINDS)
    reference = models.CharField(max_length=100, blank=True)
    rest = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Rest])
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.inquiry}: {self.kind} ({self.rest})"


class Measure(models.Model):
    """A warning, suspension or resumption, with the figures it was taken on."""

    institution = models.CharField(max_length=40)
    act = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Act])
    at = models.DateTimeField()
    by = models.CharField(max_length=200)
    why = models.CharField(max_length=500)
    judged = models.PositiveIntegerField(null=True)
    nothing = models.PositiveIntegerField(null=True)
    rule_pack = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["institution", "-id"], name="measure_institution")]

    def __str__(self) -> str:
        return f"{self.institution} {self.act}"
