"""The supervision app: whom inspectors visit, and what they found."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """Name the app as the ladder does."""

    name = "creditmesh.apps.evaluation.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "supervision"
