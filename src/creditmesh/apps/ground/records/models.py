"""The tables of records: batches and what was found in them, rows that need a decision, the inquiry index."""

from django.db import models
from django.db.models import Q

from creditmesh.apps.ground.records.rules import UNFINISHED, CaseState, MarkKind, Stage, State


class LandingOrder(models.Model):
    """The one counter that says in which order batches land."""

    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Batch(models.Model):
    """One delivered file: who sent it, where it stands, what became of its rows."""

    uuid = models.UUIDField(unique=True)
    item = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    list_version = models.CharField(max_length=120)  # id@version of the sharing list it was read by
    filename = models.CharField(max_length=200)
    size = models.BigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=[(one, one) for one in State], default=State.RECEIVED)
    stage = models.CharField(max_length=12, choices=[(one, one) for one in Stage], default=Stage.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    refusal = models.TextField(blank=True)  # why the whole batch was refused, for the data officer
    trouble = models.TextField(blank=True)  # what keeps a batch waiting, such as a full disk
    turn = models.BigIntegerField(null=True, unique=True)  # when its landing began, among all batches
    seq = models.BigIntegerField(null=True)  # landing order within the item, as the lake decided
    received = models.BigIntegerField(null=True)
    accepted = models.BigIntegerField(null=True)
    added = models.BigIntegerField(null=True)
    updated = models.BigIntegerField(null=True)
    unchanged = models.BigIntegerField(null=True)
    duplicates = models.BigIntegerField(null=True)
    quarantined = models.BigIntegerField(null=True)
    unresolved = models.BigIntegerField(null=True)
    warned = models.BigIntegerField(null=True)
    has_refused_file = models.BooleanField(default=False)
    earliest_event = models.DateField(null=True)
    latest_event = models.DateField(null=True)
    lake_version = models.BigIntegerField(null=True)
    corrects = models.BooleanField(default=False)  # takes the place of single rows in every way of updating
    answers = models.JSONField(default=list)  # what it says of records that were corrected before it
    tied_subject = models.CharField(max_length=80, blank=True)  # where a person decided, or it corrects
    delivered_by = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    validated_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    attempt = models.PositiveIntegerField(default=0)  # fences off a worker that came back from the dead
    tries = models.PositiveSmallIntegerField(default=0)  # since a person last asked for it
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "idempotency_key"], name="records_batch_key_once"),
            models.UniqueConstraint(fields=["item", "seq"], name="records_batch_seq_once"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="records_batch_progress_percent"),
        ]
        indexes = [
            models.Index(fields=["item", "source", "sha256"], name="records_batch_content"),
            models.Index(fields=["source", "-id"], name="records_batch_source"),
            models.Index(fields=["item", "-id"], name="records_batch_item"),
            models.Index(
                fields=["id"], name="records_batch_unfinished", condition=Q(state__in=sorted(UNFINISHED))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.source}, {self.filename} ({self.state})"


class BatchReason(models.Model):
    """Why rows of a batch were refused or warned about: a field, a rule, how many rows, one example."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="reasons")
    field = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=80)
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    rows = models.BigIntegerField()
    example = models.TextField(blank=True)
    row = models.BigIntegerField(null=True)  # first data row it stands in, from 1
    refused = models.BooleanField(default=True)  # False: accepted with a warning

    def __str__(self) -> str:
        return f"{self.field} {self.rule}: {self.rows}"


class QualityMeasure(models.Model):
    """How good one landed batch was, in basis points; trends by source and item are read from here."""

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, related_name="quality")
    source = models.CharField(max_length=60)
    item = models.CharField(max_length=60)
    month = models.DateField()  # first day of the month of arrival
    received = models.BigIntegerField()  # rows, the weight of the batch in a month
    accuracy_bp = models.IntegerField(null=True)
    completeness_bp = models.IntegerField(null=True)
    continuity_bp = models.IntegerField(null=True)
    timeliness_bp = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["source", "item", "month"], name="records_quality_trend")]

    def __str__(self) -> str:
        return f"{self.source} {self.item} {self.month:%Y-%m}"


class ReviewCase(models.Model):
    """A row that could not be tied to a subject, until a person has decided."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="cases")
    row = models.BigIntegerField()  # 1-based data row of the delivered file
    item = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    name = models.CharField(max_length=300, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    values = models.TextField()  # JSON object by field, as stored
    state = models.CharField(max_length=10, choices=[(one, one) for one in CaseState], default=CaseState.OPEN)
    subject = models.CharField(max_length=80, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)
    follow_up = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="follows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="records_case_once")]
        indexes = [models.Index(fields=["state", "id"], name="records_case_queue")]

    def __str__(self) -> str:
        return f"{self.item} row {self.row}: {self.name} ({self.state})"


class IndexPart(models.Model):
    """Some rows of one item in the inquiry index, laid out by subject in pages; never changed once live.

    A row for each record would triple the time of landing a million of them: see docs/decisions.
    """

    item = models.CharField(max_length=60)
    source = models.CharField(max_length=60, blank=True)  # empty: several, after a rebuild
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, null=True, related_name="parts")
    seq = models.BigIntegerField()  # highest landing order within
    fields = models.TextField()  # field names in the order of the values, blank between
    rows = models.BigIntegerField()
    bits = models.PositiveSmallIntegerField()  # leading bits of a subject's hash that choose the page
    live = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["item", "live"], name="records_part_item"),
            models.Index(fields=["batch"], name="records_part_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.item} part {self.pk}: {self.rows} rows"


class IndexPage(models.Model):
    """The rows of the subjects whose hash falls on this page: JSON lines, compressed with LZ4."""

    # The part's id * 2^24 + the page within the part: one key to find a page by and to delete a part's pages by.
    id = models.BigIntegerField(primary_key=True)
    size = models.PositiveIntegerField()  # bytes before compression
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.id)


class MarkOrder(models.Model):
    """The one counter that says in which order marks were made."""

    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class MarkEntry(models.Model):
    """A case put a mark on a record or took it off; rows are added, never changed, and copied to the lake."""

    seq = models.BigIntegerField(unique=True)  # without gaps, in the order of commits
    uuid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=80)
    item = models.CharField(max_length=60)
    key = models.TextField()
    case = models.CharField(max_length=80)  # what the mark comes from, such as `objection/<uuid>`
    kind = models.CharField(
        max_length=10, blank=True, choices=[(one.value, one.value) for one in MarkKind]
    )  # empty: taken off
    why = models.TextField(blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "seq"], name="records_mark_subject"),
            models.Index(fields=["case", "seq"], name="records_mark_case"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.key}: {self.kind or 'no mark'} ({self.case})"
