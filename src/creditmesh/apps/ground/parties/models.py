"""Organisations, people, keys, and the register of credit subjects."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from creditmesh.apps.ground.parties.rules import OrganisationKind, Role


class User(AbstractUser):
    """A person who signs in. What the person may do follows from memberships alone."""

    full_name = models.CharField(max_length=100, blank=True)
    demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="user_username_any_case")]

    def __str__(self) -> str:
        return self.full_name or self.username


class Organisation(models.Model):
    """A department, regulator, bank, guarantor, insurer, enterprise, or the operator itself."""

    code = models.CharField(max_length=40, unique=True)  # a code of the operator's choice, or the USCC
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in OrganisationKind])
    region = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DeliveredSource(models.Model):
    """A source of the catalogue that an organisation hands in batches for."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="delivers")
    source = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "source"], name="delivered_source_once")
        ]

    def __str__(self) -> str:
        return self.source


class Membership(models.Model):
    """A role of a user in an organisation, until it is ended."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Role])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(ends_at__isnull=True),
                name="membership_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} of organisation {self.organisation_id}"


class ApiKey(models.Model):
    """A key for programs, held by a user; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)  # SHA-256; the secret has 256 random bits, so no salt
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class CreditSubject(models.Model):
    """An enterprise or other body on which records are held.

    `number` exists for the search index, which wants integers; everyone else uses `key`.
    """

    number = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    scheme = models.CharField(max_length=12)  # uscc, registration, pseudonym
    name = models.CharField(max_length=300, blank=True)
    name_normal = models.CharField(max_length=300, blank=True, db_index=True)
    name_grams = models.TextField(blank=True)
    registration_number = models.CharField(max_length=20, null=True, db_index=True)
    region = models.CharField(max_length=12, blank=True)
    industry = models.CharField(max_length=10, blank=True)
    entity_type = models.CharField(max_length=60, blank=True)
    established_date = models.DateField(null=True)
    status = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.name or self.key}"
