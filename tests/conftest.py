"""What every test can ask for: the cast, a node with a lake of its own, and a clean ledger."""

from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Monday


@pytest.fixture
def noon() -> datetime:
    """The moment at which tests happen."""
    return NOON
