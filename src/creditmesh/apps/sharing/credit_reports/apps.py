"""How Django knows this app."""

from django.apps import AppConfig


class CreditReportsConfig(AppConfig):
    """Name the app `credit_reports`."""

    name = "creditmesh.apps.sharing.credit_reports"
    default_auto_field = "django.db.models.BigAutoField"
