"""Institutions, their programs and keys, what they used, and the notices for them."""

from django.db import models

from creditmesh.apps.members.institutions.rules.keys import KeyState
from creditmesh.apps.members.institutions.rules.notices import Delivery
from creditmesh.apps.members.institutions.rules.standing import State


class Institution(models.Model):
    """A bank, guarantor or insurer that was admitted."""

    organisation = models.OneToOneField(
        "parties.Organisation", on_delete=models.PROTECT, related_name="institution"
    )
    state = models.CharField(max_length=12, choices=[(one.value, one.value) for one in State])
    sandbox = models.BooleanField(default=False)
    requests_per_minute = models.PositiveIntegerField()
    inquiries_per_day = models.PositiveIntegerField()
    raw_per_day = models.PositiveIntegerField()
    callback = models.CharField(max_length=500, blank=True)
    admitted_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"institution {self.organisation_id}"


class Program(models.Model):
    """A program of an institution: an OAuth2 client, with what its tokens may allow."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="programs")
    application = models.OneToOneField(
        "oauth2_provider.Application", on_delete=models.PROTECT, related_name="program"
    )
    name = models.CharField(max_length=100)
    scopes = models.CharField(max_length=200)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SigningKey(models.Model):
    """A public key a program signs its requests with."""

    uuid = models.UUIDField(unique=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="keys")
    thumbprint = models.CharField(max_length=64)  # RFC 7638; the `keyid` of signatures
    algorithm = models.CharField(max_length=12)
    jwk = models.TextField()
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in KeyState])
    challenge = models.CharField(max_length=200)
    registered_by = models.CharField(max_length=200)
    registrar = models.BigIntegerField(null=True)  # id of the user who registered it
    registered_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "thumbprint"], name="signing_key_once")]

    def __str__(self) -> str:
        return self.thumbprint


class Nonce(models.Model):
    """A nonce that was spent with a key."""

    # Not a foreign key: thousands are written a second, and a key is never deleted.
    key = models.BigIntegerField()
    nonce = models.CharField(max_length=128)
    until = models.BigIntegerField(db_index=True)  # Unix seconds after which it may be forgotten

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.nonce}"


class Usage(models.Model):
    """How much an institution used of one measure in one minute or day."""

    institution = models.CharField(max_length=40)  # code
    measure = models.CharField(max_length=12)
    period = models.CharField(max_length=16)
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "measure", "period"], name="usage_once")
        ]
        indexes = [models.Index(fields=["measure", "period"], name="usage_period")]

    def __str__(self) -> str:
        return f"{self.institution} {self.measure} {self.period}: {self.used}"


class Notice(models.Model):
    """News for an institution: waits in its inbox, and is sent to its callback address when it has one."""

    uuid = models.UUIDField(unique=True)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    about = models.JSONField()
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    delivery = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Delivery])
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["institution", "-id"], name="notice_inbox"),
            models.Index(fields=["next_at"], name="notice_waiting", condition=models.Q(delivery="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"
