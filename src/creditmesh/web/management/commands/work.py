"""`manage.py work`: the background worker."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from creditmesh.web.serving.worker import NodeWorker


class Command(BaseCommand):
    """Run the background worker until it is told to stop."""

    help = "Do queued tasks and pass on news until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--once` and `--with-parent`."""
        parser.add_argument("--once", action="store_true", help="Stop when nothing is left to do.")
        parser.add_argument("--with-parent", action="store_true", help="Stop when the starting process dies.")

    def handle(self, *args: Any, once: bool = False, with_parent: bool = False, **options: Any) -> None:
        """Work."""
        lease = timedelta(seconds=settings.CREDITMESH.task_lease_seconds)
        worker = NodeWorker(lease=lease, batch=once, with_parent=with_parent)
        worker.stop_on_signals()
        worker.run()
