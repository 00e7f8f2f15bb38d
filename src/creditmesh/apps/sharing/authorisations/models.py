"""Requests of institutions, authorisations of enterprises, keys that sign them, consents of persons."""

import uuid

from django.db import models

from creditmesh.apps.sharing.authorisations.rules import State

STATES = [(one.value, one.value) for one in State]


class Request(models.Model):
    """An institution asks an enterprise for an authorisation. The enterprise need not be known here: whether
    it is must not be told to the institution.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    token = models.CharField(max_length=64, unique=True)  # in the link; opens only for the enterprise itself
    institution = models.CharField(max_length=40, db_index=True)
    institution_name = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, db_index=True)
    sandbox = models.BooleanField(default=False)
    purpose = models.CharField(max_length=40)
    purpose_version = models.CharField(max_length=20)
    purpose_text = models.CharField(max_length=500, blank=True)
    items = models.TextField()  # JSON list of codes
    modes = models.TextField()  # JSON list
    raw_detail = models.BooleanField(default=False)
    reference = models.CharField(max_length=80, blank=True)
    product = models.CharField(max_length=120, blank=True)
    data_months = models.PositiveIntegerField()
    life_days = models.PositiveIntegerField()
    max_queries = models.PositiveIntegerField()
    per_day = models.PositiveIntegerField()
    retention_months = models.PositiveIntegerField()
    onward_to = models.TextField(default="[]")
    joint_modelling = models.BooleanField(default=False)
    branches = models.TextField(default="[]")
    state = models.CharField(max_length=12, default="open")  # open, signed, declined, cancelled
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "state", "-id"], name="request_subject_state")]

    def __str__(self) -> str:
        return f"{self.institution} {self.purpose} {self.state}"


class Authorisation(models.Model):
    """An authorisation: the exact bytes that were signed, and the columns to find it by.

    The columns from `subject` to `per_day` say again what the body says. If they differ, it carries nothing.
    """

    uuid = models.UUIDField(unique=True)
    request = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="authorisations")
    subject = models.CharField(max_length=80)
    institution = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    purpose_version = models.CharField(max_length=20)
    reference = models.CharField(max_length=80, blank=True)
    items = models.TextField()  # JSON list of codes
    modes = models.TextField()  # JSON list
    raw_detail_explicit = models.BooleanField()
    data_from = models.DateField()
    data_to = models.DateField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    max_queries = models.PositiveIntegerField()
    per_day = models.PositiveIntegerField()

    body = models.BinaryField()  # canonical JSON, RFC 8785
    digest = models.CharField(max_length=64)  # SHA-256 of the body
    notice = models.TextField()  # what was shown, in Chinese; its hash is in the body
    jws = models.TextField(blank=True)  # detached, RFC 7797
    method = models.CharField(max_length=12, blank=True)  # platform, key, certificate
    algorithm = models.CharField(max_length=12, blank=True)
    kid = models.CharField(max_length=100, blank=True)
    verified_with = models.TextField(blank=True)  # JWK of the public key the signature was verified with
    certificate_serial = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=64, blank=True)  # where the signer sat; beside the document
    device = models.CharField(max_length=200, blank=True)

    state = models.CharField(max_length=12, choices=STATES, default=State.DRAFT.value)
    used = models.PositiveIntegerField(default=0)
    used_day = models.DateField(null=True)
    used_today = models.PositiveIntegerField(default=0)
    prepared_by = models.BigIntegerField(null=True)
    prepared_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    settled_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    superseded_by = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-id"], name="authorisation_subject"),
            models.Index(fields=["institution", "-id"], name="authorisation_institution"),
            models.Index(fields=["state", "valid_to"], name="authorisation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"


class EnterpriseKey(models.Model):
    """A public key of an enterprise, whose possession it has proved by signing a challenge."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    subject = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=100)
    kid = models.CharField(max_length=100)  # thumbprint, RFC 7638
    algorithm = models.CharField(max_length=12)
    jwk = models.TextField()
    challenge = models.TextField()
    registered_by = models.CharField(max_length=200)
    registered_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kid"],
                condition=models.Q(revoked_at__isnull=True),
                name="enterprise_key_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.kid[:12]}"


class SignatureAttempt(models.Model):
    """A second factor typed at signing: the counter of a right code, or a wrong one to count."""

    user_id = models.BigIntegerField()
    at = models.DateTimeField()
    counter = models.BigIntegerField(null=True)  # the time step of a right code; None: the code was wrong

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "counter"], name="second_factor_once")]
        indexes = [models.Index(fields=["user_id", "-at"], name="second_factor_recent")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class PersonalConsent(models.Model):
    """A person named in the records agrees, or not, that the own data go along with an authorisation.

    The name itself is kept only as a digest; the statement the person agreed to is kept with its signature.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, related_name="consents")
    role = models.CharField(max_length=40)  # legal_representative, shareholder, person, manager
    name_digest = models.CharField(max_length=64)
    hint = models.CharField(max_length=20)  # the masked name, so that the enterprise knows whom it asked
    fields = models.TextField()  # JSON list of "ITEM.field"
    token = models.CharField(max_length=64, unique=True)
    # Nobody has the code before the operator has seen who the person is: the enterprise never does.
    code_digest = models.CharField(max_length=64, blank=True)
    identified_by = models.CharField(max_length=200, blank=True)
    identified_at = models.DateTimeField(null=True)
    identified_how = models.CharField(max_length=300, blank=True)
    wrong = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, default="asked")  # asked, given, refused, withdrawn
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    statement = models.BinaryField(null=True)
    evidence_digest = models.CharField(max_length=64, blank=True)
    jws = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.role} {self.state}"
