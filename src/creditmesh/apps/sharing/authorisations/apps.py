"""How Django knows this app."""

from django.apps import AppConfig


class AuthorisationsConfig(AppConfig):
    """Name the app `authorisations`."""

    name = "creditmesh.apps.sharing.authorisations"
    default_auto_field = "django.db.models.BigAutoField"
