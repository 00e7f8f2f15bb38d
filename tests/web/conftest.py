"""A node with a small town, and somebody of every role to look at it."""

import pytest
from django.test import Client
from tests.web import town

from creditmesh.apps.ground.nodes.queries import this_node
from creditmesh.apps.ground.parties.models import User


@pytest.fixture
def item() -> str:
    """An item of the catalogue that the town's department delivers."""
    return "PEN-01"


@pytest.fixture
def source(item: str) -> str:
    """The source the town's department delivers for."""
    return this_node().catalogue.items[item].sources[0]


@pytest.fixture
def small_town(db: None, item: str, source: str) -> None:
    """Fill the database."""
    town.build(source=source, item=item)


def signed_in(username: str, *, language: str = "en") -> Client:
    """Return a client that is signed in as somebody of the town."""
    client = Client()
    client.cookies["django_language"] = language
    if username:
        client.force_login(User.objects.get(username=username))
    return client
