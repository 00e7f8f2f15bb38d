"""How Django knows this app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Name the app `oversight`."""

    name = "creditmesh.apps.sharing.oversight"
    default_auto_field = "django.db.models.BigAutoField"
