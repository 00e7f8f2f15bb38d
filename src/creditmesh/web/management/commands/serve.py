"""`manage.py serve`: the web server, with the background workers beside it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from creditmesh.web.serving.server import Workers, web_server


class Command(BaseCommand):
    """Serve until told to stop; the workers stop with the server."""

    help = "Serve pages and API, with background workers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what wins over the settings."""
        parser.add_argument("--host", default="")
        parser.add_argument("--port", type=int, default=0)
        parser.add_argument("--workers", type=int, default=-1)

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        """Serve."""
        config = settings.CREDITMESH
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is of another version: run `creditmesh init` first.")
        connection.close()
        beside = Workers(count=config.worker_count if workers < 0 else workers)
        server = web_server(
            host=host or config.host,
            port=port or config.port,
            processes=config.server_processes,
            threads=config.server_threads,
        )
        beside.start()
        try:
            server.serve()
        finally:
            beside.stop()
