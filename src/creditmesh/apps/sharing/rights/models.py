"""The tables of rights: objections with their clocks, repairs, appeals, and who was told what."""

from django.db import models
from django.db.models import Q

from creditmesh.apps.sharing.rights.rules import appeals, objections, repairs


class Objection(models.Model):
    """An enterprise says that a record on it is wrong; the row holds where that stands and what is due next."""

    uuid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=80)
    item = models.CharField(max_length=60)
    key = models.TextField()
    source = models.CharField(max_length=60)  # who delivered the record
    held = models.JSONField()  # values of the record when it was contested
    ground = models.CharField(max_length=20, choices=[(one.value, one.value) for one in objections.Ground])
    text = models.TextField()
    raised_by = models.CharField(max_length=200)
    raised_by_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=12)  # whose clock it goes by
    pack = models.CharField(max_length=200)  # version of the rules
    state = models.CharField(max_length=20, choices=[(one.value, one.value) for one in objections.State])
    received_at = models.DateTimeField()
    due = models.DateField(null=True)  # the next day to be kept; none while the clock stands still
    forwarded_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)  # of the department
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    proposed = models.CharField(max_length=20, blank=True)  # what the department thinks right
    proposed_values = models.JSONField(default=dict)
    extended = models.BooleanField(default=False)
    breached = models.BooleanField(default=False)  # a day was missed, ever
    breach_told_for = models.CharField(max_length=20, blank=True)  # the state whose missed day was told
    outcome = models.CharField(
        max_length=20, blank=True, choices=[(one.value, one.value) for one in objections.Outcome]
    )
    reason = models.TextField(blank=True)
    new_values = models.JSONField(default=dict)  # fields to correct or add, as delivered
    batch = models.UUIDField(null=True)  # the batch that carries the correction
    decided_by = models.CharField(max_length=200, blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)
    review_text = models.TextField(blank=True)
    review_asked_at = models.DateTimeField(null=True)
    review_reason = models.TextField(blank=True)
    review_upheld = models.BooleanField(null=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "item", "key"],
                condition=Q(state__in=sorted(objections.OPEN)),
                name="rights_one_open_objection",
            )
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="rights_objection_subject"),
            models.Index(fields=["state", "due"], name="rights_objection_queue"),
            models.Index(fields=["source", "state"], name="rights_objection_source"),
            models.Index(fields=["batch"], name="rights_objection_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.subject} ({self.state})"


class Step(models.Model):
    """One step of an objection, for its line of progress; added, never changed."""

    objection = models.ForeignKey(Objection, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    what = models.CharField(max_length=30)  # the state reached, or an act between states
    by = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    due = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.what} {self.at}"


class ClockPause(models.Model):
    """A stretch in which the clock of an objection stood still."""

    objection = models.ForeignKey(Objection, on_delete=models.CASCADE, related_name="pauses")
    cause = models.CharField(max_length=20)
    began = models.DateField()
    ended = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["objection"], condition=Q(ended=None), name="rights_one_running_pause"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.began} to {self.ended}"


class Repair(models.Model):
    """An enterprise asks that a record which is right, and whose duties are done, be shared and used no more."""

    uuid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=80)
    item = models.CharField(max_length=60)
    key = models.TextField()
    source = models.CharField(max_length=60)
    held = models.JSONField()
    seriousness = models.CharField(max_length=10, blank=True)
    shortest = models.DateField(null=True)  # first day on which it can be granted
    longest = models.DateField(null=True)
    commitment = models.TextField()
    applied_by = models.CharField(max_length=200)
    applied_by_id = models.BigIntegerField(null=True)
    automatic = models.BooleanField(default=False)  # the end of publicity by itself
    place = models.CharField(max_length=12)
    pack = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in repairs.State])
    received_at = models.DateTimeField()
    due = models.DateField(null=True)
    breached = models.BooleanField(default=False)
    accepted_at = models.DateTimeField(null=True)
    duties_done = models.BooleanField(default=False)  # confirmed by who decided
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "item", "key"],
                condition=Q(state__in=sorted(repairs.UNDECIDED)),
                name="rights_one_open_repair",
            )
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="rights_repair_subject"),
            models.Index(fields=["state", "due"], name="rights_repair_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.subject} ({self.state})"


class Appeal(models.Model):
    """An enterprise asks a person to look at what a program found or refused."""

    uuid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=80)
    about = models.CharField(max_length=12, choices=[(one.value, one.value) for one in appeals.About])
    reference = models.CharField(max_length=200)  # of the run, inquiry or case it is about
    text = models.TextField()
    raised_by = models.CharField(max_length=200)
    raised_by_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=[(one.value, one.value) for one in appeals.State])
    received_at = models.DateTimeField()
    due = models.DateField()
    breached = models.BooleanField(default=False)
    found = models.CharField(
        max_length=12, blank=True, choices=[(one.value, one.value) for one in appeals.Answer]
    )
    reason = models.TextField(blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "about", "reference"],
                condition=Q(state=appeals.State.OPEN.value),
                name="rights_one_open_appeal",
            )
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="rights_appeal_subject"),
            models.Index(fields=["state", "due"], name="rights_appeal_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.reference} of {self.subject} ({self.state})"


class Document(models.Model):
    """A file handed in with an objection, an answer, or an application; it lies outside the reach of the web."""

    uuid = models.UUIDField(unique=True)
    case = models.UUIDField(db_index=True)  # of the objection, repair or appeal
    side = models.CharField(max_length=12)  # who handed it in: enterprise, department
    media_type = models.CharField(max_length=40)
    filename = models.CharField(max_length=120)  # for the eye only
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.filename} ({self.sha256[:8]})"


class HolderNotice(models.Model):
    """One institution or department that held a value which is stale now, and the notice that told it so: once a case."""

    case = models.UUIDField()
    subject = models.CharField(max_length=80)
    institution = models.CharField(max_length=80)
    notice = models.UUIDField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "institution"], name="rights_holder_told_once")
        ]
        indexes = [models.Index(fields=["subject"], name="rights_holder_subject")]

    def __str__(self) -> str:
        return f"{self.institution} told of {self.case}"


class DutyNotice(models.Model):
    """News for a department that was given a record for its duties: what it was given is stale now."""

    uuid = models.UUIDField(unique=True)
    organisation = models.CharField(max_length=80)
    kind = models.CharField(max_length=60)  # as in notices for institutions
    about = models.JSONField()
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="rights_duty_notice")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.organisation}"


class Reevaluation(models.Model):
    """A system is to be run again because records it reads changed; several changes share one run."""

    system = models.CharField(max_length=80)
    case = models.UUIDField()
    asked_at = models.DateTimeField()
    run = models.UUIDField(null=True)  # once asked for

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "system"], name="rights_one_rerun_a_case")]
        indexes = [
            models.Index(fields=["system"], name="rights_rerun_waiting", condition=Q(run=None)),
            models.Index(fields=["run"], name="rights_rerun_run"),
        ]

    def __str__(self) -> str:
        return f"{self.system} for {self.case}"
