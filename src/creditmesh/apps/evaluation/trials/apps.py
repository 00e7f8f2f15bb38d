"""The trials app: what a draft would do, and what it would have foreseen."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Name the app as the ladder does."""

    name = "creditmesh.apps.evaluation.trials"
    label = "trials"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "trials"
