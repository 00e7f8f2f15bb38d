"""The tables of grading: system files as they were, runs with all they read, and where each subject stands."""

from django.db import models
from django.db.models import F, Q

from creditmesh.apps.evaluation.grading.rules import AdjustmentState, Outcome, Stage, State
from creditmesh.scoring.definition.parts import Purpose


class SystemFile(models.Model):
    """An index system exactly as a run used it, so that the run can be computed again for ever."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.sha256[:12]})"


class Run(models.Model):
    """One evaluation of everyone by one system: what it read, where it stands, what came of it."""

    uuid = models.UUIDField(unique=True)
    system = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    file = models.ForeignKey(SystemFile, on_delete=models.PROTECT, related_name="runs")
    purpose = models.CharField(max_length=40, choices=[(one.value, one.value) for one in Purpose])
    as_of = models.DateField()
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
    attempt = models.PositiveSmallIntegerField(default=0)  # fences off a worker that came back from the dead
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    engine = models.CharField(max_length=200, blank=True)
    rule_pack = models.CharField(max_length=400, blank=True)
    catalogue = models.TextField(blank=True)  # list@version, one a line
    collected = models.TextField(blank=True)  # item<TAB>region prefix, one a line, as known when it began
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followers")
    grades = models.CharField(max_length=400, blank=True)  # symbols, best to worst, one a line
    subjects = models.BigIntegerField(null=True)
    insufficient = models.BigIntegerField(null=True)
    excluded = models.BigIntegerField(null=True)
    milliseconds = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)  # sha256 over all columns of all rows
    changes_only = models.BooleanField(default=False)  # as asked: only whom changes since the last run reach
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="increments")
    amends = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="amendments")
    evaluated = models.BigIntegerField(null=True)  # how many subjects this run itself looked at
    due = models.DateField(null=True)  # the day of the cadence it answers; one run of a system for each
    whole_because = models.CharField(max_length=200, blank=True)  # why a run of changes became a full one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "as_of"],
                condition=Q(state__in=[State.REQUESTED.value, State.RUNNING.value]),
                name="grading_one_unfinished_run",
            ),
            models.UniqueConstraint(
                fields=["system", "due"],
                condition=Q(due__isnull=False)
                & Q(state__in=[State.REQUESTED.value, State.RUNNING.value, State.DONE.value]),
                name="grading_one_run_of_a_due_day",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="grading_run_progress_is_percent"),
        ]
        indexes = [
            models.Index(fields=["system", "state", "as_of", "finished_at"], name="grading_run_latest")
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.version} as of {self.as_of} ({self.state})"

    @property
    def symbols(self) -> list[str]:
        """Return the grades this run could give, best first."""
        return self.grades.split("\n") if self.grades else []


class RunTable(models.Model):
    """The version of one item's table that a run reads."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tables")
    item = models.CharField(max_length=60)
    lake_version = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "item"], name="grading_one_version_of_a_table")]

    def __str__(self) -> str:
        return f"{self.item}@{self.lake_version}"


class RunChange(models.Model):
    """A subject on whom a run, and not the full run at its base, says where it stands; or that it is gone."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="changes")
    subject = models.CharField(max_length=80)
    fresh = models.BooleanField()  # looked at by this very run; otherwise carried over from the one it amends

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "subject"], name="grading_one_change_of_a_subject")
        ]

    def __str__(self) -> str:
        return self.subject


class RunCell(models.Model):
    """How many subjects of one region and industry moved from one grade to another; distributions are its sums."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cells")
    region_group = models.CharField(max_length=12)
    section = models.CharField(max_length=8)
    outcome = models.CharField(max_length=12)
    grade = models.CharField(max_length=16, blank=True)
    previous_grade = models.CharField(max_length=16, blank=True)
    subjects = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "region_group", "section", "outcome", "grade", "previous_grade"],
                name="grading_one_cell_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.region_group} {self.section} {self.grade or self.outcome}: {self.subjects}"


class StandingColumns(models.Model):
    """Where one subject stands after one run. Results of different purposes have tables of their own."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=300, blank=True)
    place = models.BigIntegerField()  # 1 is the worst of the run: grade, then score, then subject
    # In a run of changes `place` is that of the subject of the full run it comes after, and this the order there.
    within = models.IntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Outcome])
    grade = models.CharField(max_length=16, blank=True)
    rank = models.PositiveSmallIntegerField(null=True)  # 0 is the best grade
    previous_grade = models.CharField(max_length=16, blank=True)
    score = models.BigIntegerField(null=True)  # milli-points
    coverage = models.IntegerField(null=True)  # basis points
    region = models.CharField(max_length=20, blank=True)
    region_group = models.CharField(max_length=12)
    industry = models.CharField(max_length=20, blank=True)
    section = models.CharField(max_length=8)
    triggers = models.TextField(blank=True)  # ids of triggers and caps that held, blank between
    reason1 = models.CharField(max_length=80, blank=True)
    reason2 = models.CharField(max_length=80, blank=True)
    reason3 = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["run", "place", "within"], name="grading_%(class)s_place"),
            models.UniqueConstraint(fields=["run", "subject"], name="grading_%(class)s_subject"),
        ]
        indexes = [
            models.Index(fields=["run", "grade", "place"], name="%(class)s_grade"),
            models.Index(fields=["run", "region_group", "place"], name="%(class)s_region"),
            models.Index(fields=["run", "section", "place"], name="%(class)s_section"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.grade or self.outcome}"


class RiskStanding(StandingColumns):
    """A risk class: for regulators only, never public, never to banks (design.md §1)."""

    class Meta(StandingColumns.Meta):
        abstract = False


class EvaluationStanding(StandingColumns):
    """A public credit evaluation: another result with another use, kept where no query can mix the two."""

    class Meta(StandingColumns.Meta):
        abstract = False


STANDINGS: dict[Purpose, type[StandingColumns]] = {
    Purpose.RISK_CLASSIFICATION: RiskStanding,
    Purpose.PUBLIC_CREDIT_EVALUATION: EvaluationStanding,
}


class RunPart(models.Model):
    """The run of another system whose results a run takes along."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=51)  # as the system's file calls it
    source = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="part_of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="grading_one_run_of_a_part")]

    def __str__(self) -> str:
        return f"{self.name}: {self.source}"


class Adjustment(models.Model):
    """A grade moved by people: proposed with evidence, decided by another person, for some months at most."""

    uuid = models.UUIDField(unique=True)
    system = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=300, blank=True)  # of the subject, as the run said
    steps = models.SmallIntegerField()  # above zero is worse
    reason = models.TextField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="adjusted")  # the result it was about
    file_name = models.CharField(max_length=120)
    file_type = models.CharField(max_length=40)
    file_size = models.PositiveIntegerField()
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in AdjustmentState])
    proposed_by = models.CharField(max_length=200)
    proposed_by_label = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_by_label = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    starts_on = models.DateField(null=True)  # the day of approval
    expires_on = models.DateField()  # the first day on which it no longer counts
    ended_on = models.DateField(null=True)  # the day it was withdrawn, from which on it does not count
    ended_by_label = models.CharField(max_length=200, blank=True)
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by"))
                & (
                    Q(state__in=[AdjustmentState.PROPOSED.value, AdjustmentState.WITHDRAWN.value])
                    | ~Q(decided_by="")
                ),
                name="grading_adjustment_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(steps=0), name="grading_adjustment_moves"),
            models.UniqueConstraint(
                fields=["system", "subject"],
                condition=Q(state=AdjustmentState.PROPOSED.value),
                name="grading_one_open_proposal",
            ),
        ]
        indexes = [models.Index(fields=["system", "state", "starts_on"], name="grading_adjustment_force")]

    def __str__(self) -> str:
        return f"{self.system} {self.subject} {self.steps:+d} ({self.state})"


class RunAdjustment(models.Model):
    """An adjustment in force when a run froze what it reads."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="adjustments")
    adjustment = models.ForeignKey(Adjustment, on_delete=models.PROTECT, related_name="runs")
    subject = models.CharField(max_length=80)
    steps = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "subject"], name="grading_one_adjustment_in_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.steps:+d}"


class UnitTotal(models.Model):
    """What the devices tied to one enterprise got in a run: how many, the worst and the mean."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="totals")
    tie = models.CharField(max_length=51)
    enterprise = models.CharField(max_length=80)
    units = models.BigIntegerField()
    scored = models.BigIntegerField()
    worst_score = models.BigIntegerField(null=True)  # milli-points
    mean_score = models.BigIntegerField(null=True)  # milli-points, half up
    worst_grade = models.CharField(max_length=16, blank=True)
    worst_rank = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "tie", "enterprise"], name="grading_one_total_of_a_tie")
        ]
        indexes = [
            models.Index(fields=["run", "tie", "worst_rank", "enterprise"], name="grading_total_worst")
        ]

    def __str__(self) -> str:
        return f"{self.tie} {self.enterprise}: {self.worst_grade} of {self.units}"
