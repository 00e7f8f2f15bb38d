"""The tables of the door: what was asked, which claims were compared, lists of inquiries under way."""

from django.db import models

from creditmesh.apps.sharing.disclosure.rules.batches import BatchState, LineState
from creditmesh.apps.sharing.disclosure.rules.questions import Outcome
from creditmesh.catalogue.model import Mode

MODES = [(one.value, one.value) for one in Mode]
OUTCOMES = [(one.value, one.value) for one in Outcome]


class Inquiry(models.Model):
    """One question about one enterprise, answered or refused, written in the transaction that spent it.

    It holds no value of any record: the ledger holds the digests of question and answer under the same uuid.
    """

    uuid = models.UUIDField(unique=True)
    at = models.DateTimeField()
    institution = models.CharField(max_length=40)
    user_id = models.BigIntegerField(null=True)
    person = models.CharField(max_length=200)  # as the ledger names who asked
    client = models.CharField(max_length=100, blank=True)  # the institution's program, empty for a person
    sandbox = models.BooleanField(default=False)
    subject = models.CharField(max_length=80)
    authorisation = models.UUIDField(null=True)
    purpose = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=10, choices=MODES)
    items = models.TextField(blank=True)  # codes, blank between
    records = models.TextField(blank=True)  # references of the records handed out, blank between
    outcome = models.CharField(max_length=10, choices=OUTCOMES)
    refusal = models.CharField(max_length=40, blank=True)
    basis = models.CharField(max_length=300, blank=True)  # of departments: the law
    duty = models.CharField(max_length=300, blank=True)  # of departments: what it is asked for
    request_digest = models.CharField(max_length=64, blank=True)
    answer_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["institution", "-id"], name="inquiry_institution"),
            models.Index(fields=["institution", "at"], name="inquiry_institution_at"),
            models.Index(fields=["subject", "-id"], name="inquiry_subject"),
            models.Index(
                fields=["authorisation"],
                name="inquiry_authorisation",
                condition=models.Q(authorisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.mode} {self.subject}: {self.outcome}"


class ComparedClaim(models.Model):
    """A claim an institution had compared, kept to count different ones within 24 hours."""

    institution = models.CharField(max_length=40)
    querier = models.CharField(max_length=120)
    subject = models.CharField(max_length=80)
    item = models.CharField(max_length=60)
    claim = models.CharField(max_length=64)  # SHA-256 of the claim in canonical form
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "institution", "item", "at"], name="claim_counting"),
            models.Index(fields=["at"], name="claim_age"),
        ]

    def __str__(self) -> str:
        return f"{self.institution} on {self.item} of {self.subject}"


class InquiryBatch(models.Model):
    """A list of questions, such as those after a loan: answered one by one, each fully checked."""

    uuid = models.UUIDField(unique=True)
    institution = models.CharField(max_length=40)
    user_id = models.BigIntegerField(null=True)
    person = models.CharField(max_length=200)
    client = models.CharField(max_length=100, blank=True)
    sandbox = models.BooleanField(default=False)
    mode = models.CharField(max_length=10, choices=MODES)
    purpose = models.CharField(max_length=40)
    request_digest = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in BatchState],
        default=BatchState.WAITING.value,
    )
    total = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField()  # the answers; what was asked stays

    class Meta:
        indexes = [models.Index(fields=["institution", "-id"], name="inquiry_batch_institution")]

    def __str__(self) -> str:
        return f"{self.institution}: {self.total} lines ({self.state})"


class InquiryLine(models.Model):
    """One line of a list: answered once, in the transaction that writes its inquiry."""

    batch = models.ForeignKey(InquiryBatch, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=80)
    authorisation = models.UUIDField(null=True)
    items = models.TextField()
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in LineState], default=LineState.WAITING.value
    )
    inquiry = models.UUIDField(null=True)
    refusal = models.CharField(max_length=40, blank=True)  # as it may be told
    answer = models.TextField(blank=True)  # canonical JSON, removed after the list's last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="inquiry_line_once")]

    def __str__(self) -> str:
        return f"line {self.number} of {self.batch_id}: {self.state}"
