"""`manage.py prepare`: tables, the shared cache and the static files, brought up to this version."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from creditmesh.web.serving import static_files


class Command(BaseCommand):
    """Bring the node's folder and database up to this version; doing it twice changes nothing."""

    help = "Bring tables, cache and static files up to this version."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not settings.DEBUG:
            static_files.collect(root=Path(settings.STATIC_ROOT))
