"""How Django knows this app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """Name the app `parties`."""

    name = "creditmesh.apps.ground.parties"
    default_auto_field = "django.db.models.BigAutoField"
