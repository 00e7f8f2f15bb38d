"""How Django knows this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Name the app `audit`."""

    name = "creditmesh.apps.ground.audit"
    default_auto_field = "django.db.models.BigAutoField"
