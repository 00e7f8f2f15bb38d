"""A town in which banks ask about enterprises."""

from datetime import UTC, datetime

import pytest
from tests.apps.sharing.disclosure.county import EAST, Town, build, hold, tax_paid

from creditmesh.apps.ground.nodes.rules import ThisNode


@pytest.fixture
def at() -> datetime:
    """The moment of the question: now, because the days of authorisations follow the clock."""
    return datetime.now(UTC)


@pytest.fixture
def town(db: None, node: ThisNode, at: datetime) -> Town:
    """Two banks, a department, an enterprise on which tax payments are held."""
    made = build(at)
    hold("TAX-02", tax_paid(EAST))
    return made
