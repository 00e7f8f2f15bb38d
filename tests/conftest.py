"""What every test can ask for: the cast, a node with a lake of its own, and a ledger that starts empty."""

import atexit
import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from tests import postgresql
from tests.keeping import made_once, migrations

from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.ground.parties import demo_accounts, operations, queries
from creditmesh.apps.ground.parties.models import User
from creditmesh.apps.ground.parties.rules import COMMAND_LINE, Actor, Role
from creditmesh.lake.store import Lake

# A slow machine is not a failure. Every run tries others; `./test --slow` tries many more at once.
hypothesis.settings.register_profile("creditmesh", deadline=None, max_examples=40)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=400)
hypothesis.settings.load_profile("thorough" if "CREDITMESH_TEST_THOROUGH" in os.environ else "creditmesh")

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Monday
# More than a third of a minute each, on one core.
LONG = frozenset({"test_hostile", "test_every_door", "test_api_matrix", "test_verification", "test_changes"})
COMPUTED = "computed: what an engine computes, beside tests that ask the database the same; on PostgreSQL with './test --slow'"
REMEMBERING = {"db", "transactional_db", "django_db_setup"}


def pytest_configure(config: pytest.Config) -> None:
    """Tell of a mark that means something on PostgreSQL alone."""
    config.addinivalue_line("markers", COMPUTED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long on its own; leave out on PostgreSQL what asks nothing of any database."""
    # or a worker is left alone with it at the end
    items.sort(key=lambda one: (one.get_closest_marker("faults") is None, one.path.stem not in LONG))
    if connection.vendor == "postgresql":
        config.hook.pytest_deselected(items=[one for one in items if not _remembers(one)])
        items[:] = [one for one in items if _remembers(one)]


def pytest_collection_finish() -> None:
    """Look seldom for circles among what tests drop, and never among modules and tests: it took a sixth of the time."""
    gc.set_threshold(50_000, 20, 20)
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Say nothing after the tests' own last word: DuckDB counts what it leaves behind as the process ends."""
    atexit.register(_fall_silent)


def _fall_silent() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _remembers(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres"))
    return marked or not REMEMBERING.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def migrated(pytestconfig: pytest.Config) -> Path:
    """A node's home with a database on SQLite, migrated once for all workers and later runs: to be copied."""

    def migrate(home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CREDITMESH_")}
        environment = {
            **kept,
            "CREDITMESH_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        }
        command = [sys.executable, "-m", "django", "migrate", "-v0", "--skip-checks"]
        subprocess.run(command, env=environment, cwd=Path(__file__).parent.parent, check=True)

    return made_once(migrations(), migrate, place=pytestconfig.cache.mkdir("migrated"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Give every worker a copy of the migrated database, instead of migrating once more."""
    if connection.vendor == "postgresql":
        server = os.environ["CREDITMESH_TEST_DATABASE_URL"]
        connection.settings_dict["TEST"]["TEMPLATE"] = postgresql.template(server)
    else:
        migrated = request.getfixturevalue("migrated") / "node.sqlite3"
        connection.creation.create_test_db = partial(_copied_database, migrated)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let go of what other threads hold of the database before pytest drops it."""
    yield
    if served := sys.modules.get("tests.web.served"):
        served.close()


def _copied_database(migrated: Path, **_as_django_asks: object) -> str:
    name = str(connection.creation._get_test_db_name())
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    with closing(sqlite3.connect(migrated)) as source:
        source.backup(connection.connection)
    return name


@pytest.fixture
def noon() -> datetime:
    """The moment at which tests happen."""
    return NOON


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ThisNode:
    """This node with a home folder and a lake that only this test has."""
    config = apps.get_app_config("nodes")
    home = tmp_path / "home"
    home.mkdir()
    fresh = replace(config.this_node, home=home, lake=Lake(str(home / "lake")))
    monkeypatch.setattr(config, "this_node", fresh)
    return fresh


@dataclass(frozen=True)
class Cast:
    """One person per role, each with an organisation; the department delivers for every source."""

    people: dict[Role, User]

    def user(self, role: Role) -> User:
        """The person of that role."""
        return self.people[role]

    def actor(self, role: Role) -> Actor:
        """The person of that role, as operations and queries want them."""
        return queries.actor(self.people[role])

    def client(self, role: Role) -> Client:
        """A browser in which the person of that role is signed in."""
        browser = Client()
        browser.force_login(self.people[role])
        return browser

    def key(self, role: Role, *, at: datetime = NOON, days: int = 366) -> str:
        """An API key of the person of that role."""
        user = self.people[role]
        return operations.issue_api_key(by=COMMAND_LINE, user=user, name="test", days=days, at=at).secret


def make_cast() -> Cast:
    """Make the people of all tests: one for each role, as `creditmesh demo-accounts` makes them."""
    sources = tuple(apps.get_app_config("nodes").this_node.catalogue.sources)
    accounts = demo_accounts.make(by=COMMAND_LINE, region="990121", sources=sources, at=NOON)
    return Cast({one.role: queries.user(username=one.username) for one in accounts})


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of all tests."""
    return make_cast()


@pytest.fixture
def count_queries(django_assert_max_num_queries: Callable[[int], object]) -> Callable[[int], object]:
    """A block that may ask the database at most so often: a list must not ask once per row."""
    return django_assert_max_num_queries


@pytest.fixture(autouse=True)
def _forget_failed_attempts() -> None:
    """Lock-outs of one test must not reach the next."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _empty_the_ledger_between_tests() -> Iterator[None]:
    """Let Django empty the tables after a test with real transactions: for that alone the guard is lifted."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with _ledger_unguarded():
            original(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@contextmanager
def _ledger_unguarded() -> Iterator[None]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'audit_%'"
            )
            guarded = [table for (table,) in cursor.fetchall()]
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name LIKE 'audit_%'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, statement in guards:
            cursor.execute(statement)
