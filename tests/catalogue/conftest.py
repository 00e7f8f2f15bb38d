"""The shipped catalogue, read once."""

import pytest

from creditmesh.catalogue import loading
from creditmesh.catalogue.model import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue as shipped."""
    return loading.load()
