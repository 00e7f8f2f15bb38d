"""How Django knows this app."""

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """Name the app `institutions`."""

    name = "creditmesh.apps.members.institutions"
    default_auto_field = "django.db.models.BigAutoField"
