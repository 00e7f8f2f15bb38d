"""The systems app: which file of an index system is valid when, and who said so."""

from django.apps import AppConfig


class SystemsConfig(AppConfig):
    """Name the app as the ladder does."""

    name = "creditmesh.apps.evaluation.systems"
    label = "systems"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "systems"
