"""How Django knows this app."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Name the app `records`."""

    name = "creditmesh.apps.ground.records"
    default_auto_field = "django.db.models.BigAutoField"
