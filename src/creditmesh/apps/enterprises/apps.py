"""How Django knows this app."""

from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    """Name the app `enterprises`."""

    name = "creditmesh.apps.enterprises"
    default_auto_field = "django.db.models.BigAutoField"
