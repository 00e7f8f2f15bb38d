"""A node with a small town, and somebody of every role to look at it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker
from tests.keeping import kept_rows
from tests.web import town

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.models import User

ITEM = "PEN-01"


def source_of(item: str) -> str:
    """Return the source that delivers an item."""
    return this_node().catalogue.items[item].sources[0]


@pytest.fixture
def item() -> str:
    """An item of the catalogue that the town's department delivers."""
    return ITEM


@pytest.fixture
def source(item: str) -> str:
    """The source the town's department delivers for."""
    return source_of(item)


@pytest.fixture(scope="module")
def _town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Build the town once for the tests of a module; each begins with it as it was."""
    with django_db_blocker.unblock(), kept_rows():
        town.build(source=source_of(ITEM), item=ITEM)
        yield


@pytest.fixture
def small_town(_town: None, db: None) -> None:
    """Fill the database."""


def signed_in(username: str, *, language: str = "en") -> Client:
    """Return a client that is signed in as somebody of the town."""
    client = Client()
    client.cookies["django_language"] = language
    if username:
        client.force_login(User.objects.get(username=username))
    return client
