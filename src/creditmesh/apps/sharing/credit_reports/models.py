"""The tables of credit reports: what was issued, and every PDF that was handed out of it."""

from django.db import models

from creditmesh.apps.sharing.credit_reports.rules.standing import Form, Kind, State


class Report(models.Model):
    """One report as it was issued: its content never changes, its state does."""

    serial = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Kind])
    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=300, blank=True)
    institution = models.CharField(max_length=40, blank=True)  # code of the reader, empty for the enterprise
    reader = models.CharField(max_length=300)
    authorisation = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40, blank=True)
    issuer = models.CharField(max_length=200)  # the node's name when it was issued
    issued_by = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    content = models.TextField()  # canonical JSON
    content_digest = models.CharField(max_length=64)  # SHA-256 of it
    # Past this day a record in it may no longer be shown, so that no reader opens it again.
    shown_until = models.DateField(null=True)
    # The last mark there was when its records were read: marks up to there stand in it already.
    marks_seen = models.BigIntegerField(default=0)
    ledger_entry = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in State], default=State.VALID.value
    )
    state_at = models.DateTimeField(null=True)
    state_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "institution", "-id"], name="report_subject"),
            models.Index(fields=["institution", "-id"], name="report_institution"),
        ]

    def __str__(self) -> str:
        return f"{self.serial} ({self.kind}, {self.state})"


class Printing(models.Model):
    """One PDF that was handed out: paper and file can be checked against its digest."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="printings")
    form = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Form])
    language = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes
    pages = models.PositiveSmallIntegerField()
    printed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="report_printing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.language} {self.sha256[:12]}"


class Order(models.Model):
    """A PDF that takes longer than a request may: made by the worker, fetched within a day, then forgotten."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="orders")
    form = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Form])
    language = models.CharField(max_length=10)
    ordered_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    data = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "form", "language"], name="report_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.language}"
