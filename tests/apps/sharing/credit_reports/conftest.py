"""Everything a report needs: the town of the door, a stocked enterprise, an evaluation."""

import copy
from datetime import datetime

import pytest
from django.utils import timezone
from tests.apps.sharing.credit_reports import shop
from tests.apps.sharing.disclosure.conftest import at
from tests.apps.sharing.disclosure.county import Town, build, hold, tax_paid

from creditmesh.apps.evaluation.grading.queries import evaluations
from creditmesh.apps.ground.nodes.rules import ThisNode
from creditmesh.apps.sharing.credit_reports.operations.issuing import Place

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
