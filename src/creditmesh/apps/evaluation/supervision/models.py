"""The tables of supervision. What a draw froze lies in `Frozen` as the very bytes that were hashed."""

from django.db import models
from django.db.models import Q

from creditmesh.apps.evaluation.supervision.rules.codes import (
    Decision,
    FollowUpKind,
    FollowUpState,
    Found,
    InspectorState,
    ItemKind,
    Method,
    ObjectKind,
    PlanState,
    TaskState,
    VisitState,
)
from creditmesh.drawing.pools import Duty
from creditmesh.drawing.visits.recusal import Tie


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(one.value, one.value) for one in kind]  # type: ignore[attr-defined]


class CheckItem(models.Model):
    """A line of an authority's list of items that may be inspected."""

    code = models.CharField(max_length=40)
    unit = models.CharField(max_length=60)  # the initiating department: code of its organisation
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    basis = models.TextField(blank=True)  # articles it rests on
    kind = models.CharField(max_length=12, choices=_choices(ItemKind))
    object_kind = models.CharField(max_length=12, choices=_choices(ObjectKind))
    method = models.CharField(max_length=12, choices=_choices(Method))
    joint_units = models.TextField(blank=True)  # codes, one a line
    specialties = models.TextField(blank=True)  # one of these is needed, one a line
    default_ratio = models.PositiveIntegerField(null=True)  # basis points
    special_equipment = models.BooleanField(default=False)
    withheld = models.BooleanField(default=False)  # directly about public safety: results are not published
    list_version = models.CharField(max_length=40)
    valid_from = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "code"], condition=Q(ended_on__isnull=True), name="supervision_item_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class ObjectList(models.Model):
    """Objects that are no enterprises under a risk class: devices, products, projects, acts, or a chosen list."""

    uuid = models.UUIDField(unique=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=_choices(ObjectKind))
    grades = models.CharField(max_length=200)  # best to worst, one a line
    public = models.BooleanField(default=False)  # the grades are published anyway
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ListedObject(models.Model):
    """One object of such a list; `subject` is the enterprise behind it."""

    list = models.ForeignKey(ObjectList, on_delete=models.CASCADE, related_name="objects_listed")
    object = models.CharField(max_length=80)
    name = models.CharField(max_length=300)
    subject = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=16)
    region = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "object"], name="supervision_listed_object_once")
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.name}"


class Special(models.Model):
    """An object that is a key unit, or exempt until a day; each for a stated reason."""

    unit = models.CharField(max_length=60)
    object = models.CharField(max_length=80)
    key = models.BooleanField(default=False)
    exempt_until = models.DateField(null=True)
    reason = models.CharField(max_length=1000)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "object"], name="supervision_special_object")]

    def __str__(self) -> str:
        return f"{self.object} {'key' if self.key else 'exempt'}"


class Inspector(models.Model):
    """Someone with a certificate of enforcement, or an expert. Personal data: see `queries.inspectors`."""

    code = models.CharField(max_length=40, unique=True)  # the number in the pool, not personal
    name = models.CharField(max_length=100)
    user = models.ForeignKey("parties.User", on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.CharField(max_length=60)
    region = models.CharField(max_length=12, blank=True)
    certificate = models.CharField(max_length=60, blank=True)
    valid_to = models.DateField()
    specialties = models.TextField(blank=True)  # one a line
    duty = models.CharField(max_length=12, choices=_choices(Duty), default=Duty.OFFICER.value)
    state = models.CharField(
        max_length=12, choices=_choices(InspectorState), default=InspectorState.ACTIVE.value
    )

    def __str__(self) -> str:
        return self.code


class DeclaredInterest(models.Model):
    """A tie of an inspector to an object: relative, shares, employment, anything else declared."""

    inspector = models.ForeignKey(Inspector, on_delete=models.CASCADE, related_name="interests")
    kind = models.CharField(max_length=20, choices=_choices(Tie))
    object = models.CharField(max_length=80)
    until = models.DateField(null=True)
    declared_by = models.CharField(max_length=200)
    declared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.object}"


class Plan(models.Model):
    """What a department intends to inspect in a year."""

    uuid = models.UUIDField(unique=True)
    unit = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=_choices(PlanState), default=PlanState.DRAFT.value)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=200, blank=True)
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    returned_for = models.CharField(max_length=1000, blank=True)
    file_by = models.DateField(null=True)
    filed_at = models.DateTimeField(null=True)
    filed_with = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="supervision_plan_of_a_year")]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"


class PlanBatch(models.Model):
    """One batch of a plan: which items, when, with whom."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    items = models.TextField()  # codes of check items, one a line
    joint_units = models.TextField(blank=True)
    first = models.DateField()
    last = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="supervision_batch_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Task(models.Model):
    """One draw, from its terms to its last result."""

    uuid = models.UUIDField(unique=True)
    number = models.CharField(max_length=60, unique=True)
    batch = models.ForeignKey(PlanBatch, on_delete=models.PROTECT, related_name="tasks")
    unit = models.CharField(max_length=60)  # leading department
    joint_units = models.TextField(blank=True)
    title = models.CharField(max_length=200)
    items = models.TextField()
    state = models.CharField(max_length=12, choices=_choices(TaskState), default=TaskState.DRAFT.value)
    system = models.CharField(max_length=80, blank=True)  # index system whose latest run is the pool
    run = models.UUIDField(null=True)  # the run it was, once frozen
    list = models.ForeignKey(ObjectList, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField(max_length=12, blank=True)
    section = models.CharField(max_length=8, blank=True)
    terms = models.TextField()  # JSON of `rules.terms.Stated`
    first = models.DateField()
    last = models.DateField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    algorithm = models.CharField(max_length=40, blank=True)
    rule_pack = models.CharField(max_length=200, blank=True)
    sealed = models.BooleanField(default=True)
    secret = models.CharField(
        max_length=64, blank=True
    )  # masked (queries.packed.hidden), shown to nobody before the draw
    announcement = models.TextField(blank=True)  # JSON, as hashed
    announcement_sha256 = models.CharField(max_length=64, blank=True)
    committed_at = models.DateTimeField(null=True)
    public_value = models.CharField(max_length=200, blank=True)
    public_source = models.CharField(max_length=200, blank=True)
    public_after = models.DateTimeField(null=True)
    public_fixed_at = models.DateTimeField(null=True)
    public_recorded_by = models.CharField(max_length=200, blank=True)
    seed = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=1000, blank=True)  # why it was abandoned

    class Meta:
        indexes = [models.Index(fields=["unit", "state", "made_at"], name="supervision_task_of_unit")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Frozen(models.Model):
    """Something a task froze, packed: the pools, what opens their tickets, what the draw came to."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="frozen")
    kind = models.CharField(max_length=20)  # objects, inspectors, openings, outcome
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)  # of what is packed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "kind"], name="supervision_frozen_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"


class Visit(models.Model):
    """An object drawn, and what becomes of the visit to it."""

    uuid = models.UUIDField(unique=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="visits")
    place = models.PositiveIntegerField()
    ticket = models.CharField(max_length=80)
    object = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=300, blank=True)
    grade = models.CharField(max_length=16)
    key = models.BooleanField()
    part = models.CharField(max_length=12)  # control or risk
    region = models.CharField(max_length=12, blank=True)
    state = models.CharField(max_length=12, choices=_choices(VisitState))
    failure = models.CharField(max_length=300, blank=True)
    first = models.DateField()
    last = models.DateField()
    joined = models.CharField(max_length=36, blank=True)  # uuid of the visit that leads a joint one
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    why = models.CharField(max_length=1000, blank=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "ticket"], name="supervision_visit_once")]
        indexes = [
            models.Index(fields=["object", "state"], name="supervision_visits_of_object"),
            models.Index(fields=["state", "last"], name="supervision_visits_due"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.object}"


class Assignment(models.Model):
    """An inspector in the team of a visit, until recused."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="assignments")
    inspector = models.ForeignKey(Inspector, on_delete=models.PROTECT, related_name="assignments")
    unit = models.CharField(max_length=60)
    role = models.CharField(max_length=12)  # lead, assistant, expert
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "inspector"],
                condition=Q(ended_at__isnull=True),
                name="supervision_assigned_once",
            )
        ]
        indexes = [models.Index(fields=["inspector", "ended_at"], name="supervision_load")]

    def __str__(self) -> str:
        return f"{self.role} {self.inspector_id}"


class RecusalRequest(models.Model):
    """An inspector, or the inspected, asks that somebody else come (行政处罚法 art. 43)."""

    uuid = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="recusals")
    inspector = models.ForeignKey(Inspector, on_delete=models.PROTECT, related_name="+")
    by_party = models.BooleanField()  # the inspected asks; otherwise the officer
    reason = models.CharField(max_length=1000)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=_choices(Decision), default=Decision.OPEN.value)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "inspector"],
                condition=Q(state=Decision.OPEN.value),
                name="supervision_one_open_recusal",
            )
        ]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.state}"


class Result(models.Model):
    """What was found about one item at one visit."""

    uuid = models.UUIDField(unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="results")
    item = models.CharField(max_length=40)
    code = models.CharField(max_length=2, choices=_choices(Found))
    findings = models.TextField(blank=True)
    inspected_on = models.DateField()
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)
    disclose_by = models.DateField()
    disclosed_at = models.DateTimeField(null=True)
    withheld_for = models.CharField(max_length=1000, blank=True)  # public safety: why it is not published
    delivery = models.CharField(max_length=36, blank=True)  # batch that carried it into the records
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "item"], name="supervision_result_once")]
        indexes = [
            models.Index(fields=["disclosed_at", "disclose_by"], name="supervision_to_disclose"),
            models.Index(fields=["delivered_at"], name="supervision_to_deliver"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.code}"


class FollowUp(models.Model):
    """What follows from a result, by when, and how it ended."""

    uuid = models.UUIDField(unique=True)
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=20, choices=_choices(FollowUpKind))
    state = models.CharField(max_length=12, choices=_choices(FollowUpState), default=FollowUpState.OPEN.value)
    to = models.CharField(max_length=200, blank=True)  # department it is transferred to
    due = models.DateField(null=True)
    note = models.TextField(blank=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    settled_on = models.DateField(null=True)
    settled_note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due"], name="supervision_follow_ups_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
