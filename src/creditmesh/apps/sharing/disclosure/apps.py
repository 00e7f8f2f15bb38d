"""How Django knows this app."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    """Name the app `disclosure`."""

    name = "creditmesh.apps.sharing.disclosure"
    default_auto_field = "django.db.models.BigAutoField"
