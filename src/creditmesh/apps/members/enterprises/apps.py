"""How Django knows this app, and which check it asks about claims."""

from django.apps import AppConfig
from django.conf import settings  # noqa: TID251 - the check is chosen once, at start
from django.utils.module_loading import import_string

from creditmesh.apps.members.enterprises.rules import Check


class EnterprisesConfig(AppConfig):
    """Name the app `enterprises` and load the check of claims that the settings name."""

    name = "creditmesh.apps.members.enterprises"
    default_auto_field = "django.db.models.BigAutoField"
    check_claims: Check

    def ready(self) -> None:
        """Load the check; a name that leads nowhere stops the node at start, not at the first claim."""
        self.check_claims = import_string(settings.CREDITMESH.enterprise_check)()
