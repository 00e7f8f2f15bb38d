"""Claims to act for an enterprise with their evidence, and invitations to its people."""

from django.db import models
from django.db.models import Q

from creditmesh.apps.members.enterprises.rules import OPEN, PLACES, Capacity, State, Verdict


class Contact(models.Model):
    """How to reach somebody who made an account: given freely, shown to the operator alone."""

    user = models.OneToOneField(
        "parties.User", on_delete=models.CASCADE, primary_key=True, related_name="contact"
    )
    phone = models.CharField(max_length=30)

    def __str__(self) -> str:
        return f"phone of user {self.user_id}"


class Claim(models.Model):
    """Somebody says to act for an enterprise."""

    uuid = models.UUIDField(unique=True)
    user = models.ForeignKey("parties.User", on_delete=models.PROTECT, related_name="claims")
    subject = models.CharField(max_length=80, db_index=True)  # as claimed: it need not be held here
    name = models.CharField(max_length=300)
    representative = models.CharField(max_length=100)
    capacity = models.CharField(max_length=24, choices=[(one.value, one.value) for one in Capacity])
    claimant = models.CharField(max_length=100)  # real name when the claim was made
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in State], default=State.DRAFT.value
    )
    verdict = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Verdict], blank=True)
    findings = models.JSONField(default=dict)  # part -> agrees, null where nobody can tell
    checked_by = models.CharField(max_length=100, blank=True)
    entity_type = models.CharField(max_length=60, blank=True)
    contested = models.BooleanField(default=False)  # the enterprise had an owner when this was submitted
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=sorted(one.value for one in OPEN)),
                name="claim_one_open_per_user",
            )
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="claim_queue")]

    def __str__(self) -> str:
        return f"claim {self.uuid} of {self.subject}"


class Evidence(models.Model):
    """A file that proves who may act; the file itself lies in the node's folder, under the uuid alone."""

    uuid = models.UUIDField(unique=True)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence")
    media_type = models.CharField(max_length=40)
    filename = models.CharField(max_length=120)  # as it was called; for show, never a path
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"evidence {self.uuid}"


class Invitation(models.Model):
    """A code with which one person joins an enterprise in one role; only its hash is kept."""

    uuid = models.UUIDField(unique=True)
    subject = models.CharField(max_length=80, db_index=True)
    role = models.CharField(max_length=20, choices=[(one.value, one.value) for one in PLACES])
    digest = models.CharField(max_length=64, unique=True)  # SHA-256; the code has 80 random bits or more
    note = models.CharField(max_length=100, blank=True)  # for whom
    made_by = models.ForeignKey("parties.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey("parties.User", on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.uuid}"
