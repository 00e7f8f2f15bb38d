"""How Django knows this app."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """Name the app `rights`."""

    name = "creditmesh.apps.sharing.rights"
    default_auto_field = "django.db.models.BigAutoField"
