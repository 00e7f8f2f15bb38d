"""A migrated PostgreSQL database, made once for all workers: copying it takes a tenth of migrating another."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import psycopg
from tests.keeping import ROOT, migrations

LOCK = 20260302  # of those who would make the template


def template(server: str) -> str:
    """Return the name of a database to copy; made when the server of this URL has none of today's migrations.

    It stays there for the next run of tests.
    """
    name = f"creditmesh_migrated_{migrations()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until the connection ends
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not found.fetchone():
            making = f"{name}_making"
            connection.execute(f"DROP DATABASE IF EXISTS {making}")
            connection.execute(f"CREATE DATABASE {making}")
            _migrate(_beside(server, making))
            connection.execute(f"ALTER DATABASE {making} RENAME TO {name}")
    return name


@contextmanager
def database(server: str) -> Iterator[str]:
    """Yield the URL of a migrated database that only this test has."""
    original, name = template(server), f"copied_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {original}")
    try:
        yield _beside(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _beside(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def _migrate(url: str) -> None:
    with TemporaryDirectory() as home:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")}
        environment = {
            **kept,
            "CREDITMESH_HOME": home,
            "CREDITMESH_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        }
        command = [sys.executable, "-m", "django", "migrate", "-v0", "--skip-checks"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
