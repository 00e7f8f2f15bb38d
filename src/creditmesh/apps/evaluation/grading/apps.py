"""The grading app: runs of index systems over everything the node holds."""

from django.apps import AppConfig


class GradingConfig(AppConfig):
    """Name the app as the ladder does."""

    name = "creditmesh.apps.evaluation.grading"
    label = "grading"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "grading"
