"""Everything a report needs: the town of the door, a stocked enterprise, an evaluation."""

import copy
from datetime import datetime

import pytest
from django.utils import timezone
from tests.apps.credit_reports import shop
from tests.apps.disclosure.conftest import at
from tests.apps.disclosure.county import Town, build, hold, tax_paid

from creditmesh.apps.credit_reports.operations.issuing import Place
from creditmesh.apps.grading.queries import evaluations
from creditmesh.apps.nodes.rules import ThisNode

__all__ = ["at"]


@pytest.fixture
def town(db: None, node: ThisNode, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Two banks and an enterprise with records good and bad."""
    made = build(at)
    shop.stocked(timezone.localdate(at))
    hold("TAX-02", tax_paid(shop.EAST, months=2))
    told = copy.deepcopy(shop.EVALUATION)
    monkeypatch.setattr(
        evaluations, "latest", lambda *, subject, node: told if subject == shop.EAST else None
    )
    return made


@pytest.fixture
def place(node: ThisNode) -> Place:
    """Where reports are issued."""
    return Place(node=node, verify_at="https://node.example/check/")
